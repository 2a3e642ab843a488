//! The behaviour suite over the sandbox, over implementations that are wrong on purpose, and over a platform that is named.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod lies;
mod wrong;

use std::sync::Arc;

use aig_codegen::{Operation, operations};
use aig_platform::{
    settings::Variables,
    transport::{HttpOptions, ReqwestTransport, Transport},
};
use aig_sandbox::{RunPlan, Sandbox, SlideUse};
use aig_tests::{
    Wire,
    behaviour::{Report, Scope, Subject, judge, named},
};
use serde_json::{Value, json};

/// Results without slides: the suite names slides that nobody can fetch.
async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).slides(SlideUse::Ignore).start().await.unwrap();
    prepare(&wire(&sandbox, plain()).await).await;
    sandbox
}

fn plain() -> Arc<dyn Transport> {
    Arc::new(ReqwestTransport::new(HttpOptions::default()))
}

async fn wire(sandbox: &Sandbox, transport: Arc<dyn Transport>) -> Wire {
    let token = sandbox.access_token_of("auth0|sandbox-grace").await.unwrap();
    Wire::over(transport, sandbox.url(), Some(&token))
}

/// Two accounts of two organizations, and something of everything that can be read.
async fn subject(sandbox: &Sandbox, transport: Arc<dyn Transport>) -> Result<Subject, String> {
    let wire = wire(sandbox, transport).await;
    let stranger = sandbox.access_token_of("auth0|sandbox-linus").await.unwrap();
    let stranger = wire.with_token(Some(&stranger));
    Subject::new(wire, Some(stranger)).await
}

async fn prepare(wire: &Wire) {
    let runs = operations::CreateRun::INFO.path;
    let mut last = Value::Null;
    for number in 0..7 {
        let application = ["test-app", "he-tme"][number % 2];
        let facts = json!({ "checksum_base64_crc32c": "AAAAAA==", "width_px": 100, "height_px": 100, "resolution_mpp": 0.5,
            "media_type": "image/tiff", "staining_method": "H&E", "specimen": { "tissue": "LUNG", "disease": "LUNG_CANCER" } });
        let input = json!({ "name": "whole_slide_image", "download_url": "http://127.0.0.1:9/a", "metadata": facts });
        let items: Vec<_> = ["a b/c", "d"]
            .map(|name| json!({ "external_id": format!("{name}-{number}"), "input_artifacts": [input] }))
            .into();
        let body = json!({ "application_id": application, "items": items, "custom_metadata": { "study": format!("s{number}") } });
        last = wire.api("POST", runs, Some(&body)).await.unwrap().body["run_id"].clone();
        assert!(last.is_string());
    }
    let tokens = operations::CreateShareToken::INFO.path;
    let token = wire.api("POST", tokens, Some(&json!({}))).await.unwrap().body["share_token_id"].clone();
    let grant = json!({ "resource_type": "run", "resource_id": last, "subject_type": "share_token", "subject_id": token, "relation": "viewer" });
    assert_eq!(wire.api("POST", operations::CreateGrant::INFO.path, Some(&grant)).await.unwrap().status, 201);
    let all_ended = async || {
        let all = wire.api("GET", runs, None).await.unwrap().body;
        all.as_array().unwrap().iter().all(|run| run["state"] == "TERMINATED")
    };
    while !all_ended().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_behaves() {
    let sandbox = sandbox().await;
    let report = judge(&subject(&sandbox, plain()).await.unwrap(), Scope::Everything).await;
    assert!(report.failed().is_empty() && report.skipped().is_empty(), "\n{report}");
    let all: std::collections::BTreeSet<_> = aig_codegen::OPERATIONS.iter().map(|operation| operation.id).collect();
    assert_eq!(*report.exercised(), all, "every operation is in some check");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_read_only_checks_change_nothing() {
    let sandbox = sandbox().await;
    let before = sandbox.requests().len();
    let report = judge(&subject(&sandbox, plain()).await.unwrap(), Scope::ReadOnly).await;
    assert!(report.failed().is_empty(), "\n{report}");
    assert!(report.skipped().len() >= 8, "\n{report}");
    assert_eq!((report.writes(), written(&sandbox, before)), (0, vec![]));
    assert!(report.to_string().contains("; not: ") && !report.exercised().contains("cancel_run"), "\n{report}");
}

/// What reached the API and was no read.
fn written(sandbox: &Sandbox, before: usize) -> Vec<String> {
    let requests = sandbox.requests();
    let api = requests.iter().skip(before).filter(|request| request.path.starts_with(aig_codegen::SERVER_PREFIX));
    api.filter(|request| request.method != "GET")
        .map(|request| format!("{} {}", request.method, request.path))
        .collect()
}

/// The control of what the last two tests count: a check that writes although it says that it reads.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_in_a_judgement_that_only_reads_is_not_sent() {
    let sandbox = sandbox().await;
    let subject = subject(&sandbox, plain()).await.unwrap();
    judge(&subject, Scope::ReadOnly).await;
    let before = sandbox.requests().len();
    let tokens = operations::CreateShareToken::INFO.path;
    assert!(subject.wire.api("POST", tokens, Some(&json!({}))).await.unwrap_err().contains("only reads"));
    assert_eq!(sandbox.requests().len(), before);
    subject.wire.record().allow_writes();
    subject.wire.api("POST", tokens, Some(&json!({}))).await.unwrap();
    assert_eq!(written(&sandbox, before).len(), 1);
}

/// As on a platform where somebody has just been let in.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_data_is_judged_by_what_it_can_ask_for() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let subject = Subject::new(wire(&sandbox, plain()).await, None).await.unwrap();
    let report = judge(&subject, Scope::ReadOnly).await;
    assert!(report.failed().is_empty(), "\n{report}");
    assert!(report.skipped().contains(&"get_run answers as the document says"), "\n{report}");
    assert!(report.to_string().contains("needs a run"), "\n{report}");
}

