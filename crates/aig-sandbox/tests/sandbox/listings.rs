//! Pages, order and filters.

use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};
use serde_json::{Value, json};

use crate::wire::{Wire, slideless_item, submit_with};

fn ids(rows: &Value, key: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[key].as_str().unwrap().to_owned()).collect()
}

async fn seven_runs(wire: &Wire) -> Vec<String> {
    let mut runs = Vec::new();
    for number in 0..7 {
        let metadata =
            json!({"n": number, "sdk": {"tags": ["all", format!("t{number}")], "note": format!("Run {number}")}});
        let item = slideless_item(&format!("slide-{number}"), &SlideSpec::new(100, 100));
        runs.push(submit_with(wire, "test-app", [item], metadata).await);
    }
    runs
}

#[tokio::test]
async fn pages_of_runs_cover_every_run_once_newest_first() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let mut runs = seven_runs(&wire).await;
    runs.reverse();
    let mut seen = ids(&wire.get("/api/v1/runs?page_size=5").await.body, "run_id");
    seen.extend(ids(&wire.get("/api/v1/runs?page_size=5&page=2").await.body, "run_id"));
    assert_eq!(seen, runs);
    assert_eq!(wire.get("/api/v1/runs?page_size=5&page=3").await.body, json!([]));
    runs.reverse();
    assert_eq!(ids(&wire.get("/api/v1/runs?sort=submitted_at").await.body, "run_id"), runs);
    let sorted = wire.get("/api/v1/runs?sort=application_id&sort=-submitted_at").await.body;
    runs.reverse();
    assert_eq!(ids(&sorted, "run_id"), runs);
}

#[tokio::test]
async fn runs_are_found_by_what_they_are_and_by_their_metadata() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let runs = seven_runs(&wire).await;
    let count = async |query: &str| wire.get(&format!("/api/v1/runs?{query}")).await.body.as_array().unwrap().len();
    assert_eq!(count("application_id=test-app&application_version=1.0.0").await, 7);
    assert_eq!(count("application_id=he-tme").await, 0);
    assert_eq!(count("external_id=slide-3").await, 1);
    assert_eq!(count("submitted_by=me&organization_id=my_org").await, 7);
    assert_eq!(count("submitted_by=somebody").await, 0);
    assert_eq!(count("for_organization=org_elsewhere").await, 0);
    let found = wire.get("/api/v1/runs?custom_metadata=%24.sdk.tags%5B*%5D%20%3F%20(%40%20%3D%3D%20%22t4%22)").await;
    assert_eq!(ids(&found.body, "run_id"), [runs[4].clone()]);
    assert_eq!(count("custom_metadata=%24.n%20%3F%20(%40%20%3E%203)").await, 3);
    assert_eq!(
        count("custom_metadata=%24.sdk.note%20%3F%20(%40%20like_regex%20%22run%20%5B12%5D%22%20flag%20%22i%22)").await,
        2
    );
    assert_eq!(count("custom_metadata=%24.absent").await, 0);
}

#[tokio::test]
async fn runs_that_wait_say_how_many_items_are_ahead() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let runs = seven_runs(&wire).await;
    let ahead =
        async |run: &str| wire.get(&format!("/api/v1/runs/{run}")).await.body["num_preceding_items_org"].clone();
    assert_eq!((ahead(&runs[0]).await, ahead(&runs[6]).await), (json!(0), json!(6)));
    wire.send("POST", &format!("/api/v1/runs/{}/cancel", runs[2]), None).await;
    assert_eq!(ahead(&runs[6]).await, json!(5));
    assert_eq!(ahead(&runs[2]).await, Value::Null);
}

