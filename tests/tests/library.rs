//! The library against the sandbox: the whole job over real HTTP, with nothing of the command line.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    path::Path,
    sync::{Arc, Mutex, Weak},
    time::Duration,
};

use aig_auth::oauth::{Flow, OAuthProvider, SignInPrompt, SignInStep};
use aig_auth::testkit::Fault;
use aig_platform::{
    Client, ErrorKind, Masking, RunEvent, Submission, SubmissionItem, WaitOptions,
    settings::{Settings, Sources, Variables},
    sign_in::SignIn,
    transfer::{Bucket, Crc32c, DownloadOptions, FileOutcome, NoProgress, TransferEvent, Verification, checksum},
    transport::{HttpOptions, Request, ReqwestTransport, Transport},
};
use aig_sandbox::{RunPlan, Sandbox, synthetic::SlideSpec};
use serde_json::json;
use tempfile::TempDir;

async fn sandbox() -> Arc<Sandbox> {
    Arc::new(Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap())
}

fn settings(sandbox: &Sandbox, home: &TempDir, more: &[(&str, &str)]) -> Settings {
    let cache = home.path().join("cache");
    let theirs = sandbox.environment();
    let variables = theirs.iter().chain([("AIGNOSTICS_CACHE_DIR", cache.to_str().unwrap())]);
    Settings::load(Sources::new(Variables::from_iter(variables)).overrides(more.iter().copied())).unwrap()
}

async fn client(sandbox: &Sandbox, home: &TempDir) -> Client {
    let token = sandbox.access_token().await.unwrap();
    Client::builder().settings(settings(sandbox, home, &[])).token(token).build().unwrap()
}

/// A person who types the code at once.
#[derive(Debug)]
struct Person(Weak<Sandbox>);

impl SignInPrompt for Person {
    fn show(&self, step: &SignInStep) {
        let SignInStep::EnterCode { user_code, .. } = step else { return };
        let (sandbox, code) = (self.0.upgrade().unwrap(), user_code.clone());
        tokio::spawn(async move { sandbox.approve_device(&code).await.unwrap() });
    }
}

async fn signed_in(sandbox: &Arc<Sandbox>, settings: &Settings) -> OAuthProvider {
    let person = Arc::new(Person(Arc::downgrade(sandbox)));
    let provider = SignIn::new(settings).flow(Flow::Device).prompt(person).build().unwrap();
    provider.sign_in().await.unwrap();
    provider
}

