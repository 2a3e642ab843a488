//! Every schema of the document: what it allows is read, written as the schema allows, and read back equal.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod instances;
mod wrong;

use std::fmt::Debug;

use aig_codegen::{DOCUMENT, models};
use jsonschema::Validator;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use instances::{Instances, NEW_VALUE, Server, required, timestamp};

/// What is checked of one schema.
struct Case {
    schema: &'static str,
    round_trip: fn(&Value) -> Result<Value, String>,
    is_read: fn(&Value) -> bool,
}

/// The value read and written again.
///
/// # Errors
/// When it is not read, or when what is written is not read back equal.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &Value) -> Result<Value, String> {
    let read: T = serde_json::from_value(value.clone()).map_err(|error| format!("{error}: {value}"))?;
    // By way of text, as on the wire: floats and all.
    let text = serde_json::to_string(&read).unwrap();
    let again: T = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    if again == read { Ok(serde_json::from_str(&text).unwrap()) } else { Err(format!("not equal: {text}")) }
}

fn is_read<T: DeserializeOwned>(value: &Value) -> bool {
    serde_json::from_value::<T>(value.clone()).is_ok()
}

macro_rules! cases {
    ($($name:ident),* $(,)?) => {
        &[$(Case { schema: stringify!($name), round_trip: round_trip::<models::$name>, is_read: is_read::<models::$name> }),*]
    };
}

const CASES: &[Case] = cases![
    ApplicationReadResponse,
    ApplicationReadShortResponse,
    ApplicationVersion,
    ArtifactOutput,
    ArtifactState,
    ArtifactTerminationReason,
    CustomMetadataUpdateRequest,
    CustomMetadataUpdateResponse,
    GrantCreateRequest,
    GrantReadResponse,
    GrantRelation,
    HTTPValidationError,
    InputArtifact,
    InputArtifactCreationRequest,
    InputArtifactResultReadResponse,
    ItemCreationRequest,
    ItemOutput,
    ItemResultReadResponse,
    ItemState,
    ItemTerminationReason,
    MeReadResponse,
    OrganizationReadResponse,
    OutputArtifact,
    OutputArtifactResultReadResponse,
    OutputArtifactScope,
    OutputArtifactVisibility,
    ResourceType,
    RunCreationRequest,
    RunCreationResponse,
    RunItemStatistics,
    RunOutput,
    RunReadResponse,
    RunState,
    RunTerminationReason,
    SchedulingRequest,
    SchedulingResponse,
    ShareTokenCreateRequest,
    ShareTokenCreateResponse,
    ShareTokenReadResponse,
    SubjectType,
    UserReadResponse,
    ValidationError,
    VersionDocumentResponse,
    VersionDocumentVisibility,
    VersionReadResponse,
];

fn document() -> Value {
    serde_json::from_str(DOCUMENT).unwrap()
}

fn schema<'d>(document: &'d Value, case: &Case) -> &'d Value {
    document.pointer(&format!("/components/schemas/{}", case.schema)).unwrap()
}

/// The judge, which knows nothing of the generator.
fn judge(document: &Value, case: &Case) -> Validator {
    let schema = json!({"$ref": format!("#/components/schemas/{}", case.schema), "components": document["components"]});
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

/// The same instances every time: a failure here is a failure everywhere.
fn runner() -> TestRunner {
    let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

#[test]
fn no_schema_is_left_out() {
    let document = document();
    let schemas: Vec<_> = document["components"]["schemas"].as_object().unwrap().keys().cloned().collect();
    let without: Vec<_> = schemas.iter().filter(|name| CASES.iter().all(|case| case.schema != name.as_str())).collect();
    assert!(without.is_empty(), "to be added to CASES: {without:?}");
    let gone: Vec<_> =
        CASES.iter().map(|case| case.schema).filter(|name| !schemas.iter().any(|known| known == name)).collect();
    assert!(gone.is_empty(), "to be removed from CASES: {gone:?}");
}

/// A limit that the next version of the document sets is kept to by the instances that are drawn.
#[test]
fn what_is_drawn_keeps_to_limits() {
    let schemas = [
        json!({"type": "integer", "minimum": 0, "maximum": 9}),
        json!({"type": "integer", "exclusiveMinimum": 9_007_199_254_740_992_i64}),
        json!({"type": "number", "exclusiveMinimum": 0, "maximum": 0.5}),
        json!({"type": "string", "minLength": 2, "maxLength": 3}),
        json!({"type": "array", "minItems": 5, "items": {"type": "number"}}),
    ];
    let instances = Instances { document: &Value::Null, server: Server::OfThisVersion };
    for schema in &schemas {
        let judge = jsonschema::validator_for(schema).unwrap();
        let drawn = runner().run(&instances.of(schema), |instance| {
            assert!(judge.is_valid(&instance), "{instance} of {schema}");
            Ok(())
        });
        drawn.unwrap();
    }
}

/// What the model does to an instance of this version, if it does anything wrong.
fn fault(case: &Case, judge: &Validator, instance: &Value) -> Result<(), String> {
    assert!(judge.is_valid(instance), "the test draws a wrong {}: {instance}", case.schema);
    let written = (case.round_trip)(instance)?;
    if !judge.is_valid(&written) {
        return Err(format!("written as the schema does not allow: {written}"));
    }
    if told(&written) == told(instance) { Ok(()) } else { Err(format!("{instance} became {written}")) }
}

/// What the model does to an instance of a later version, if it does anything wrong.
fn later_fault(case: &Case, instance: &Value) -> Result<(), String> {
    let written = (case.round_trip)(instance)?;
    if count(instance) == count(&written) { Ok(()) } else { Err(format!("{instance} became {written}")) }
}

/// What a value says: null is absence, and an instant is the same with 0 behind its fraction.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let told = members.iter().filter(|(_, value)| !value.is_null());
            told.map(|(name, value)| (name.clone(), self::told(value))).collect()
        }
        Value::Array(items) => items.iter().map(told).collect(),
        Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => without_last_zeros(text).into(),
        other => other.clone(),
    }
}

