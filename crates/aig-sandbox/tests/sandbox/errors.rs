//! What is refused, and how.

use aig_codegen::{Method, OPERATIONS, SERVER_PREFIX};
use aig_sandbox::{RunPlan, SANDBOX_HEADER, Sandbox, synthetic::SlideSpec};
use base64::Engine as _;
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit};

const SOME_ID: &str = "6f2a3f0e-0f8b-4a63-9a52-7d7c1f2f4a10";

fn path_of(template: &str) -> String {
    let filled = template.replace("{version}", "1.0.0").replace("{application_id}", "test-app");
    let filled = filled.replace("{external_id}", "a").replace("{name}", "nothing.md");
    let segments = filled.split('/').map(|part| if part.starts_with('{') { SOME_ID } else { part });
    format!("{SERVER_PREFIX}{}", segments.collect::<Vec<_>>().join("/"))
}

#[tokio::test]
async fn every_operation_of_the_document_is_there_and_wants_a_token() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    assert_eq!(OPERATIONS.len(), 26);
    for operation in OPERATIONS {
        let (method, path) = (operation.method.as_str(), path_of(operation.path));
        let body = matches!(operation.method, Method::Post | Method::Put).then(|| json!({}));
        let answer = wire.send(method, &path, body.as_ref()).await;
        assert!(![405, 500, 501].contains(&answer.status), "{}: {answer:?}", operation.id);
        assert!(answer.headers[SANDBOX_HEADER].to_str().unwrap().starts_with("SANDBOX"));
        assert!(answer.headers.contains_key("x-request-id"));
        let nobody = Wire { token: "eyJhbGciOiJSUzI1NiJ9.e30.AAAA".into(), ..Wire::new(&sandbox).await };
        let answer = nobody.send(method, &path, None).await;
        assert_eq!((answer.status, answer.headers["www-authenticate"].to_str().unwrap()), (401, "Bearer"));
    }
}

#[tokio::test]
async fn no_token_a_stale_token_and_a_wrong_path_are_told_apart() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let url = format!("{}/api/v1/me", sandbox.url());
    let bare = wire.client.get(&url).send().await.unwrap();
    assert_eq!(bare.status(), 401);
    assert_eq!(bare.text().await.unwrap(), r#"{"detail":"Not authenticated"}"#);
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    assert_eq!(wire.get("/api/v1/nothing").await.status, 404);
    assert_eq!(wire.delete("/api/v1/me").await.status, 405);
    assert_eq!(wire.get("/health").await.body, json!({"status": "UP"}));
    sandbox.advance_clock(std::time::Duration::from_secs(48 * 3600)).unwrap();
    assert_eq!(wire.get("/api/v1/me").await.status, 401);
}

#[tokio::test]
async fn a_request_for_another_host_or_from_another_site_is_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    for path in ["/health", "/api/v1/me", "/storage/a/b", "/authorize", "/.well-known/jwks.json", "/"] {
        for (header, value) in [("host", "evil.example"), ("origin", "https://evil.example")] {
            let url = format!("{}{path}", sandbox.url());
            let answer = wire.client.get(url).header(header, value).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{path} {header}");
        }
    }
}

#[tokio::test]
async fn invalid_requests_name_the_place_of_each_mistake() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let loc = |answer: &Value| answer["detail"][0]["loc"].clone();
    let table = [
        ("/api/v1/runs/not-a-uuid", json!(["path", "run_id"])),
        ("/api/v1/runs?page_size=4", json!(["query", "page_size"])),
        ("/api/v1/runs?page=0", json!(["query", "page"])),
        ("/api/v1/runs?sort=secret", json!(["query", "sort"])),
        ("/api/v1/runs?custom_metadata=$..x", json!(["query", "custom_metadata"])),
        ("/api/v1/applications?page-size=101", json!(["query", "page-size"])),
    ];
    for (path, place) in table {
        let answer = wire.get(path).await;
        assert_eq!((answer.status, loc(&answer.body)), (422, place), "{path}");
    }
}

#[tokio::test]
async fn a_filter_that_is_too_costly_is_refused() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [slideless_item("a", &SlideSpec::new(100, 100))]).await;
    let (runs, run) = ("/api/v1/runs".to_owned(), format!("/api/v1/runs/{run}"));
    let costly = format!("${}", "[0,0]".repeat(30));
    for (listing, metadata) in
        [(runs, format!("{run}/custom-metadata")), (format!("{run}/items"), format!("{run}/items/a/custom-metadata"))]
    {
        assert_eq!(wire.put(&metadata, &json!({"custom_metadata": {"a": 1}})).await.status, 200);
        let answer = wire.get(&format!("{listing}?custom_metadata={costly}")).await;
        assert_eq!((answer.status, &answer.body["detail"][0]["loc"]), (422, &json!(["query", "custom_metadata"])));
        let found = wire.get(&format!("{listing}?custom_metadata=$.a")).await;
        assert_eq!(found.body.as_array().unwrap().len(), 1, "{found:?}");
    }
}

