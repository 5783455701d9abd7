//! The command, run as a user runs it: arguments and environment in; standard output, standard error and exit code out.
#![cfg(feature = "cli")]

#[path = "cli/command.rs"]
mod command;
#[path = "cli/credentials.rs"]
mod credentials;
#[path = "cli/examples.rs"]
mod examples;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/presign.rs"]
mod presign;
#[path = "cli/request.rs"]
mod request;
#[path = "cli/usage.rs"]
mod usage;
