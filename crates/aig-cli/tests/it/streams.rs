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

#[test]
fn a_sign_in_that_is_needed_is_exit_code_4_with_the_command() {
    let home = Home::new();
    let sandbox = SandboxProcess::start(&home);
    for arguments in [&["whoami"][..], &["application", "list"], &["run", "list"]] {
        let finished = sandbox.run(&home, arguments);
        assert_eq!(finished.code, Some(4), "{finished:#?}");
        assert!(finished.stderr.contains("aig login"), "{finished:#?}");
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
