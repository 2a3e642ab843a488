//! What survives what: torn journals, damage, other people's directories, and death at any moment.

mod full_disk;
mod kill;

use std::path::Path;

use super::{home::sweep, *};
use crate::{SandboxBuilder, Seed, state::ShareToken};

fn head() -> Head {
    SandboxBuilder::default().head(&Seed::Empty.document().unwrap())
}

/// A journal with one share token a line.
fn journal_of(directory: &Path, lines: usize) -> Vec<u8> {
    let journal = Journal::begin(directory, &State::new(head()).entries()).unwrap();
    let ids = crate::ids::Ids::new(1, 0);
    for _ in 0..lines {
        let token = ShareToken {
            id: ids.next(),
            digest: [7; 32],
            created_by: "somebody".into(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: None,
            revoked: false,
        };
        journal.write(&[Entry::World(crate::state::Change::ShareToken(token))]).unwrap();
    }
    std::fs::read(directory.join("journal")).unwrap()
}

fn put(directory: &Path, bytes: &[u8]) {
    std::io::Write::write_all(&mut std::fs::File::create(directory.join("journal")).unwrap(), bytes).unwrap();
}

fn tokens(directory: &Path) -> Result<usize, KeepError> {
    State::read(directory).map(|state| state.unwrap().world.share_tokens().len())
}

#[test]
fn a_journal_that_is_cut_anywhere_gives_the_lines_before_the_cut() {
    let directory = tempfile::tempdir().unwrap();
    let whole = journal_of(directory.path(), 5);
    assert_eq!(tokens(directory.path()).unwrap(), 5);
    let ends: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] == b'\n').map(|at| at + 1).collect();
    let (title, head_and_clock) = (ends[0], 2);
    for cut in ends[head_and_clock]..=whole.len() {
        put(directory.path(), &whole[..cut]);
        let lines = ends.iter().filter(|end| **end <= cut && **end > title).count() - head_and_clock;
        assert_eq!(tokens(directory.path()).unwrap(), lines, "cut at {cut}");
    }
}

#[test]
fn a_changed_byte_is_damage_and_not_a_shorter_past() {
    let directory = tempfile::tempdir().unwrap();
    let whole = journal_of(directory.path(), 3);
    let body = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for at in (body..whole.len() - 1).step_by(97) {
        let mut changed = whole.clone();
        changed[at] ^= 0x10;
        put(directory.path(), &changed);
        assert!(tokens(directory.path()).is_err(), "byte {at}");
    }
}

#[test]
fn a_newer_format_and_something_else_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    put(directory.path(), b"aig-sandbox-state 7\n");
    assert!(matches!(State::read(directory.path()), Err(KeepError::Newer { found: 7, known: 1 })));
    put(directory.path(), b"a diary\n");
    assert!(matches!(State::read(directory.path()), Err(KeepError::Foreign(_))));
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir(other.path().join("photographs")).unwrap();
    assert!(matches!(Home::keep(other.path()), Err(KeepError::Foreign(name)) if name == "photographs"));
}

#[test]
fn a_directory_has_one_sandbox_at_a_time() {
    let directory = tempfile::tempdir().unwrap();
    let first = Home::keep(directory.path()).unwrap();
    assert!(matches!(Home::keep(directory.path()), Err(KeepError::InUse)));
    drop(first);
    assert!(Home::keep(directory.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn the_journal_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let home = Home::keep(&place.path().join("state")).unwrap();
    journal_of(home.root(), 1);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(home.root()), mode(&home.root().join("journal"))), (0o700, 0o600));
}

#[test]
fn what_dead_sandboxes_left_is_removed_and_what_lives_stays() {
    let place = tempfile::tempdir().unwrap();
    let alive = Home::temporary_in(place.path()).unwrap();
    let dead = Home::temporary_in(place.path()).unwrap();
    let left = dead.root().to_owned();
    dead.unlock();
    let foreign = place.path().join("aig-sandbox-of-somebody-else");
    std::fs::create_dir(&foreign).unwrap();
    sweep(place.path());
    assert!(!left.exists());
    assert!(alive.root().exists() && foreign.exists());
    std::mem::forget(dead);
}
