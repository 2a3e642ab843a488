//! SDK metadata against the shared schemas.

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn writer() -> Writer {
    Writer { user_agent: "aig-platform/1".to_owned(), interface: Interface::Cli, ..Writer::default() }
}

fn me() -> MeReadResponse {
    serde_json::from_value(json!({ "user": { "id": "u", "email": "ada@example.org" }, "organization": { "id": "o",
        "aignostics_bucket_hmac_access_key_id": "k", "aignostics_bucket_hmac_secret_access_key": "s",
        "aignostics_bucket_name": "b", "aignostics_bucket_protocol": "gs", "aignostics_logfire_token": "l",
        "aignostics_sentry_dsn": "d" } }))
    .unwrap()
}

fn described(mut metadata: Map<String, Value>, remarks: &RunRemarks, writer: &Writer) -> Value {
    describe_run(&mut metadata, remarks, writer, None, at("2026-11-22T01:01:01.9Z"));
    Value::Object(metadata)
}

fn is_valid(schema: &Value, value: &Value) -> bool {
    jsonschema::validator_for(schema).unwrap().is_valid(value)
}

#[test]
fn a_run_is_described_in_the_shared_shape() {
    let described = described(Map::new(), &RunRemarks::default(), &writer());
    let date = "2026-11-22T01:01:01+00:00";
    let expected = json!({ "schema_version": "0.0.6", "created_at": date, "updated_at": date, "user_agent": "aig-platform/1",
        "submission": { "date": date, "interface": "cli", "initiator": "user" } });
    assert_eq!(described["sdk"], expected);
    assert!(is_valid(&run_schema(), &expected));
}

#[test]
fn everything_that_can_be_said_is_valid() {
    let pipeline = Pipeline { gpu: Gpu::default().flex_start(None), ..Pipeline::default() };
    let remarks = RunRemarks {
        note: Some("a note".to_owned()),
        tags: ["b", "a", "__aignx_validation_case:do_nothing"].map(str::to_owned).into(),
        onboard_to_portal: true,
        pipeline: Some(pipeline),
    };
    let mut writer = writer();
    writer.ci = ci_job(&crate::settings::Variables::from_iter([
        ("GITHUB_REPOSITORY", "o/r"),
        ("GITHUB_RUN_ID", "7"),
        ("GITHUB_SHA", "abc"),
    ]));
    let mut metadata = Map::new();
    describe_run(&mut metadata, &remarks, &writer, Some(&me()), at("2026-11-22T01:01:01Z"));
    let sdk = &metadata["sdk"];
    assert!(is_valid(&run_schema(), sdk), "{sdk}");
    assert_eq!(sdk["ci"]["github"]["run_url"], "https://github.com/o/r/actions/runs/7");
    assert_eq!(sdk["pipeline"]["gpu"]["flex_start_max_run_duration_minutes"], 720);
    assert_eq!(sdk["tags"], json!(["__aignx_validation_case:do_nothing", "a", "b"]));
    assert_eq!(sdk["user"]["user_email"], "ada@example.org");
}

#[test]
fn what_others_wrote_is_kept() {
    let there = json!({ "mine": 1, "sdk": { "created_at": "2025-01-01T00:00:00+00:00", "note": "theirs", "tags": ["x"],
        "pipeline": {}, "submission": { "date": "2025-01-01T00:00:00+00:00", "interface": "launchpad", "initiator": "bridge" } } });
    let described = described(there.as_object().cloned().unwrap(), &RunRemarks::default(), &writer());
    assert_eq!(described["mine"], 1);
    let sdk = &described["sdk"];
    assert_eq!((&sdk["note"], &sdk["submission"]["interface"]), (&json!("theirs"), &json!("launchpad")));
    assert_eq!(
        (&sdk["created_at"], &sdk["updated_at"]),
        (&json!("2025-01-01T00:00:00+00:00"), &json!("2026-11-22T01:01:01+00:00"))
    );
    assert!(is_valid(&run_schema(), sdk));
}

#[test]
fn an_item_is_described_in_the_shared_shape() {
    let mut metadata = Map::new();
    describe_item(&mut metadata, at("2026-11-22T01:01:01Z"));
    assert_eq!(metadata["sdk"]["schema_version"], "0.0.3");
    assert!(is_valid(&item_schema(), &metadata["sdk"]));
}

#[test]
fn the_schemas_refuse_what_the_other_clients_refuse() {
    let good = described(Map::new(), &RunRemarks::default(), &writer())["sdk"].clone();
    for (pointer, value) in [
        ("/unknown", json!(1)),
        ("/submission/interface", json!("telepathy")),
        ("/tags", json!(["__aignx_validation_case:explode"])),
        ("/pipeline", json!({ "gpu": { "gpu_type": "H100" } })),
        ("/pipeline", json!({ "gpu": { "max_gpus_per_slide": 9 } })),
        ("/pipeline", json!({ "gpu": { "provisioning_mode": "SPOT", "flex_start_max_run_duration_minutes": 5 } })),
        ("/user", json!({ "user_id": "u" })),
    ] {
        let mut bad = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap()[name] = value;
        assert!(!is_valid(&run_schema(), &bad), "{pointer}");
    }
}
