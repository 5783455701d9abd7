//! The command line, read by the table of options.

use std::ffi::{OsStr, OsString};

use lexopt::{Arg, Parser};

use super::commands::{COMMANDS, Command};
use super::exit::Failure;
use super::options::{self, Id, Kind, Opt};

/// What was asked for.
#[derive(Debug)]
pub struct Arguments {
    pub command: Command,
    /// Whether a command or a URL was named at all.
    pub named: bool,
    operands: Vec<OsString>,
    given: Vec<(Id, OsString)>,
}

/// Reads the arguments after the program's name.
///
/// # Errors
/// What is wrong, and the `--help` that tells how it is right.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Arguments, Failure> {
    let mut parser = Parser::from_args(arguments);
    parser.set_short_equals(false);
    let mut words = Vec::new();
    let mut given: Vec<(Id, OsString)> = Vec::new();
    loop {
        let opt = match parser.next().map_err(|error| usage(error.to_string()))? {
            None => break,
            Some(Arg::Value(word)) => {
                words.push(word);
                continue;
            }
            Some(Arg::Short(letter)) => {
                options::by_short(letter).ok_or_else(|| unknown(&format!("-{letter}")))?
            }
            Some(Arg::Long(name)) => {
                options::by_long(name).ok_or_else(|| unknown(&format!("--{name}")))?
            }
        };
        let value = match opt.value {
            None => OsString::new(),
            Some(_) => parser
                .value()
                .map_err(|_| usage(format!("--{} needs a value: {}", opt.long, value_name(opt))))?,
        };
        check_value(opt, &value)?;
        given.push((opt.id, value));
    }
    let arguments = assign(words, given)?;
    for (id, _) in &arguments.given {
        let opt = options::by_id(*id);
        if !opt.applies_to(arguments.command) {
            let name = arguments.command.entry().name;
            return Err(usage(format!("{name} takes no option --{}", opt.long))
                .hint(format!("sigv4 {name} --help lists its options")));
        }
    }
    Ok(arguments)
}

/// Command and operands.
fn assign(words: Vec<OsString>, given: Vec<(Id, OsString)>) -> Result<Arguments, Failure> {
    let mut arguments = Arguments {
        command: Command::Send,
        named: !words.is_empty(),
        operands: words,
        given,
    };
    let first = arguments.operands.first().and_then(|word| word.to_str());
    // `sigv4 help explain` is `sigv4 explain --help`.
    if first == Some("help") {
        arguments.operands.remove(0);
        arguments.given.push((Id::Help, OsString::new()));
        arguments.named = !arguments.operands.is_empty();
        let asked = arguments
            .operands
            .first()
            .map(|word| word.to_string_lossy());
        if let Some(unknown) = asked.filter(|word| Command::by_name(word).is_none()) {
            return Err(Failure::usage(format!("there is no command {unknown}"))
                .hint("sigv4 --help lists commands and options"));
        }
    }
    let first = arguments.operands.first().and_then(|word| word.to_str());
    if let Some(command) = first.and_then(Command::by_name) {
        arguments.command = command;
        arguments.operands.remove(0);
    }
    if arguments.has(Id::Help) || arguments.has(Id::Version) {
        return Ok(arguments);
    }
    let entry = arguments.command.entry();
    let (least, most) = entry.operand_count;
    let count = arguments.operands.len();
    if !arguments.named || count < least || count > most {
        let problem = match (arguments.named, count < least) {
            (false, _) => "there is nothing to do".to_string(),
            (true, true) => format!("{} needs {}", entry.name, entry.operands),
            (true, false) => {
                let extra = arguments.operands[most].to_string_lossy();
                format!("{extra:?} is one argument too many")
            }
        };
        let help = match arguments.named {
            true => format!("usage: {} (sigv4 {} --help)", entry.usage(), entry.name),
            false => "sigv4 --help tells what can be done; sigv4 demo shows it".into(),
        };
        return Err(Failure::usage(problem).hint(help));
    }
    Ok(arguments)
}

impl Arguments {
    pub fn has(&self, id: Id) -> bool {
        self.given.iter().any(|(given, _)| *given == id)
    }

    /// The value of an option that counts once: its last one.
    pub fn os(&self, id: Id) -> Option<&OsStr> {
        let mut given = self.given.iter().rev();
        let (_, value) = given.find(|(given, _)| *given == id)?;
        Some(value)
    }

