//! What the forms change, and what they say when they cannot.

use aig_sandbox::{RunPlan, Sandbox, SlideUse, synthetic::SlideSpec};
use serde_json::json;

use super::{Visitor, contains_all};
use crate::wire::{slideless_item, submit};

/// Names and values of a form.
type Filled<'a> = &'a [(&'a str, &'a str)];

#[tokio::test]
async fn faults_are_set_and_taken_back_by_forms() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let fields = [
        ("effect", "answer"),
        ("amount", "429"),
        ("retry_after", "7"),
        ("operation", "get_me"),
        ("times", "2"),
        ("body", r#"{"detail": "wait"}"#),
    ];
    let page = visitor.done("fault", &fields).await;
    contains_all(
        &page,
        &["The fault is in force.", "answer 429, Retry-After 7, a body of its own, on get_me, 2 times more"],
    );
    let answer = visitor.wire.get("/api/v1/me").await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (429, "7"));
    assert_eq!(answer.body, json!({"detail": "wait"}));
    assert!(visitor.done("fault-removal", &[("id", "1")]).await.contains("The fault is gone."));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200);
    for method in ["HEAD", "PATCH", "OPTIONS"] {
        assert!(visitor.look("/_sandbox/").await.text.contains(&format!(">{method}</option>")), "{method}");
    }
    assert!(visitor.done("scenario", &[("name", "outage")]).await.contains("answer 503"));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 503);
    assert!(visitor.done("faults-end", &[]).await.contains("Nothing goes wrong any more."));
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 200);
    for effect in ["delay", "drop", "lose", "cut", "stall", "corrupt", "wrong_checksum", "expired_url", "replaced"] {
        let page = visitor.done("fault", &[("effect", effect), ("amount", "5"), ("path", "/never/")]).await;
        contains_all(&page, &[&effect.replace('_', " "), "below /never/"]);
    }
    visitor.done("faults-end", &[]).await;
    let dice =
        [("effect", "expired_url"), ("path", "/storage/"), ("probability", "0.5"), ("seed", "7"), ("latency", "3")];
    let page = visitor.done("fault", &dice).await;
    contains_all(&page, &["below /storage/, with probability 0.5, with dice of seed 7, late by 3 ms"]);
    let rule = &visitor.wire.get("/_sandbox/faults").await.body[0]["fault"];
    let wanted =
        json!({"effect": "expired_url", "path": "/storage/", "probability": 0.5, "seed": 7, "latency": 3, "skip": 0});
    assert_eq!(*rule, wanted);
}

#[tokio::test]
async fn a_form_that_cannot_be_done_says_why_and_keeps_what_was_typed() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let cases: [(&str, Filled<'_>, &str); 18] = [
        ("clock", &[("by", "yesterday <b>")], "Give a span forward in time"),
        ("clock", &[("by", "-1h")], "Give a span forward in time"),
        ("clock", &[("at", "2001-01-01T00:00:00Z")], "Give a time to come"),
        ("clock", &[("at", "tomorrow")], "Give a time to come"),
        ("fault", &[("effect", "drop"), ("seed", "-1")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("times", "0")], "times: at least 1"),
        ("fault", &[("effect", "drop"), ("latency", "long")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("operation", "get_runz")], "there is no `get_runz`"),
        ("snapshot", &[("name", "../etc")], "name has 1 to 64 letters"),
        ("snapshot-load", &[("name", "never")], "there is no snapshot"),
        ("snapshot-removal", &[("name", "never")], "there is no snapshot"),
        ("fault", &[("effect", "explode")], "Choose what shall happen."),
        ("fault", &[("effect", "answer"), ("amount", "99999")], "The status is a number"),
        ("fault", &[("effect", "delay"), ("amount", "soon")], "give a whole number"),
        ("fault", &[("effect", "drop"), ("probability", "7")], "The probability is a number from 0 to 1."),
        ("fault-removal", &[("id", "77")], "not in force any more"),
        ("scenario", &[("name", "none")], "a scenario is"),
        ("token", &[("user", "nobody")], "No token"),
    ];
    for (action, fields, why) in cases {
        let page = visitor.send(action, fields).await;
        assert_eq!(page.status, 422, "{action} {fields:?}");
        contains_all(&page.text, &[why, "role=\"alert\""]);
    }
    let page = visitor.send("clock", &[("by", "yesterday <b>")]).await.text;
    contains_all(&page, &["value=\"yesterday &lt;b&gt;\""]);
    assert_eq!(visitor.wire.get("/_sandbox/faults").await.body, json!([]));
}

