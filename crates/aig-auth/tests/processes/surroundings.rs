//! What a process finds in its environment: where sessions are, and tokens in variables.

use std::path::Path;

use crate::world::{command, said};

const NOWHERE: &str = "http://127.0.0.1:1";

/// What a process says that has these variables, and of those that matter no others.
fn asked(job: &str, variables: &[(&str, &str)]) -> String {
    let mut child = command(job, Path::new("/nowhere"), NOWHERE);
    for name in ["AIG_AUTH_TEST_SESSIONS", "AIG_AUTH_TEST_TOKEN", "XDG_CACHE_HOME"] {
        child.env_remove(name);
    }
    said(&child.envs(variables.iter().copied()).output().unwrap())
}

/// C2.
#[test]
#[cfg(unix)]
fn sessions_are_in_the_cache_directory_of_the_system_unless_a_variable_says_otherwise() {
    let home = [("HOME", "/home/ada")];
    let usual = if cfg!(target_os = "macos") { "/home/ada/Library/Caches/app" } else { "/home/ada/.cache/app" };
    assert_eq!(asked("directory", &home), usual);
    if !cfg!(target_os = "macos") {
        assert_eq!(asked("directory", &[home[0], ("XDG_CACHE_HOME", "/fast")]), "/fast/app");
    }
    let everything = [home[0], ("XDG_CACHE_HOME", "/fast"), ("AIG_AUTH_TEST_SESSIONS", "/elsewhere")];
    assert_eq!(asked("directory", &everything), "/elsewhere");
}

/// A6.
#[test]
fn a_variable_is_read_when_it_is_needed_and_named_when_it_is_missing_or_empty() {
    assert_eq!(asked("variable", &[("AIG_AUTH_TEST_TOKEN", "Bearer abc")]), "abc");
    for variables in [[].as_slice(), &[("AIG_AUTH_TEST_TOKEN", "")], &[("AIG_AUTH_TEST_TOKEN", " Bearer ")]] {
        let answer = asked("variable", variables);
        assert!(answer.starts_with("FAILED FixSetup") && answer.contains("AIG_AUTH_TEST_TOKEN"), "{answer}");
        assert!(answer.contains("empty"), "{answer}");
    }
}
