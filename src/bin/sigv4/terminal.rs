//! Asking a person.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Write};

use zeroize::Zeroizing;

/// Asks on the terminal for the code that an MFA device shows, whatever standard input and output are.
pub fn mfa_code(serial: &str) -> io::Result<Zeroizing<String>> {
    let opened = OpenOptions::new().read(true).write(true).open(TERMINAL);
    let mut terminal = opened.map_err(|_| io::Error::other("there is no terminal to ask on"))?;
    terminal.write_all(format!("MFA code for {serial}: ").as_bytes())?;
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
