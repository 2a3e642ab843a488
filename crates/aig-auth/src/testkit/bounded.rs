//! A map that forgets its oldest entries: nothing a stranger sends can fill the memory.

use std::collections::{HashMap, VecDeque};

/// Entries by name, the oldest of them dropped when there are too many.
pub(super) struct Bounded<V> {
    entries: HashMap<String, V>,
    order: VecDeque<String>,
    capacity: usize,
}

impl<V> Bounded<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::new(), order: VecDeque::new(), capacity }
    }

    pub(super) fn insert(&mut self, key: String, value: V) {
        if self.entries.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        self.shrink();
    }

    pub(super) fn get(&self, key: &str) -> Option<&V> {
        self.entries.get(key)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        self.entries.get_mut(key)
    }

    pub(super) fn remove(&mut self, key: &str) -> Option<V> {
        self.entries.remove(key)
    }

    /// In the order of their arrival.
    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.order.iter().filter_map(|key| self.entries.get(key))
    }

    /// In the order of their arrival.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.order.iter().filter(|key| self.entries.contains_key(*key))
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.entries.values_mut()
    }

    fn shrink(&mut self) {
        while self.entries.len() > self.capacity {
            let Some(oldest) = self.order.pop_front() else { return };
            self.entries.remove(&oldest);
        }
        // Removed entries leave their names behind.
        if self.order.len() > 2 * self.capacity {
            let entries = &self.entries;
            self.order.retain(|key| entries.contains_key(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut map = Bounded::new(2);
        for key in ["a", "b", "c"] {
            map.insert(key.into(), key);
        }
        assert_eq!(map.values().copied().collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn names_of_removed_entries_do_not_pile_up() {
        let mut map = Bounded::new(4);
        for index in 0..1_000 {
            map.insert(index.to_string(), index);
            map.remove(&index.to_string());
        }
        assert!(map.order.len() <= 9, "{} names", map.order.len());
    }
}
