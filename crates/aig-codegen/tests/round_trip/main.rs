//! Every schema of the document: what it allows is read, written as the schema allows, and read back equal.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod instances;

use std::fmt::Debug;

use aig_codegen::{DOCUMENT, models};
use jsonschema::Validator;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use instances::{Instances, NEW_VALUE, Server, required, timestamp};

/// What is checked of one schema.
struct Case {
    schema: &'static str,
    round_trip: fn(&Value) -> (Value, bool),
    is_read: fn(&Value) -> bool,
}

/// The value written again, and whether that is read back equal.
fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &Value) -> (Value, bool) {
    let read: T = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"));
    // By way of text, as on the wire: floats and all.
    let text = serde_json::to_string(&read).unwrap();
    let again: T = serde_json::from_str(&text).unwrap();
    (serde_json::from_str(&text).unwrap(), again == read)
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

#[test]
fn what_a_schema_allows_survives() {
    let document = document();
    let instances = Instances { document: &document, server: Server::OfThisVersion };
    for case in CASES {
        let judge = judge(&document, case);
        let outcome = runner().run(&instances.of(schema(&document, case)), |instance| {
            assert!(judge.is_valid(&instance), "the test draws a wrong {}: {instance}", case.schema);
            let (written, is_equal) = (case.round_trip)(&instance);
            assert!(judge.is_valid(&written), "{}: {instance} became {written}", case.schema);
            assert!(is_equal, "{}: {instance} became {written}", case.schema);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", case.schema));
    }
}

#[test]
fn what_a_later_server_sends_is_read_and_its_values_are_kept() {
    let document = document();
    let instances = Instances { document: &document, server: Server::OfALaterVersion };
    let kept = std::cell::Cell::new(0);
    for case in CASES {
        let outcome = runner().run(&instances.of(schema(&document, case)), |instance| {
            let (written, is_equal) = (case.round_trip)(&instance);
            assert!(is_equal, "{}: {instance} became {written}", case.schema);
            assert_eq!(count(&instance), count(&written), "{}: {instance} became {written}", case.schema);
            kept.set(kept.get() + count(&written));
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{}: {error}", case.schema));
    }
    assert!(kept.get() > 100, "only {} values were new", kept.get());
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
        let (again, is_equal) = round_trip::<models::ApplicationVersion>(&version);
        assert!(is_equal, "{sent}");
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