#[tokio::test]
async fn the_clock_is_put_forward_by_a_form() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    assert!(visitor.look("/_sandbox/").await.text.contains("<dt>Ahead</dt><dd>nothing</dd>"));
    let page = visitor.done("clock", &[("by", "30d")]).await;
    contains_all(&page, &["The clock has been put forward.", "<dd>30d</dd>"]);
    assert_eq!(visitor.wire.get("/api/v1/me").await.status, 401, "tokens age");
}

#[tokio::test]
async fn the_clock_is_set_stopped_and_let_go_on_by_forms() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.done("clock", &[("hand", "stop")]).await;
    contains_all(&page, &["The clock stands still.", ", stands still</dd>", "Let the clock go on"]);
    let page = visitor.done("clock", &[("at", "2100-01-01T00:00:00Z")]).await;
    contains_all(&page, &["The clock has been put forward.", "2100-01-01 00:00:00</time>, stands still"]);
    let clock = visitor.wire.get("/_sandbox/clock").await.body;
    assert_eq!((&clock["now"], &clock["frozen"]), (&json!("2100-01-01T00:00:00Z"), &json!(true)));
    let page = visitor.done("clock", &[("hand", "resume")]).await;
    contains_all(&page, &["The clock goes on from where it stood.", "2100-01-01 00:00:", "Stop the clock"]);
    assert_eq!(visitor.wire.get("/_sandbox/clock").await.body["frozen"], false);
}

#[tokio::test]
async fn a_state_is_saved_loaded_and_its_snapshot_deleted_by_forms() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let empty = visitor.look("/_sandbox/").await.text;
    contains_all(&empty, &["No snapshot yet.", "aig run submit --application test-app slides/"]);
    let page = visitor.done("snapshot", &[("name", "before")]).await;
    contains_all(&page, &["The snapshot is saved.", "<strong>before</strong>", "0 runs, 0 objects"]);
    let taken = visitor.send("snapshot", &[("name", "before")]).await;
    assert_eq!(taken.status, 422);
    contains_all(&taken.text, &["there is a snapshot `before` already", "value=\"before\""]);
    let run = submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await;
    assert!(visitor.look("/_sandbox/").await.text.contains(&format!("/_sandbox/runs/{run}")));
    let page = visitor.done("snapshot-load", &[("name", "before")]).await;
    assert!(page.contains("The snapshot has taken the place of what was here."));
    assert!(page.contains("No run yet.") && !page.contains(&format!("/_sandbox/runs/{run}")), "{page}");
    assert_eq!(visitor.send("snapshot-removal", &[("name", "before")]).await.status, 403, "a form of before");
    let visitor = Visitor::new(&sandbox).await;
    let page = visitor.done("snapshot-removal", &[("name", "before")]).await;
    contains_all(&page, &["The snapshot is gone.", "No snapshot yet."]);
    assert!(sandbox.snapshots().unwrap().is_empty());
}

#[tokio::test]
async fn a_waiting_run_has_a_button_that_moves_it_on() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let visitor = Visitor::new(&sandbox).await;
    let run = submit(&visitor.wire, "test-app", [slideless_item("a", &SlideSpec::new(9, 9))]).await;
    assert!(visitor.look("/_sandbox/").await.text.contains("Let the next item through"));
    assert!(visitor.done("step", &[("run", &run)]).await.contains("The next item of the run may go through."));
    visitor.wire.wait_for_end(&run).await;
    let page = visitor.look(&format!("/_sandbox/runs/{run}")).await.text;
    assert!(page.contains("1 succeeded") && !page.contains("Let the next item through"), "{page}");
    assert_eq!(visitor.send("step", &[("run", "nonsense")]).await.status, 409);
}
