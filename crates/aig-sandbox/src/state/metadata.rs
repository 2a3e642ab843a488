//! Custom metadata and the checksum by which concurrent changes are noticed.

use serde_json::{Map, Value};

pub(crate) type Metadata = Map<String, Value>;

/// Of the metadata's canonical JSON: keys in order, no spaces. Nothing has no checksum.
pub(crate) fn checksum(metadata: Option<&Metadata>) -> Option<String> {
    let text = serde_json::to_vec(metadata?).unwrap_or_default();
    Some(format!("{:08x}", crc32c::crc32c(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_keys_does_not_matter_and_every_value_does() {
        let of = |text: &str| checksum(serde_json::from_str::<Metadata>(text).ok().as_ref());
        assert_eq!(of(r#"{"a":1,"b":[2]}"#), of(r#"{"b":[2], "a":1}"#));
        assert_ne!(of(r#"{"a":1}"#), of(r#"{"a":2}"#));
        assert_eq!(of("null"), None);
    }
}
