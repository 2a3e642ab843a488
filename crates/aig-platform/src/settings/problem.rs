//! What is wrong with a configuration: everything, at once.

use std::fmt;

use crate::{Error, ErrorKind, settings::Origin};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The variable.
    pub variable: String,
    /// Where its value came from.
    pub origin: Origin,
    /// What is wrong with it. Never the value of a secret.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(variable: &str, origin: Origin, message: String) -> Self {
        Self { variable: variable.to_owned(), origin, message }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.variable, self.origin, self.message)
    }
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError(Vec<Problem>);

impl SettingsError {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self(problems)
    }

    /// Everything that is wrong.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used")?;
        self.0.iter().try_for_each(|problem| write!(f, "; {problem}"))
    }
}

impl std::error::Error for SettingsError {}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        Self::new(ErrorKind::Configuration, error.to_string())
            .with_hint("correct the variables that are named")
            .with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn an_error_of_the_client_still_knows_every_problem() {
        let problem = Problem::new("AIGNOSTICS_RUN_TIMEOUT", Origin::Unset, "must be a number".to_owned());
        let error = Error::from(SettingsError::new(vec![problem.clone()]));
        let settings = error.source().and_then(|source| source.downcast_ref::<SettingsError>()).unwrap();
        assert_eq!((error.kind(), settings.problems()), (ErrorKind::Configuration, [problem].as_slice()));
    }
}
