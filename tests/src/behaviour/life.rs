//! Runs from their submission to the deletion of their results. Slides are named that nobody can fetch, so that no run costs anything.

use std::time::Duration;

use aig_codegen::{Operation, operations};
use serde_json::{Value, json};

use super::{Subject, Unmet, Verdict, document, ensure, needs};

/// An item that stays in work until its run is canceled, where the implementation knows the tag.
const HANGS: &str = "__aignx_validation_case:do_nothing";
/// What is submitted: the application for tests of the platform and of the sandbox.
const APPLICATION: &str = "test-app";
const PAUSE: Duration = Duration::from_millis(50);
const PAUSES: usize = 200;

fn item(external_id: &str) -> Value {
    let facts = json!({ "checksum_base64_crc32c": "AAAAAA==", "width_px": 100, "height_px": 100,
        "resolution_mpp": 0.5, "media_type": "image/tiff" });
    let input =
        json!({ "name": "whole_slide_image", "download_url": "https://example.org/slide.tiff", "metadata": facts });
    json!({ "external_id": external_id, "input_artifacts": [input] })
}

fn submission(items: &[Value]) -> Value {
    json!({ "application_id": APPLICATION, "items": items, "custom_metadata": { "behaviour": "suite" } })
}

async fn submit(subject: &Subject, items: &[Value]) -> Result<String, Unmet> {
    let answer = subject.ask_with(operations::CreateRun::INFO, &[], &submission(items)).await?;
    document::success(operations::CreateRun::INFO, &answer)?;
    Ok(answer.body["run_id"].as_str().unwrap_or_default().to_owned())
}

/// A run that goes on until it is canceled.
pub(super) async fn submit_one(subject: &Subject) -> Result<String, Unmet> {
    submit(subject, &[item(&format!("behaviour/{HANGS}"))]).await
}

pub(super) async fn cancel(subject: &Subject, run: &str) -> Result<u16, Unmet> {
    Ok(subject.ask(operations::CancelRun::INFO, &[("run_id", run)]).await?.status)
}

pub(super) async fn refused(subject: &Subject) -> Verdict {
    let long = item(&"x".repeat(256));
    let bare = json!({ "external_id": "a", "input_artifacts": [] });
    let mut unnamed = submission(&[item("a")]);
    unnamed["application_id"] = json!("there-is-no-such-thing");
    let answer = subject.ask_with(operations::CreateRun::INFO, &[], &unnamed).await?;
    document::refusal("an application that is not there", &answer, 404)?;
    let cases = [
        ("no items", submission(&[])),
        ("an external id twice", submission(&[item("a"), item("a")])),
        ("an external id of 256 characters", submission(&[long])),
        ("an item without its slide", submission(&[bare])),
        ("no items at all", json!({ "application_id": APPLICATION })),
    ];
    for (what, body) in cases {
        let answer = subject.ask_with(operations::CreateRun::INFO, &[], &body).await?;
        document::refused_at(what, &answer, &["body"])?;
    }
    Ok(())
}

pub(super) async fn submitted(subject: &Subject) -> Verdict {
    let run = submit(subject, &[item(&format!("a/{HANGS}")), item(&format!("b/{HANGS}"))]).await?;
    let told = read_at_once(subject, &run).await;
    cancel(subject, &run).await?;
    told
}

async fn read_at_once(subject: &Subject, run: &str) -> Verdict {
    let answer = subject.ask(operations::GetRun::INFO, &[("run_id", run)]).await?;
    document::success(operations::GetRun::INFO, &answer)?;
    let told = &answer.body;
    ensure(told["run_id"] == run && told["application_id"] == APPLICATION, || format!("another run: {told}"))?;
    ensure(told["statistics"]["item_count"] == 2, || format!("not the two items: {}", told["statistics"]))?;
    ensure(told["custom_metadata"]["behaviour"] == "suite", || "custom_metadata is not what was sent".to_owned())
}

