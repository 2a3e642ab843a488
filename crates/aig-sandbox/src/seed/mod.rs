//! What a sandbox begins with: users, applications, runs that are there already. Built in, or from a file.

mod document;
mod planting;

use std::{convert::Infallible, fmt, path::PathBuf, str::FromStr};

pub(crate) use document::SeedDocument;
pub(crate) use planting::plant;

use crate::SandboxError;

const DEMO: &str = include_str!("demo.toml");

/// What is there at the beginning.
///
/// ```
/// use aig_sandbox::Seed;
///
/// assert_eq!("demo".parse(), Ok(Seed::Demo));
/// assert_eq!("seeds/mine.toml".parse(), Ok(Seed::File("seeds/mine.toml".into())));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seed {
    /// Three users of two organizations, and the built-in applications. No runs.
    #[default]
    Empty,
    /// The same with a few runs that have ended in different ways.
    Demo,
    /// As a JSON or TOML document says: see `docs/sandbox.md`.
    File(PathBuf),
}

impl Seed {
    pub(crate) fn document(&self) -> Result<SeedDocument, SandboxError> {
        match self {
            Self::Empty => Ok(SeedDocument::default()),
            Self::Demo => SeedDocument::from_toml(DEMO).map_err(|message| wrong(PathBuf::from("demo"), message)),
            Self::File(path) => SeedDocument::open(path).map_err(|message| wrong(path.clone(), message)),
        }
    }
}

fn wrong(path: PathBuf, message: String) -> SandboxError {
    SandboxError::Seed { path, message }
}

impl FromStr for Seed {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "empty" => Self::Empty,
            "demo" => Self::Demo,
            path => Self::File(path.into()),
        })
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("empty"),
            Self::Demo => f.write_str("demo"),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
