//! Runs: submitting, listing, following and changing them.

mod check;
mod handle;
mod metadata;
mod submission;
mod submit;
mod watch;

pub use handle::RunHandle;
pub use submission::{Submission, SubmissionItem, Submitted};
pub use submit::Runs;
pub use watch::{RunEvent, RunOutcome, WaitOptions, Watch};