pub(super) async fn canceled(subject: &Subject) -> Verdict {
    let run = submit_one(subject).await?;
    let first = cancel(subject, &run).await?;
    ensure(first == 202, || format!("the first cancel is {first} instead of 202"))?;
    let end = ended(subject, &run).await?;
    ensure(end["termination_reason"] == "CANCELED_BY_USER", || format!("ended by {}", end["termination_reason"]))?;
    let skipped = &end["statistics"]["item_skipped_count"];
    ensure(*skipped == 1, || format!("{skipped} items are skipped instead of 1"))?;
    let second = subject.ask(operations::CancelRun::INFO, &[("run_id", &run)]).await?;
    document::refusal("the second cancel", &second, 409)
}

async fn ended(subject: &Subject, run: &str) -> Result<Value, Unmet> {
    for _ in 0..PAUSES {
        let told = subject.ask(operations::GetRun::INFO, &[("run_id", run)]).await?;
        document::success(operations::GetRun::INFO, &told)?;
        if told.body["state"] == "TERMINATED" {
            return Ok(told.body);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(Unmet::Failed(format!("run {run} did not end within {:?}", PAUSE * PAUSES as u32)))
}

pub(super) async fn run_metadata(subject: &Subject) -> Verdict {
    let run = submit_one(subject).await?;
    let verdict = metadata(subject, operations::PutRunCustomMetadata::INFO, &[("run_id", &run)]).await;
    cancel(subject, &run).await?;
    verdict
}

pub(super) async fn item_metadata(subject: &Subject) -> Verdict {
    let run = submit_one(subject).await?;
    let values = [("run_id", run.as_str()), ("external_id", &format!("behaviour/{HANGS}"))];
    let verdict = metadata(subject, operations::PutItemCustomMetadata::INFO, &values).await;
    cancel(subject, &run).await?;
    verdict
}

async fn metadata(subject: &Subject, put: &aig_codegen::OperationInfo, values: &[(&str, &str)]) -> Verdict {
    let change = |number: u32, checksum: &Value| json!({ "custom_metadata": { "number": number }, "custom_metadata_checksum": checksum });
    let first = subject.ask_with(put, values, &change(1, &Value::Null)).await?;
    document::success(put, &first)?;
    let checksum = first.body["custom_metadata_checksum"].clone();
    ensure(checksum.is_string(), || format!("{}: no checksum in {}", put.id, first.body))?;
    let second = subject.ask_with(put, values, &change(2, &checksum)).await?;
    document::success(put, &second)?;
    ensure(second.body["custom_metadata_checksum"] != checksum, || {
        format!("{}: the same checksum for others", put.id)
    })?;
    let stale = subject.ask_with(put, values, &change(3, &checksum)).await?;
    document::refusal(put.id, &stale, 412)
}

/// Only where results come although no slide can be fetched.
pub(super) async fn deleted(subject: &Subject) -> Verdict {
    let run = submit(subject, &[item("behaviour/results")]).await?;
    let end = ended(subject, &run).await?;
    needs((end["output"] == "FULL").then_some(()), "results of slides that nobody can fetch")?;
    let items = subject.ask(operations::ListRunItems::INFO, &[("run_id", &run)]).await?.body;
    let artifact = items[0]["output_artifacts"][0]["output_artifact_id"].as_str().unwrap_or_default().to_owned();
    let file = [("run_id", run.as_str()), ("artifact_id", &artifact)];
    let before = subject.ask(operations::GetRunArtifactFile::INFO, &file).await?;
    ensure(before.status == 307, || format!("before the deletion: {} instead of 307", before.status))?;
    let deletion = subject.ask(operations::DeleteRunArtifacts::INFO, &[("run_id", &run)]).await?;
    ensure(deletion.status == 200, || format!("the deletion: {} instead of 200", deletion.status))?;
    let after = subject.ask(operations::GetRunArtifactFile::INFO, &file).await?;
    document::refusal("after the deletion", &after, 410)?;
    let items = subject.ask(operations::ListRunItems::INFO, &[("run_id", &run)]).await?.body;
    let output = &items[0]["output_artifacts"][0]["output"];
    ensure(*output == "DELETED_BY_USER", || format!("a deleted artifact is {output}"))
}
