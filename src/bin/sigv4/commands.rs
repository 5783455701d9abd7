//! The table of commands, with their examples; a test runs every example.

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// No name of its own: `sigv4 METHOD URL`.
    Send,
    Explain,
    Presign,
    Credentials,
    Whoami,
    Demo,
    Completions,
    Man,
}

/// One row of the table.
pub struct Entry {
    pub command: Command,
    /// What it is called by; `request` also stands for no name at all.
    pub name: &'static str,
    /// The operands, as help shows them.
    pub operands: &'static str,
    /// How many operands it takes at least and at most.
    pub operand_count: (usize, usize),
    /// Words that the operand may be.
    pub operand_words: &'static [&'static str],
    pub summary: &'static str,
    /// What the man page says besides.
    pub about: &'static str,
    pub examples: &'static [Example],
}

/// A line that works, and what it is for.
pub struct Example {
    pub line: &'static str,
    pub purpose: &'static str,
}

impl Command {
    pub fn entry(self) -> &'static Entry {
        COMMANDS
            .iter()
            .find(|entry| entry.command == self)
            .expect("every command has its row: a test reads the table")
    }

    pub fn by_name(name: &str) -> Option<Command> {
        let entry = COMMANDS.iter().find(|entry| entry.name == name)?;
        Some(entry.command)
    }
}

impl Entry {
    /// `sigv4 explain [METHOD] URL`
    pub fn usage(&self) -> String {
        let mut usage = String::from("sigv4");
        if self.command != Command::Send {
            usage.push(' ');
            usage.push_str(self.name);
        }
        if !self.operands.is_empty() {
            usage.push(' ');
            usage.push_str(self.operands);
        }
        usage
    }
}

/// What `$ES` stands for in the examples.
pub const EXAMPLE_ES: &str = "https://search-movies.eu-west-1.es.amazonaws.com";

/// Every command, in the order of help.
pub static COMMANDS: &[Entry] = &[
    Entry {
        command: Command::Send,
        name: "request",
        operands: "[METHOD] URL",
        operand_count: (1, 2),
        operand_words: &[],
        summary: "sign a request, send it, print the answer's body",
        about: "The name may be left out. The method is GET unless it is given, POST with a body, PUT with -T. Service and \
region are taken from the host. A body is sent as application/json, to _bulk and _msearch as application/x-ndjson with the final newline \
they need, unless a content-type header is given. The body goes to standard output, everything else to standard error.",
        examples: &[
            Example {
                line: "sigv4 PUT $ES/movies",
                purpose: "create an index",
            },
            Example {
                line: "sigv4 POST $ES/movies/_doc -d '{\"title\": \"Metropolis\"}'",
                purpose: "index a document",
            },
            Example {
                line: "sigv4 POST $ES/movies/_bulk -d @docs.ndjson",
                purpose: "index many; exit code 2 if some fail",
            },
        ],
    },
    Entry {
        command: Command::Explain,
        name: "explain",
        operands: "[METHOD] URL",
        operand_count: (1, 2),
        operand_words: &[],
        summary: "print each step of a signature; send nothing",
        about: "Prints the canonical request, the string to sign, the signature and the headers under AWS's names. Takes the options \
of a request too (sigv4 request --help). With --expires it explains a presigned URL; a URL that is presigned is explained by its own \
terms, and its signature compared. Session tokens are hidden unless --show-secrets is given.",
        examples: &[
            Example {
                line: "sigv4 explain GET \"$ES/_cat/indices?v\"",
                purpose: "read the steps",
            },
            Example {
                line: "sigv4 explain --json --date 20150830T123600Z PUT $ES/a",
                purpose: "the same signature every time",
            },
        ],
    },
    Entry {
        command: Command::Presign,
        name: "presign",
        operands: "[METHOD] URL",
        operand_count: (1, 2),
        operand_words: &[],
        summary: "print a presigned URL, and nothing else",
        about: "Whoever has the URL may send the request until it expires. Headers given with -H are signed and must be sent with it.",
        examples: &[
            Example {
                line: "sigv4 presign https://b.s3.eu-west-1.amazonaws.com/a.txt --expires 86400",
                purpose: "a download for a day",
            },
            Example {
                line: "sigv4 presign PUT https://b.s3.eu-west-1.amazonaws.com/b.txt --expires 600",
                purpose: "an upload for ten minutes",
            },
        ],
    },
    Entry {
        command: Command::Credentials,
        name: "credentials",
        operands: "",
        operand_count: (0, 0),
        operand_words: &[],
        summary: "say which source has credentials, and why others do not",
        about: "Prints the source, the access key ID (masked), account, expiry and region, and a line for each source that was passed \
over. Secrets are printed only with --format: process is what credential_process expects, env are lines NAME=VALUE, export are lines \
for a shell.",
        examples: &[
            Example {
                line: "sigv4 credentials",
                purpose: "who am I signing as, and from where",
            },
            Example {
                line: "eval \"$(sigv4 credentials --format export)\"",
                purpose: "hand them to another program",
            },
        ],
    },
    Entry {
        command: Command::Whoami,
        name: "whoami",
        operands: "",
        operand_count: (0, 0),
        operand_words: &[],
        summary: "ask AWS who the credentials belong to",
        about: "Calls GetCallerIdentity of the Security Token Service in the configured region.",
        examples: &[Example {
            line: "sigv4 whoami --region eu-west-1",
            purpose: "account, ARN, user ID",
        }],
    },
    Entry {
        command: Command::Demo,
        name: "demo",
        operands: "",
        operand_count: (0, 0),
        operand_words: &[],
        summary: "see it work: signed requests to an endpoint on loopback",
        about: "Starts an endpoint on loopback that verifies signatures, sends it signed requests with example credentials, shows \
what went out and what came back, then shows a tampered request refused. Needs no account and no network, and reads nothing from \
~/.aws.",
        examples: &[Example {
            line: "sigv4 demo",
            purpose: "accepted, and refused",
        }],
    },
    Entry {
        command: Command::Completions,
        name: "completions",
        operands: "SHELL",
        operand_count: (1, 1),
        operand_words: &["bash", "zsh", "fish"],
        summary: "print completions for bash, zsh or fish",
        about: "",
        examples: &[Example {
            line: "sigv4 completions bash > sigv4.bash",
            purpose: "then: source sigv4.bash",
        }],
    },
    Entry {
        command: Command::Man,
        name: "man",
        operands: "",
        operand_count: (0, 0),
        operand_words: &[],
        summary: "print the man page, sigv4(1)",
        about: "",
        examples: &[Example {
            line: "sigv4 man > sigv4.1",
            purpose: "then: man ./sigv4.1",
        }],
    },
];
