//! The session file among wrong permissions, links, and disks that fail.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use aig_auth::{
    session::{Record, SessionStore as _},
    testkit::{AuthorizationServer, GrantType},
};

use crate::{
    child::session,
    world::{command, said, store_in, with_job},
};

fn save(directory: &Path) -> Result<(), aig_auth::session::StoreError> {
    store_in(directory).begin(Duration::from_secs(1))?.write(Record::default().with_session(session(1)))
}

fn has_session(directory: &Path) -> bool {
    store_in(directory).load().unwrap().session.is_some()
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A directory with a session in it, and the session's file.
fn saved() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    save(directory.path()).unwrap();
    let path = store_in(directory.path()).path().to_owned();
    (directory, path)
}

#[test]
fn files_are_the_owner_s_alone_even_under_an_open_umask() {
    let directory = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 000; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    with_job(&mut shell, "save-once", directory.path(), "http://127.0.0.1:1");
    assert!(shell.status().unwrap().success());
    let path = store_in(directory.path()).path().to_owned();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("lock")), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
}

#[test]
fn what_others_could_read_is_tightened() {
    let (directory, path) = saved();
    set_mode(&path, 0o644);
    set_mode(path.parent().unwrap(), 0o777);
    assert!(has_session(directory.path()));
    save(directory.path()).unwrap();
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn a_link_in_place_of_the_file_is_neither_read_nor_written_through() {
    let (directory, path) = saved();
    let victim = directory.path().join("victim");
    fs::rename(&path, &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    symlink(&victim, &path).unwrap();
    assert!(!has_session(directory.path()), "not followed");
    save(directory.path()).unwrap();
    assert!(fs::symlink_metadata(&path).unwrap().is_file(), "replaced");
    assert_eq!(fs::read(&victim).unwrap(), before);
}

#[test]
fn a_hard_link_is_parted_from_its_other_name() {
    let (directory, path) = saved();
    let victim = directory.path().join("victim");
    fs::hard_link(&path, &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    store_in(directory.path())
        .begin(Duration::ZERO)
        .unwrap()
        .write(Record::default().with_session(session(2)))
        .unwrap();
    assert_eq!(fs::read(&victim).unwrap(), before);
}

#[test]
fn a_pipe_in_place_of_the_file_blocks_nobody() {
    let (directory, path) = saved();
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(!has_session(directory.path()));
    save(directory.path()).unwrap();
    assert!(has_session(directory.path()));
}

#[test]
fn a_directory_in_place_of_the_file_is_an_error_that_names_it() {
    let (directory, path) = saved();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(!has_session(directory.path()));
    let error = save(directory.path()).unwrap_err().to_string();
    assert!(error.contains(path.to_str().unwrap()), "{error}");
    assert!(!error.contains(crate::all_logs::canary::ACCESS_TOKEN), "{error}");
}

#[test]
fn somebody_else_s_file_is_not_believed() {
    let (directory, path) = saved();
    if std::os::unix::fs::chown(&path, Some(54_321), None).is_err() {
        println!("a foreign file: not run (only root can make one)");
        return;
    }
    assert!(!has_session(directory.path()));
}

#[test]
fn ten_megabytes_are_no_session() {
    let (directory, path) = saved();
    fs::File::options().append(true).open(&path).unwrap().set_len(10_000_000).unwrap();
    assert!(!has_session(directory.path()));
}

#[test]
fn readers_never_miss_the_session_while_another_process_writes() {
    let (directory, _) = saved();
    let mut writer = command("save", directory.path(), "http://127.0.0.1:1").spawn().unwrap();
    let misses = (0..3_000).filter(|_| !has_session(directory.path())).count();
    writer.kill().unwrap();
    writer.wait().unwrap();
    assert_eq!(misses, 0);
}

#[test]
fn a_lock_that_stays_taken_is_named_when_the_wait_is_over() {
    let (directory, path) = saved();
    let store = store_in(directory.path());
    let held = store.begin(Duration::ZERO).unwrap();
    let error = store.begin(Duration::from_millis(50)).unwrap_err();
    assert!(error.is_busy() && error.to_string().contains(path.with_extension("lock").to_str().unwrap()), "{error}");
    drop(held);
    store.begin(Duration::ZERO).unwrap();
    assert!(path.with_extension("lock").exists(), "never removed");
}

/// How a process with an expired session fares on a disk that fails: the token it got, and the stored one.
async fn on_a_failing_disk(shell: &str) -> (String, String, AuthorizationServer) {
    let server = AuthorizationServer::builder().serve().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    crate::stampede::expired_session(&server, directory.path()).await;
    let mut failing = Command::new("sh");
    failing.args(["-c", shell]).arg(std::env::current_exe().unwrap());
    with_job(&mut failing, "token", directory.path(), &server.base_url());
    let output = tokio::task::spawn_blocking(move || failing.output().unwrap()).await.unwrap();
    let stored = store_in(directory.path()).load().unwrap().session.unwrap();
    (said(&output), stored.access_token.expose().to_owned(), server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_command_fails_because_a_session_cannot_be_saved() {
    const STRACE: &str = "exec strace -f -o /dev/null -e trace";
    const RUN: &str = "\"$0\" \"$@\"";
    let faults = [
        (format!("trap '' XFSZ; ulimit -f 0; exec {RUN}"), "not saved"),
        (format!("{STRACE}=fsync -e inject=fsync:error=EIO {RUN}"), "not saved"),
        (format!("{STRACE}=/^rename -e inject=/^rename:error=EACCES {RUN}"), "not saved"),
        // Without locks it is saved all the same.
        (format!("{STRACE}=flock -e inject=flock:error=ENOLCK {RUN}"), "saved"),
        (format!("{STRACE}=flock -e inject=flock:error=ENOSYS {RUN}"), "saved"),
    ];
    for (fault, expected) in &faults {
        if fault.contains("strace") && !crate::kills::can_trace() {
            println!("{fault}: not run (tracing is not possible here)");
            continue;
        }
        let (token, stored, server) = on_a_failing_disk(fault).await;
        assert!(!token.contains(' '), "{fault}: {token}");
        let outcome = if stored == token { "saved" } else { "not saved" };
        assert_eq!(outcome, *expected, "{fault}: what was there is still whole, and the fault struck");
        assert_eq!(server.token_requests(GrantType::RefreshToken), 1, "{fault}");
    }
}
