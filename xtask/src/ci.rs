//! `cargo xtask ci`: what the continuous integration runs, in its order, the same on a laptop.

use std::path::Path;

use anyhow::Result;

use crate::{
    advisories, codegen,
    command::{cargo, has_cargo_subcommand, run},
    test, tidy,
};

/// Runs every check; the tests come last, so that their summary closes the output.
///
/// # Errors
/// The first check that fails.
pub(crate) fn all(root: &Path) -> Result<()> {
    run(cargo(root).args(["fmt", "--all", "--check"]))?;
    tidy::run(root)?;
    codegen::check(root)?;
    run(cargo(root).args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))?;
    features(root)?;
    run(cargo(root).args(["build", "--package", "aig-auth-fuzz", "--bins", "--quiet"]))?;
    run(cargo(root).args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    dependencies(root)?;
    test::all(root, &[])
}

/// `aig-auth` must build in its smallest form, and with each feature that others stand on.
fn features(root: &Path) -> Result<()> {
    let alone = ["clippy", "--package", "aig-auth", "--no-default-features", "--quiet"];
    for features in ["", "http", "jwt", "oauth"] {
        run(cargo(root).args(alone).args(["--features", features, "--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Licences, bans, sources and advisories.
fn dependencies(root: &Path) -> Result<()> {
    if !has_cargo_subcommand(root, "deny") {
        eprintln!("cargo-deny is not installed: licences, bans, sources and advisories are not checked");
        return Ok(());
    }
    // The crates of every platform and feature, which no build here has asked for yet.
    run(cargo(root).args(["fetch", "--locked", "--quiet"]))?;
    run(cargo(root).args(["deny", "--offline", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    advisories::check(root)
}
