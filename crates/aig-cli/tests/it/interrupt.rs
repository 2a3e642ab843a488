//! Signals in the middle of the demo: it stops, cleans up, and says so with its exit code.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

use crate::common::{Home, SandboxProcess, files_below, signal};
use aig_platform::slide::Slide;

const OWN: &[&str] = &["demo", "--slides", "mine"];

/// Runs the command until a line of its story contains `word`, sends the signal, and gives the exit code.
fn stop_at(home: &Home, arguments: &[&str], word: &str, name: &str) -> Option<i32> {
    let mut child = home.aig(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let found = lines.by_ref().map(Result::unwrap).any(|line| line.contains(word));
    assert!(found, "the demo ended before it said {word:?}");
    signal(&child, name);
    // The pipe is read to its end, so that the demo never waits for a reader.
    lines.for_each(drop);
    child.wait().unwrap().code()
}

fn nothing_is_half_written(home: &Home) {
    for name in files_below(home.path()) {
        assert!(!name.contains(".part") && !name.contains(".tmp"), "{name} was left");
        let path = home.path().join(&name);
        if name.ends_with(".tiff") {
            Slide::read(&path).unwrap();
        }
        if name.ends_with(".geojson") {
            let text = std::fs::read_to_string(Path::new(&path)).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}

#[test]
fn ctrl_c_at_any_step_leaves_nothing_half_written() {
    for step in ["[1/", "[2/", "[3/", "[4/", "[5/", "[6/", "[7/", "processing", "[8/"] {
        let home = Home::with_slide();
        assert_eq!(stop_at(&home, OWN, step, "INT"), Some(130), "at {step}");
        nothing_is_half_written(&home);
    }
}

#[test]
fn ctrl_c_while_slides_are_painted_leaves_none_in_part() {
    let home = Home::new();
    assert_eq!(stop_at(&home, &["demo"], "[4/", "INT"), Some(130));
    nothing_is_half_written(&home);
}

#[test]
fn a_termination_is_exit_code_143() {
    let home = Home::with_slide();
    assert_eq!(stop_at(&home, OWN, "[7/", "TERM"), Some(143));
    nothing_is_half_written(&home);
}

#[test]
fn the_demo_after_an_interrupted_one_works() {
    let home = Home::with_slide();
    assert_eq!(stop_at(&home, OWN, "[7/", "INT"), Some(130));
    let finished = home.run(&["demo", "--slides", "mine", "--output", "json"]);
    assert_eq!(finished.code, Some(0), "{finished:#?}");
    assert_eq!(finished.json()["totals"]["succeeded"], 1);
}

#[test]
fn a_watch_that_is_stopped_says_how_to_go_on() {
    let home = Home::with_slide();
    let sandbox = SandboxProcess::start(&home);
    sandbox.sign_in(&home);
    // Four items take some seconds: the run is still going on when the signal comes.
    for copy in ["two", "three", "four"] {
        let folder = home.path().join("mine");
        std::fs::copy(folder.join("small.tiff"), folder.join(copy).with_extension("tiff")).unwrap();
    }
    let submitted = sandbox.run(&home, &["run", "submit", "--quiet", "--application", "test-app", "mine"]);
    let run = submitted.stdout.trim();
    let mut watch = sandbox.aig(&home, &["run", "watch", run]);
    let mut child = watch.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    lines.next().unwrap();
    signal(&child, "INT");
    let last = lines.last().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(last, format!("hint: the run goes on; watch it with `aig run watch {run}`"));
}

#[test]
fn a_sandbox_that_is_told_to_end_has_done_its_job() {
    for name in ["INT", "TERM"] {
        let home = Home::new();
        assert_eq!(SandboxProcess::start(&home).signal(name), Some(0), "{name}");
    }
}