#[tokio::test]
async fn the_queue_of_the_platform_counts_what_other_organizations_wait_for() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let (own, other) = (Wire::new(&sandbox).await, Wire::of(&sandbox, "auth0|sandbox-linus").await);
    let items = |count: usize| (0..count).map(|number| slideless_item(&format!("{number}"), &SlideSpec::new(100, 100)));
    submit_with(&other, "test-app", items(3), Value::Null).await;
    submit_with(&own, "test-app", items(2), Value::Null).await;
    let run = submit_with(&own, "test-app", items(2), Value::Null).await;
    let view = own.get(&format!("/api/v1/runs/{run}")).await.body;
    assert_eq!((&view["num_preceding_items_org"], &view["num_preceding_items_platform"]), (&json!(2), &json!(5)));
    assert_eq!(own.get("/api/v1/runs").await.body[0], view, "the listing counts alike");
    let second = own.get(&format!("/api/v1/runs/{run}/items/1")).await.body;
    assert_eq!((&second["queue_position_org"], &second["queue_position_platform"]), (&json!(4), &json!(7)));
}

#[tokio::test]
async fn items_are_found_by_id_state_and_metadata() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let items = (0..8).map(|number| {
        let mut item = slideless_item(&format!("s/{number}"), &SlideSpec::new(100, 100));
        item["custom_metadata"] = json!({"n": number});
        item
    });
    let run = submit_with(&wire, "test-app", items.collect::<Vec<_>>(), Value::Null).await;
    let list = async |query: &str| wire.get(&format!("/api/v1/runs/{run}/items?{query}")).await.body;
    let all = list("").await;
    assert_eq!(all.as_array().unwrap().len(), 8);
    assert_eq!(all[7]["queue_position_org"], 8);
    let two = list("external_id__in=s%2F1&external_id__in=s%2F5").await;
    assert_eq!(ids(&two, "external_id"), ["s/1", "s/5"]);
    let one = list(&format!("item_id__in={}", all[3]["item_id"].as_str().unwrap())).await;
    assert_eq!(ids(&one, "external_id"), ["s/3"]);
    assert_eq!(list("state=TERMINATED").await, json!([]));
    assert_eq!(list("state=PENDING&page_size=5&page=2").await.as_array().unwrap().len(), 3);
    assert_eq!(list("custom_metadata=%24.n%20%3F%20(%40%20%3C%202)").await.as_array().unwrap().len(), 2);
    assert_eq!(ids(&list("sort=-external_id&page_size=5").await, "external_id")[0], "s/7");
    let single = wire.get(&format!("/api/v1/runs/{run}/items/s%2F2")).await;
    assert_eq!(single.body["external_id"], "s/2");
    assert_eq!(wire.get(&format!("/api/v1/runs/{run}/items/s")).await.status, 404);
}

#[tokio::test]
async fn applications_versions_and_documents_are_listed_and_read() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let list = wire.get("/api/v1/applications?sort=-application_id").await.body;
    assert_eq!(ids(&list, "application_id"), ["test-app", "he-tme"]);
    assert_eq!(list[0]["latest_version"]["number"], "1.0.0");
    let one = wire.get("/api/v1/applications/he-tme").await.body;
    assert_eq!(one["versions"].as_array().unwrap().len(), 3);
    let base = "/api/v1/applications/he-tme/versions/1.1.0";
    assert_eq!(wire.get(base).await.body["input_artifacts"][0]["name"], "whole_slide_image");
    let documents = wire.get(&format!("{base}/documents")).await.body;
    let name = documents[0]["name"].as_str().unwrap();
    assert_eq!(wire.get(&format!("{base}/documents/{name}")).await.body, documents[0]);
    for form in ["file", "content"] {
        let text = wire.download(&format!("{base}/documents/{name}/{form}")).await;
        assert!(String::from_utf8(text).unwrap().starts_with("# Release notes"));
    }
    assert_eq!(wire.get(&format!("{base}/documents/nothing.md/file")).await.status, 404);
}

