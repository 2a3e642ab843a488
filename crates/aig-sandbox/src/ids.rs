//! Identifiers: in a sequence that the seed decides, so that the same steps give the same ids; and true randomness for secrets.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// Gives one id after the other.
#[derive(Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: AtomicU64,
}

impl Ids {
    /// Every epoch of a state has a sequence of its own.
    pub(crate) fn new(seed: u64, epoch: u32) -> Self {
        Self { seed, next: AtomicU64::new((u64::from(epoch) << 32) + 1) }
    }

    pub(crate) fn next(&self) -> Uuid {
        self.of(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// The id of something that is always there.
    pub(crate) fn fixed(&self, name: &str) -> Uuid {
        self.of(hash_of(name) | 1 << 63)
    }

    fn of(&self, number: u64) -> Uuid {
        let high = mix(self.seed ^ mix(number));
        uuid::Builder::from_random_bytes(Uuid::from_u64_pair(high, mix(high ^ number)).into_bytes()).into_uuid()
    }
}

/// FNV-1a: the same on every machine, as the standard library's hash is not.
pub(crate) fn hash_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of SplitMix64.
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// From the operating system; a machine without randomness has other troubles, and gets the address space's.
pub(crate) fn random_u64() -> u64 {
    getrandom::u64().unwrap_or_else(|_| Uuid::new_v4().as_u64_pair().0)
}

/// 160 random bits in hexadecimal digits.
pub(crate) fn random_secret() -> String {
    format!("{:016x}{:016x}{:08x}", random_u64(), random_u64(), random_u64() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_its_own_sequence_and_no_id_twice() {
        let take = |seed| {
            let ids = Ids::new(seed, 0);
            (0..1000).map(|_| ids.next()).collect::<Vec<_>>()
        };
        assert_eq!(take(1), take(1));
        assert_ne!(take(1), take(2));
        let unique: std::collections::HashSet<_> = take(1).into_iter().collect();
        assert_eq!(unique.len(), 1000);
        assert!(unique.iter().all(|id| id.get_version_num() == 4));
    }
}
