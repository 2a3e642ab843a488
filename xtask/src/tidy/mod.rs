//! `cargo xtask tidy`: the rules of the workspace that a machine can check.

mod documents;
mod layers;
mod requirements;
mod shape;
mod sources;
mod tree;
mod wire;

use std::{fmt, path::Path};

use anyhow::{Result, bail};

use tree::Tree;

/// The document that the operations are generated from.
const DOCUMENT: &str = "crates/aig-codegen/openapi/aignostics-platform.json";

/// A place where a rule is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Checks every rule and prints the shape of the code.
///
/// # Errors
/// When a rule is broken; the findings are printed first.
pub(crate) fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let shape = shape::measure(&tree)?;
    println!("{}", shape.summary());
    let mut findings = layers::check(root)?;
    findings.extend(sources::check(&tree));
    findings.extend(wire::check(&tree, &std::fs::read_to_string(root.join(DOCUMENT))?)?);
    findings.extend(shape.findings());
    findings.extend(documents::check(&tree));
    findings.extend(requirements::check(&tree));
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} finding(s) in {} files", findings.len(), tree.files.len());
    }
    println!("tidy: {} files, no findings", tree.files.len());
    Ok(())
}