#[tokio::test]
async fn listings_are_sorted_by_every_field_that_they_take_and_by_no_other() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let runs = seven_runs(&wire).await;
    wire.send("POST", &format!("/api/v1/runs/{}/cancel", runs[3]), None).await;
    for run in runs.iter().take(3) {
        let token = wire.post("/api/v1/access/share-tokens", &json!({"expires_at": "2099-01-01T00:00:00Z"})).await.body;
        let grant = json!({"resource_type": "run", "resource_id": run, "subject_type": "share_token",
            "subject_id": token["share_token_id"], "relation": "viewer"});
        assert_eq!(wire.post("/api/v1/access/grants", &grant).await.status, 201);
    }
    let items = format!("/api/v1/runs/{}/items", runs[0]);
    let table: [(&str, &[&str]); 5] = [
        ("/api/v1/applications", &["application_id", "name", "description"]),
        (
            "/api/v1/runs",
            &["run_id", "application_id", "version_number", "state", "submitted_at", "submitted_by", "terminated_at"],
        ),
        (&items, &["item_id", "external_id", "state", "output", "termination_reason", "terminated_at"]),
        (
            "/api/v1/access/grants",
            &["grant_id", "resource_type", "resource_id", "subject_id", "relation", "created_at"],
        ),
        ("/api/v1/access/share-tokens", &["share_token_id", "created_at", "expires_at", "revoked"]),
    ];
    for (path, fields) in table {
        for field in fields {
            let up = wire.get(&format!("{path}?sort={field}")).await;
            let down = wire.get(&format!("{path}?sort=-{field}")).await;
            assert_eq!((up.status, down.status), (200, 200), "{path} {field}: {up:?}");
            let texts = |rows: &Value| -> Vec<String> {
                rows.as_array().unwrap().iter().filter_map(|row| row[field].as_str().map(str::to_owned)).collect()
            };
            assert!(texts(&up.body).is_sorted(), "{path} by {field}");
            assert!(texts(&down.body).is_sorted_by(|a, b| a >= b), "{path} by -{field}");
        }
        for wrong in ["secret", "--state", "*name", "custom_metadata"] {
            let answer = wire.get(&format!("{path}?sort={wrong}")).await;
            assert_eq!(
                (answer.status, &answer.body["detail"][0]["loc"]),
                (422, &json!(["query", "sort"])),
                "{path} {wrong}"
            );
        }
    }
}

#[tokio::test]
async fn pages_in_the_order_of_submission_stay_whole_while_runs_come_in() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let mut runs = seven_runs(&wire).await;
    let page = async |number: usize| {
        ids(&wire.get(&format!("/api/v1/runs?sort=submitted_at&page_size=5&page={number}")).await.body, "run_id")
    };
    let mut seen = page(1).await;
    runs.extend(seven_runs(&wire).await);
    seen.extend(page(2).await);
    seen.extend(page(3).await);
    assert_eq!(seen, runs);
}

#[tokio::test]
async fn filters_hold_together() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let runs = seven_runs(&wire).await;
    let found = async |query: &str| ids(&wire.get(&format!("/api/v1/runs?{query}")).await.body, "run_id");
    let all = "application_id=test-app&application_version=1.0.0&submitted_by=me&organization_id=my_org";
    assert_eq!(found(&format!("{all}&external_id=slide-2&custom_metadata=%24.n")).await, [runs[2].clone()]);
    assert!(found(&format!("{all}&external_id=slide-2&custom_metadata=%24.absent")).await.is_empty());
    assert!(found("external_id=slide-2&application_version=0.0.5").await.is_empty());
    let refused = wire.get("/api/v1/runs?custom_metadata=%24.a%20%3F%20(%40%20%3D%3D%20)").await;
    let message = refused.body["detail"][0]["msg"].as_str().unwrap();
    assert!(refused.status == 422 && message.ends_with("at character 12"), "{refused:?}");
    let long = wire.get(&format!("/api/v1/runs?custom_metadata=%24{}", ".a".repeat(500))).await;
    assert_eq!((long.status, &long.body["detail"][0]["type"]), (422, &json!("string_too_long")));
}
