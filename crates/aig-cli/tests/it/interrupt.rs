//! Signals in the middle of the demo: it stops, cleans up, and says so with its exit code.

use std::{
    io::{BufRead, BufReader, Write},
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
    assert_eq!(half_written(home), None);
}

/// The first file that is a part of something, or not what its name says.
fn half_written(home: &Home) -> Option<String> {
    files_below(home.path()).into_iter().find(|name| {
        let path = home.path().join(name);
        let is_part = name.contains(".part") || name.contains(".tmp");
        let is_broken_slide = name.ends_with(".tiff") && Slide::read(&path).is_err();
        is_part || is_broken_slide || (name.ends_with(".geojson") && !is_json(&path))
    })
}

fn is_json(path: &Path) -> bool {
    serde_json::from_slice::<serde_json::Value>(&std::fs::read(path).unwrap()).is_ok()
}

#[test]
fn half_written_files_would_be_found() {
    let whole = Home::with_slide();
    let slide = std::fs::read(whole.path().join("mine/small.tiff")).unwrap();
    assert_eq!(half_written(&whole), None);
    for (name, bytes) in
        [("a/b.csv.part", &b""[..]), ("b.tiff", &slide[..slide.len() / 2]), ("c.geojson", b"{\"type\": ")]
    {
        let home = Home::new();
        let path = home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        assert_eq!(half_written(&home).as_deref(), Some(name));
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
    let slides = files_below(&home.path().join("aig-demo")).iter().filter(|name| name.ends_with(".tiff")).count();
    assert_eq!(slides > 0, home.path().join("aig-demo").exists(), "no folder is left for nothing");
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
