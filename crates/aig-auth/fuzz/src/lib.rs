//! One target, two programs: a fuzzer in a fuzzing build, and elsewhere a replay of inputs from files.
//!
//! # Invariant
//! This crate knows how bytes get to a target; it never knows what a target does with them.

use std::{env, fs, io, path::PathBuf};

/// The program around a target.
#[macro_export]
macro_rules! target {
    ($read:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $read(bytes));

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            $crate::replay($read)
        }
    };
}

/// Feeds every file that is named on the command line, or that is in a directory named there, to `read`.
///
/// # Errors
/// When one cannot be read.
pub fn replay(read: fn(&[u8])) -> io::Result<()> {
    for path in env::args_os().skip(1).map(PathBuf::from) {
        for file in files(path)? {
            read(&fs::read(file)?);
        }
    }
    Ok(())
}

fn files(path: PathBuf) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path]);
    }
    fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect()
}
