//! Rules about the text of the sources.

use super::{
    Finding,
    tree::{File, Tree},
};

/// A text that product code may hold only in some places.
struct Restricted {
    text: &'static str,
    only_in: &'static [&'static str],
    why: &'static str,
}

const RESTRICTED: &[Restricted] = &[
    Restricted {
        text: "println!(",
        only_in: &["crates/aig-cli/src/printer", "xtask/"],
        why: "only the printer prints",
    },
    Restricted { text: "print!(", only_in: &["crates/aig-cli/src/printer", "xtask/"], why: "only the printer prints" },
    Restricted { text: "/api/v1", only_in: &["crates/aig-codegen/"], why: "paths of the API come from the operations" },
    Restricted { text: "\"/v1/", only_in: &["crates/aig-codegen/"], why: "paths of the API come from the operations" },
    Restricted { text: "todo!(", only_in: &[], why: "nothing is left undone" },
    Restricted { text: "unimplemented!(", only_in: &[], why: "nothing is left undone" },
    Restricted { text: "0.0.0.0", only_in: &[], why: "servers bind loopback only" },
];

/// Texts that no Rust file may hold, tests included.
const FORBIDDEN: &[(&str, &str)] = &[
    ("#[ignore", "a test that does not run shows nothing"),
    ("#[should_panic", "assert the error instead"),
    ("#[allow(", "say `#[expect(lint, reason = \"…\")]`: it goes away when it is no longer needed"),
];

/// The places where a rule about text is broken.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    // This file names what it forbids.
    if file.path == "xtask/src/tidy/sources.rs" {
        return Vec::new();
    }
    let mut findings = opening(file);
    findings.extend(RESTRICTED.iter().flat_map(|rule| restricted(file, rule)));
    for (text, why) in FORBIDDEN {
        findings.extend(
            lines_with(&file.text, text).map(|line| Finding::new(&file.path, line, format!("`{text}`: {why}"))),
        );
    }
    findings
}

fn opening(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.text.trim_start().starts_with("//!") && !file.text.starts_with("#![") {
        findings.push(Finding::new(&file.path, 1, "the file does not say in a first `//!` line what it knows"));
    }
    let is_library = file.path.starts_with("crates/") && file.path.ends_with("/src/lib.rs");
    if is_library && !file.text.contains("//! # Invariant") {
        findings.push(Finding::new(&file.path, 1, "the crate does not state its invariant (`//! # Invariant`)"));
    }
    findings
}

fn restricted(file: &File, rule: &Restricted) -> Vec<Finding> {
    if rule.only_in.iter().any(|place| file.path.starts_with(place)) {
        return Vec::new();
    }
    lines_with(file.product(), rule.text)
        .map(|line| Finding::new(&file.path, line, format!("`{}`: {}", rule.text, rule.why)))
        .collect()
}

fn lines_with<'a>(text: &'a str, wanted: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_prose = |line: &str| line.trim_start().starts_with("//");
    text.lines().enumerate().filter(move |(_, line)| !is_prose(line) && line.contains(wanted)).map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_what_it_forbids() {
        for (path, text) in [
            ("crates/aig-cache/src/key.rs", "fn a() {}\n"),
            ("crates/aig-cache/src/lib.rs", "//! A cache without a promise.\n"),
            ("crates/aig-platform/src/runs.rs", "//! Runs.\nfn a() { println!(\"x\"); }\n"),
            ("crates/aig-platform/src/runs.rs", "//! Runs.\nconst A: &str = \"/v1/runs\";\n"),
            ("crates/aig-sandbox/src/router.rs", "//! Router.\nconst A: &str = \"/api/v1\";\n"),
            ("crates/aig-cli/src/demo.rs", "//! Demo.\nfn a() { todo!() }\n"),
            ("tests/tests/demo.rs", "//! Demo.\n#[test]\n#[ignore]\nfn a() {}\n"),
        ] {
            assert_eq!(check_file(&File::new(path, text)).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn prose_and_test_modules_may_name_what_the_product_may_not() {
        let text =
            "//! Runs.\n// never \"/v1/runs\" by hand\n#[cfg(test)]\nmod tests { const A: &str = \"/v1/runs\"; }\n";
        assert_eq!(check_file(&File::new("crates/aig-platform/src/runs.rs", text)), []);
    }
}
