//! Standard output and standard error.

use std::io::{self, IsTerminal, Write};

use serde_json::json;

use super::exit::{Exit, Failure};

/// Prints to standard output, in one piece.
pub fn print(text: impl AsRef<[u8]>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_ref())?;
    out.flush()?;
    Ok(())
}

/// Prints a line to standard error; a standard error that is gone is nobody's loss.
pub fn note(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Says what failed and what to do, and gives the exit code.
pub fn report(failure: &Failure, as_json: bool) -> Exit {
    let Failure::Told(told) = failure else {
        return Exit::Done;
    };
    if as_json {
        let object = json!({
            "error": told.message,
            "hint": told.hint,
            "status": told.status,
            "request_id": told.request_id,
            "exit_code": told.exit as u8,
            "body": told.body,
        });
        note(&object.to_string());
        return told.exit;
    }
    let paint = Paint::of_stderr();
    note(&format!("{} {}", paint.bold_red("error:"), told.message));
    if let Some(hint) = &told.hint {
        note(&format!("{} {hint}", paint.bold("hint:")));
    }
    if let Some(request_id) = &told.request_id {
        note(&format!("request id: {request_id}"));
    }
    told.exit
}

/// Whether to use colours.
#[derive(Debug, Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    pub fn of_stderr() -> Self {
        Paint::for_terminal(io::stderr().is_terminal())
    }

    pub fn of_stdout() -> Self {
        Paint::for_terminal(io::stdout().is_terminal())
    }

    /// Only on a terminal that knows them, and not where the user says no (<https://no-color.org>).
    fn for_terminal(is_terminal: bool) -> Self {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let dumb = set("TERM").is_none_or(|term| term == "dumb");
        Paint(is_terminal && !dumb && set("NO_COLOR").is_none())
    }

    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub fn bold_red(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        match self.0 {
            true => format!("\x1b[{code}m{text}\x1b[0m"),
            false => text.into(),
        }
    }
}
