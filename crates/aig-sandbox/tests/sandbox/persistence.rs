//! State that outlives its sandbox: by `persist`, and by snapshots.

use std::{path::Path, time::Duration};

use aig_sandbox::{KeepError, RunPlan, Sandbox, SandboxBuilder, SandboxError, SlideUse, synthetic::SlideSpec};
use object_store::{ObjectStoreExt, PutPayload};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit};

const LINUS: &str = "auth0|sandbox-linus";

fn kept(directory: &Path) -> SandboxBuilder {
    Sandbox::builder().persist(directory).run_plan(RunPlan::Immediate).slides(SlideUse::Ignore)
}

fn item(name: &str) -> Value {
    slideless_item(name, &SlideSpec::new(100, 100))
}

/// Everything that the API says, as one user sees it.
async fn everything(wire: &Wire) -> Value {
    let mut all = serde_json::Map::new();
    let runs = wire.get("/api/v1/runs").await.body;
    for run in runs.as_array().unwrap() {
        let id = run["run_id"].as_str().unwrap();
        all.insert(id.to_owned(), wire.get(&format!("/api/v1/runs/{id}/items")).await.body);
    }
    for path in
        ["/api/v1/runs", "/api/v1/applications", "/api/v1/me", "/api/v1/access/grants", "/api/v1/access/share-tokens"]
    {
        all.insert(path.to_owned(), wire.get(path).await.body);
    }
    Value::Object(all)
}

async fn busy(wire: &Wire) -> (String, String) {
    let run = submit(wire, "test-app", [item("a"), item("b")]).await;
    wire.wait_for_end(&run).await;
    wire.put(&format!("/api/v1/runs/{run}/custom-metadata"), &json!({"custom_metadata": {"a": [1, 2.5]}})).await;
    let token = wire.post("/api/v1/access/share-tokens", &json!({})).await.body;
    let grant = json!({"resource_type": "run", "resource_id": run, "subject_type": "share_token",
        "subject_id": token["share_token_id"], "relation": "viewer"});
    assert_eq!(wire.post("/api/v1/access/grants", &grant).await.status, 201);
    wire.bucket().await.put(&"uploads/x".into(), PutPayload::from_static(b"content")).await.unwrap();
    (run, token["share_token"].as_str().unwrap().to_owned())
}

async fn link_to_a_result(wire: &Wire, run: &str) -> String {
    let items = wire.get(&format!("/api/v1/runs/{run}/items")).await.body;
    let artifact = items[0]["output_artifacts"][0]["output_artifact_id"].as_str().unwrap();
    let answer = wire.get(&format!("/api/v1/runs/{run}/artifacts/{artifact}/file")).await;
    answer.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_sandbox_goes_on_where_the_last_one_in_its_directory_ended() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("made/for/it");
    let sandbox = kept(&directory).start().await.unwrap();
    assert!(!sandbox.is_resumed());
    let wire = Wire::new(&sandbox).await;
    let (run, secret) = busy(&wire).await;
    sandbox.advance_clock(Duration::from_secs(3600)).unwrap();
    let link = link_to_a_result(&wire, &run).await;
    let (refresh, before) = (sandbox.refresh_token().await.unwrap(), everything(&wire).await);
    let (url, linus) = (sandbox.url().to_owned(), Wire::of(&sandbox, LINUS).await);
    sandbox.shutdown().await;

    let sandbox = kept(&directory).start().await.unwrap();
    assert!(sandbox.is_resumed());
    assert_eq!(sandbox.url(), url, "the port of the last time");
    assert_eq!(everything(&wire).await, before, "with the same token");
    assert_eq!(wire.client.get(&link).send().await.unwrap().status(), 200, "with the same link");
    assert_eq!(linus.get(&format!("/api/v1/runs/{run}?share_token={secret}")).await.status, 200);
    let uploaded = wire.bucket().await.get(&"uploads/x".into()).await.unwrap().bytes().await.unwrap();
    assert_eq!(uploaded, "content".as_bytes());
    let now: jiff::Timestamp = wire.get("/_sandbox/clock").await.body["now"].as_str().unwrap().parse().unwrap();
    let machine = wire.get("/_sandbox/clock").await.body["machine"].as_str().unwrap().parse().unwrap();
    assert!(now.duration_since(machine).as_mins() >= 59);
    let form = [("grant_type", "refresh_token"), ("client_id", "sandbox-interactive"), ("refresh_token", &refresh)];
    let form: String = form.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    let request = wire.client.post(format!("{url}/oauth/token")).body(form);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let next = submit(&wire, "test-app", [item("a")]).await;
    assert!(before.get(&next).is_none(), "no id is given out twice");
}

#[tokio::test]
async fn runs_that_had_not_ended_go_on() {
    let place = tempfile::tempdir().unwrap();
    let sandbox = kept(place.path()).run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let run = submit(&wire, "test-app", [item("a"), item("b")]).await;
    sandbox.advance_run(run.parse().unwrap()).unwrap();
    while wire.get(&format!("/api/v1/runs/{run}")).await.body["statistics"]["item_succeeded_count"] != 1 {
        tokio::task::yield_now().await;
    }
    drop(sandbox);
    let sandbox = kept(place.path()).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    assert_eq!(wire.wait_for_end(&run).await["statistics"]["item_succeeded_count"], 2);
}

