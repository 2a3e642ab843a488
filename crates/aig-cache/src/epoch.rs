//! When a tag was last invalidated, in a table of fixed size.

use std::sync::atomic::{AtomicU64, Ordering};

/// Slots of the table. Two tags in one slot drop one another's answers now and then, which costs a load and is never
/// wrong; the table never grows.
const SLOTS: usize = 4096;

/// A counter of writes, and for each slot the number of the last write that hit it.
///
/// The epoch of a set of tags is the greatest number among its slots. It is part of the stored key: a fill that began
/// before a write rests under an epoch that nobody asks for any more.
#[derive(Debug)]
pub(crate) struct Epochs {
    writes: AtomicU64,
    slots: Box<[AtomicU64]>,
}

impl Epochs {
    pub(crate) fn new() -> Self {
        Self { writes: AtomicU64::new(0), slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The epoch of these tags now.
    pub(crate) fn of(&self, tags: impl IntoIterator<Item = u64>) -> u64 {
        tags.into_iter().filter_map(|tag| self.slot(tag)).map(|slot| slot.load(Ordering::Acquire)).max().unwrap_or(0)
    }

    /// Begins a new epoch for whatever carries this tag.
    pub(crate) fn advance(&self, tag: u64) {
        let number = self.writes.fetch_add(1, Ordering::AcqRel) + 1;
        if let Some(slot) = self.slot(tag) {
            slot.fetch_max(number, Ordering::AcqRel);
        }
    }

    fn slot(&self, tag: u64) -> Option<&AtomicU64> {
        self.slots.get(tag as usize % SLOTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_moves_with_any_of_its_tags_and_with_no_other() {
        let epochs = Epochs::new();
        let before = epochs.of([1, 2]);
        epochs.advance(3);
        assert_eq!(epochs.of([1, 2]), before);
        epochs.advance(2);
        let after = epochs.of([1, 2]);
        assert!(after > before);
        epochs.advance(1);
        assert!(epochs.of([1, 2]) > after, "a later write of another tag moves it again");
    }
}
