//! Where credentials and the client come from, and what their errors mean for the user.

use std::time::Duration;

use sigv4_kit::diagnose::explain_transport;
use sigv4_kit::provider::{Chain, Context, ProviderError};
use sigv4_kit::send::{Client, SendError, Timeouts};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::parse::Arguments;

/// The process's environment and files, seen through --profile and --region.
pub fn context(arguments: &Arguments) -> Context {
    let mut context = Context::from_process();
    if let Some(profile) = arguments.text(Id::Profile) {
        context = context.with_profile(profile);
    }
    if let Some(region) = arguments.text(Id::Region) {
        context = context.with_region(region);
    }
    context
}

/// A client with the settings of the command line.
pub fn client(arguments: &Arguments) -> Result<Client, Failure> {
    client_of(arguments, Chain::new(context(arguments)))
}

/// The same with a chain that was made before.
pub fn client_of(arguments: &Arguments, chain: Chain) -> Result<Client, Failure> {
    for id in [Id::Location, Id::CaCert, Id::MaxTime, Id::Compress] {
        if arguments.has(id) {
            let long = super::options::by_id(id).long;
            return Err(Failure::usage(format!("--{long} is not there yet")));
        }
    }
    let mut builder = Client::builder()
        .chain(chain)
        .user_agent(concat!("sigv4/", env!("CARGO_PKG_VERSION")));
    if let Some(region) = arguments.text(Id::Region) {
        builder = builder.region(region);
    }
    if let Some(service) = arguments.text(Id::Service) {
        builder = builder.service(service);
    }
    if let Some(host_and_port) = arguments.text(Id::ConnectTo) {
        builder = builder.connect_to(host_and_port);
    }
    let mut timeouts = Timeouts::default();
    if let Some(seconds) = arguments.number(Id::ConnectTimeout) {
        timeouts.connect = Some(Duration::from_secs(seconds));
    }
    builder.timeouts(timeouts).build().map_err(of_send)
}

/// What a request that got no answer means.
pub fn of_send(error: SendError) -> Failure {
    let message = error.to_string();
    match error {
        SendError::Credentials(cause) => of_provider(&cause),
        SendError::Transport(_) => match explain_transport(&message, "") {
            Some(diagnosis) => Failure::new(Exit::Network, message).hint(diagnosis.fix),
            None => Failure::new(Exit::Network, message),
        },
        SendError::AnswerTooLarge { .. } | SendError::AnswerForm(_) => {
            Failure::new(Exit::Network, message)
        }
        SendError::NoScope { .. } => Failure::usage(message)
            .hint("pass --service and --region, such as --service es --region eu-west-1"),
        _ => Failure::usage(message),
    }
}

/// Why there are no credentials, or no region.
pub fn of_provider(error: &ProviderError) -> Failure {
    let failure = Failure::new(Exit::NoCredentials, error.to_string());
    match error {
        ProviderError::NoCredentials(_) => failure.hint(
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile; sigv4 credentials tells more",
        ),
        _ => failure,
    }
}
