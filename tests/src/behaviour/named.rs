//! The implementation that the environment names: whose root and credentials are those of any program of ours.

use std::fmt;

use aig_auth::{TokenProvider, TokenRequest};
use aig_platform::{
    settings::{Settings, Sources, Variables},
    sign_in::SignIn,
};

use super::{Scope, Subject, intent};
use crate::Wire;

/// The API root to judge. It must be the one that the `AIGNOSTICS_*` variables lead to, so that nobody is judged by accident.
const ROOT: &str = "AIG_BEHAVIOUR_ROOT";
/// `yes` also runs the checks that write.
const WRITES: &str = "AIG_BEHAVIOUR_WRITES";

/// Why nobody can be judged.
#[derive(Debug)]
pub struct NamedError(String);

impl fmt::Display for NamedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NamedError {}

/// The implementation that these variables name, and how far it may be gone; `None` when they name none.
///
/// `say` is told what is about to be done before anything is sent.
///
/// # Errors
/// When they disagree, nobody is signed in, or the implementation does not answer.
pub async fn named(variables: Variables, say: impl Fn(&str)) -> Result<Option<(Subject, Scope)>, NamedError> {
    let Some(root) = variables.get(ROOT).map(|root| root.trim_end_matches('/').to_owned()) else { return Ok(None) };
    let scope = scope(variables.get(WRITES))?;
    let settings = Settings::load(Sources::new(variables)).map_err(said)?;
    let theirs = settings.api_root.as_str().trim_end_matches('/');
    if theirs != root {
        return Err(NamedError(format!(
            "{ROOT} is {root}, the settings lead to {theirs}: set AIGNOSTICS_API_ROOT to the same"
        )));
    }
    say(&intent(&root, scope));
    let provider = SignIn::new(&settings).build().map_err(said)?;
    let token = provider.token(&TokenRequest::new()).await.map_err(said)?;
    let subject = Subject::new(Wire::new(&root, Some(token.expose())), None).await.map_err(NamedError)?;
    Ok(Some((subject, scope)))
}

fn scope(writes: Option<&str>) -> Result<Scope, NamedError> {
    match writes {
        None | Some("" | "no") => Ok(Scope::ReadOnly),
        Some("yes") => Ok(Scope::Everything),
        Some(other) => Err(NamedError(format!("{WRITES} is {other:?}, neither yes nor no"))),
    }
}

fn said(error: impl fmt::Display) -> NamedError {
    NamedError(error.to_string())
}
