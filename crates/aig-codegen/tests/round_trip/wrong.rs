//! Models with one fault each: the checks of this crate must find every one of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::instances::Server;
use crate::{Case, document, first_fault, is_read, round_trip};

/// Loses a member that may be absent.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Forgetful {
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_metadata: Option<Value>,
}

/// Writes a member under another name.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Renaming {
    number: String,
    #[serde(alias = "released_at")]
    released: String,
}

/// Knows an instant to the second.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Hasty {
    number: String,
    #[serde(deserialize_with = "second")]
    released_at: String,
}

/// Knows an instant, and not how it was told.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct InUtc {
    number: String,
    #[serde(deserialize_with = "in_utc")]
    released_at: String,
}

/// Is never equal to itself.
#[derive(Debug, Serialize, Deserialize)]
struct Unequal {
    run_id: String,
}

impl PartialEq for Unequal {
    fn eq(&self, other: &Self) -> bool {
        self.run_id.is_empty() && other.run_id.is_empty()
    }
}

/// Takes no member that it does not name.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    run_id: String,
}

/// Takes no value that it does not list.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Closed {
    Pending,
    Processing,
    Terminated,
}

/// Takes any value for one that it does not list, and forgets which.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Lossy {
    Pending,
    Processing,
    Terminated,
    #[serde(other)]
    Other,
}

fn second<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    let Some((second, rest)) = text.split_once('.') else { return Ok(text) };
    Ok(format!("{second}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit())))
}

fn in_utc<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let instant = String::deserialize(deserializer)?.parse::<jiff::Timestamp>();
    instant.map(|instant| instant.to_string()).map_err(serde::de::Error::custom)
}

macro_rules! wrong {
    ($($name:ident as $schema:literal),* $(,)?) => {
        [$((stringify!($name), Case { schema: $schema, round_trip: round_trip::<$name>, is_read: is_read::<$name> })),*]
    };
}

#[test]
fn a_wrong_model_is_found() {
    let wrong = wrong![
        Forgetful as "CustomMetadataUpdateRequest",
        Renaming as "ApplicationVersion",
        Hasty as "ApplicationVersion",
        InUtc as "ApplicationVersion",
        Unequal as "RunCreationResponse",
    ];
    let document = document();
    for (name, case) in &wrong {
        assert!(first_fault(&document, case, Server::OfThisVersion).is_some(), "{name} passes");
    }
}

#[test]
fn a_model_that_knows_only_its_own_version_is_found() {
    let document = document();
    for (name, case) in &wrong![Strict as "RunCreationResponse", Closed as "RunState", Lossy as "RunState"] {
        assert!(first_fault(&document, case, Server::OfALaterVersion).is_some(), "{name} passes");
        assert!(first_fault(&document, case, Server::OfThisVersion).is_none(), "{name} is wrong in another way too");
    }
}
