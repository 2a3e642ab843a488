//! Instances of a schema of the document, as a property-based test draws them.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// A text that no enumeration of the document lists.
pub(crate) const NEW_VALUE: &str = "NEW VALUE ✓";

/// How close to the document an instance keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    /// Sends what the document lists.
    OfThisVersion,
    /// Sends members and values of enumerations that this version does not know.
    OfALaterVersion,
}

/// Draws instances of one document's schemas.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Instances<'d> {
    pub(crate) document: &'d Value,
    pub(crate) server: Server,
}

impl Instances<'_> {
    pub(crate) fn of(self, schema: &Value) -> BoxedStrategy<Value> {
        if let Some(reference) = text(schema, "$ref") {
            return self.of(self.document.pointer(reference.trim_start_matches('#')).unwrap());
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            return proptest::strategy::Union::new(choices.iter().map(|choice| self.of(choice))).boxed();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.value_of(values.clone());
        }
        match text(schema, "type") {
            Some("null") => Just(Value::Null).boxed(),
            Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
            Some("integer") => integer(schema),
            Some("number") => number(schema),
            Some("string") => string(schema),
            Some("array") => {
                let (fewest, most) = (count(schema, "minItems", 0), count(schema, "maxItems", 3));
                prop::collection::vec(self.of(&schema["items"]), fewest..=most.max(fewest))
                    .prop_map(Value::from)
                    .boxed()
            }
            Some("object") => self.object(schema),
            _ => anything(),
        }
    }

    fn value_of(self, mut values: Vec<Value>) -> BoxedStrategy<Value> {
        if self.server == Server::OfALaterVersion {
            values.push(json!(NEW_VALUE));
        }
        select(values).boxed()
    }

    fn object(self, schema: &Value) -> BoxedStrategy<Value> {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return free_form() };
        let required = required(schema);
        let mut members = Just(Map::new()).boxed();
        for (name, member) in properties {
            let value = self.of(member).prop_map(Some);
            let value =
                if required.contains(&name.as_str()) { value.boxed() } else { prop_oneof![Just(None), value].boxed() };
            members = with_member(members, name.clone(), value);
        }
        if self.server == Server::OfALaterVersion {
            members = with_member(members, "new_member".to_owned(), anything().prop_map(Some).boxed());
        }
        members.prop_map(Value::Object).boxed()
    }
}

fn with_member(
    members: BoxedStrategy<Map<String, Value>>,
    name: String,
    value: BoxedStrategy<Option<Value>>,
) -> BoxedStrategy<Map<String, Value>> {
    (members, value)
        .prop_map(move |(mut members, value)| {
            members.extend(value.map(|value| (name.clone(), value)));
            members
        })
        .boxed()
}

/// The names of members that must be there.
pub(crate) fn required(schema: &Value) -> Vec<&str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text<'s>(schema: &'s Value, name: &str) -> Option<&'s str> {
    schema.get(name).and_then(Value::as_str)
}

fn count(schema: &Value, name: &str, without: usize) -> usize {
    schema.get(name).and_then(Value::as_u64).map_or(without, |count| usize::try_from(count).unwrap())
}

/// Whole numbers within the limits, the limits among them.
fn integer(schema: &Value) -> BoxedStrategy<Value> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_i64);
    let least = limit("minimum").or(limit("exclusiveMinimum").map(|below| below + 1)).unwrap_or(i64::MIN);
    let most = limit("maximum").or(limit("exclusiveMaximum").map(|above| above - 1)).unwrap_or(i64::MAX);
    prop_oneof![1 => Just(least), 1 => Just(most), 8 => least..=most].prop_map(Value::from).boxed()
}

/// Numbers between the limits.
fn number(schema: &Value) -> BoxedStrategy<Value> {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    let least = limit("minimum").or(limit("exclusiveMinimum")).unwrap_or(-1e9);
    let most = limit("maximum").or(limit("exclusiveMaximum")).unwrap_or(1e9);
    (least..most).prop_filter("may be excluded", move |number| *number > least).prop_map(Value::from).boxed()
}

fn string(schema: &Value) -> BoxedStrategy<Value> {
    let shortest = count(schema, "minLength", 0);
    let longest = count(schema, "maxLength", 20).max(shortest);
    let texts = match text(schema, "format") {
        Some("uuid") => any::<u128>().prop_map(|bits| uuid::Uuid::from_u128(bits).to_string()).boxed(),
        Some("date-time") => timestamp(),
        Some("uri") => "https://example\\.org/[a-z'%+&=?~]{0,40}".prop_map(|uri| uri.replace('%', "%27")).boxed(),
        Some("semver") => "[0-9]\\.[0-9]{1,2}\\.[0-9](-rc\\.1)?".boxed(),
        _ if schema.get("pattern").is_some() => "[a-z]{1,5}/[a-z]{1,5}[-+.|][a-z]{1,9}".boxed(),
        _ => prop::collection::vec(any::<char>(), shortest..=longest).prop_map(String::from_iter).boxed(),
    };
    texts.prop_map(Value::from).boxed()
}

/// Instants with 0 to 9 digits of a second's fraction, and `Z` or any offset.
pub(crate) fn timestamp() -> BoxedStrategy<String> {
    let second = 0..4_000_000_000_i64;
    let fraction = (0..=9_usize, 0..1_000_000_000_u32);
    let offset = prop_oneof![Just("Z".to_owned()), (-1439..=1439_i32).prop_map(offset)];
    (second, fraction, offset)
        .prop_map(|(second, (digits, fraction), offset)| {
            let instant = jiff::Timestamp::from_second(second).unwrap().strftime("%Y-%m-%dT%H:%M:%S").to_string();
            let fraction: String = format!("{fraction:09}").chars().take(digits).collect();
            let point = if digits == 0 { "" } else { "." };
            format!("{instant}{point}{fraction}{offset}")
        })
        .boxed()
}

fn offset(minutes: i32) -> String {
    let (sign, minutes) = if minutes < 0 { ('-', -minutes) } else { ('+', minutes) };
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn free_form() -> BoxedStrategy<Value> {
    prop::collection::btree_map(".{0,8}", anything(), 0..4)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
        .boxed()
}

/// Any JSON, floats of every size among it.
fn anything() -> BoxedStrategy<Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from)
    ];
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, ".{0,8}".prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map(".{0,5}", inner, 0..3).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
    .boxed()
}
