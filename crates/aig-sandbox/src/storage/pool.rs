//! Buffers that objects are read into, used again and again: large ones as long as there are any, then small ones.
//! Slow readers can keep all of the large ones; the rest of the readers still get on, and memory has a bound.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;

/// Larger reads gain nothing on loopback.
const LARGE: usize = 512 << 10;
/// hyper takes up to 16 pieces ahead of a slow reader.
const SMALL: usize = 4 << 10;
/// 64 MiB in all.
const LARGE_ONES: usize = 128;
/// Kept for the next reader.
const IDLE_ONES: usize = 8;

/// The buffers of a sandbox's storage.
#[derive(Debug, Default)]
pub(super) struct Pool {
    lent: AtomicUsize,
    idle: Mutex<Vec<Vec<u8>>>,
}

/// A buffer in use.
pub(super) struct Lent {
    bytes: Vec<u8>,
    /// `None` for a small one, which nobody waits for.
    pool: Option<Arc<Pool>>,
}

impl Pool {
    /// A buffer of at most `wanted` bytes.
    pub(super) fn lend(self: &Arc<Self>, wanted: u64) -> Lent {
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        if wanted <= SMALL || self.lent.fetch_add(1, Ordering::Relaxed) >= LARGE_ONES {
            if wanted > SMALL {
                self.lent.fetch_sub(1, Ordering::Relaxed);
            }
            return Lent { bytes: vec![0; wanted.min(SMALL)], pool: None };
        }
        let mut bytes = self.idle().pop().unwrap_or_default();
        bytes.resize(LARGE, 0);
        bytes.truncate(wanted);
        Lent { bytes, pool: Some(Arc::clone(self)) }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    pub(super) fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// The bytes to send; the buffer goes back when the last of them are gone.
    pub(super) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(pool) = self.pool.take() else { return };
        pool.lent.fetch_sub(1, Ordering::Relaxed);
        let mut idle = pool.idle();
        if idle.len() < IDLE_ONES {
            idle.push(std::mem::take(&mut self.bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_has_a_bound_and_nobody_goes_without() {
        let pool = Arc::new(Pool::default());
        let lent: Vec<Lent> = (0..1000).map(|_| pool.lend(1 << 30)).collect();
        let total: usize = lent.iter().map(|lent| lent.bytes.len()).sum();
        assert_eq!(total, LARGE_ONES * LARGE + (1000 - LARGE_ONES) * SMALL);
        drop(lent);
        assert_eq!(pool.idle().len(), IDLE_ONES);
        assert_eq!(pool.lend(1 << 30).bytes.len(), LARGE, "they come back");
        assert_eq!(pool.lend(5).freeze().len(), 5);
    }
}
