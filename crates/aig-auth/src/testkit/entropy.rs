//! Randomness: names that nobody can guess.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::rand_core::{OsRng, RngCore};

pub(super) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    bytes
}

/// `N` random bytes in URL-safe base64.
pub(super) fn name<const N: usize>() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<N>())
}

/// A code that a person can read out: eight consonants without vowels or look-alikes (RFC 8628 section 6.1).
pub(super) fn user_code() -> String {
    const LETTERS: [char; 20] =
        ['B', 'C', 'D', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'Q', 'R', 'S', 'T', 'V', 'W', 'X', 'Z'];
    let letters: Vec<char> =
        bytes::<8>().iter().filter_map(|byte| LETTERS.get(usize::from(*byte) % 20)).copied().collect();
    let (head, tail) = letters.split_at(4);
    format!("{}-{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}
