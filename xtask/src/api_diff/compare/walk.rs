//! Knows which pairs of schemas were met, what was found at each, and from where each is reached.
//!
//! Operations share schemas. Each pair is compared once; what was found there reaches all operations that lead to it.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::{
    super::{
        change::{Change, Changes, Key},
        schema::Schema,
    },
    Site,
};

/// Schemas to be compared, and where they stand.
pub(super) struct Task<'d> {
    pub(super) old: Schema<'d>,
    pub(super) new: Schema<'d>,
    pub(super) site: Site,
}

impl Task<'_> {
    fn key(&self) -> String {
        format!("{:?} {:?} {} / {}", self.site.position, self.site.encoding, self.old.key(), self.new.key())
    }
}

/// A pair of schemas that was met.
#[derive(Debug, Default)]
struct Pair {
    /// The pairs that it is met in.
    above: Vec<usize>,
    found: Vec<Key>,
    /// The operations that it stands at the top of.
    operations: BTreeSet<String>,
}

#[derive(Default)]
pub(super) struct Walk<'d> {
    changes: Changes,
    indices: HashMap<String, usize>,
    pairs: Vec<Pair>,
    /// What is still to be compared: no stack is deep enough for every document.
    queue: VecDeque<(usize, Task<'d>)>,
    /// The pair that is being compared; none between the schemas.
    current: Option<usize>,
}

impl<'d> Walk<'d> {
    pub(super) fn add(&mut self, change: Change, detail: String) {
        let key = self.changes.add(change, detail);
        if let Some(pair) = self.current.and_then(|index| self.pairs.get_mut(index)) {
            pair.found.push(key);
        }
    }

    pub(super) fn is_without_changes(&self) -> bool {
        self.changes.is_empty()
    }

    /// Puts a pair down to be compared, once: that is where recursion ends.
    pub(super) fn put(&mut self, task: Task<'d>) {
        let next = self.pairs.len();
        let index = *self.indices.entry(task.key()).or_insert(next);
        if index == next {
            self.pairs.push(Pair::default());
        }
        if let Some(pair) = self.pairs.get_mut(index) {
            match self.current {
                Some(parent) => pair.above.push(parent),
                None => pair.operations.extend(task.site.operation.clone()),
            }
        }
        if index == next {
            self.queue.push_back((index, task));
        }
    }

    /// The next pair to be compared.
    pub(super) fn next(&mut self) -> Option<Task<'d>> {
        let (current, task) = self.queue.pop_front().unzip();
        self.current = current;
        task
    }

    /// The changes, each with all operations that it reaches.
    pub(super) fn into_changes(mut self) -> Changes {
        for (index, pair) in self.pairs.iter().enumerate().filter(|(_, pair)| !pair.found.is_empty()) {
            let operations = self.operations_above(index);
            pair.found.iter().for_each(|key| self.changes.reaches(key, &operations));
        }
        self.changes
    }

    fn operations_above(&self, index: usize) -> BTreeSet<String> {
        let mut operations = BTreeSet::new();
        let mut seen = vec![false; self.pairs.len()];
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            let (Some(pair), Some(is_seen)) = (self.pairs.get(index), seen.get_mut(index)) else { continue };
            if !std::mem::replace(is_seen, true) {
                operations.extend(pair.operations.iter().cloned());
                open.extend(&pair.above);
            }
        }
        operations
    }
}
