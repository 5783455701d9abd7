//! Every source of credentials, against loopback servers and processes that play their part strictly.
#![cfg(feature = "client")]

mod cache;
mod chain;
mod container;
mod env;
mod http;
mod imds;
mod process;
mod profile;
#[path = "../common/server.rs"]
mod server;

use sigv4_kit::provider::{Answer, Clock, Context, Environment, Provider, ProviderError};

/// 2026-01-01T00:00:00Z.
pub const NOW: i64 = 1_767_225_600;

pub fn environment(variables: &[(&str, &str)]) -> Environment {
    let empty = Environment::empty();
    let with = |all: Environment, (name, value): &(&str, &str)| all.with_variable(name, value);
    variables.iter().fold(empty, with)
}

pub fn context(variables: &[(&str, &str)]) -> Context {
    Context::new(environment(variables), Clock::fixed(NOW))
}

/// Asks one provider, which must have credentials.
pub fn credentials(provider: &dyn Provider, context: &Context) -> sigv4_kit::Credentials {
    match provider.provide(context) {
        Ok(Answer::Credentials(credentials)) => credentials,
        other => panic!("{other:?}"),
    }
}

/// Asks one provider, which must have nothing.
pub fn nothing(provider: &dyn Provider, context: &Context) -> String {
    match provider.provide(context) {
        Ok(Answer::Nothing(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// Asks one provider, which must stop the look. No secret of these tests may be in the error.
pub fn error(provider: &dyn Provider, context: &Context) -> ProviderError {
    match provider.provide(context) {
        Err(error) => {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("hunter2"), "{shown}");
            error
        }
        other => panic!("{other:?}"),
    }
}
