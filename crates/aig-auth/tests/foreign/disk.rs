//! A disk that does not do what it should: a fresh token, and one warning (C7).

use std::{fs, path::Path};

use crate::{
    all_logs::{canary, logged},
    api_key::Bench,
    support::{requests, token},
};

/// The warnings that name something below `directory`.
fn warnings(directory: &Path) -> Vec<String> {
    let (log, directory) = (logged(), directory.display().to_string());
    let ours = log.lines().filter(|line| line.contains(" WARN ") && line.contains(&directory));
    ours.map(str::to_owned).collect()
}

/// A process gets a fresh token, with one warning, and keeps it.
async fn goes_on(bench: &Bench, what: &str) -> String {
    logged();
    let (provider, before) = (bench.process(), requests(&bench.server).await);
    let first = token(&provider).await.unwrap();
    assert_eq!(token(&provider).await.unwrap(), first, "{what}");
    assert_eq!(requests(&bench.server).await, before + 1, "{what}");
    let warnings = warnings(bench.directory.path());
    assert_eq!(warnings.len(), 1, "{what}: {warnings:#?}");
    first
}

#[tokio::test]
async fn a_damaged_entry_is_a_miss_and_is_replaced() {
    for (what, bytes) in [
        ("empty", b"".as_slice()),
        ("no JSON", b"stored-canary"),
        ("cut", br#"{"version":1,"session":{"access_token":"stored-canary"#),
        ("of another version", br#"{"version":99,"session":{"access_token":"stored-canary"}}"#),
        ("not text", b"\xff\xfe\x00"),
        ("without a token", br#"{"version":1,"session":{"access_token":"","obtained_at":"2026-01-01T00:00:00Z"}}"#),
    ] {
        let bench = Bench::new().await;
        token(&bench.process()).await.unwrap();
        fs::copy(written(bytes).path(), bench.entry()).unwrap();
        let fresh = goes_on(&bench, what).await;
        assert_eq!(token(&bench.process()).await.unwrap(), fresh, "{what}: the entry is whole again");
        assert!(!logged().contains(canary::STORED), "{what}");
    }
}

fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, bytes).unwrap();
    file
}

#[tokio::test]
async fn a_place_that_cannot_be_written_costs_one_warning_and_nothing_else() {
    let bench = Bench::new().await;
    fs::copy(written(b"a file where the directory should be").path(), bench.directory.path().join("cache")).unwrap();
    goes_on(&bench, "no directory").await;
}

#[tokio::test]
async fn a_directory_in_the_place_of_the_entry_is_left_alone() {
    let bench = Bench::new().await;
    fs::create_dir_all(bench.entry()).unwrap();
    let (provider, other) = (bench.process(), bench.process());
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    assert_eq!(token(&other).await.unwrap(), "token-2");
    assert!(bench.entry().is_dir());
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_place_of_the_entry_is_neither_read_nor_written_through() {
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    let victim = bench.directory.path().join("victim");
    fs::rename(bench.entry(), &victim).unwrap();
    let before = fs::read(&victim).unwrap();
    std::os::unix::fs::symlink(&victim, bench.entry()).unwrap();
    assert_eq!(token(&bench.process()).await.unwrap(), "token-2");
    assert_eq!(fs::read(&victim).unwrap(), before);
    assert!(bench.entry().symlink_metadata().unwrap().is_file());
}

#[cfg(unix)]
#[tokio::test]
async fn an_entry_that_others_can_read_is_tightened() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new().await;
    token(&bench.process()).await.unwrap();
    fs::set_permissions(bench.entry(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(token(&bench.process()).await.unwrap(), "token-1");
    assert_eq!(bench.entry().metadata().unwrap().permissions().mode() & 0o777, 0o600);
}
