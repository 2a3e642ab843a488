//! Repeatable randomness: a hash of whole numbers, and smooth fields between hashed lattice points.

/// Spreads any bits over all bits (the finalizer of SplitMix64).
pub(super) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// A number that belongs to a place, a purpose and a seed.
pub(super) fn hash(seed: u64, x: i64, y: i64) -> u64 {
    mix(mix(seed ^ (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) ^ (y as u64).wrapping_mul(0xd6e8_feb8_6659_fd93))
}

/// The upper bits as a fraction in 0..1.
pub(super) fn unit(hash: u64) -> f32 {
    (hash >> 40) as f32 / (1_u64 << 24) as f32
}

/// Noise in 0..1 that changes smoothly over one lattice unit.
pub(super) fn smooth(seed: u64, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let corner = |dx: i64, dy: i64| unit(hash(seed, left as i64 + dx, top as i64 + dy));
    let (fx, fy) = (ease(x - left), ease(y - top));
    let upper = lerp(corner(0, 0), corner(1, 0), fx);
    let lower = lerp(corner(0, 1), corner(1, 1), fx);
    lerp(upper, lower, fy)
}

/// Three octaves of [`smooth`], still in 0..1.
pub(super) fn rough(seed: u64, x: f32, y: f32) -> f32 {
    let octave = |n: u64, scale: f32| smooth(seed.wrapping_add(n), x * scale, y * scale);
    (octave(0, 1.0) * 4.0 + octave(1, 2.0) * 2.0 + octave(2, 4.0)) / 7.0
}

pub(super) fn lerp(from: f32, to: f32, at: f32) -> f32 {
    from + (to - from) * at
}

fn ease(at: f32) -> f32 {
    at * at * (3.0 - 2.0 * at)
}