/// With `AIG_BEHAVIOUR_ROOT` in the environment: see `docs/behaviour-suite.md`.
#[tokio::test(flavor = "multi_thread")]
async fn the_platform_that_the_environment_names_behaves() {
    let Some((subject, scope)) = named(Variables::from_process(), |intent| eprintln!("{intent}")).await.unwrap() else {
        eprintln!("skipped: AIG_BEHAVIOUR_ROOT names no platform");
        return;
    };
    let report = judge(&subject, scope).await;
    println!("{report}");
    assert!(report.failed().is_empty(), "\n{report}");
}

fn silent(_: &str) {}

/// The variables of a sandbox, as somebody with a refresh token has them.
async fn variables(sandbox: &Sandbox, home: &tempfile::TempDir, more: &[(&'static str, &str)]) -> Variables {
    let token = sandbox.refresh_token().await.unwrap();
    let own = [("AIGNOSTICS_REFRESH_TOKEN", token.as_str()), ("AIGNOSTICS_CACHE_DIR", home.path().to_str().unwrap())];
    Variables::from_iter(sandbox.environment().iter().chain(own).chain(more.iter().copied()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_is_judged_when_it_is_named_and_only_then() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    assert!(named(variables(&sandbox, &home, &[]).await, silent).await.unwrap().is_none());

    let other = variables(&sandbox, &home, &[("AIG_BEHAVIOUR_ROOT", "https://platform.example.org")]).await;
    assert!(named(other, silent).await.unwrap_err().to_string().contains("AIGNOSTICS_API_ROOT"));

    let this = [("AIG_BEHAVIOUR_ROOT", sandbox.url())];
    let (before, said) = (sandbox.requests().len(), std::sync::Mutex::new(String::new()));
    let say = |intent: &str| {
        assert_eq!(sandbox.requests().len(), before, "it is said before anything is sent");
        said.lock().unwrap().push_str(intent);
    };
    let (subject, scope) = named(variables(&sandbox, &home, &this).await, say).await.unwrap().unwrap();
    assert_eq!(scope, Scope::ReadOnly);
    assert!(said.into_inner().unwrap().contains("that write are skipped"));
    let report: Report = judge(&subject, scope).await;
    assert!(report.failed().is_empty(), "\n{report}");
    assert_eq!(written(&sandbox, before), Vec::<String>::new());

    let writing = [this[0], ("AIG_BEHAVIOUR_WRITES", "yes")];
    let (_, scope) = named(variables(&sandbox, &home, &writing).await, silent).await.unwrap().unwrap();
    assert_eq!(scope, Scope::Everything);
    let neither = [this[0], ("AIG_BEHAVIOUR_WRITES", "perhaps")];
    assert!(named(variables(&sandbox, &home, &neither).await, silent).await.is_err());
}
