//! What is promised of the workspace as a whole, held against its manifests and its front page.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::{fs, path::Path};

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether the manifest names the dependency outside the tests.
fn depends(manifest: &str, dependency: &str) -> bool {
    let text = text(manifest);
    let product = text.split("[dev-dependencies]").next().unwrap();
    product.lines().any(|line| {
        let name = line.split(['.', ' ', '=']).next().unwrap();
        name == dependency
    })
}

#[test]
fn every_layer_is_a_crate_of_its_own() {
    for folder in [
        "crates/aig-auth",
        "crates/aig-codegen",
        "crates/aig-cache",
        "crates/aig-platform",
        "crates/aig-cli",
        "xtask",
        "tests",
    ] {
        let manifest = text(&format!("{folder}/Cargo.toml"));
        let name = folder.rsplit('/').next().unwrap();
        let expected = if name == "tests" { "aig-tests" } else { name };
        assert!(manifest.contains(&format!("name = \"{expected}\"")), "{folder}");
    }
    assert!(text("docs/ARCHITECTURE.md").contains("aig-platform"));
}

#[test]
fn every_library_is_used_where_it_fits() {
    let table = [
        ("reqwest", &["aig-auth", "aig-platform"][..], &["aig-cache", "aig-codegen", "aig-cli"][..]),
        ("tokio", &["aig-auth", "aig-platform", "aig-cli"], &["aig-codegen"]),
        ("serde", &["aig-auth", "aig-platform"], &[]),
        ("oauth2", &["aig-auth"], &["aig-platform", "aig-cli"]),
        ("jsonwebtoken", &["aig-auth"], &["aig-platform", "aig-cli"]),
        ("crc32c", &["aig-platform"], &["aig-auth", "aig-cache", "aig-codegen"]),
        ("async-trait", &["aig-auth", "aig-cache", "aig-platform"], &[]),
        ("moka", &["aig-cache"], &["aig-auth", "aig-platform", "aig-cli"]),
        ("tempfile", &["aig-auth", "aig-platform"], &["aig-codegen"]),
    ];
    for (dependency, here, not_here) in table {
        let manifest = |name: &&str| format!("crates/{name}/Cargo.toml");
        for name in here {
            assert!(depends(&manifest(name), dependency), "{name} does not use {dependency}");
        }
        for name in not_here {
            assert!(!depends(&manifest(name), dependency), "{name} uses {dependency}");
        }
    }
    assert!(text("crates/aig-auth/Cargo.toml").contains("wiremock"), "aig-auth is tested against servers of wiremock");
}

/// Both are run by the tests: the first is `demo.rs`, the second is what runs this.
#[test]
fn the_front_page_begins_with_two_commands() {
    let page = text("README.md");
    let block = page.split("```console\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let commands: Vec<_> = block.lines().map(|line| line.trim_start_matches("$ ")).collect();
    assert_eq!(commands, ["cargo run --release -p aig-cli -- demo", "cargo xtask test"]);
}
