//! Processes that are killed while they save: what is stored is the old session or the new one.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::Duration,
};

use crate::{
    child::is_whole,
    world::{command, times},
};

const NOWHERE: &str = "http://127.0.0.1:1";

/// Kills `times` processes that save all the time. How often something torn was left.
fn torn_by_kills(job: &str, times: u32) -> u32 {
    let directory = tempfile::tempdir().unwrap();
    let mut torn = 0;
    for number in 0..times {
        let mut child = command(job, directory.path(), NOWHERE).spawn().unwrap();
        thread::sleep(Duration::from_micros(15_000 + u64::from(number * 7_919 % 20_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        torn += u32::from(!is_whole(directory.path()));
    }
    torn
}

#[test]
fn random_kills_leave_whole_sessions() {
    let kills = times("AIG_AUTH_KILLS", 40);
    let torn = torn_by_kills("save", kills);
    println!("random kills: {torn} torn states of {kills}");
    assert_eq!(torn, 0);
}

#[test]
fn control_random_kills_tear_what_is_written_in_place() {
    assert!((0..20).any(|_| torn_by_kills("save-naively", 20) > 0));
}

#[test]
fn what_killed_processes_left_is_swept() {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        let mut child = command("save", directory.path(), NOWHERE).spawn().unwrap();
        thread::sleep(Duration::from_millis(25));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(command("save-once", directory.path(), NOWHERE).status().unwrap().success());
    let left: Vec<_> =
        fs::read_dir(directory.path().join("sessions")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 2, "the session and its lock: {left:?}");
}

/// Starts a save whose thread is traced with these options from just before the save to its end.
///
/// Only that thread: a trace of the whole process counts the calls of each thread for itself, and would kill the test
/// harness first.
fn traced(options: &[&str], job: &str, directory: &Path) -> ExitStatus {
    let mut child =
        command(job, directory, NOWHERE).env("AIG_AUTH_TEST_TRACED", "1").stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let thread = said.find_map(|line| Some(line.unwrap().split_once("THREAD ")?.1.to_owned())).unwrap();
    let mut strace = Command::new("strace");
    strace.args(options).args(["-p", &thread]);
    let mut strace = strace.stderr(Stdio::piped()).spawn().unwrap();
    let mut attached = String::new();
    BufReader::new(strace.stderr.take().unwrap()).read_line(&mut attached).unwrap();
    assert!(attached.contains("attached"), "{attached}");
    // Who is killed at a `read` may be gone already.
    let _ = child.stdin.take().unwrap().write_all(b"\n");
    said.for_each(drop);
    strace.wait().unwrap();
    child.wait().unwrap()
}

/// A directory with a session in it.
fn with_session() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    assert!(command("save-once", directory.path(), NOWHERE).status().unwrap().success());
    directory
}

/// The names of all system calls that a save makes.
fn calls_of(job: &str) -> BTreeSet<String> {
    let directory = with_session();
    let log = directory.path().join("calls");
    assert!(traced(&["-o", log.to_str().unwrap()], job, directory.path()).success());
    let log = fs::read_to_string(log).unwrap();
    let name = |line: &str| Some(line.split_once('(')?.0.to_owned());
    log.lines()
        .filter_map(name)
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        .collect()
}

/// Kills a save at every system call it makes, one after the other: the points, and how many left something torn.
fn torn_by_calls(job: &str) -> (u32, u32) {
    let (mut points, mut torn) = (0, 0);
    for call in calls_of(job) {
        for number in 1.. {
            let directory = with_session();
            let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={number}"));
            if traced(&["-o", "/dev/null", "-e", &trace, "-e", &inject], job, directory.path()).success() {
                break;
            }
            points += 1;
            torn += u32::from(!is_whole(directory.path()));
        }
    }
    (points, torn)
}

/// What a full, broken or forbidden disk answers, and a process with too many open files gets.
const ERRORS: [&str; 6] = ["ENOSPC", "EIO", "EROFS", "EACCES", "EDQUOT", "EMFILE"];

/// Lets each call of a save fail that has to do with files, one after the other, with one of the errors in turn or with
/// all of them: the number of points, and those that left something torn or ended the process. Not `close`: an injected
/// error keeps the file open, which no disk does, and the standard library panics at one on a directory.
fn torn_by_errors(errors_at_a_point: usize) -> (usize, Vec<String>) {
    const FILES: [&str; 10] =
        ["open", "write", "fsync", "rename", "flock", "stat", "mkdir", "getdents", "unlink", "chmod"];
    let calls = calls_of("try-to-save").into_iter().filter(|call| FILES.iter().any(|part| call.contains(part)));
    let places = calls.flat_map(|call| (1..=count_of(&call)).map(move |number| (call.clone(), number)));
    let turns = places.flat_map(|place| (0..errors_at_a_point).map(move |turn| (place.clone(), turn)));
    let faults: Vec<_> = turns
        .enumerate()
        .map(|(at, ((call, number), turn))| {
            format!("{call}:error={}:when={number}", ERRORS[(at + turn) % ERRORS.len()])
        })
        .collect();
    (faults.len(), faults.into_iter().filter(|fault| !is_survived(fault)).collect())
}

fn is_survived(fault: &str) -> bool {
    let directory = with_session();
    let (call, _) = fault.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let ended = traced(&["-o", "/dev/null", "-e", &trace, "-e", &inject], "try-to-save", directory.path());
    ended.success() && is_whole(directory.path())
}

/// How often a save makes this call.
fn count_of(call: &str) -> usize {
    let directory = with_session();
    let log = directory.path().join("calls");
    let trace = format!("trace={call}");
    assert!(traced(&["-o", log.to_str().unwrap(), "-e", &trace], "try-to-save", directory.path()).success());
    fs::read_to_string(log).unwrap().lines().filter(|line| line.starts_with(&format!("{call}("))).count()
}

/// Whether system calls can be injected here; in some containers tracing is forbidden.
pub(crate) fn can_trace() -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}

/// For every error at every call: `AIG_AUTH_ERRORS=6`.
#[test]
fn an_error_at_any_system_call_of_a_save_leaves_a_whole_session_and_a_process_that_goes_on() {
    if !can_trace() {
        println!("errors at system calls: not run (strace is needed, and leave to trace)");
        return;
    }
    let (points, torn) = torn_by_errors(times("AIG_AUTH_ERRORS", 1) as usize);
    println!("errors at system calls: {} torn states or ended processes of {points} points", torn.len());
    assert!(points > 15 && torn.is_empty(), "{points} points: {torn:?}");
}

#[test]
fn a_kill_at_any_system_call_of_a_save_leaves_a_whole_session() {
    if !can_trace() {
        println!("kills at system calls: not run (strace is needed, and leave to trace)");
        return;
    }
    let calls = calls_of("save-once");
    for expected in ["openat", "flock", "write", "fsync", "rename", "close"] {
        assert!(calls.iter().any(|call| call.starts_with(expected)), "{expected} is not among {calls:?}");
    }
    let (points, torn) = torn_by_calls("save-once");
    println!("kills at system calls: {torn} torn states of {points} points");
    assert!(points > 20 && torn == 0);
    let (points, torn) = torn_by_calls("save-naively-once");
    println!("control, written in place: {torn} torn states of {points} points");
    assert!(torn > 0, "the control was not torn");
}
