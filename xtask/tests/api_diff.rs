//! `cargo xtask api-diff` as a process: its exit codes and where it writes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, Output},
};

use tempfile::NamedTempFile;

const OLD: &str =
    r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": {"get": {"responses": {}}}}}"#;
const MORE: &str = r#"{"openapi": "3.1.0", "info": {"title": "T", "version": "2"}, "paths": {"/a": {"get": {"responses": {}}}, "/b": {"get": {"responses": {}}}}}"#;

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn api_diff(arguments: &[&str]) -> Output {
    Command::new(PathBuf::from(env!("CARGO_BIN_EXE_xtask"))).arg("api-diff").args(arguments).output().unwrap()
}

fn code(old: &str, new: &str, more: &[&str]) -> Option<i32> {
    let (old, new) = (file(old), file(new));
    let paths = [old.path().to_str().unwrap(), new.path().to_str().unwrap()];
    api_diff(&[&paths, more].concat()).status.code()
}

#[test]
fn the_exit_code_tells_how_much_it_hurts() {
    assert_eq!(code(OLD, OLD, &[]), Some(0));
    assert_eq!(code(OLD, MORE, &[]), Some(1));
    assert_eq!(code(MORE, OLD, &[]), Some(2));
    assert_eq!(code(OLD, MORE, &["--for", "servers"]), Some(2));
    assert_eq!(code(OLD, "{}", &[]), Some(3));
    assert_eq!(code(OLD, "no JSON", &[]), Some(3));
    assert_eq!(api_diff(&["-", "-"]).status.code(), Some(3), "there is one standard input");
}

#[test]
fn words_are_no_change_and_a_risk_is_no_failure() {
    let told = OLD.replace(r#""version": "1""#, r#""version": "2", "description": "Other words.""#);
    let told = told.replace(r#""get": {"#, r#""get": {"summary": "Things", "operationId": "a", "tags": ["T"], "#);
    assert_ne!(told, OLD);
    assert_eq!(code(OLD, &told, &[]), Some(0));
    assert_eq!(code(OLD, &told, &["--for", "servers"]), Some(0));
    let risky = OLD.replace(r#""responses": {}"#, r#""responses": {}, "callbacks": {"done": {}}"#);
    assert_eq!(code(OLD, &risky, &[]), Some(1));
}

#[test]
fn each_format_tells_the_same_change_with_the_same_exit_code() {
    let (old, new) = (file(MORE), file(OLD));
    let [old, new] = [old.path().to_str().unwrap(), new.path().to_str().unwrap()];
    let formats = [
        ("text", "Breaking for clients\n  - GET /b is gone\n"),
        ("json", r#""rule": "operation-removed""#),
        ("markdown", "| **breaking** | compatible | GET /b is gone |"),
    ];
    for (format, wanted) in formats {
        let report = api_diff(&[old, new, "--format", format]);
        let text = String::from_utf8(report.stdout).unwrap();
        assert_eq!(report.status.code(), Some(2), "{format}");
        assert!(text.contains(wanted), "{format}: {text}");
    }
}

#[test]
fn a_wrong_command_line_is_never_taken_for_a_breaking_change() {
    assert_eq!(api_diff(&["only-one"]).status.code(), Some(64));
    assert_eq!(code(OLD, OLD, &["--format", "yaml"]), Some(64));
    assert_eq!(api_diff(&["--help"]).status.code(), Some(0));
}

#[test]
fn reports_go_to_the_standard_output_and_complaints_to_the_standard_error() {
    let (old, new) = (file(OLD), file(MORE));
    let [old, new] = [old.path().to_str().unwrap(), new.path().to_str().unwrap()];
    let report = api_diff(&[old, new, "--format", "json"]);
    assert!(report.stderr.is_empty() && String::from_utf8(report.stdout).unwrap().contains("\"aig.api-diff/1\""));
    let complaint = api_diff(&[old, "/nowhere.json"]);
    assert!(complaint.stdout.is_empty() && String::from_utf8(complaint.stderr).unwrap().contains("/nowhere.json"));
}
