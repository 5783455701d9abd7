//! The man page, made from the tables.

use super::commands::{COMMANDS, EXAMPLE_ES};
use super::exit::EXIT_CODES;
use super::help::sentence;
use super::options::{Group, OPTIONS, Opt};

/// sigv4(1), as roff with the man macros.
pub fn page() -> String {
    let mut out = format!(
        ".TH SIGV4 1 \"\" \"sigv4-kit {}\" \"User Commands\"\n\
         .SH NAME\nsigv4 \\- sign, send, presign and explain AWS Signature Version 4 requests\n\
         .SH SYNOPSIS\n",
        env!("CARGO_PKG_VERSION")
    );
    for entry in COMMANDS {
        out.push_str(&format!(".B {} [OPTIONS]\n.br\n", escaped(&entry.usage())));
    }
    out.push_str(".SH COMMANDS\n");
    for entry in COMMANDS {
        let operands = escaped(entry.operands);
        out.push_str(&format!(
            ".TP\n.B {} {operands}\n{}.\n",
            entry.name,
            escaped(&sentence(entry.summary))
        ));
        if !entry.about.is_empty() {
            out.push_str(&format!("{}\n", escaped(entry.about)));
        }
        if !entry.operand_words.is_empty() {
            let words = entry.operand_words.join(", ");
            out.push_str(&format!("{operands} is one of {words}.\n"));
        }
    }
    out.push_str(
        ".SH OPTIONS\nNames are curl's where curl has one. They may stand anywhere on the line.\n",
    );
    for group in Group::ALL {
        out.push_str(&format!(".SS {}\n", group.heading()));
        for opt in OPTIONS.iter().filter(|opt| opt.group == group) {
            out.push_str(&option(opt));
        }
    }
    out.push_str(".SH EXIT STATUS\n");
    for (code, meaning) in EXIT_CODES {
        out.push_str(&format!(".TP\n.B {}\n{}\n", code as u8, escaped(meaning)));
    }
    out.push_str(".SH ENVIRONMENT\n");
    for (names, meaning) in ENVIRONMENT {
        out.push_str(&format!(".TP\n.B {names}\n{}\n", escaped(meaning)));
    }
    out.push_str(
        ".SH FILES\n.TP\n.I ~/.aws/credentials, ~/.aws/config\nThe shared files: profiles with keys, roles, single \
         sign\\-on sessions, processes and regions.\n.SH EXAMPLES\nWith\n.B ES=",
    );
    out.push_str(&format!("{}\n", escaped(EXAMPLE_ES)));
    for example in COMMANDS.iter().flat_map(|entry| entry.examples) {
        out.push_str(&format!(
            ".TP\n.B {}\n{}\n",
            escaped(example.line),
            escaped(&sentence(example.purpose))
        ));
    }
    out.push_str(".SH SEE ALSO\n.BR curl (1)\n");
    out
}

fn option(opt: &Opt) -> String {
    let takers: Vec<&str> = COMMANDS
        .iter()
        .filter(|entry| opt.applies_to(entry.command))
        .map(|entry| entry.name)
        .collect();
    let takers = match (opt.commands.is_empty(), &takers[..]) {
        (true, _) | (_, ["request"]) => String::new(),
        (_, takers) => format!(" ({})", takers.join(", ")),
    };
    format!(
        ".TP\n.B {}\n{}.{takers}\n",
        escaped(opt.synopsis().trim_start()),
        escaped(&sentence(opt.help))
    )
}

/// Text that roff shall show as it is.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    // Quotes that a shell reads stay straight, and are none of roff's.
    let text = text.replace('\'', "\\(aq").replace('"', "\\(dq");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

/// The variables that matter, as the man page tells them.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN",
        "Credentials; they win over the shared files, unless --profile is given.",
    ),
    (
        "AWS_PROFILE, AWS_DEFAULT_PROFILE",
        "The profile, where --profile is not given.",
    ),
    (
        "AWS_REGION, AWS_DEFAULT_REGION",
        "The region, where neither --region nor the host tells one.",
    ),
    (
        "AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE",
        "Other places of the shared files.",
    ),
    (
        "AWS_CA_BUNDLE",
        "A PEM file with the certificates to trust.",
    ),
    (
        "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
        "The proxy for requests; never used for instance or container metadata.",
    ),
    ("NO_COLOR", "If set, no colours on a terminal."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_and_option_is_on_the_page() {
        let page = page();
        for entry in COMMANDS {
            assert!(
                page.contains(&format!("\n.B {} ", entry.name)),
                "{}",
                entry.name
            );
        }
        for opt in OPTIONS {
            assert!(
                page.contains(&escaped(opt.synopsis().trim_start())),
                "{}",
                opt.long
            );
        }
    }
}
