//! One list of checks that any implementation of the API can be put under: what is on the wire, and how things live. It knows the
//! document and the table of operations, and nothing of the sandbox.

mod checks;
mod document;
mod errors;
mod files;
mod life;
mod listings;
mod named;
mod report;
mod sharing;
mod subject;

use futures_util::future::BoxFuture;

pub use checks::checks;
pub use named::{NamedError, named};
pub use report::{Outcome, Report};
pub use subject::{Found, Subject};

/// What a check does to the implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: it reads, or is refused before anything happens.
    Reads,
    /// It submits runs that it cancels, and makes grants and share tokens that it revokes.
    Writes,
}

/// Which checks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those that change nothing.
    ReadOnly,
    /// All.
    Everything,
}

/// Why a check did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// What is wrong, and where.
    Failed(String),
    /// What it would take to tell.
    Skipped(String),
}

impl From<String> for Unmet {
    fn from(what: String) -> Self {
        Self::Failed(what)
    }
}

/// How a check ends.
pub type Verdict = Result<(), Unmet>;

/// What a check does, once it is given somebody to do it to.
type Run = dyn for<'a> Fn(&'a Subject) -> BoxFuture<'a, Verdict> + Send + Sync;

/// One thing that an implementation must do.
pub struct Check {
    /// What it must do, as a sentence.
    pub name: String,
    /// What the check does to it.
    pub effect: Effect,
    run: Box<Run>,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Check").field("name", &self.name).field("effect", &self.effect).finish_non_exhaustive()
    }
}

/// What [`judge`] is about to do, for people who are to agree with it.
pub fn intent(root: &str, scope: Scope) -> String {
    let count = |effect| checks().iter().filter(|check| check.effect == effect).count();
    let (reading, writing) = (count(Effect::Reads), count(Effect::Writes));
    match scope {
        Scope::ReadOnly => format!("{root}: {reading} checks that only read; the {writing} that write are skipped"),
        Scope::Everything => {
            format!("{root}: {reading} checks that only read, and {writing} that submit, cancel, share and revoke")
        }
    }
}

/// Puts an implementation under every check of the scope, one after the other. What would write is not even sent in
/// [`Scope::ReadOnly`].
pub async fn judge(subject: &Subject, scope: Scope) -> Report {
    match scope {
        Scope::ReadOnly => subject.wire.record().forbid_writes(),
        Scope::Everything => subject.wire.record().allow_writes(),
    }
    let mut report = Report::default();
    for check in checks() {
        let outcome = match (check.effect, scope) {
            (Effect::Writes, Scope::ReadOnly) => Outcome::Skipped("it would write".to_owned()),
            _ => (check.run)(subject).await.into(),
        };
        report.add(check, outcome);
    }
    report.note(&subject.wire.record().sent());
    report
}

/// Ends a check that is not met.
fn ensure(met: bool, what: impl FnOnce() -> String) -> Verdict {
    if met { Ok(()) } else { Err(Unmet::Failed(what())) }
}

/// Ends a check that cannot be made here.
fn needs<T>(there: Option<T>, what: &str) -> Result<T, Unmet> {
    there.ok_or_else(|| Unmet::Skipped(format!("needs {what}")))
}
