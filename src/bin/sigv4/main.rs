//! The command `sigv4`: signs, sends, presigns and explains requests. Calls only the library's public API.
#![forbid(unsafe_code)]

mod asked;
mod body;
mod commands;
mod completions;
mod credentials;
mod demo;
mod dry_run;
mod exit;
mod explain;
mod explain_presigned;
mod help;
mod man;
mod options;
mod output;
mod parse;
mod presign;
mod progress;
mod request;
mod setup;
mod terminal;
mod whoami;

use std::process::ExitCode;

use commands::Command;
use exit::{Exit, Failure};
use options::Id;
use parse::Arguments;

fn main() -> ExitCode {
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    // An error in the arguments themselves is reported as asked for, as far as that can be told.
    let mut as_json = given.iter().any(|argument| argument == "--json-error");
    let outcome = parse::parse(given).and_then(|arguments| {
        as_json = arguments.has(Id::JsonError);
        run(&arguments)
    });
    let exit = outcome.unwrap_or_else(|failure| output::report(&failure, as_json));
    ExitCode::from(exit as u8)
}

fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if arguments.has(Id::Version) {
        output::print(version())?;
        return Ok(Exit::Done);
    }
    if arguments.has(Id::Help) {
        let is_whole = arguments.command == Command::Send && !arguments.named;
        output::print(match is_whole {
            true => help::whole(),
            false => help::of(arguments.command),
        })?;
        return Ok(Exit::Done);
    }
    match arguments.command {
        Command::Completions => {
            let text = match arguments.operands()?[0] {
                "bash" => completions::bash(),
                "zsh" => completions::zsh(),
                "fish" => completions::fish(),
                other => {
                    return Err(Failure::usage(format!(
                        "there are no completions for {other:?}; there are for bash, zsh and fish"
                    )));
                }
            };
            output::print(text)?;
        }
        Command::Man => output::print(man::page())?,
        Command::Send => return request::run(arguments),
        Command::Explain => return explain::run(arguments),
        Command::Presign => return presign::run(arguments),
        Command::Credentials => return credentials::run(arguments),
        Command::Whoami => return whoami::run(arguments),
        Command::Demo => return demo::run(arguments),
    }
    Ok(Exit::Done)
}

/// `sigv4 0.1.0 (features: cli, client, gzip; target: x86_64-unknown-linux-musl)`
fn version() -> String {
    let features = [
        ("cli", cfg!(feature = "cli")),
        ("client", cfg!(feature = "client")),
        ("gzip", cfg!(feature = "gzip")),
        ("login", cfg!(feature = "login")),
        ("platform-roots", cfg!(feature = "platform-roots")),
    ];
    let features: Vec<&str> = features
        .iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| *name)
        .collect();
    let vendor = match (cfg!(target_vendor = "apple"), cfg!(target_vendor = "pc")) {
        (true, _) => "apple",
        (_, true) => "pc",
        _ => "unknown",
    };
    let system = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let abi = match (
        cfg!(target_env = "musl"),
        cfg!(target_env = "gnu"),
        cfg!(target_env = "msvc"),
    ) {
        (true, _, _) => "-musl",
        (_, true, _) => "-gnu",
        (_, _, true) => "-msvc",
        _ => "",
    };
    format!(
        "sigv4 {} (features: {}; target: {}-{vendor}-{system}{abi})\n",
        env!("CARGO_PKG_VERSION"),
        features.join(", "),
        std::env::consts::ARCH,
    )
}
