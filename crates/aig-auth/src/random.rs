//! Randomness: jitter, and strings that nobody can guess.

#[cfg(feature = "interactive")]
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// A number in `0.0..1.0`. Without a source of randomness it is the middle: jitter is a courtesy, not a need.
pub(crate) fn fraction() -> f64 {
    const SCALE: f64 = (1u64 << 32) as f64;
    getrandom::u32().map_or(0.5, |bits| f64::from(bits) / SCALE)
}

#[cfg(feature = "interactive")]
/// 256 random bits in URL-safe base64: 43 characters, the least that RFC 7636 section 4.1 allows for a verifier.
pub(crate) fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_have_43_characters() {
        let (one, other) = (token().unwrap(), token().unwrap());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }

    #[test]
    fn a_fraction_is_below_one() {
        assert!((0..1_000).map(|_| fraction()).all(|value| (0.0..1.0).contains(&value)));
    }
}
