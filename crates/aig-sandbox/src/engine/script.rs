//! What a submission asks the sandbox to do with an item, for those who test their own handling of outcomes.

use crate::state::{Item, Run};

/// The prefix of the tags by which the platform's own validation steers items.
const TAG: &str = "__aignx_validation_case:";

/// How an item is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// As the slide gives.
    Honest,
    /// With results whatever the slide is.
    Succeed,
    /// With results, at the second attempt.
    Recover,
    UserError,
    SystemError,
    /// Not at all.
    Hang,
    /// With results of a slide of the sandbox's own, for runs that are there from the beginning.
    Planted,
}

impl Script {
    /// The item's own tags count first, then its external id, then the run's tags.
    pub(super) fn of(run: &Run, item: &Item) -> Option<Self> {
        let own = item.tags().find_map(Self::of_tag);
        own.or_else(|| Self::within(&item.external_id)).or_else(|| run.tags().find_map(Self::of_tag))
    }

    fn of_tag(tag: &str) -> Option<Self> {
        Self::named(tag.strip_prefix(TAG)?)
    }

    /// External ids carry the tag anywhere, up to their end or the next character that no case has.
    fn within(text: &str) -> Option<Self> {
        let (_, rest) = text.split_once(TAG)?;
        let end = rest.find(|character: char| !(character.is_ascii_lowercase() || character == '_'));
        Self::named(rest.get(..end.unwrap_or(rest.len()))?)
    }

    fn named(case: &str) -> Option<Self> {
        match case {
            "send_succeeded" => Some(Self::Succeed),
            "send_recoverable_error" => Some(Self::Recover),
            "send_user_error" => Some(Self::UserError),
            "send_system_error" => Some(Self::SystemError),
            "do_nothing" => Some(Self::Hang),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_found_in_external_ids() {
        let of = Script::within;
        assert_eq!(of("a/__aignx_validation_case:send_user_error.tiff"), Some(Script::UserError));
        assert_eq!(of("__aignx_validation_case:do_nothing"), Some(Script::Hang));
        assert_eq!(of("__aignx_validation_case:other"), None);
        assert_eq!(of("slide.tiff"), None);
    }
}
