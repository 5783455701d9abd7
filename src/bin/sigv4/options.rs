//! The one table of options: parsing, help, completions and the man page are made from it.

use super::commands::Command::{self, *};

/// An option, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    CaCert,
    Collection,
    Compress,
    ConnectTimeout,
    ConnectTo,
    Data,
    Date,
    DryRun,
    Emit,
    Expires,
    Fail,
    Format,
    Header,
    Help,
    Include,
    Json,
    JsonError,
    Location,
    MaxTime,
    NoContentSha256,
    Output,
    Profile,
    Region,
    Request,
    Retry,
    SearchPost,
    Serve,
    Service,
    ShowSecrets,
    SignHost,
    Silent,
    UnsignedPayload,
    UploadFile,
    Verbose,
    Version,
    WriteOut,
}

/// One row of the table.
#[derive(Debug)]
pub struct Opt {
    pub id: Id,
    pub short: Option<char>,
    pub long: &'static str,
    /// Other spellings, taken and not advertised.
    pub aliases: &'static [&'static str],
    pub value: Option<Value>,
    pub help: &'static str,
    /// The commands that take it; none means all.
    pub commands: &'static [Command],
    pub group: Group,
}

/// What an option's value is.
#[derive(Debug)]
pub struct Value {
    /// As help shows it: `FILE`.
    pub name: &'static str,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// A whole number.
    Number,
    /// A file's name, any bytes.
    File,
    /// Any bytes, or `@` and a file's name.
    Bytes,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// The headings under which help shows options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    Request,
    Signature,
    Connection,
    Answer,
    Other,
}

impl Group {
    pub const ALL: [Group; 5] = [
        Group::Request,
        Group::Signature,
        Group::Connection,
        Group::Answer,
        Group::Other,
    ];

    pub fn heading(self) -> &'static str {
        match self {
            Group::Request => "Request",
            Group::Signature => "Signature",
            Group::Connection => "Connection",
            Group::Answer => "Answer",
            Group::Other => "Other",
        }
    }
}

impl Opt {
    /// Whether `command` takes it.
    pub fn applies_to(&self, command: Command) -> bool {
        self.commands.is_empty() || self.commands.contains(&command)
    }

    /// `-H, --header LINE`
    pub fn synopsis(&self) -> String {
        let short = match self.short {
            Some(short) => format!("-{short}, "),
            None => "    ".into(),
        };
        let value = match &self.value {
            Some(value) => format!(" {}", value.name),
            None => String::new(),
        };
        format!("{short}--{}{value}", self.long)
    }
}

/// The options of one command, in the table's order.
pub fn of(command: Command) -> impl Iterator<Item = &'static Opt> {
    OPTIONS.iter().filter(move |opt| opt.applies_to(command))
}

pub fn by_long(name: &str) -> Option<&'static Opt> {
    OPTIONS
        .iter()
        .find(|opt| opt.long == name || opt.aliases.contains(&name))
}

pub fn by_short(letter: char) -> Option<&'static Opt> {
    OPTIONS.iter().find(|opt| opt.short == Some(letter))
}

pub fn by_id(id: Id) -> &'static Opt {
    OPTIONS
        .iter()
        .find(|opt| opt.id == id)
        .expect("every option has its row: a test reads the table")
}

const SENT: &[Command] = &[Send];
/// What `explain` takes as well, so that a request's line is explained as it is; nothing is sent, so nothing happens.
const ON_THE_WAY: &[Command] = &[Send, Explain];
const BUILT: &[Command] = &[Send, Explain];
const SIGNED: &[Command] = &[Send, Explain, Presign];
const IDENTIFIED: &[Command] = &[Send, Explain, Presign, Credentials, Whoami];
const DATED: &[Command] = &[Explain, Presign];
const TOLD: &[Command] = &[Explain, Credentials, Whoami];

const fn text(name: &'static str) -> Option<Value> {
    let kind = Kind::Text;
    Some(Value { name, kind })
}

const fn number(name: &'static str) -> Option<Value> {
    let kind = Kind::Number;
    Some(Value { name, kind })
}

const fn file(name: &'static str) -> Option<Value> {
    let kind = Kind::File;
    Some(Value { name, kind })
}

