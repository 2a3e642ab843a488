//! Named sets of faults, for those who want trouble without writing rules.

use std::{fmt, str::FromStr};

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
    /// Every scenario.
    pub const ALL: [Self; 5] =
        [Self::FlakyNetwork, Self::Overloaded, Self::Outage, Self::ExpiredUrls, Self::BadStorage];

    /// By which it is asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::FlakyNetwork => "flaky-network",
            Self::Overloaded => "overloaded",
            Self::Outage => "outage",
            Self::ExpiredUrls => "expired-urls",
            Self::BadStorage => "bad-storage",
        }
    }

    /// What it does, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::FlakyNetwork => {
                "half of the answers are 300 ms late; one API request in 20 and one download in 10 break off"
            }
            Self::Overloaded => "one API request in five is refused for a second, with 429 or 503",
            Self::Outage => "every API request is answered with 503",
            Self::ExpiredUrls => "every second download finds its URL expired",
            Self::BadStorage => "every fifth download has a wrong byte in it",
        }
    }

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

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = UnknownScenario;

    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        Self::ALL.into_iter().find(|scenario| scenario.name() == text).ok_or(UnknownScenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_a_name_that_the_error_names_and_rules_that_can_strike() {
        for scenario in Scenario::ALL {
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
            assert!(UnknownScenario.to_string().contains(&format!("`{scenario}`")));
            assert!(scenario.faults().iter().all(|fault| fault.check().is_ok()));
        }
        assert_eq!("none".parse::<Scenario>(), Err(UnknownScenario));
    }
}
