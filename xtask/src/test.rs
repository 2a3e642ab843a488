//! `cargo xtask test`: every test of the workspace.

use std::path::Path;

use anyhow::Result;

use crate::{
    chromium,
    command::{cargo, has_cargo_subcommand, run},
};

/// Runs the doc tests, then all others with nextest where it is installed, else with `cargo test`.
///
/// `filters` are handed to the test runner; with any, the doc tests are left out.
///
/// # Errors
/// When a test fails or does not compile.
pub(crate) fn all(root: &Path, filters: &[String]) -> Result<()> {
    chromium::provide();
    // Tests that start the binary find it beside themselves, so it must be of this build.
    run(cargo(root).args(["build", "--package", "aig-cli"]))?;
    if filters.is_empty() {
        run(cargo(root).args(["test", "--workspace", "--doc", "--quiet"]))?;
    }
    if has_cargo_subcommand(root, "nextest") {
        return run(cargo(root).args(["nextest", "run", "--workspace", "--no-fail-fast"]).args(filters));
    }
    run(cargo(root).args(["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast", "--"]).args(filters))
}
