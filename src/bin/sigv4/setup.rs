//! Where credentials and the client come from, and what their errors mean for the user.

use std::time::Duration;

use sigv4_kit::diagnose::explain_transport;
use sigv4_kit::provider::{Cache, Chain, Context, MfaPrompt, ProviderError};
use sigv4_kit::send::{Client, RetryPolicy, SendError, Timeouts};

use super::exit::{Exit, Failure};
use super::options::Id;
use super::output::note;
use super::parse::Arguments;
use super::terminal;

/// How many redirects --location follows.
const REDIRECTS: u32 = 10;

/// The process's environment and files, seen through --profile and --region.
pub fn context(arguments: &Arguments) -> Context {
    let mut context = Context::from_process().with_mfa_prompt(MfaPrompt::new(terminal::mfa_code));
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
    client_of(arguments, Cache::new(Chain::new(context(arguments))))
}

/// The same with credentials that are used elsewhere too.
pub fn client_of(arguments: &Arguments, cache: Cache) -> Result<Client, Failure> {
    let mut builder = Client::builder()
        .cache(cache)
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
    if let Some(path) = arguments.os(Id::CaCert) {
        builder = builder.ca_bundle(path);
    }
    if arguments.has(Id::Location) {
        builder = builder.follow_redirects(REDIRECTS);
    }
    // An error that is one JSON object stands alone.
    if !arguments.has(Id::Silent) && !arguments.has(Id::JsonError) {
        builder = builder.on_note(|happened| note(&format!("note: {happened}")));
    }
    let mut retries = RetryPolicy::default();
    if let Some(times) = arguments.number(Id::Retry) {
        retries.attempts = u32::try_from(times).unwrap_or(u32::MAX).saturating_add(1);
    }
    let mut timeouts = Timeouts::default();
    if let Some(seconds) = arguments.number(Id::ConnectTimeout) {
        timeouts.connect = limit(seconds);
    }
    timeouts.total = arguments.number(Id::MaxTime).and_then(limit);
    let client = builder.retries(retries).timeouts(timeouts).build();
    client.map_err(of_send)
}

/// As with curl, no time at all means without end.
fn limit(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

/// What a request that got no answer means.
pub fn of_send(error: SendError) -> Failure {
    let message = error.to_string();
    match error {
        SendError::Credentials(cause) => of_provider(&cause),
        SendError::Transport(_) => match explain_transport(&message, "the URL's host") {
            Some(diagnosis) => Failure::new(Exit::Network, message).hint(diagnosis.fix),
            None => Failure::new(Exit::Network, message),
        },
        SendError::Write(cause) => Failure::from(cause),
        SendError::AnswerTooLarge { .. } | SendError::AnswerForm(_) => {
            Failure::new(Exit::Network, message)
        }
        SendError::Redirect(_) => Failure::new(Exit::ClientError, message),
        SendError::NoScope { .. } => Failure::usage(message)
            .hint("pass --service and --region, such as --service es --region eu-west-1"),
        _ => Failure::usage(message),
    }
}

/// What to do without credentials.
pub const NO_CREDENTIALS: &str =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile";

/// Why there are no credentials, or no region.
pub fn of_provider(error: &ProviderError) -> Failure {
    let failure = Failure::new(Exit::NoCredentials, error.to_string());
    match error {
        ProviderError::NoCredentials(_) => failure.hint(NO_CREDENTIALS),
        _ => failure,
    }
}