#[tokio::test]
async fn a_submission_that_the_version_does_not_take_is_refused() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let item = slideless_item("a", &SlideSpec::new(100, 100));
    let changed = |pointer: &str, value: Value| {
        let mut request = json!({"application_id": "test-app", "version_number": "1.0.0", "items": [item]});
        *request.pointer_mut(pointer).unwrap() = value;
        request
    };
    let table = [
        (404, changed("/application_id", json!("nothing"))),
        (404, changed("/version_number", json!("9.9.9"))),
        (422, changed("/items", json!([]))),
        (422, changed("/items", json!([item, item]))),
        (422, changed("/items/0/external_id", json!("x".repeat(256)))),
        (422, changed("/items/0/external_id", json!(""))),
        (422, changed("/items/0/input_artifacts", json!([]))),
        (422, changed("/items/0/input_artifacts/0/name", json!("other"))),
        (422, changed("/items/0/input_artifacts/0/metadata/width_px", json!(-1))),
        (422, changed("/items/0/input_artifacts/0/metadata", json!({}))),
        (422, changed("/version_number", json!(5))),
    ];
    for (status, request) in table {
        let answer = wire.post("/api/v1/runs", &request).await;
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        assert!(!answer.body["detail"].is_null());
    }
    let mut late = changed("/version_number", Value::Null);
    late["scheduling"] = json!({"due_date": "2001-01-01T00:00:00Z"});
    assert_eq!(wire.post("/api/v1/runs", &late).await.status, 422);
    let mut large = changed("/version_number", Value::Null);
    large["callback_context"] = json!({"x": "y".repeat(1100)});
    assert_eq!(wire.post("/api/v1/runs", &large).await.status, 422);
    let he_tme = json!({"application_id": "he-tme", "items": [item]});
    let answer = wire.post("/api/v1/runs", &he_tme).await;
    assert!(answer.body.to_string().contains("staining_method"), "{answer:?}");
}

#[tokio::test]
async fn a_run_is_canceled_once_and_its_results_are_deleted_for_good() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [slideless_item("a", &SlideSpec::new(100, 100))]).await;
    let cancel = async || wire.send("POST", &format!("/api/v1/runs/{run}/cancel"), None).await;
    assert_eq!(cancel().await.status, 202);
    assert_eq!(cancel().await.status, 409);
    let view = wire.get(&format!("/api/v1/runs/{run}")).await.body;
    assert_eq!(view["termination_reason"], "CANCELED_BY_USER");
    assert_eq!(view["statistics"]["item_skipped_count"], 1);
    let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    let artifact = items[0]["output_artifacts"][0]["output_artifact_id"].as_str().unwrap();
    assert_eq!(wire.get(&format!("/api/v1/runs/{run}/artifacts/{artifact}/file")).await.status, 404);
    assert_eq!(wire.delete(&format!("/api/v1/runs/{run}/artifacts")).await.status, 200);
}

#[tokio::test]
async fn custom_metadata_is_replaced_whole_unless_it_has_changed() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [slideless_item("a/b c", &SlideSpec::new(100, 100))]).await;
    for path in
        [format!("/api/v1/runs/{run}/custom-metadata"), format!("/api/v1/runs/{run}/items/a%2Fb%20c/custom-metadata")]
    {
        let first = wire.put(&path, &json!({"custom_metadata": {"a": 1}})).await;
        let checksum = first.body["custom_metadata_checksum"].clone();
        assert!(checksum.is_string());
        let second = wire.put(&path, &json!({"custom_metadata": {"a": 2}, "custom_metadata_checksum": checksum})).await;
        assert_eq!(second.status, 200);
        let stale = wire.put(&path, &json!({"custom_metadata": {"a": 3}, "custom_metadata_checksum": checksum})).await;
        assert_eq!(stale.status, 412);
        let gone = wire.put(&path, &json!({"custom_metadata": null})).await;
        assert_eq!(gone.body, json!({"custom_metadata_checksum": null}));
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_none_are_answered_before_anybody_asks_for_a_token() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire { token: "nobody's".into(), ..Wire::new(&sandbox).await };
    for path in ["/api/v1/nothing", "/api/V1/me", "/api//v1/me", "/api/v1/applications/a/b", "/api/v1/me/x", "/api"] {
        let answer = wire.get(path).await;
        assert_eq!((answer.status, answer.body), (404, json!({"detail": "Not Found"})), "{path}");
    }
    let table = [
        ("DELETE", "/api/v1/me", "GET"),
        ("HEAD", "/api/v1/me", "GET"),
        ("OPTIONS", "/api/v1/runs", "GET, POST"),
        ("PATCH", "/api/v1/access/grants/x", "GET, DELETE"),
        ("GET", "/api/v1/runs/x/cancel", "POST"),
    ];
    for (method, path, allowed) in table {
        let answer = wire.send(method, path, None).await;
        assert_eq!((answer.status, answer.headers["allow"].to_str().unwrap()), (405, allowed), "{method} {path}");
        assert!(method == "HEAD" || answer.body == json!({"detail": "Method Not Allowed"}), "{answer:?}");
    }
    let answer = wire.get("/api/v1/runs/?page=2").await;
    assert_eq!(answer.status, 307);
    assert_eq!(answer.headers["location"].to_str().unwrap(), format!("{}/api/v1/runs?page=2", sandbox.url()));
}