/// Paints a slide, uploads it, and describes it as an item.
async fn item(bucket: &Bucket, folder: &Path, name: &str, spec: SlideSpec) -> SubmissionItem {
    let path = folder.join(name);
    spec.write(&path).unwrap();
    let uploaded = bucket.upload(&path, &format!("tests/{name}"), &NoProgress).await.unwrap();
    assert_eq!(uploaded.crc32c, checksum(&path).await.unwrap().crc32c);
    let link = bucket.signed_get_url(&uploaded.key).await.unwrap();
    let facts = json!({ "checksum_base64_crc32c": uploaded.crc32c.to_string(), "width_px": spec.width,
        "height_px": spec.height, "resolution_mpp": spec.mpp, "media_type": "image/tiff" });
    SubmissionItem::new(name).artifact("whole_slide_image", &link, facts.as_object().cloned().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_job_from_sign_in_to_verified_results() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let settings = settings(&sandbox, &home, &[]);
    let provider = signed_in(&sandbox, &settings).await;
    let client = Client::builder().settings(settings.clone()).token_provider(Arc::new(provider)).build().unwrap();

    assert_eq!(client.health().await.status(), aig_platform::HealthStatus::Up);
    let applications = client.applications().list().all().await.unwrap();
    assert!(applications.iter().any(|application| application.application_id == "test-app"));
    assert_eq!(client.versions("test-app").latest().await.unwrap().number, "1.0.0");

    let bucket = client.bucket().await.unwrap();
    let good = item(&bucket, home.path(), "good.tiff", SlideSpec::new(2_048, 1_536)).await;
    let blank = item(&bucket, home.path(), "blank.tiff", SlideSpec::new(1_024, 1_024).blank()).await;
    let submission = Submission::new("test-app").item(good).item(blank);
    let submitted = client.runs().submit(submission).await.unwrap();
    let found = client.runs().find_submission(submitted.submission_id.unwrap()).await.unwrap().unwrap();
    assert_eq!(found.run_id, submitted.run_id);

    let run = client.run(submitted.run_id);
    let mut watch = run.events(WaitOptions::default().timeout(Duration::from_secs(60)));
    let mut outcome = None;
    while let Some(event) = watch.next().await {
        if let RunEvent::Finished(end) = event.unwrap() {
            outcome = Some(end);
        }
    }
    let outcome = outcome.unwrap();
    let names = |items: Vec<&aig_platform::models::ItemResultReadResponse>| -> Vec<String> {
        items.iter().map(|item| item.external_id.clone()).collect()
    };
    assert_eq!(names(outcome.succeeded().collect()), ["good.tiff"]);
    assert_eq!(names(outcome.failed().collect()), ["blank.tiff"]);

    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let progress = Arc::new(move |event: &TransferEvent| heard.lock().unwrap().push(event.clone()));
    let results = DownloadOptions::to(home.path().join("results"));
    let report = run.download(&results, progress).await.unwrap();
    assert!(report.is_complete());
    assert_eq!(report.skipped[0].error_code.as_deref(), Some("no_tissue"));
    assert!(!report.files.is_empty());
    for file in &report.files {
        assert_eq!((file.verification, file.outcome), (Verification::Checksum, FileOutcome::Downloaded));
        assert_eq!(checksum(&file.path).await.unwrap().crc32c, file.crc32c);
        assert!(
            file.path.starts_with(home.path().join("results").join(submitted.run_id.to_string()).join("good.tiff"))
        );
    }
    let finished =
        events.lock().unwrap().iter().filter(|event| matches!(event, TransferEvent::Finished { .. })).count();
    assert_eq!(finished, report.files.len());
    assert_eq!(unfinished_below(home.path()), 0);

    let in_the_way = DownloadOptions::to(home.path().join("good.tiff"));
    let error = run.download(&in_the_way, Arc::new(NoProgress)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.hint().is_some(), "{error}");

    let again = run.download(&results, Arc::new(NoProgress)).await.unwrap();
    assert!(again.files.iter().all(|file| file.outcome == FileOutcome::AlreadyThere));
    assert_eq!(again.files.len(), report.files.len());

    // The session outlives the process: another provider finds it and asks nobody.
    let next = Client::builder().settings(settings).build().unwrap();
    assert_eq!(next.me().await.unwrap().user.id, client.me().await.unwrap().user.id);
}

fn unfinished_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| match entry.file_type().unwrap().is_dir() {
            true => unfinished_below(&entry.path()),
            false => usize::from(entry.file_name().to_string_lossy().contains(".part")),
        })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_signs_a_machine_in() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let token = sandbox.refresh_token().await.unwrap();
    let settings = settings(&sandbox, &home, &[("AIGNOSTICS_REFRESH_TOKEN", &token)]);
    let client = Client::builder().settings(settings).build().unwrap();
    assert!(!client.me().await.unwrap().organization.id.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_signed_in_is_an_error_that_says_so_and_health_goes_on() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let client = Client::builder().settings(settings(&sandbox, &home, &[])).build().unwrap();
    let error = client.me().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Unauthenticated, 0));
    let health = client.health().await;
    assert_eq!(health.api_public.status, aig_platform::HealthStatus::Up);
    assert_eq!(health.api_authenticated.status, aig_platform::HealthStatus::Down);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_service_that_is_down_does_not_stop_who_is_signed_in() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let settings = settings(&sandbox, &home, &[]);
    signed_in(&sandbox, &settings).await;
    sandbox.authorization().inject(Fault::unavailable(503).times(1_000));
    let client = Client::builder().settings(settings).build().unwrap();
    assert!(client.me().await.is_ok(), "the stored token lives");
    assert_eq!(client.health().await.status(), aig_platform::HealthStatus::Up);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_signed_in_is_told_in_the_known_shape_with_secrets_masked() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let settings = settings(&sandbox, &home, &[]);
    let provider = signed_in(&sandbox, &settings).await;
    let client = Client::builder().settings(settings).token_provider(Arc::new(provider)).build().unwrap();
    let info = serde_json::to_value(client.user_info(Masking::On).await.unwrap()).unwrap();
    let keys: Vec<_> = info.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["organization", "role", "token", "user"]);
    assert!(info["token"]["expires_in"].as_i64().unwrap() > 0);
    assert!(info["user"]["email"].as_str().unwrap().starts_with("***MASKED("));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_goes_up_in_parts_and_comes_back_the_same() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let bucket = client(&sandbox, &home).await.bucket().await.unwrap();
    let content: Vec<u8> = (0..40_000_001_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let path = home.path().join("large.bin");
    std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), &content).unwrap();
    let positions = Mutex::new(Vec::new());
    let progress = |event: &TransferEvent| {
        if let TransferEvent::Advanced { position, .. } = event {
            positions.lock().unwrap().push(*position);
        }
    };
    let uploaded = bucket.upload(&path, "tests/large.bin", &progress).await.unwrap();
    assert_eq!((uploaded.bytes, uploaded.crc32c), (content.len() as u64, Crc32c::of(&content)));
    assert_eq!(positions.lock().unwrap().last(), Some(&uploaded.bytes));
    assert!(positions.lock().unwrap().is_sorted());

    let link = bucket.signed_get_url("tests/large.bin").await.unwrap();
    let transport = ReqwestTransport::new(HttpOptions::default());
    let answer = transport.send(Request::new("GET".parse().unwrap(), link.expose().parse().unwrap())).await.unwrap();
    assert_eq!(Crc32c::of(&answer.body.bytes(64 << 20).await.unwrap()), uploaded.crc32c);
    bucket.delete("tests/large.bin").await.unwrap();
    bucket.delete("tests/large.bin").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_dies_is_told_from_one_that_says_no() {
    let (sandbox, home) = (sandbox().await, tempfile::tempdir().unwrap());
    let client = client(&sandbox, &home).await;
    let missing = client.run(uuid_nobody_has()).get().await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    sandbox.stop();
    sandbox.closed().await;
    let gone = client.run(uuid_nobody_has()).get().await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Network, "{gone}");
    assert!(gone.hint().is_some());
}

fn uuid_nobody_has() -> uuid::Uuid {
    "00000000-0000-4000-8000-000000000000".parse().unwrap()
}
