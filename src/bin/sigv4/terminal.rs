//! Asking a person.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Write};

use zeroize::Zeroizing;

/// Asks on the terminal for the code that an MFA device shows, whatever standard input and output are.
pub fn mfa_code(serial: &str) -> io::Result<Zeroizing<String>> {
    let mut terminal = OpenOptions::new().read(true).write(true).open(TERMINAL)?;
    write!(terminal, "MFA code for {serial}: ")?;
    terminal.flush()?;
    let mut line = Zeroizing::new(String::new());
    BufReader::new(terminal)
        .take(LONGEST)
        .read_line(&mut line)?;
    Ok(line)
}

/// A code has six digits; a line that is longer is none.
const LONGEST: u64 = 64;

#[cfg(unix)]
const TERMINAL: &str = "/dev/tty";
#[cfg(windows)]
const TERMINAL: &str = "CON";
