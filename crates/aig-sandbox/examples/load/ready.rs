//! What it takes until a sandbox is ready, each time in a process of its own: empty, with the demo's runs, with much that was kept.

use std::{
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use aig_sandbox::{Sandbox, SandboxBuilder, SandboxError, Seed};

use crate::now;

/// The best of so many counts.
const ROUNDS: usize = 5;
/// Of two items with three results each: 12,000 objects, beside the pictures of slides.
const RUNS: usize = 2_000;
/// Its thread makes the key of the sign-in; nobody waits for it until the first token.
const KEY_THREAD: &str = "testkit-key";

/// Prints what each of them takes.
pub(crate) fn all(out: &mut impl io::Write) -> Result<(), Box<dyn std::error::Error>> {
    let place = tempfile::tempdir()?;
    let seed = place.path().join("seed.toml");
    io::Write::write_all(&mut fs::File::create(&seed)?, document().as_bytes())?;
    let kept = place.path().join("kept");
    best(1, &[Path::new("empty")])?;
    for (what, rounds, arguments) in [
        ("empty", ROUNDS, vec![PathBuf::from("empty")]),
        ("the demo's runs", ROUNDS, vec![PathBuf::from("demo")]),
        ("2,000 runs planted", 1, vec![seed.clone(), kept.clone()]),
        ("2,000 runs resumed", ROUNDS, vec![seed, kept]),
    ] {
        let (processor, wall) = best(rounds, &arguments)?;
        writeln!(out, "{what:<20} ready after {wall:>7.1} ms, {processor:>7.1} ms of processor time")?;
    }
    Ok(())
}

fn document() -> String {
    let mut document = "version = 1\n".to_owned();
    for run in 0..RUNS {
        let items = format!("[{{ external_id = \"a{run}.tiff\" }}, {{ external_id = \"b{run}.tiff\" }}]");
        _ = write!(document, "[[runs]]\napplication = \"test-app\"\nage = \"{}d\"\nitems = {items}\n", run % 20);
    }
    document
}

/// Processor time and time on the wall, in milliseconds.
fn best(rounds: usize, arguments: &[impl AsRef<std::ffi::OsStr>]) -> io::Result<(f64, f64)> {
    let (mut processor, mut wall) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..rounds {
        let child = Command::new(std::env::current_exe()?).arg("once").args(arguments).output()?;
        let said = String::from_utf8_lossy(&child.stdout).into_owned();
        let mut figures = said.split_whitespace().map_while(|figure| figure.parse::<f64>().ok());
        let (Some(first), Some(second)) = (figures.next(), figures.next()) else {
            return Err(io::Error::other(String::from_utf8_lossy(&child.stderr).into_owned()));
        };
        (processor, wall) = (processor.min(first), wall.min(second));
    }
    Ok((processor, wall))
}

/// One sandbox of this seed, kept where a directory is named; prints its two figures.
pub(crate) async fn once(seed: &str, directory: Option<PathBuf>) -> Result<(), SandboxError> {
    let seeded = Sandbox::builder().seeded_with(seed.parse().unwrap_or(Seed::Empty));
    let asked = directory.into_iter().fold(seeded, SandboxBuilder::persist);
    let (begun, before) = (now(), processor());
    let sandbox = asked.start().await?;
    let (wall, processor) = (begun.elapsed(), processor().saturating_sub(before));
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    _ = writeln!(io::stdout(), "{} {}", milliseconds(processor), milliseconds(wall));
    sandbox.shutdown().await;
    Ok(())
}

/// Of all threads but the key's; nothing where the system does not tell.
fn processor() -> Duration {
    let Ok(threads) = fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let spent = |thread: PathBuf| {
        let is_counted = !fs::read_to_string(thread.join("comm")).ok()?.starts_with(KEY_THREAD);
        let spent = fs::read_to_string(thread.join("schedstat")).ok()?.split_whitespace().next()?.parse().ok()?;
        is_counted.then_some(Duration::from_nanos(spent))
    };
    threads.flatten().filter_map(|thread| spent(thread.path())).sum()
}
