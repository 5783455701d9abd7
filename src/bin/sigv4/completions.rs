//! Completions for bash, zsh and fish, made from the two tables.

use super::commands::{COMMANDS, Command, Entry};
use super::options::{self, Kind, OPTIONS, Opt};

/// The methods that are offered before a URL.
const METHODS: &str = "GET PUT POST DELETE HEAD PATCH";

pub fn bash() -> String {
    let mut out = String::from(
        "# bash completion for sigv4; made by: sigv4 completions bash\n\
         _sigv4() {\n\
         \x20   local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" command=request word\n\
         \x20   for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n\
         \x20       case \"$word\" in\n",
    );
    out.push_str(&format!(
        "            {}) command=\"$word\"; break ;;\n        esac\n    done\n    case \"$previous\" in\n",
        names().join("|")
    ));
    out.push_str(&bash_values());
    out.push_str("    esac\n    local words=\n    case \"$command\" in\n");
    out.push_str(&bash_words());
    out.push_str(
        "    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\ncomplete -F _sigv4 sigv4\n",
    );
    out
}

/// Names of files, a line each: white space in them is theirs, and bash is told to quote it.
fn bash_files(names: &str) -> String {
    format!("local IFS=$'\\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($({names}))")
}

/// What may follow an option that takes a value.
fn bash_values() -> String {
    let mut out = String::new();
    for opt in OPTIONS {
        let Some(value) = &opt.value else { continue };
        let action = match value.kind {
            Kind::OneOf(words) => {
                format!(
                    "COMPREPLY=($(compgen -W \"{}\" -- \"$current\"))",
                    words.join(" ")
                )
            }
            Kind::File => bash_files("compgen -f -- \"$current\""),
            Kind::Bytes => bash_files("compgen -P @ -f -- \"${current#@}\""),
            Kind::Text | Kind::Number => "COMPREPLY=()".into(),
        };
        out.push_str(&format!(
            "        {}) {action}; return ;;\n",
            spellings(opt).join("|")
        ));
    }
    out
}

/// What may stand anywhere else, by command.
fn bash_words() -> String {
    let mut out = String::new();
    for entry in COMMANDS {
        let mut words: Vec<String> = options::of(entry.command)
            .map(|opt| format!("--{}", opt.long))
            .collect();
        words.extend(entry.operand_words.iter().map(|word| word.to_string()));
        if entry.operands.contains("METHOD") {
            words.push(METHODS.into());
        }
        if entry.command == Command::Send {
            words.push(names().join(" "));
        }
        out.push_str(&format!(
            "        {}) words=\"{}\" ;;\n",
            entry.name,
            words.join(" ")
        ));
    }
    out
}

pub fn zsh() -> String {
    let mut out = String::from(
        "#compdef sigv4\n# zsh completion for sigv4; made by: sigv4 completions zsh\n\
         _sigv4() {\n\
         \x20   local command=request word\n\
         \x20   for word in ${words[2,CURRENT-1]}; do\n\
         \x20       case $word in\n",
    );
    out.push_str(&format!(
        "            {}) command=$word; break ;;\n        esac\n    done\n    case $command in\n",
        names().join("|")
    ));
    for entry in COMMANDS {
        out.push_str(&format!(
            "        {})\n            _arguments -s",
            entry.name
        ));
        for opt in options::of(entry.command) {
            out.push_str(&format!(" \\\n                {}", zsh_spec(opt)));
        }
        out.push_str(&format!(
            " \\\n                {} ;;\n",
            zsh_operands(entry)
        ));
    }
    out.push_str("    esac\n}\nif [[ $zsh_eval_context == *loadautofunc* ]]; then _sigv4 \"$@\"; else compdef _sigv4 sigv4; fi\n");
    out
}

