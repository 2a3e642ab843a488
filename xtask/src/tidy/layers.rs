//! Who may depend on whom.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::Finding;

/// A crate and the crates of this workspace that it may be built on (dev-dependencies are free).
const LAYERS: &[(&str, &[&str])] = &[
    ("aig-auth", &[]),
    ("aig-auth-fuzz", &["aig-auth"]),
    ("aig-cache", &[]),
    ("aig-codegen", &[]),
    ("aig-platform", &["aig-auth", "aig-cache", "aig-codegen"]),
    ("aig-sandbox", &["aig-auth", "aig-codegen"]),
    ("aig-cli", &["aig-auth", "aig-cache", "aig-codegen", "aig-platform", "aig-sandbox"]),
    ("aig-tests", &["aig-auth", "aig-cache", "aig-codegen", "aig-platform", "aig-sandbox"]),
    ("xtask", &[]),
];

/// A dependency that only some crates may name, and why.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("reqwest", &["aig-auth", "aig-platform", "aig-sandbox", "xtask"], "HTTP clients are built in one place a crate"),
    ("oauth2", &["aig-auth"], "the OAuth protocol is aig-auth's"),
    ("jsonwebtoken", &["aig-auth"], "tokens are verified in aig-auth"),
    ("moka", &["aig-cache"], "caching is aig-cache's"),
    ("object_store", &["aig-platform"], "buckets are reached through aig-platform"),
    ("axum", &["aig-sandbox"], "the sandbox is the only server"),
    ("clap", &["aig-cli", "xtask"], "only the command lines parse arguments"),
    ("anyhow", &["aig-cli", "xtask"], "libraries have typed errors"),
];

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// The dependencies that break a layer.
pub(crate) fn check(root: &Path) -> Result<Vec<Finding>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    let metadata: Metadata = serde_json::from_slice(&output.stdout)?;
    Ok(broken(&metadata.packages))
}

fn broken(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let Some((_, below)) = LAYERS.iter().find(|(name, _)| *name == package.name) else {
            findings.push(finding(package, "is not in the table of layers (xtask/src/tidy/layers.rs)"));
            continue;
        };
        for dependency in package.dependencies.iter().filter(|dependency| dependency.kind.is_none()) {
            findings.extend(verdict(package, below, dependency));
        }
    }
    findings
}

fn verdict(package: &Package, below: &[&str], dependency: &Dependency) -> Option<Finding> {
    let name = dependency.name.as_str();
    if LAYERS.iter().any(|(layer, _)| *layer == name) && !below.contains(&name) {
        return Some(finding(package, &format!("must not depend on {name}")));
    }
    let (_, allowed, why) = RESERVED.iter().find(|(reserved, ..)| *reserved == name)?;
    (!allowed.contains(&package.name.as_str())).then(|| finding(package, &format!("must not depend on {name}: {why}")))
}

fn finding(package: &Package, message: &str) -> Finding {
    Finding::new("Cargo.toml", 1, format!("{} {message}", package.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, dependencies: &[(&str, Option<&str>)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|(name, kind)| Dependency { name: (*name).to_owned(), kind: kind.map(str::to_owned) })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    #[test]
    fn a_layer_that_reaches_sideways_or_up_is_found() {
        for (name, dependency) in [
            ("aig-auth", "aig-cache"),
            ("aig-sandbox", "aig-platform"),
            ("aig-codegen", "reqwest"),
            ("aig-cli", "reqwest"),
            ("aig-platform", "anyhow"),
        ] {
            let found = broken(&[package(name, &[(dependency, None)])]);
            assert_eq!(found.len(), 1, "{name} on {dependency}");
        }
    }

    #[test]
    fn what_the_design_allows_is_silent() {
        assert_eq!(broken(&[package("aig-platform", &[("aig-auth", None), ("reqwest", None)])]), []);
        assert_eq!(broken(&[package("aig-cache", &[("aig-auth", Some("dev"))])]), []);
    }

    #[test]
    fn a_crate_that_nobody_placed_is_found() {
        assert_eq!(broken(&[package("aig-surprise", &[])]).len(), 1);
    }
}
