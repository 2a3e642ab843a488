//! The process environment: the one place of the crate that reads it.

use std::{env, ffi::OsString};

/// The value of a variable; an empty one counts as unset.
#[expect(clippy::disallowed_methods, reason = "this is the one place of the crate that reads the environment")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether a variable is set to something that means yes.
pub(crate) fn is_on(name: &str) -> bool {
    let no = ["0", "false", "no", "off"];
    variable(name).is_some_and(|value| !no.iter().any(|word| value.eq_ignore_ascii_case(word)))
}