const fn one_of(name: &'static str, words: &'static [&'static str]) -> Option<Value> {
    let kind = Kind::OneOf(words);
    Some(Value { name, kind })
}

/// A row without short letter, aliases or value.
const fn flag(
    id: Id,
    long: &'static str,
    help: &'static str,
    commands: &'static [Command],
    group: Group,
) -> Opt {
    Opt {
        id,
        short: None,
        long,
        aliases: &[],
        value: None,
        help,
        commands,
        group,
    }
}

impl Opt {
    const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    const fn takes(mut self, value: Option<Value>) -> Self {
        self.value = value;
        self
    }
}

use Group::{Answer, Connection, Other, Request, Signature};

/// Every option. Names are curl's where curl has one.
// A table: what belongs together stands on one line.
#[rustfmt::skip]
pub static OPTIONS: &[Opt] = &[
    flag(Id::Header, "header", "add a header; x-amz-* and content-type are signed", SIGNED, Request)
        .short('H').takes(text("'NAME: VALUE'")),
    flag(Id::Data, "data", "the body, untouched; @- is standard input", BUILT, Request)
        .short('d').alias(&["data-binary"]).takes(Some(Value { name: "TEXT|@FILE|@-", kind: Kind::Bytes })),
    flag(Id::UploadFile, "upload-file", "PUT this file; - is standard input", BUILT, Request)
        .short('T').takes(file("FILE")),
    flag(Id::Request, "request", "the method, if not before the URL", SIGNED, Request)
        .short('X').takes(text("METHOD")),
    flag(Id::Compress, "compress", "gzip the body, then sign it", BUILT, Request),
    flag(Id::Collection, "collection", "the collection, at an account's aoss endpoint", BUILT, Request)
        .takes(text("NAME")),
    flag(Id::SearchPost, "search-post", "POST a search that has a body, where GET is given", BUILT, Request),

    flag(Id::Region, "region", "sign for it; else the host's or the configured", IDENTIFIED, Signature)
        .takes(text("REGION")),
    flag(Id::Service, "service", "sign for it, such as es; else the host's", SIGNED, Signature)
        .takes(text("SERVICE")),
    flag(Id::Profile, "profile", "take credentials from this profile of ~/.aws", IDENTIFIED, Signature)
        .takes(text("NAME")),
    flag(Id::Expires, "expires", "how long the URL is good: 1 to 604800 (3600)", DATED, Signature)
        .takes(number("SECS")),
    flag(Id::Date, "date", "sign as of then, such as 20150830T123600Z", DATED, Signature)
        .takes(text("DATE")),
    flag(Id::SignHost, "sign-host", "send and sign this Host instead of the URL's", SIGNED, Signature)
        .takes(text("HOST")),
    flag(Id::NoContentSha256, "no-content-sha256", "leave x-amz-content-sha256 out", BUILT, Signature),
    flag(Id::UnsignedPayload, "unsigned-payload", "do not sign the body (S3 takes that)", BUILT, Signature),
    flag(Id::ShowSecrets, "show-secrets", "show signing keys and session token too", &[Explain], Signature),

    flag(Id::ConnectTo, "connect-to", "dial there; TLS and signature keep the URL's host", ON_THE_WAY, Connection)
        .takes(text("HOST:PORT")),
    flag(Id::Location, "location", "follow redirects; sign anew for the same host only", ON_THE_WAY, Connection)
        .short('L'),
    flag(Id::CaCert, "cacert", "trust the certificates of this PEM file instead", ON_THE_WAY, Connection)
        .takes(file("FILE")),
    flag(Id::Retry, "retry", "try again so often what is safe to repeat (3)", ON_THE_WAY, Connection)
        .takes(number("TIMES")),
    flag(Id::ConnectTimeout, "connect-timeout", "how long connecting may take (10)", ON_THE_WAY, Connection)
        .takes(number("SECS")),
    flag(Id::MaxTime, "max-time", "how long everything may take", ON_THE_WAY, Connection)
        .short('m').takes(number("SECS")),

    flag(Id::Output, "output", "write the body to it, in place only when whole", SENT, Answer)
        .short('o').takes(file("FILE")),
    flag(Id::Include, "include", "print status and headers before the body", ON_THE_WAY, Answer)
        .short('i').alias(&["show-headers"]),
    flag(Id::Fail, "fail", "print no body of an answer of 400 or more", ON_THE_WAY, Answer)
        .short('f'),
    flag(Id::WriteOut, "write-out", "print after the body: %{http_code} %{request_id}", ON_THE_WAY, Answer)
        .short('w').takes(text("FORMAT")),
    flag(Id::Json, "json", "print JSON", TOLD, Answer),
    flag(Id::Format, "format", "print them WITH SECRETS, in this form", &[Credentials], Answer)
        .takes(one_of("process|env|export", &["process", "env", "export"])),

    flag(Id::DryRun, "dry-run", "print the signed request, send nothing", SENT, Other),
    flag(Id::Emit, "emit", "print it as a curl command, without secrets", SENT, Other)
        .takes(one_of("curl", &["curl"])),
    flag(Id::Serve, "serve", "leave the endpoint running, to be tried by hand", &[Demo], Other),
    flag(Id::Verbose, "verbose", "tell on standard error what goes out and comes in", ON_THE_WAY, Other)
        .short('v'),
    flag(Id::Silent, "silent", "no progress bar and no notes", ON_THE_WAY, Other)
        .short('s'),
    flag(Id::JsonError, "json-error", "report an error as one JSON object", &[], Other),
    flag(Id::Help, "help", "print help", &[], Other)
        .short('h'),
    flag(Id::Version, "version", "print version, features and target", &[], Other)
        .short('V'),
];
