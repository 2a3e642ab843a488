//! How runs move.

use std::{fmt, str::FromStr, time::Duration};

/// When a run leaves its states.
///
/// ```
/// use aig_sandbox::RunPlan;
///
/// assert!(matches!("immediate".parse(), Ok(RunPlan::Immediate)));
/// assert!("soon".parse::<RunPlan>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunPlan {
    /// As fast as the work goes, several items at a time.
    Immediate,
    /// One item after the other, each with a least time, so that people see progress.
    Timed {
        /// The least time that a run is pending.
        queued: Duration,
        /// The least time that an item is processing.
        item: Duration,
    },
    /// Nothing moves until somebody says so, item by item: [`Sandbox::advance_run`](crate::Sandbox::advance_run).
    Manual,
}

impl Default for RunPlan {
    /// Timed: a run of four items takes three and a half seconds.
    fn default() -> Self {
        Self::Timed { queued: Duration::from_millis(300), item: Duration::from_millis(800) }
    }
}

/// The name that [`FromStr`] reads.
impl fmt::Display for RunPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Immediate => "immediate",
            Self::Timed { .. } => "timed",
            Self::Manual => "manual",
        })
    }
}

/// The text names no plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a run plan is `immediate`, `timed` or `manual`")]
pub struct UnknownPlan;

impl FromStr for RunPlan {
    type Err = UnknownPlan;

    fn from_str(text: &str) -> Result<Self, UnknownPlan> {
        match text {
            "immediate" => Ok(Self::Immediate),
            "timed" => Ok(Self::default()),
            "manual" => Ok(Self::Manual),
            _ => Err(UnknownPlan),
        }
    }
}
