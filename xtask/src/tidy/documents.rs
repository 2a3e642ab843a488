//! Rules about the documents: links lead somewhere, and numbers that stand twice agree.

use std::path::{Component, Path, PathBuf};

use super::{
    Finding,
    tree::{File, Tree},
};

/// The broken links and the numbers that disagree.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<_> = tree.markdown().flat_map(|file| broken_links(tree, file)).collect();
    findings.extend(toolchain(tree));
    findings
}

fn broken_links(tree: &Tree, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        for target in local_links(line) {
            if !exists(tree, &file.path, target) {
                findings.push(Finding::new(&file.path, at + 1, format!("the link to `{target}` leads nowhere")));
            }
        }
    }
    findings
}

fn local_links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target).filter(|target| {
        !target.contains("://") && !target.starts_with('#') && !target.contains(' ') && target.contains(['.', '/'])
    })
}

fn exists(tree: &Tree, from: &str, target: &str) -> bool {
    let target = target.split('#').next().unwrap_or(target);
    let path = normal(&Path::new(from).parent().unwrap_or(Path::new("")).join(target));
    let path = path.to_string_lossy();
    let prefix = format!("{}/", path.trim_end_matches('/'));
    tree.files.iter().any(|file| file.path == path || file.path.starts_with(&prefix))
        || Path::new(path.as_ref()).exists()
}

fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            other => normal.push(other),
        }
    }
    normal
}

/// `rust-version` is the toolchain that the tests run on: no older one is claimed.
fn toolchain(tree: &Tree) -> Option<Finding> {
    let value = |path: &str, key: &str| {
        let file = tree.files.iter().find(|file| file.path == path)?;
        let line = file.text.lines().find(|line| line.starts_with(key))?;
        line.split('"').nth(1).map(str::to_owned)
    };
    let pinned = value("rust-toolchain.toml", "channel")?;
    let stated = value("Cargo.toml", "rust-version")?;
    let message = format!("rust-version {stated} is not the pinned toolchain {pinned}");
    (!pinned.starts_with(&stated)).then(|| Finding::new("Cargo.toml", 1, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let files = vec![
            File::new("docs/a.md", "[b](b.md) [c](../README.md#top) [web](https://example.org/x.md) [gone](gone.md)"),
            File::new("docs/b.md", ""),
            File::new("README.md", ""),
        ];
        let found = check(&Tree { files });
        assert_eq!(found, [Finding::new("docs/a.md", 1, "the link to `gone.md` leads nowhere")]);
    }

    #[test]
    fn a_promised_version_that_nothing_tests_is_found() {
        let tree = |stated: &str| Tree {
            files: vec![
                File::new("rust-toolchain.toml", "channel = \"1.95.0\"\n"),
                File::new("Cargo.toml", &format!("rust-version = \"{stated}\"\n")),
            ],
        };
        assert_eq!(check(&tree("1.95")), []);
        assert_eq!(check(&tree("1.80")).len(), 1);
    }
}
