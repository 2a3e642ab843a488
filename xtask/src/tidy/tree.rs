//! The files that git tracks or would track, read once.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};

/// Every text file of the workspace that the rules look at.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<File>,
}

/// One file: its path relative to the workspace, with forward slashes, and its text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Tree {
    /// Reads the Rust sources, the documents and the manifests below `root`.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let listed = Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard", "*.rs", "*.md", "*.toml"])
            .current_dir(root)
            .output()
            .context("cannot run git")?;
        ensure!(listed.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&listed.stderr).trim());
        let mut files = Vec::new();
        for path in String::from_utf8(listed.stdout)?.lines() {
            // A file that was deleted but not yet committed is still listed.
            if let Ok(text) = std::fs::read_to_string(root.join(path)) {
                files.push(File { path: path.to_owned(), text });
            }
        }
        Ok(Self { files })
    }

    /// The Rust files that are written by hand.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs") && !file.is_generated())
    }

    /// The Markdown files.
    pub(crate) fn markdown(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".md"))
    }
}

impl File {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Whether it is code that a generator wrote, or a generator's expected output.
    pub(crate) fn is_generated(&self) -> bool {
        ["/generated/", "/tests/documents/"].iter().any(|part| self.path.contains(part))
    }

    /// Whether the whole file is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || ["/tests/", "/tests.rs", "/examples/", "/benches/"].iter().any(|part| self.path.contains(part))
    }

    /// The part that users run: everything above the first test module.
    pub(crate) fn product(&self) -> &str {
        if self.is_test() {
            return "";
        }
        self.text.find("#[cfg(test)]\nmod ").map_or(self.text.as_str(), |end| &self.text[..end])
    }
}
