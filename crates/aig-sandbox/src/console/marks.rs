//! States in words, colours and shapes: never by colour alone.

use maud::{Markup, html};

use super::html::given;
use crate::state::{Item, ItemPhase, Reason, Run, RunEnd, RunPhase};

/// What a state means for whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Waiting,
    Running,
    Good,
    UserError,
    SystemError,
    Skipped,
}

impl Mark {
    pub(super) const ALL: [Self; 6] =
        [Self::Good, Self::UserError, Self::SystemError, Self::Skipped, Self::Running, Self::Waiting];

    pub(super) fn of(phase: &ItemPhase) -> Self {
        match phase {
            ItemPhase::Pending => Self::Waiting,
            ItemPhase::Processing => Self::Running,
            ItemPhase::Terminated { reason, .. } => match reason {
                Reason::Succeeded => Self::Good,
                Reason::UserError => Self::UserError,
                Reason::SystemError => Self::SystemError,
                Reason::Skipped => Self::Skipped,
            },
        }
    }

    /// The class of the style sheet, and the word of an address.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Good => "good",
            Self::UserError => "user-error",
            Self::SystemError => "system-error",
            Self::Skipped => "skipped",
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Waiting => "pending",
            Self::Running => "processing",
            Self::Good => "succeeded",
            Self::UserError => "user error",
            Self::SystemError => "system error",
            Self::Skipped => "skipped",
        }
    }

    pub(super) fn is_failure(self) -> bool {
        matches!(self, Self::UserError | Self::SystemError)
    }
}

pub(super) fn badge(mark: Mark, text: &str) -> Markup {
    html! { span class={ "badge " (mark.class()) } { (text) } }
}

/// Where a run stands.
pub(super) fn of_run(run: &Run) -> Markup {
    let failed = Tally::of(&run.items).failed();
    match run.phase() {
        RunPhase::Pending => badge(Mark::Waiting, "pending"),
        RunPhase::Processing => badge(Mark::Running, "processing"),
        RunPhase::Terminated(RunEnd::AllItemsProcessed, _) if failed > 0 => {
            badge(Mark::UserError, &format!("done, {failed} failed"))
        }
        RunPhase::Terminated(RunEnd::AllItemsProcessed, _) => badge(Mark::Good, "done"),
        RunPhase::Terminated(RunEnd::CanceledByUser, _) => badge(Mark::Skipped, "canceled by user"),
        RunPhase::Terminated(RunEnd::CanceledBySystem, _) => badge(Mark::Skipped, "canceled by system"),
    }
}

/// Where an item stands, with the code and the message of its failure.
pub(super) fn of_item(item: &Item) -> Markup {
    let mark = Mark::of(&item.phase);
    let failure = match &item.phase {
        ItemPhase::Terminated { failure, .. } => failure.as_ref(),
        _ => None,
    };
    html! {
        p.state {
            (badge(mark, mark.word()))
            @if let Some(failure) = failure { " " code { (failure.code) } " " span.message { (given(&failure.message)) } }
        }
    }
}

/// How many items stand where.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally([usize; 6]);

impl Tally {
    pub(super) fn of<'a>(items: impl IntoIterator<Item = &'a Item>) -> Self {
        let mut tally = Self::default();
        items.into_iter().for_each(|item| tally.add(Mark::of(&item.phase), 1));
        tally
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        other.counts().for_each(|(mark, count)| self.add(mark, count));
        self
    }

    fn add(&mut self, mark: Mark, count: usize) {
        let place = self.0.iter_mut().zip(Mark::ALL).find(|(_, of)| *of == mark);
        place.into_iter().for_each(|(sum, _)| *sum += count);
    }

    /// In the order of [`Mark::ALL`].
    pub(super) fn counts(self) -> impl Iterator<Item = (Mark, usize)> {
        Mark::ALL.into_iter().zip(self.0)
    }

    pub(super) fn get(self, mark: Mark) -> usize {
        self.counts().find(|(of, _)| *of == mark).map_or(0, |(_, count)| count)
    }

    pub(super) fn failed(self) -> usize {
        self.counts().filter(|(mark, _)| mark.is_failure()).map(|(_, count)| count).sum()
    }

    pub(super) fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// "2 succeeded, 1 processing"
    pub(super) fn words(self) -> String {
        let some = self.counts().filter(|(_, count)| *count > 0);
        some.map(|(mark, count)| format!("{count} {}", mark.word())).collect::<Vec<_>>().join(", ")
    }

    /// The same as a bar, for the eye alone.
    pub(super) fn bar(self) -> Markup {
        let total = self.total().max(1);
        let mut left = 0;
        let parts = self.counts().filter(|(_, count)| *count > 0).map(|(mark, count)| {
            left += count;
            (mark.class(), left - count, count)
        });
        html! {
            svg.bar aria-hidden="true" viewBox={ "0 0 " (total) " 1" } preserveAspectRatio="none" {
                @for (class, from, width) in parts { rect class=(class) x=(from) width=(width) height="1" {} }
            }
        }
    }
}
