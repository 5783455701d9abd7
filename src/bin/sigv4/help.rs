//! `--help`, of the whole and of each command, made from the two tables.

use super::commands::{COMMANDS, Command, EXAMPLE_ES, Entry, Example};
use super::options::{self, Group, Id, Opt};

/// What is shown of a request's options where all commands are shown.
const COMMON: [Id; 7] = [
    Id::Header,
    Id::Data,
    Id::Output,
    Id::Include,
    Id::Region,
    Id::Service,
    Id::Profile,
];

/// The width that every line keeps to.
const WIDTH: usize = 80;

/// Help for the whole.
pub fn whole() -> String {
    let mut out = String::from(
        "sigv4: sign, send, presign and explain AWS Signature Version 4 requests\n\n\
         Usage: sigv4 [METHOD] URL [OPTIONS], or sigv4 COMMAND [OPTIONS]\n\nCommands:\n",
    );
    for entry in COMMANDS {
        out.push_str(&format!("  {:<12} {}\n", entry.name, entry.summary));
    }
    out.push_str("Options of a request (sigv4 request --help has them all):\n");
    let common: Vec<&Opt> = COMMON.iter().map(|id| options::by_id(*id)).collect();
    push_options(&mut out, &common);
    push_examples(&mut out, &Command::Send.entry().examples[1..2]);
    out
}

/// Help for one command.
pub fn of(command: Command) -> String {
    let entry = command.entry();
    let mut out = format!(
        "{}\n\nUsage: {} [OPTIONS]\n",
        sentence(entry.summary),
        entry.usage()
    );
    if !entry.operand_words.is_empty() {
        let words = entry.operand_words.join(", ");
        out.push_str(&format!("{} is one of {words}\n", entry.operands));
    }
    out.push_str(&folded(entry));
    let groups = Group::ALL.iter().map(|group| {
        let members =
            options::of(command).filter(|opt| opt.group == *group && is_told(command, opt));
        (group.heading(), members.collect::<Vec<_>>())
    });
    let groups: Vec<_> = groups.filter(|(_, members)| !members.is_empty()).collect();
    for (heading, members) in groups {
        out.push_str(&format!("{heading}:\n"));
        push_options(&mut out, &members);
    }
    push_examples(&mut out, entry.examples);
    out
}

/// Whether a command's own page tells of an option: not of what all take, and `explain` takes a request's too.
fn is_told(command: Command, opt: &Opt) -> bool {
    let is_known = matches!(opt.id, Id::Help | Id::Version);
    let is_inherited = command == Command::Explain && opt.applies_to(Command::Send);
    !is_known && !is_inherited
}

/// What the command does beyond its summary, only where the options leave room on a screen.
fn folded(entry: &Entry) -> String {
    if entry.command == Command::Send || entry.about.is_empty() {
        return String::from("\n");
    }
    let mut out = String::from("\n");
    let mut column = 0;
    for word in entry.about.split_whitespace() {
        if column > 0 && column + 1 + word.len() > WIDTH {
            out.push('\n');
            column = 0;
        }
        if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += word.len();
    }
    out.push_str("\n\n");
    out
}

fn push_options(out: &mut String, opts: &[&Opt]) {
    for opt in opts {
        let synopsis = opt.synopsis();
        let help = opt.help;
        out.push_str(&format!("  {synopsis:<27} {help}\n"));
    }
}

fn push_examples(out: &mut String, examples: &[Example]) {
    if examples.is_empty() {
        return;
    }
    match examples.iter().any(|example| example.line.contains("$ES")) {
        true => out.push_str(&format!("Examples, with ES={EXAMPLE_ES}:\n")),
        false => out.push_str("Examples:\n"),
    }
    for Example { line, purpose } in examples {
        match line.len() + purpose.len() + 6 <= WIDTH {
            true => out.push_str(&format!("  {line}  # {purpose}\n")),
            false => out.push_str(&format!("  # {purpose}\n  {line}\n")),
        }
    }
}

/// With a capital letter, as the first line of a page has it.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_fits_a_screen() {
        let pages = COMMANDS.iter().map(|entry| (entry.name, of(entry.command)));
        for (name, page) in pages.chain([("sigv4", whole())]) {
            for line in page.lines() {
                assert!(line.chars().count() <= WIDTH, "{name}: {line}");
            }
            let most = if name == "request" { 42 } else { 24 };
            let lines = page.lines().count();
            assert!(lines <= most, "{name} has {lines} lines:\n{page}");
        }
    }

    #[test]
    fn every_identifier_has_one_row() {
        for opt in options::OPTIONS {
            assert_eq!(options::by_id(opt.id).long, opt.long);
            assert_eq!(options::by_long(opt.long).unwrap().id, opt.id);
            if let Some(letter) = opt.short {
                assert_eq!(options::by_short(letter).unwrap().id, opt.id);
            }
        }
        for entry in COMMANDS {
            assert_eq!(entry.command.entry().name, entry.name);
        }
    }
}
