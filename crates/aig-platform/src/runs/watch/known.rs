//! The items of a run as they were last seen, and reading no more than what changed.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use aig_cache::Policy;
use aig_codegen::{
    enums::{ItemState, RunState},
    models::{ItemResultReadResponse, RunItemStatistics, RunReadResponse},
    operations::ListRunItems,
};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{ErrorKind, Result, RunHandle, listing::LARGEST_PAGE};

pub(super) type Item = Arc<ItemResultReadResponse>;

/// After the run has ended, items may take this long to say so everywhere.
const SETTLE_WITHIN: Duration = Duration::from_secs(5);

/// How often the counts may say that something was missed before every change is read from the whole list. A service
/// that does not know the filters, or sorts otherwise, is found out by that.
const MISSES: u32 = 3;

/// Ids in one question: their URL stays below what servers and proxies take (8,000 characters).
const IDS: usize = 100;

/// What is known of the items.
#[derive(Debug, Default)]
pub(super) struct Known {
    states: HashMap<Uuid, ItemState>,
    misses: u32,
}

impl Known {
    /// Takes note of an item: its state before when that is news, else nothing.
    pub(super) fn note(&mut self, item: &Item) -> Option<Option<ItemState>> {
        let previous = self.states.insert(item.item_id, item.state.clone());
        (previous.as_ref() != Some(&item.state)).then_some(previous)
    }

    /// The items that may have changed before `read` said how many are where; all of them once the run has ended.
    pub(super) async fn read(&mut self, run: &RunHandle, read: &RunReadResponse) -> Result<Vec<Item>> {
        if read.state == RunState::Terminated {
            return settled(run).await;
        }
        if !self.is_worth_narrowing(&read.statistics) {
            return whole(run).await;
        }
        match self.changed(run, &read.statistics).await {
            Ok(Some(changed)) => Ok(changed),
            Err(error) if error.kind() != ErrorKind::InvalidRequest => Err(error),
            _ => {
                self.misses += 1;
                whole(run).await
            }
        }
    }

    /// Whether fewer ended items are known than there are: some were missed.
    pub(super) fn is_behind(&self, counts: &RunItemStatistics) -> bool {
        self.misses < MISSES && self.ended() < ended(counts)
    }

    /// Whether asking for what changed takes fewer requests than asking for everything.
    fn is_worth_narrowing(&self, counts: &RunItemStatistics) -> bool {
        let narrow = pages(self.unseen_ends(counts)) + pages(counts.item_processing_count.max(self.processing()));
        self.misses < MISSES && !self.states.is_empty() && narrow + 1 < pages(counts.item_count)
    }

    /// What ended since, what is being processed, and what was and is no more. None when the counts say that this is
    /// not all.
    async fn changed(&self, run: &RunHandle, counts: &RunItemStatistics) -> Result<Option<Vec<Item>>> {
        let mut changed = self.newly_ended(run, self.unseen_ends(counts)).await?;
        let found = changed.len() as i64;
        if counts.item_processing_count > 0 {
            changed.extend(in_state(run, ItemState::Processing).await?);
        }
        let gone = self.processing_but_not_in(&changed);
        changed.extend(these(run, &gone).await?);
        Ok((found >= self.unseen_ends(counts)).then_some(changed))
    }

    /// The newest of the ended items, page by page, until the missing ones are there.
    async fn newly_ended(&self, run: &RunHandle, missing: i64) -> Result<Vec<Item>> {
        let (mut new, mut number) = (Vec::new(), 1);
        while (new.len() as i64) < missing {
            let filter = of(run).with_state(ItemState::Terminated).with_sort(["-terminated_at"]).with_page(number);
            let page = run.items_page(filter).await?;
            let (full, before) = (page.len() as i64 >= LARGEST_PAGE, new.len());
            new.extend(page.into_iter().filter(|item| !self.has_ended(item.item_id)).map(Arc::new));
            if !full || new.len() == before {
                break;
            }
            number += 1;
        }
        Ok(new)
    }

    fn processing_but_not_in(&self, seen: &[Item]) -> Vec<Uuid> {
        let seen: HashSet<Uuid> = seen.iter().map(|item| item.item_id).collect();
        let processing = self.states.iter().filter(|(_, state)| **state == ItemState::Processing);
        processing.map(|(id, _)| *id).filter(|id| !seen.contains(id)).collect()
    }

    fn has_ended(&self, id: Uuid) -> bool {
        self.states.get(&id) == Some(&ItemState::Terminated)
    }

    fn ended(&self) -> i64 {
        self.states.values().filter(|state| **state == ItemState::Terminated).count() as i64
    }

    fn processing(&self) -> i64 {
        self.states.values().filter(|state| **state == ItemState::Processing).count() as i64
    }

    fn unseen_ends(&self, counts: &RunItemStatistics) -> i64 {
        (ended(counts) - self.ended()).max(0)
    }
}

/// How many items have ended, however they did.
fn ended(counts: &RunItemStatistics) -> i64 {
    counts.item_count - counts.item_pending_count - counts.item_processing_count
}

fn pages(count: i64) -> i64 {
    count.max(0).saturating_add(LARGEST_PAGE - 1) / LARGEST_PAGE
}

fn of(run: &RunHandle) -> ListRunItems {
    ListRunItems::new(run.id()).with_page_size(LARGEST_PAGE)
}

async fn whole(run: &RunHandle) -> Result<Vec<Item>> {
    Ok(run.items().policy(Policy::Bypass).all().await?.into_iter().map(Arc::new).collect())
}

async fn in_state(run: &RunHandle, state: ItemState) -> Result<Vec<Item>> {
    let items = run.items_with(of(run).with_state(state)).policy(Policy::Bypass);
    Ok(items.all().await?.into_iter().map(Arc::new).collect())
}

async fn these(run: &RunHandle, ids: &[Uuid]) -> Result<Vec<Item>> {
    let mut items = Vec::with_capacity(ids.len());
    for some in ids.chunks(IDS) {
        items.extend(run.items_page(of(run).with_item_ids(some.iter().copied())).await?.into_iter().map(Arc::new));
    }
    Ok(items)
}

/// All items of a run that has ended. Those that do not say so yet are asked for again for a while.
async fn settled(run: &RunHandle) -> Result<Vec<Item>> {
    let (begun, mut wait) = (Instant::now(), Duration::from_millis(250));
    let mut items = whole(run).await?;
    loop {
        let open: Vec<Uuid> =
            items.iter().filter(|item| item.state != ItemState::Terminated).map(|item| item.item_id).collect();
        if open.is_empty() || begun.elapsed() >= SETTLE_WITHIN {
            return Ok(items);
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
        let mut read: HashMap<Uuid, Item> =
            these(run, &open).await?.into_iter().map(|item| (item.item_id, item)).collect();
        for item in &mut items {
            if let Some(newer) = read.remove(&item.item_id) {
                *item = newer;
            }
        }
    }
}