    /// The same of an option whose value is text.
    pub fn text(&self, id: Id) -> Option<&str> {
        self.os(id)?.to_str()
    }

    /// Every value of an option that may be repeated.
    pub fn texts(&self, id: Id) -> impl Iterator<Item = &str> {
        self.given
            .iter()
            .filter(move |(given, _)| *given == id)
            .filter_map(|(_, value)| value.to_str())
    }

    /// The same, any bytes.
    pub fn all(&self, id: Id) -> impl Iterator<Item = &OsStr> {
        self.given
            .iter()
            .filter(move |(given, _)| *given == id)
            .map(|(_, value)| value.as_os_str())
    }

    /// The same of an option whose value is a number.
    pub fn number(&self, id: Id) -> Option<u64> {
        self.text(id)?.parse().ok()
    }

    /// The operands as text.
    pub fn operands(&self) -> Result<Vec<&str>, Failure> {
        self.operands
            .iter()
            .map(|word| {
                word.to_str().ok_or_else(|| {
                    let shown = word.to_string_lossy();
                    Failure::usage(format!("the argument {shown:?} is not UTF-8"))
                        .hint("write other bytes of a URL as %XX")
                })
            })
            .collect()
    }

    /// Method and URL: what stands before the URL, -X, or what the body suggests.
    pub fn method_and_url(&self) -> Result<(&str, &str), Failure> {
        let operands = self.operands()?;
        let given = self.text(Id::Request);
        let (method, url) = match (&operands[..], given) {
            ([url], Some(method)) => (method, *url),
            ([method, url], None) => (*method, *url),
            ([url], None) => (self.default_method(), *url),
            _ => {
                return Err(usage(
                    "the method is given twice, before the URL and with -X".into(),
                ));
            }
        };
        if !url.contains("://") {
            return Err(not_a_url(method, url));
        }
        if method.bytes().any(|b| b.is_ascii_lowercase()) {
            let capitals = method.to_ascii_uppercase();
            return Err(Failure::usage(format!(
                "{method} is no command, and no method in capitals"
            ))
            .hint(format!("methods are case-sensitive: {capitals}")));
        }
        Ok((method, url))
    }

    fn default_method(&self) -> &'static str {
        match (self.has(Id::UploadFile), self.has(Id::Data)) {
            (true, _) => "PUT",
            (_, true) => "POST",
            _ => "GET",
        }
    }
}

fn not_a_url(method: &str, url: &str) -> Failure {
    let failure = Failure::usage(format!(
        "{url:?} is no URL: it does not start with https://"
    ));
    let names = COMMANDS.iter().map(|entry| entry.name);
    match nearest(url, names.clone()).or_else(|| nearest(method, names)) {
        Some(name) => failure.hint(format!("did you mean the command {name}?")),
        None => failure.hint("usage: sigv4 METHOD URL"),
    }
}

fn check_value(opt: &Opt, value: &OsStr) -> Result<(), Failure> {
    let long = opt.long;
    let Some(expected) = &opt.value else {
        return Ok(());
    };
    if matches!(expected.kind, Kind::File | Kind::Bytes) {
        return Ok(());
    }
    let Some(text) = value.to_str() else {
        let message = format!("the value of --{long} is not UTF-8");
        return Err(Failure::usage(message));
    };
    let allowed = match expected.kind {
        Kind::OneOf(words) if !words.contains(&text) => format!("one of {}", words.join(", ")),
        Kind::Number if text.starts_with('+') || text.parse::<u64>().is_err() => {
            "a whole number".into()
        }
        _ => return Ok(()),
    };
    Err(Failure::usage(format!(
        "--{long} is {text:?}; it must be {allowed}"
    )))
}

fn value_name(opt: &Opt) -> &'static str {
    opt.value.as_ref().map_or("", |value| value.name)
}

fn usage(message: String) -> Failure {
    Failure::usage(message).hint("sigv4 --help lists commands and options")
}

/// What takes the place of curl's options that are not in the table.
const OF_CURL: [(&[&str], &str); 8] = [
    (&["A", "user-agent"], "write -H 'User-Agent: TEXT'"),
    (&["G", "get"], "write the parameters into the URL"),
    (&["I", "head"], "write sigv4 HEAD URL -i"),
    (&["O", "remote-name"], "name the file with -o FILE"),
    (&["S", "show-error"], "errors are always shown"),
    (
        &["compressed"],
        "answers are decompressed anyway; --compress is for the body",
    ),
    (
        &["data-raw"],
        "write -d TEXT, or -d @FILE for a text with an @ first",
    ),
    (
        &["x", "proxy"],
        "name the proxy with HTTPS_PROXY or HTTP_PROXY",
    ),
];

