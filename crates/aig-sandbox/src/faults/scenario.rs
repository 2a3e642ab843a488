//! Named sets of faults, for those who want trouble without writing rules.

use std::str::FromStr;

use super::{Effect, Fault};

/// Trouble by name.
///
/// ```
/// use aig_sandbox::faults::Scenario;
///
/// let scenario: Scenario = "flaky-network".parse()?;
/// assert!(!scenario.faults().is_empty());
/// # Ok::<(), aig_sandbox::faults::UnknownScenario>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scenario {
    /// Answers are late, and some break off.
    FlakyNetwork,
    /// One request in five is refused for a second.
    Overloaded,
    /// Every request of the API fails.
    Outage,
    /// Every second download finds its URL expired.
    ExpiredUrls,
    /// Some downloads have a wrong byte in them.
    BadStorage,
}

/// No scenario has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a scenario is `flaky-network`, `overloaded`, `outage`, `expired-urls` or `bad-storage`")]
pub struct UnknownScenario;

impl Scenario {
    /// The rules of the scenario.
    pub fn faults(self) -> Vec<Fault> {
        let api = |effect| Fault::new(effect).on_path(aig_codegen::SERVER_PREFIX);
        let downloads = |effect| Fault::new(effect).on_path(crate::storage::PREFIX).on_method("GET");
        match self {
            Self::FlakyNetwork => vec![
                api(Effect::Drop).with_probability(0.05),
                downloads(Effect::Cut(65_536)).with_probability(0.1),
                Fault::new(Effect::Delay(300)).with_probability(0.5),
            ],
            Self::Overloaded => vec![
                api(Effect::status(429).retry_after("1")).with_probability(0.1),
                api(Effect::status(503).retry_after("1")).with_probability(0.1),
            ],
            Self::Outage => vec![api(Effect::status(503))],
            Self::ExpiredUrls => vec![downloads(Effect::ExpiredUrl).with_probability(0.5)],
            Self::BadStorage => vec![downloads(Effect::Corrupt(100)).with_probability(0.2)],
        }
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        match text {
            "flaky-network" => Ok(Self::FlakyNetwork),
            "overloaded" => Ok(Self::Overloaded),
            "outage" => Ok(Self::Outage),
            "expired-urls" => Ok(Self::ExpiredUrls),
            "bad-storage" => Ok(Self::BadStorage),
            _ => Err(UnknownScenario),
        }
    }
}