fn zsh_operands(entry: &Entry) -> String {
    let mut words: Vec<String> = entry
        .operand_words
        .iter()
        .map(|word| word.to_string())
        .collect();
    if entry.command == Command::Send {
        words.extend(names().iter().map(|name| name.to_string()));
    }
    if entry.operands.contains("METHOD") {
        words.push(METHODS.into());
    }
    let words = words.join(" ");
    match entry.command {
        Command::Send => format!("'*: :({words})'"),
        // The command's own name is the first operand.
        _ => format!("'1: :({})' '*: :({words})'", entry.name),
    }
}

fn zsh_spec(opt: &Opt) -> String {
    let help = opt.help.replace('\'', "'\\''").replace(':', "\\:");
    let help = help.replace('[', "\\[").replace(']', "\\]");
    let action = match opt.value.as_ref().map(|value| value.kind) {
        None => String::new(),
        Some(Kind::File) => ":file:_files".into(),
        Some(Kind::Bytes) => ":body: ".into(),
        Some(Kind::Text | Kind::Number) => ":value: ".into(),
        Some(Kind::OneOf(words)) => format!(":value:({})", words.join(" ")),
    };
    let long = opt.long;
    match opt.short {
        Some(short) => format!("{{-{short},--{long}}}'[{help}]{action}'"),
        None => format!("'--{long}[{help}]{action}'"),
    }
}

pub fn fish() -> String {
    let all = names().join(" ");
    let mut out = String::from(
        "# fish completion for sigv4; made by: sigv4 completions fish\ncomplete -c sigv4 -f\n",
    );
    for entry in COMMANDS {
        out.push_str(&format!(
            "complete -c sigv4 -n 'not __fish_seen_subcommand_from {all}' -a {} -d '{}'\n",
            entry.name,
            quoted(entry.summary)
        ));
        if !entry.operand_words.is_empty() {
            out.push_str(&format!(
                "complete -c sigv4 -n '__fish_seen_subcommand_from {}' -a '{}'\n",
                entry.name,
                entry.operand_words.join(" ")
            ));
        }
    }
    let with_method: Vec<&str> = COMMANDS
        .iter()
        .filter(|entry| entry.operands.contains("METHOD"))
        .map(|entry| entry.name)
        .collect();
    out.push_str(&format!(
        "complete -c sigv4 -n 'not __fish_seen_subcommand_from {all}; or __fish_seen_subcommand_from {}' -a '{METHODS}'\n",
        with_method.join(" ")
    ));
    for opt in OPTIONS {
        out.push_str(&fish_option(opt, &all));
    }
    out
}

fn fish_option(opt: &Opt, all: &str) -> String {
    let takers: Vec<&str> = COMMANDS
        .iter()
        .filter(|entry| opt.applies_to(entry.command))
        .map(|entry| entry.name)
        .collect();
    let mut condition = format!("__fish_seen_subcommand_from {}", takers.join(" "));
    if opt.applies_to(Command::Send) {
        condition = format!("not __fish_seen_subcommand_from {all}; or {condition}");
    }
    let short = opt
        .short
        .map_or(String::new(), |letter| format!(" -s {letter}"));
    let value = match opt.value.as_ref().map(|value| value.kind) {
        None => String::new(),
        Some(Kind::File) => " -r -F".into(),
        Some(Kind::Bytes | Kind::Text | Kind::Number) => " -x".into(),
        Some(Kind::OneOf(words)) => format!(" -x -a '{}'", words.join(" ")),
    };
    format!(
        "complete -c sigv4 -n '{condition}'{short} -l {}{value} -d '{}'\n",
        opt.long,
        quoted(opt.help)
    )
}

fn names() -> Vec<&'static str> {
    COMMANDS.iter().map(|entry| entry.name).collect()
}

fn spellings(opt: &Opt) -> Vec<String> {
    let mut spellings = vec![format!("--{}", opt.long)];
    spellings.extend(opt.short.map(|letter| format!("-{letter}")));
    spellings.extend(opt.aliases.iter().map(|alias| format!("--{alias}")));
    spellings
}

/// For fish's single quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}