/// An option that is not in the table: some are refused for a reason, others are a slip of the finger.
fn unknown(option: &str) -> Failure {
    let name = option.trim_start_matches('-');
    match name {
        "u" | "user" | "oauth2-bearer" | "access-key" | "access-key-id" | "secret-key"
        | "secret-access-key" | "session-token" | "security-token" | "token" => {
            Failure::usage(format!(
                "{option} is not taken: every user of this machine can read a command line"
            ))
            .hint("put keys into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or into a profile (--profile)")
        }
        "k" | "insecure" => Failure::usage(format!(
            "{option} is not taken: certificates are always checked"
        ))
        .hint("through a tunnel use --connect-to; for a private CA use --cacert"),
        "aws-sigv4" => Failure::usage("--aws-sigv4 is not needed: every request is signed")
            .hint("state service and region with --service and --region"),
        _ => {
            let longs = options::OPTIONS.iter().map(|opt| opt.long);
            let near = nearest(name, longs).filter(|_| option.starts_with("--"));
            let failure = Failure::usage(format!("there is no option {option}"));
            let of_curl = OF_CURL.iter().find(|(names, _)| names.contains(&name));
            match (of_curl, near) {
                (Some((_, instead)), _) => failure.hint(*instead),
                (_, Some(near)) => failure.hint(format!("did you mean --{near}?")),
                _ => failure.hint("sigv4 --help lists commands and options"),
            }
        }
    }
}

/// The word at most two slips away from what was typed.
fn nearest<'a>(typed: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    words
        .map(|word| (distance(typed, word), word))
        .filter(|(distance, word)| *distance <= 2 && *distance < word.len() / 2)
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein's.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, from) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, to) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Arguments, String> {
        parse(line.split_whitespace().map(OsString::from)).map_err(|failure| match failure {
            Failure::Told(told) => told.message,
            Failure::ClosedPipe => "closed pipe".into(),
        })
    }

    #[test]
    fn the_method_stands_before_the_url_or_follows_from_the_body() {
        for (line, expected) in [
            ("GET https://h/", "GET"),
            ("https://h/", "GET"),
            ("https://h/ -d x", "POST"),
            ("-T file https://h/", "PUT"),
            ("-X HEAD https://h/", "HEAD"),
            ("--profile p request DELETE https://h/", "DELETE"),
        ] {
            let arguments = parsed(line).unwrap();
            assert_eq!(
                arguments.method_and_url().unwrap(),
                (expected, "https://h/"),
                "{line}"
            );
        }
    }

    #[test]
    fn options_stand_anywhere_and_the_last_value_counts() {
        let arguments =
            parsed("--region a explain --region=b GET https://h/ -dx=y -H a:b -H c:d").unwrap();
        assert_eq!(arguments.command, Command::Explain);
        assert_eq!(arguments.text(Id::Region), Some("b"));
        assert_eq!(arguments.text(Id::Data), Some("x=y"));
        assert_eq!(
            arguments.texts(Id::Header).collect::<Vec<_>>(),
            ["a:b", "c:d"]
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (line, message) in [
            ("", "there is nothing to do"),
            ("explain", "explain needs [METHOD] URL"),
            ("GET https://h/ more", "\"more\" is one argument too many"),
            ("demo https://h/", "\"https://h/\" is one argument too many"),
            ("--regoin x GET https://h/", "there is no option --regoin"),
            ("GET https://h/ -H", "--header needs a value: 'NAME: VALUE'"),
            ("demo --region x", "demo takes no option --region"),
            (
                "credentials --format yaml",
                "--format is \"yaml\"; it must be one of process, env, export",
            ),
            (
                "-k GET https://h/",
                "-k is not taken: certificates are always checked",
            ),
            (
                "--secret-key x GET https://h/",
                "--secret-key is not taken: every user of this machine can read a command line",
            ),
        ] {
            assert_eq!(parsed(line).unwrap_err(), message, "{line}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(
            nearest("regoin", ["region", "request"].into_iter()),
            Some("region")
        );
        assert_eq!(nearest("x", ["region", "man"].into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
