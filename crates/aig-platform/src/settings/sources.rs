//! Where values come from, the strongest first.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::settings::{
    EnvironmentName, Variables,
    problem::Problem,
    profile::{self, ProfileFile},
};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Given by the program or on its command line.
    Override,
    /// The environment of the process.
    Process,
    /// A `.env` file of the current directory, read because the user asked for it.
    DotEnv(PathBuf),
    /// The user's file of variables.
    EnvFile(PathBuf),
    /// A profile of the configuration file.
    Profile(String),
    /// The table of known environments.
    Environment(EnvironmentName),
    /// Built in.
    Default,
    /// Not set, and there is no default.
    Unset,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Override => f.write_str("command line"),
            Self::Process => f.write_str("environment"),
            Self::DotEnv(path) | Self::EnvFile(path) => write!(f, "{}", path.display()),
            Self::Profile(name) => write!(f, "profile {name:?}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Default => f.write_str("default"),
            Self::Unset => f.write_str("not set"),
        }
    }
}

/// The layers that settings are read from: overrides, environment, a `.env` file where asked for, the user's file of
/// variables, a profile. The first that has a value gives it.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    variables: Variables,
    overrides: Variables,
    dot_env: Option<PathBuf>,
    env_file: Option<PathBuf>,
    config_file: Option<PathBuf>,
    profile: Option<String>,
    home: Option<PathBuf>,
}

impl Sources {
    /// The environment of this process, and the files of its user.
    pub fn from_process() -> Self {
        let config = etcetera::choose_base_strategy()
            .ok()
            .map(|strategy| etcetera::BaseStrategy::config_dir(&strategy).join("aignostics").join("config.toml"));
        Self { config_file: config, home: etcetera::home_dir().ok(), ..Self::new(Variables::from_process()) }
    }

    /// These variables, and no file but the one that `AIGNOSTICS_ENV_FILE` names.
    pub fn new(variables: Variables) -> Self {
        Self { variables, ..Self::default() }
    }

    /// Values that beat all others: those of the command line.
    #[must_use]
    pub fn overrides<N: Into<String>, V: Into<String>>(mut self, pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        self.overrides = pairs.into_iter().collect();
        self
    }

    /// Reads the file of variables at `path` instead of the user's own.
    #[must_use]
    pub fn env_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.env_file = Some(path.into());
        self
    }

    /// Reads a `.env` file that travels with a project. Only when the user asks for it: it can send the user's refresh
    /// token to another server.
    #[must_use]
    pub fn dot_env(mut self, path: impl Into<PathBuf>) -> Self {
        self.dot_env = Some(path.into());
        self
    }

    /// Reads profiles from `path` instead of the configuration directory of the user.
    #[must_use]
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Chooses a profile by name.
    #[must_use]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    pub(crate) fn variables(&self) -> &Variables {
        &self.variables
    }

    pub(crate) fn resolve(self) -> Resolved {
        let mut resolved = Resolved { layers: Vec::new(), problems: Vec::new() };
        let env_file = self.env_file_path();
        let profile = self.profile.clone().or_else(|| self.variables.get("AIGNOSTICS_PROFILE").map(str::to_owned));
        resolved.push(Origin::Override, self.overrides);
        resolved.push(Origin::Process, self.variables);
        if let Some(path) = self.dot_env {
            resolved.push_file(Origin::DotEnv(path.clone()), &path, MissingFile::Refused);
        }
        if let Some((path, missing)) = env_file {
            resolved.push_file(Origin::EnvFile(path.clone()), &path, missing);
        }
        if let Some(path) = self.config_file {
            resolved.push_profile(&path, profile.as_deref());
        } else if let Some(name) = profile {
            resolved.refuse(
                "AIGNOSTICS_PROFILE",
                Origin::Override,
                format!("there is no file with a profile {name:?}"),
            );
        }
        resolved
    }

    /// A file that was named must be there; the user's own may be missing.
    fn env_file_path(&self) -> Option<(PathBuf, MissingFile)> {
        let named = self.env_file.clone();
        let named = named.or_else(|| self.variables.get("AIGNOSTICS_ENV_FILE").map(PathBuf::from));
        let own = || self.home.as_ref().map(|home| (home.join(".aignostics").join(".env"), MissingFile::Fine));
        named.map(|path| (path, MissingFile::Refused)).or_else(own)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum MissingFile {
    Fine,
    Refused,
}

/// The layers in order, and what was wrong with reading them.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) layers: Vec<(Origin, Variables)>,
    pub(crate) problems: Vec<Problem>,
}

impl Resolved {
    pub(crate) fn lookup(&self, name: &str) -> Option<(&str, &Origin)> {
        self.layers.iter().find_map(|(origin, values)| Some((values.get(name)?, origin)))
    }

    fn push(&mut self, origin: Origin, values: Variables) {
        self.layers.push((origin, values));
    }

    fn refuse(&mut self, variable: &str, origin: Origin, message: String) {
        self.problems.push(Problem::new(variable, origin, message));
    }

    fn push_file(&mut self, origin: Origin, path: &Path, missing: MissingFile) {
        match read_env_file(path) {
            Ok(values) => self.push(origin, values),
            Err(dotenvy::Error::Io(error))
                if error.kind() == std::io::ErrorKind::NotFound && missing == MissingFile::Fine => {}
            // The text of a parse error quotes the line, and the line may hold a secret.
            Err(dotenvy::Error::Io(error)) => {
                self.refuse("AIGNOSTICS_ENV_FILE", origin, format!("cannot be read: {error}"));
            }
            Err(_) => self.refuse("AIGNOSTICS_ENV_FILE", origin, "has a line that is not NAME=VALUE".to_owned()),
        }
    }

    fn push_profile(&mut self, path: &Path, name: Option<&str>) {
        match profile::read(path, name) {
            ProfileFile::Absent if name.is_none() => {}
            ProfileFile::Absent => {
                let message = format!("the configuration file {} is missing", path.display());
                self.refuse("AIGNOSTICS_PROFILE", Origin::EnvFile(path.to_owned()), message);
            }
            ProfileFile::Wrong(message) => {
                self.refuse("AIGNOSTICS_PROFILE", Origin::EnvFile(path.to_owned()), message);
            }
            ProfileFile::Chosen(Some((name, values))) => self.push(Origin::Profile(name), values),
            ProfileFile::Chosen(None) => {}
        }
    }
}

fn read_env_file(path: &Path) -> Result<Variables, dotenvy::Error> {
    dotenvy::from_path_iter(path)?.collect()
}