/// The first instance that the model spoils, and how.
fn first_fault(document: &Value, case: &Case, server: Server) -> Option<String> {
    let judge = judge(document, case);
    let spoilt = runner().run(&Instances { document, server }.of(schema(document, case)), |instance| {
        let outcome = match server {
            Server::OfThisVersion => fault(case, &judge, &instance),
            Server::OfALaterVersion => later_fault(case, &instance),
        };
        outcome.map_err(TestCaseError::fail)
    });
    spoilt.err().map(|error| format!("{}: {error}", case.schema))
}

fn assert_none_is_spoilt(server: Server) {
    let document = document();
    let faults: Vec<String> = CASES.iter().filter_map(|case| first_fault(&document, case, server)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_a_schema_allows_survives() {
    assert_none_is_spoilt(Server::OfThisVersion);
}

#[test]
fn what_a_later_server_sends_is_read_and_its_values_are_kept() {
    assert_none_is_spoilt(Server::OfALaterVersion);
}

#[test]
fn a_later_server_is_drawn_with_many_new_values() {
    let document = document();
    let instances = Instances { document: &document, server: Server::OfALaterVersion };
    let drawn = std::cell::Cell::new(0);
    for case in CASES {
        let outcome = runner().run(&instances.of(schema(&document, case)), |instance| {
            drawn.set(drawn.get() + count(&instance));
            Ok(())
        });
        outcome.unwrap();
    }
    assert!(drawn.get() > 100, "only {} values were new", drawn.get());
}

/// How many values are new to this version.
fn count(value: &Value) -> usize {
    value.to_string().matches(NEW_VALUE).count()
}

/// The control: without it, a model that reads anything would pass.
#[test]
fn a_required_member_that_is_missing_is_missed_by_judge_and_model() {
    let document = document();
    let instances = Instances { document: &document, server: Server::OfThisVersion };
    let mut missed = 0;
    for case in CASES {
        let (schema, judge) = (schema(&document, case), judge(&document, case));
        for name in required(schema) {
            let outcome = runner().run(&instances.of(schema), |mut instance| {
                instance.as_object_mut().unwrap().remove(name);
                assert!(!judge.is_valid(&instance));
                let can_be_null = schema["properties"][name].get("anyOf").is_some();
                assert_eq!((case.is_read)(&instance), can_be_null, "{} without {name}: {instance}", case.schema);
                Ok(())
            });
            outcome.unwrap();
            missed += 1;
        }
    }
    assert!(missed > 100, "only {missed} members are required");
}

#[test]
fn instants_keep_their_fraction_and_their_offset() {
    let rewritten = |sent: &str| {
        let version = json!({"number": "1.0.0", "released_at": sent});
        let again = round_trip::<models::ApplicationVersion>(&version).unwrap();
        again["released_at"].as_str().unwrap().to_owned()
    };
    // The control: an instant without its offset would not do.
    let in_utc = |sent: &str| sent.parse::<jiff::Timestamp>().unwrap().to_string();
    let lost = std::cell::Cell::new(0);
    let outcome = runner().run(&timestamp(), |sent| {
        let wanted = without_last_zeros(&sent);
        assert_eq!(rewritten(&sent), wanted);
        assert_eq!(rewritten(&sent).parse::<jiff::Timestamp>().unwrap(), sent.parse().unwrap());
        lost.set(lost.get() + usize::from(in_utc(&sent) != wanted));
        Ok(())
    });
    outcome.unwrap();
    assert!(lost.get() > 10, "only {} instants had an offset", lost.get());
}

/// A fraction with 0 at its end is the same fraction without.
fn without_last_zeros(text: &str) -> String {
    let Some((second, rest)) = text.split_once('.') else { return text.to_owned() };
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (fraction, offset) = rest.split_at(digits);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{second}{point}{fraction}{offset}")
}
