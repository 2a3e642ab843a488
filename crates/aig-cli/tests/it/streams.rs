//! Data on stdout, everything else on stderr; colours only where they are wanted; a reader that leaves is no error.

use std::process::Stdio;

use crate::common::{Home, SandboxProcess, finish};

const ESCAPE: char = '\u{1b}';

fn failing(home: &Home) -> std::process::Command {
    home.aig(&["demo", "--slides", "nowhere"])
}

#[test]
fn errors_are_plain_in_a_pipe_and_coloured_when_forced() {
    let home = Home::new();
    let coloured = |command: &mut std::process::Command| finish(command).stderr.contains(ESCAPE);
    assert!(!coloured(&mut failing(&home)));
    assert!(coloured(failing(&home).env("CLICOLOR_FORCE", "1")));
    assert!(coloured(failing(&home).args(["--color", "always"])));
    assert!(!coloured(failing(&home).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1")));
    assert!(!coloured(failing(&home).env("CLICOLOR_FORCE", "1").args(["--color", "never"])));
    assert!(!coloured(failing(&home).env("TERM", "dumb")));
}

#[test]
fn an_error_in_json_mode_is_one_document_on_stderr() {
    let home = Home::new();
    let finished = home.run(&["demo", "--slides", "nowhere", "--output", "json"]);
    assert_eq!(finished.code, Some(2));
    assert_eq!(finished.stdout, "");
    let error = finished.error();
    assert_eq!(error["schema"], "aig.error/1");
    assert_eq!(error["error"]["exit_code"], 2);
    assert_eq!(error["error"]["code"], "usage");
    assert!(error["error"]["hint"].is_string());
}

#[cfg(target_os = "linux")]
#[test]
fn a_stdout_that_cannot_be_written_to_is_an_error() {
    let home = Home::new();
    for arguments in [&["--help"][..], &["--version"], &["run", "submit", "--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = home.aig(arguments).stdout(full).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {stderr}");
        assert!(stderr.starts_with("error: cannot write to stdout"), "{stderr}");
    }
}

#[test]
fn all_that_is_wrong_with_the_settings_is_told_a_line_each() {
    let home = Home::new();
    let wrong = |arguments: &[&str]| {
        let mut command = home.aig(arguments);
        finish(command.env("AIGNOSTICS_API_ROOT", "ftp://nowhere").env("AIGNOSTICS_RUN_TIMEOUT", "soon"))
    };
    let text = wrong(&["run", "list"]);
    assert_eq!((text.code, text.errors()), (Some(2), 1), "{text:#?}");
    for name in ["AIGNOSTICS_API_ROOT", "AIGNOSTICS_RUN_TIMEOUT"] {
        assert_eq!(text.stderr.lines().filter(|line| line.starts_with(&format!("  {name}: "))).count(), 1, "{text:#?}");
    }
    let json = wrong(&["run", "list", "--output", "json"]).error();
    let problems = json["error"]["problems"].as_array().unwrap();
    assert!(problems.iter().any(|problem| problem["subject"] == "AIGNOSTICS_RUN_TIMEOUT"), "{json}");
}

#[test]
fn a_sign_in_that_is_needed_is_exit_code_4_with_the_command() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    for arguments in [&["whoami"][..], &["application", "list"], &["run", "list"]] {
        let finished = sandbox.run(&home, arguments);
        assert_eq!(finished.code, Some(4), "{finished:#?}");
        assert!(finished.stderr.contains("aig login"), "{finished:#?}");
        assert_eq!(finished.stderr.matches("not signed in").count(), 1, "{finished:#?}");
        assert!(!finished.stderr.contains("no token"), "{finished:#?}");
    }
}

#[test]
fn a_refresh_token_that_is_refused_is_told_by_the_name_of_its_variable_and_nobody_waits() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    for arguments in [&["login", "--device"][..], &["whoami"], &["run", "list"]] {
        let finished = finish(sandbox.aig(&home, arguments).env("AIGNOSTICS_REFRESH_TOKEN", "refused-by-everybody"));
        assert_eq!((finished.code, finished.errors()), (Some(4), 1), "{finished:#?}");
        let hint = finished.stderr.lines().find(|line| line.starts_with("hint:")).unwrap();
        assert!(hint.contains("AIGNOSTICS_REFRESH_TOKEN"), "{finished:#?}");
    }
}

#[test]
fn a_platform_that_is_not_there_is_exit_code_10() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    let mut health = sandbox.aig(&home, &["health"]);
    sandbox.kill();
    let finished = finish(&mut health);
    assert_eq!(finished.code, Some(10), "{finished:#?}");
    assert!(finished.stdout.contains("down"), "{finished:#?}");
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let home = Home::new();
    let mut child = home
        .aig(&["demo", "--quiet", "--output", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn quiet_says_nothing_but_data() {
    let home = Home::with_slide();
    let finished = home.run(&["demo", "--slides", "mine", "--quiet"]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert_eq!(finished.stderr, "");
    assert!(finished.stdout.contains(".geojson"), "{finished:#?}");
}
