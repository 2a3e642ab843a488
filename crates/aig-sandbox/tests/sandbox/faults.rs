//! Faults on demand: each breaks what it says it breaks, and nothing else.

use std::time::Duration;

use aig_sandbox::{
    RunPlan, Sandbox,
    faults::{Effect, Fault, Scenario},
};

use crate::wire::Wire;

async fn setting() -> (Sandbox, Wire, String) {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let path = "/api/v1/applications/he-tme/versions/1.1.0/documents/release-notes.md/content";
    let link = wire.get(path).await.headers["location"].to_str().unwrap().to_owned();
    (sandbox, wire, link)
}

#[tokio::test]
async fn an_answer_comes_in_place_of_the_operation_as_often_as_asked() {
    let (sandbox, wire, _) = setting().await;
    sandbox.inject(Fault::new(Effect::status(503).retry_after("7")).on_operation("get_me").times(2));
    for _ in 0..2 {
        let answer = wire.get("/api/v1/me").await;
        assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (503, "7"));
        assert_eq!(wire.get("/api/v1/runs").await.status, 200);
    }
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    let struck = sandbox.requests().into_iter().filter(|request| request.fault.is_some()).count();
    assert_eq!(struck, 2);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_run_created_and_a_dropped_request_does_not() {
    let (sandbox, wire, _) = setting().await;
    let request = serde_json::json!({
        "application_id": "test-app",
        "items": [crate::wire::slideless_item("a", &aig_sandbox::synthetic::SlideSpec::new(9, 9))],
    });
    for (effect, runs) in [(Effect::Drop, 0), (Effect::Lose, 1)] {
        sandbox.inject(Fault::new(effect).on_operation("create_run").times(1));
        let sent = wire.client.post(format!("{}/api/v1/runs", sandbox.url())).bearer_auth(&wire.token);
        assert!(sent.body(request.to_string()).send().await.is_err());
        assert_eq!(wire.get("/api/v1/runs").await.body.as_array().unwrap().len(), runs);
    }
}

#[tokio::test]
async fn downloads_are_cut_corrupted_stalled_mislabelled_and_refused() {
    let (sandbox, wire, link) = setting().await;
    let whole = wire.client.get(&link).send().await.unwrap();
    let (good, etag, hash) =
        (whole.headers()["etag"].clone(), whole.headers()["etag"].clone(), whole.headers()["x-goog-hash"].clone());
    let bytes = whole.bytes().await.unwrap();
    let once = |effect| sandbox.inject(Fault::new(effect).on_path("/storage/").times(1));

    once(Effect::Cut(10));
    assert!(wire.client.get(&link).send().await.unwrap().bytes().await.is_err());
    once(Effect::Corrupt(3));
    let corrupt = wire.client.get(&link).send().await.unwrap().bytes().await.unwrap();
    let differ: Vec<usize> = (0..bytes.len()).filter(|at| corrupt[*at] != bytes[*at]).collect();
    assert_eq!(differ, [3]);
    once(Effect::WrongChecksum);
    assert_ne!(wire.client.get(&link).send().await.unwrap().headers()["x-goog-hash"], hash);
    once(Effect::Replaced);
    let replaced = wire.client.get(&link).header("range", "bytes=5-").header("if-range", &good).send().await.unwrap();
    assert_eq!(replaced.status(), 200);
    assert_ne!(replaced.headers()["etag"], etag);
    once(Effect::status(403));
    let expired = wire.client.get(&link).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await.unwrap().contains("<Code>ExpiredToken</Code>"));
    once(Effect::Stall(5));
    let stalled = wire.client.get(&link).timeout(Duration::from_millis(300)).send().await.unwrap();
    assert!(stalled.bytes().await.unwrap_err().is_timeout());
    assert_eq!(wire.client.get(&link).send().await.unwrap().bytes().await.unwrap(), bytes);
}

#[tokio::test]
async fn a_scenario_strikes_sometimes_and_is_cleared() {
    let (sandbox, wire, _) = setting().await;
    sandbox.play(Scenario::Overloaded);
    let mut refused = 0;
    for _ in 0..100 {
        refused += u32::from(wire.get("/api/v1/me").await.status != 200);
    }
    assert!((5..=45).contains(&refused), "{refused} of 100");
    sandbox.clear_faults();
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
}
