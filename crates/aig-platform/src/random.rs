//! Randomness of this crate: jitter.

/// A number in `0.0..1.0`. Without a source of randomness it is the middle: jitter is a courtesy, not a need.
pub(crate) fn fraction() -> f64 {
    const SCALE: f64 = (1u64 << 32) as f64;
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / SCALE)
}
