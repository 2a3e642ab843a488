//! The test binary run once more with everything logged at the finest level: no secret may be in what comes of it.
//!
//! Included by every test binary of this crate. The secrets of the tests are those of [`canary`], or were made by a
//! random source and look like it.

pub(crate) mod canary;
mod search;

use std::{
    collections::BTreeSet,
    fs::File,
    io,
    path::Path,
    process::{Command, Output, Stdio},
    sync::{Arc, LazyLock, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

/// Names the file that a test process appends what it logs to. Processes that tests start inherit it.
pub(crate) const FILE: &str = "AIG_AUTH_TEST_LOG";
/// Set by the control: the process shows secrets.
const LEAK: &str = "AIG_AUTH_TEST_LEAK";

/// What this process logs at any level, also by way of the `log` crate, from the first use on.
static LOG: LazyLock<Log> = LazyLock::new(|| {
    let file = variable(FILE).map(|path| File::options().create(true).append(true).open(path).unwrap());
    let log = Log(Arc::new(Mutex::new(Kept { text: Vec::new(), file })));
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
    tracing_subscriber::util::SubscriberInitExt::init(subscriber.with_writer(log.clone()).finish());
    log
});

#[derive(Clone)]
struct Log(Arc<Mutex<Kept>>);

struct Kept {
    text: Vec<u8>,
    file: Option<File>,
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap();
        if let Some(file) = &mut kept.file {
            io::Write::write_all(file, bytes)?;
        }
        kept.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that was logged since the first call of this, or since [`begin`].
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.0.lock().unwrap().text).into_owned()
}

/// Logs into the file, if one is named.
pub(crate) fn begin() {
    if variable(FILE).is_some() {
        logged();
    }
}

#[expect(clippy::disallowed_methods, reason = "a process of the test is told what to do by its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// This test binary again, logging into `file`. The first two tests are this module's, and a third one begins when one
/// of them has ended, so nothing is missed.
fn run_again(filters: &[&str], file: &Path) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--test-threads=2", "--nocapture"]).args(filters).env(FILE, file).stdin(Stdio::null());
    // Heavy rounds add nothing new to the log.
    for name in ["AIG_AUTH_KILLS", "AIG_AUTH_STAMPEDE_ROUNDS"] {
        command.env(name, "1");
    }
    command.env("PROPTEST_CASES", "8").output().unwrap()
}

/// What a run showed: the log, and what the tests printed, with whatever panicked.
fn shown(output: Output, file: &Path) -> String {
    let mut shown = std::fs::read(file).unwrap();
    shown.extend(output.stdout);
    shown.extend(output.stderr);
    String::from_utf8_lossy(&shown).into_owned()
}

#[test]
fn hold_no_secret_of_any_test() {
    begin();
    if variable(FILE).is_some() {
        return leak_if_told();
    }
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log");
    let output = run_again(&["--skip", "kills::"], &file);
    let passed = output.status.success();
    let shown = shown(output, &file);
    assert!(passed, "the tests fail when everything is logged:\n{}", &shown[shown.len().saturating_sub(4_000)..]);
    assert!(shown.contains("TRACE") && shown.contains(" ok\n"), "nothing was logged");
    let hits = search::hits(&shown);
    println!("everything logged by this test binary: {} hits in {} KiB", hits.len(), shown.len() / 1024);
    assert!(hits.is_empty(), "{hits:#?}");
}

fn leak_if_told() {
    tracing::trace!("logging begins");
    if variable(LEAK).is_some() {
        let leaks: BTreeSet<_> = search::leaks().collect();
        leaks.iter().for_each(|leak| tracing::trace!(leak, "deep down"));
    }
}

#[test]
fn that_hold_secrets_are_found_out() {
    begin();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("log");
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg("hold_no_secret_of_any_test").env(FILE, &file).env(LEAK, "1");
    let shown = shown(command.output().unwrap(), &file);
    let leaks: BTreeSet<_> = search::leaks().collect();
    let missed: Vec<_> = leaks.iter().filter(|leak| search::hits(leak).is_empty()).collect();
    assert!(missed.is_empty(), "not found: {missed:?}");
    assert!(
        search::hits(&shown).len() >= leaks.len(),
        "the control: {} of {}",
        search::hits(&shown).len(),
        leaks.len()
    );
}
