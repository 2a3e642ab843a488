//! What `clap` says about the arguments: help and version on stdout, what is wrong on stderr, as JSON where that was asked for.

use std::{ffi::OsString, io, process::ExitCode};

use clap::error::ErrorKind;

use crate::{
    args::{Color, GlobalArgs},
    exit::Exit,
    failure::{Failure, Report},
    format::Format,
    printer::Printer,
};

/// Tells it, and gives the exit code: 0 for help and version, 2 for what is wrong.
pub(crate) fn tell(refusal: &clap::Error, arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let printer = printer(wanted(arguments));
    if refusal.use_stderr() && printer.format() != Format::Text {
        printer.failure(&Report::of(&failure(refusal).into()));
        return Exit::Usage.into();
    }
    let printed = refusal.print().and_then(|()| io::Write::flush(&mut io::stdout()));
    match printed {
        // Nobody is left to be told when stderr is closed.
        _ if refusal.use_stderr() => Exit::Usage.into(),
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            printer.failure(&Report::of(&anyhow::Error::new(error).context("cannot write to stdout")));
            Exit::Failed.into()
        }
        _ => Exit::Done.into(),
    }
}

fn printer(format: Format) -> Printer {
    Printer::new(&GlobalArgs { output: format, quiet: false, verbose: 0, color: Color::Auto, no_progress: true })
}

/// The format that was asked for in arguments that are wrong elsewhere.
fn wanted(arguments: impl IntoIterator<Item = OsString>) -> Format {
    let mut arguments = arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned());
    let mut format = Format::Text;
    while let Some(argument) = arguments.next() {
        let value = match argument.as_str() {
            "--" => return format,
            "-o" | "--output" => arguments.next(),
            other => ["--output=", "-o=", "-o"].iter().find_map(|flag| other.strip_prefix(flag)).map(str::to_owned),
        };
        match value.as_deref() {
            Some("json") => format = Format::Json,
            Some("jsonl") => format = Format::Jsonl,
            _ => {}
        }
    }
    format
}

/// What is wrong in one line, and the tip in the hint.
fn failure(refusal: &clap::Error) -> Failure {
    if refusal.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("a subcommand is missing").with_hint("`--help` shows them");
    }
    let text = refusal.render().to_string();
    let mut parts = text.split("\n\n").map(one_line);
    let message = parts.next().unwrap_or_default();
    let tip = parts.find_map(|part| part.strip_prefix("tip: ").map(str::to_owned));
    let message = message.strip_prefix("error: ").unwrap_or(&message).to_owned();
    Failure::usage(message).with_hint(tip.unwrap_or_else(|| "`--help` shows the arguments".to_owned()))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Cli;

    #[test]
    fn the_format_is_found_in_arguments_that_are_wrong() {
        let found = |line: &str| wanted(line.split(' ').map(OsString::from));
        for json in ["aig x --output json", "aig --output=json x", "aig -o json x", "aig -ojson x", "aig x -o=json"] {
            assert_eq!(found(json), Format::Json, "{json}");
        }
        assert_eq!(found("aig x -o jsonl"), Format::Jsonl);
        for text in ["aig x", "aig x --output", "aig x --output yaml", "aig sandbox exec -- x -o json"] {
            assert_eq!(found(text), Format::Text, "{text}");
        }
    }

    #[test]
    fn a_refusal_is_one_line_and_a_hint() {
        let refused = |line: &str| {
            let refusal = Cli::try_parse_from(line.split(' ')).unwrap_err();
            Report::of(&failure(&refusal).into())
        };
        let typo = refused("aig applicaton list");
        assert_eq!(typo.message, "unrecognized subcommand 'applicaton'");
        assert!(typo.hint.unwrap().contains("'application'"));
        let missing = refused("aig run submit --application a");
        assert!(missing.message.contains("<SLIDE|DIR>...") && !missing.message.contains('\n'), "{missing:?}");
        assert_eq!(refused("aig run").message, "a subcommand is missing");
    }
}
