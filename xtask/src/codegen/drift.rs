//! Knows how generated files are published, and how those on disk differ from what they should be.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use similar::TextDiff;

use super::emit::{Files, MARK};

/// Writes what has changed and removes generated files that are no longer wanted. Returns what was touched.
///
/// # Errors
/// When a file there was not generated, or cannot be written.
pub(crate) fn publish(directory: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    let mut touched = Vec::new();
    for (name, text) in files {
        let path = directory.join(name);
        match read(&path)? {
            Some(present) if present == *text => continue,
            Some(present) if !present.starts_with(MARK) => {
                bail!("{} was not generated; move it away or name another directory", path.display())
            }
            _ => write(&path, text)?,
        }
        touched.push(path);
    }
    for path in strays(directory, files)? {
        fs::remove_file(&path)?;
        touched.push(path);
    }
    Ok(touched)
}

/// The difference between what is there and what should be; empty when there is none.
///
/// # Errors
/// When a file cannot be read.
pub(crate) fn difference(directory: &Path, files: &Files) -> Result<String> {
    let mut difference = String::new();
    for (name, wanted) in files {
        let path = directory.join(name);
        let present = read(&path)?.unwrap_or_default();
        if present != *wanted {
            let shown = path.display().to_string();
            let diff = TextDiff::from_lines(present.as_str(), wanted.as_str());
            difference.push_str(&diff.unified_diff().header(&shown, &format!("{shown} (generated)")).to_string());
        }
    }
    for path in strays(directory, files)? {
        difference.push_str(&format!("--- {} is generated no longer\n", path.display()));
    }
    Ok(difference)
}

/// Generated files that nothing generates.
fn strays(directory: &Path, files: &Files) -> Result<Vec<PathBuf>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut strays = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let is_wanted = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| files.contains_key(name));
        let is_rust = path.extension().is_some_and(|extension| extension == "rs");
        if is_rust && !is_wanted && read(&path)?.is_some_and(|text| text.starts_with(MARK)) {
            strays.push(path);
        }
    }
    strays.sort();
    Ok(strays)
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a file whole, so that a reader never sees half of it.
fn write(path: &Path, text: &str) -> Result<()> {
    let part = path.with_extension("rs.part");
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(&part)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&part, path)
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}