#[tokio::test]
async fn a_directory_that_cannot_be_used_is_refused_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let sandbox = kept(place.path()).start().await.unwrap();
    let problem = |error: SandboxError| match error {
        SandboxError::Kept { problem, .. } => problem,
        other => panic!("{other}"),
    };
    assert!(matches!(problem(kept(place.path()).start().await.unwrap_err()), KeepError::InUse));
    drop(sandbox);
    kept(place.path()).start().await.unwrap().shutdown().await;
    let other = tempfile::tempdir().unwrap();
    std::fs::File::create(other.path().join("thesis.docx")).unwrap();
    let error = kept(other.path()).start().await.unwrap_err();
    assert!(error.to_string().contains("thesis.docx"), "{error}");
    let objects = place.path().join("objects");
    std::fs::create_dir_all(&objects).unwrap();
    for file in std::fs::read_dir(&objects).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    assert!(kept(place.path()).start().await.is_ok(), "nothing was stored there");
}

#[tokio::test]
async fn a_missing_object_is_damage() {
    let place = tempfile::tempdir().unwrap();
    let sandbox = kept(place.path()).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    wire.bucket().await.put(&"x".into(), PutPayload::from_static(b"content")).await.unwrap();
    sandbox.shutdown().await;
    let file = std::fs::read_dir(place.path().join("objects")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(file).unwrap();
    let error = kept(place.path()).start().await.unwrap_err();
    assert!(matches!(error, SandboxError::Kept { problem: KeepError::Damaged(_), .. }), "{error}");
}

#[tokio::test]
async fn a_snapshot_brings_everything_back_also_in_another_sandbox() {
    let shelf = tempfile::tempdir().unwrap();
    let builder = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).snapshots_in(shelf.path());
    let sandbox = builder.clone().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let (run, _) = busy(&wire).await;
    let before = everything(&wire).await;
    let made = wire.post("/_sandbox/snapshots", &json!({"name": "first"})).await;
    assert_eq!((made.status, &made.body["runs"]), (201, &json!(1)), "{made:?}");
    assert_eq!(wire.delete(&format!("/api/v1/runs/{run}/artifacts")).await.status, 200);
    submit(&wire, "test-app", [item("c")]).await;
    assert_ne!(everything(&wire).await, before);
    assert_eq!(wire.send("POST", "/_sandbox/snapshots/first/load", None).await.status, 200);
    assert_eq!(everything(&wire).await, before);
    let link = link_to_a_result(&wire, &run).await;
    assert_eq!(wire.client.get(&link).send().await.unwrap().status(), 200);
    submit(&wire, "test-app", [item("d")]).await;

    let other = builder.start().await.unwrap();
    other.restore("first").unwrap();
    let there = Wire::new(&other).await;
    let run_there = there.get(&format!("/api/v1/runs/{run}")).await;
    assert_eq!(run_there.body, wire.get(&format!("/api/v1/runs/{run}")).await.body);
    let link = link_to_a_result(&there, &run).await;
    assert_eq!(there.client.get(&link).send().await.unwrap().status(), 200);
    other.snapshot("second").unwrap();
    other.restore("second").unwrap();
    let names: Vec<String> = sandbox.snapshots().unwrap().into_iter().map(|info| info.name).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(wire.delete("/_sandbox/snapshots/first").await.status, 204);
    assert_eq!(wire.delete("/_sandbox/snapshots/first").await.status, 404);
}

#[tokio::test]
async fn snapshots_that_cannot_be_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let sandbox = kept(place.path()).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    for name in ["", "../x", ".hidden", "a/b", "a b"] {
        assert_eq!(wire.post("/_sandbox/snapshots", &json!({"name": name})).await.status, 422, "{name}");
    }
    assert_eq!(wire.post("/_sandbox/snapshots", &json!({})).await.status, 422);
    assert_eq!(wire.post("/_sandbox/snapshots", &json!({"name": "a"})).await.status, 201);
    assert_eq!(wire.post("/_sandbox/snapshots", &json!({"name": "a"})).await.status, 409);
    assert_eq!(wire.send("POST", "/_sandbox/snapshots/none/load", None).await.status, 404);
    let run = submit(&wire, "test-app", [item("a")]).await;
    std::fs::File::create(place.path().join("snapshots/a/journal")).unwrap();
    assert_eq!(wire.send("POST", "/_sandbox/snapshots/a/load", None).await.status, 500);
    assert_eq!(wire.get(&format!("/api/v1/runs/{run}")).await.status, 200, "everything stays as it was");
}

#[tokio::test]
async fn a_loaded_snapshot_is_what_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let sandbox = kept(place.path()).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let (run, _) = busy(&wire).await;
    sandbox.snapshot("one").unwrap();
    submit(&wire, "test-app", [item("later")]).await;
    sandbox.restore("one").unwrap();
    let after = submit(&wire, "test-app", [item("after")]).await;
    wire.wait_for_end(&after).await;
    sandbox.shutdown().await;
    let _sandbox = kept(place.path()).start().await.unwrap();
    let ids: Vec<Value> =
        wire.get("/api/v1/runs").await.body.as_array().unwrap().iter().map(|run| run["run_id"].clone()).collect();
    assert_eq!(ids, [json!(after), json!(run)]);
}