#[tokio::test]
async fn tokens_that_were_changed_or_made_by_others_are_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let parts: Vec<String> = wire.token.split('.').map(str::to_owned).collect();
    let [head, claims, signature] = [parts[0].as_str(), parts[1].as_str(), parts[2].as_str()];
    let encode = |value: &Value| base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let own: Value = serde_json::from_slice(&base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    let changed = |name: &str, value: Value| {
        let mut claims = own.clone();
        claims[name] = value;
        format!("{head}.{}.{signature}", encode(&claims))
    };
    let other = Sandbox::builder().start().await.unwrap();
    let tokens = [
        format!("{}.{claims}.", encode(&json!({"alg": "none"}))),
        format!("{}.{claims}.{signature}", encode(&json!({"alg": "HS256"}))),
        format!("{head}.{claims}.{}", encode(&json!("x"))),
        changed("aud", json!("https://elsewhere")),
        changed("iss", json!("https://elsewhere/")),
        changed("exp", json!(4_102_444_800_u64)),
        changed("sub", json!("auth0|sandbox-linus")),
        other.access_token().await.unwrap(),
        "x".repeat(10_000),
    ];
    for token in tokens {
        let answer = Wire { token: token.clone(), ..Wire::new(&sandbox).await }.get("/api/v1/me").await;
        assert_eq!(answer.status, 401, "{token}");
        assert!(answer.body["detail"].as_str().unwrap().starts_with("SANDBOX"), "{answer:?}");
    }
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_submission_is_said_at_once() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let places = |answer: &Value| -> Vec<(String, String)> {
        let entries = answer["detail"].as_array().unwrap().iter();
        entries.map(|entry| (entry["loc"].to_string(), entry["type"].as_str().unwrap().to_owned())).collect()
    };
    let mut item = slideless_item("a", &SlideSpec::new(100, 100));
    item["input_artifacts"][0]["metadata"]["width_px"] = json!("a patient's name");
    item["input_artifacts"][0]["metadata"]["resolution_mpp"] = json!(0);
    let twice = json!([item["input_artifacts"][0], item["input_artifacts"][0]]);
    let second = json!({"external_id": "a", "input_artifacts": twice});
    let request = json!({"application_id": "test-app", "items": [item, second], "callback_context": {"x": "y".repeat(2000)},
        "scheduling": {"due_date": "2099-01-02T00:00:00Z", "deadline": "2099-01-01T00:00:00Z"}});
    let answer = wire.post("/api/v1/runs", &request).await.body;
    assert!(!answer.to_string().contains("patient"), "{answer}");
    let told = places(&answer);
    for place in [
        r#"["body","items",0,"input_artifacts",0,"metadata","width_px"]"#,
        r#"["body","items",0,"input_artifacts",0,"metadata","resolution_mpp"]"#,
        r#"["body","items",1,"external_id"]"#,
        r#"["body","items",1,"input_artifacts"]"#,
        r#"["body","scheduling"]"#,
        r#"["body","callback_context"]"#,
    ] {
        assert!(told.contains(&(place.to_owned(), "value_error".to_owned())), "{place} in {told:?}");
    }
    let shapeless = json!({"items": [{"external_id": 7}], "scheduling": {"deadline": "soon"}});
    let told = places(&wire.post("/api/v1/runs", &shapeless).await.body);
    assert_eq!(told.len(), 4, "{told:?}");
}

#[tokio::test]
async fn answers_hold_every_member_of_their_models_also_those_that_are_null() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [slideless_item("a", &SlideSpec::new(100, 100))]).await;
    let null = |value: &Value, names: &[&str]| {
        for name in names {
            assert_eq!(value.get(name), Some(&Value::Null), "{name} in {value}");
        }
    };
    let names = ["termination_reason", "error_code", "error_message", "custom_metadata", "terminated_at", "scheduling"];
    null(&wire.get(&format!("/api/v1/runs/{run}")).await.body, &names);
    null(&wire.get("/api/v1/runs").await.body[0], &names);
    let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    null(&items[0], &["custom_metadata", "custom_metadata_checksum", "termination_reason", "error_code"]);
    null(&items[0]["output_artifacts"][0], &["metadata", "termination_reason", "error_code", "download_url"]);
    null(&wire.post("/api/v1/access/share-tokens", &json!({})).await.body, &["expires_at"]);
    null(&wire.get("/api/v1/me").await.body["user"], &["picture", "updated_at"]);
}
