//! Requirements of `docs/requirements.md` that no test of one crate shows by itself.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use aig_auth::{AccessToken, TokenProvider, external};
use aig_platform::{
    Client, ErrorKind, Policy, Submission, SubmissionItem, WaitOptions,
    enums::{GrantRelation, ItemState, ResourceType, RunTerminationReason, SubjectType},
    models::GrantCreateRequest,
    operations::{ListGrants, ListRunItems, ListRuns, ListShareTokens},
    settings::{Settings, Sources, Variables},
    transfer::{NoProgress, SignedUrl},
    transport::{RecordingTransport, Reply},
};
use aig_sandbox::{RunPlan, Sandbox, SlideUse, synthetic::SlideSpec};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use uuid::Uuid;

async fn client(sandbox: &Sandbox, without: &[&str]) -> Client {
    let variables = sandbox.environment();
    let kept = variables.iter().filter(|(name, _)| !without.contains(name));
    let settings = Settings::load(Sources::new(Variables::from_iter(kept))).unwrap();
    Client::builder().settings(settings).token(sandbox.access_token().await.unwrap()).build().unwrap()
}

fn item(external_id: &str, slide: &SignedUrl, checksum: &str) -> SubmissionItem {
    let facts = json!({ "checksum_base64_crc32c": checksum, "width_px": 600, "height_px": 400, "resolution_mpp": 0.5,
        "media_type": "image/tiff" });
    SubmissionItem::new(external_id).artifact("whole_slide_image", slide, facts.as_object().cloned().unwrap())
}

/// Answers every request with 403 and counts the connections.
async fn server() -> (String, Arc<AtomicUsize>) {
    const NO: &[u8] =
        b"HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"detail\":\"no\"}";
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (root, connections) = (format!("http://{}", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 8192];
                while stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                    stream.write_all(NO).await.unwrap();
                }
            });
        }
    });
    (root, connections)
}

#[tokio::test]
async fn a_client_connects_when_it_is_used_and_its_clones_share_the_connection() {
    let (root, connections) = server().await;
    let client = Client::builder().api_root(&root).token("t").build().unwrap();
    let clones: Vec<_> = (0..5).map(|_| client.clone()).collect();
    assert_eq!(connections.load(SeqCst), 0);
    for clone in clones {
        assert_eq!(clone.run(Uuid::new_v4()).get().await.unwrap_err().kind(), ErrorKind::Forbidden);
    }
    assert_eq!(connections.load(SeqCst), 1);

    let other = Client::builder().api_root(&root).token("t").build().unwrap();
    assert!(other.run(Uuid::new_v4()).get().await.is_err());
    assert_eq!(connections.load(SeqCst), 2, "control: another client has a connection of its own");
}

#[tokio::test]
async fn a_given_provider_is_asked_for_every_call_by_whatever_way_it_is_reached() {
    let provider: Arc<dyn TokenProvider> = Arc::new(external::from_sync_fn(|| Ok(AccessToken::new("given")?)));
    let transport = Arc::new(RecordingTransport::new().fallback(|_| Reply::json(403, &json!({ "detail": "no" }))));
    let builder = Client::builder().api_root("https://platform.example").token_provider(provider);
    let client = builder.transport(Arc::clone(&transport) as _).build().unwrap();
    let (id, metadata) = (Uuid::nil(), serde_json::Map::new());
    let (run, documents) = (client.run(id), client.documents("app", "1.0.0"));
    let grant = GrantCreateRequest::new(ResourceType::Run, id, SubjectType::User, GrantRelation::Viewer);
    let refused = [
        client.me().await.is_err(),
        client.applications().list().all().await.is_err(),
        client.applications().get("app").await.is_err(),
        client.versions("app").latest().await.is_err(),
        client.versions("app").get("1.0.0").await.is_err(),
        documents.list().await.is_err(),
        documents.get("a").await.is_err(),
        documents.link("a").await.is_err(),
        documents.read("a").await.is_err(),
        client.runs().list(ListRuns::new()).all().await.is_err(),
        client.runs().submit(Submission::new("app").version("1.0.0")).await.is_err(),
        run.get().await.is_err(),
        run.items().all().await.is_err(),
        run.item("slide").await.is_err(),
        run.cancel().await.is_err(),
        run.delete_results().await.is_err(),
        run.artifact_url(id).await.is_err(),
        run.update_metadata(Some(metadata.clone()), None).await.is_err(),
        run.update_item_metadata("slide", Some(metadata), None).await.is_err(),
        run.wait(WaitOptions::default()).await.is_err(),
        client.grants().list(ListGrants::new()).all().await.is_err(),
        client.grants().get(id).await.is_err(),
        client.grants().create(grant).await.is_err(),
        client.grants().revoke(id).await.is_err(),
        client.share_tokens().list(ListShareTokens::new()).all().await.is_err(),
        client.share_tokens().get(id).await.is_err(),
        client.share_tokens().create(None).await.is_err(),
        client.share_tokens().revoke(id).await.is_err(),
        client.bucket().await.is_err(),
    ];
    assert!(refused.iter().all(|refused| *refused), "{refused:?}");
    let requests = transport.requests();
    assert!(requests.len() >= refused.len(), "{requests:?}");
    let others: Vec<_> = requests.iter().filter(|request| request.bearer() != Some("given")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[tokio::test]
async fn versions_are_ordered_by_meaning_and_a_release_goes_before_what_is_no_release_yet() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let versions = client(&sandbox, &[]).await.versions("test-app");
    let numbers: Vec<_> = versions.list().await.unwrap().into_iter().map(|version| version.number).collect();
    assert_eq!(numbers, ["1.1.0-rc.1", "1.0.0", "0.99.0", "0.0.5"]);
    assert_eq!(versions.latest().await.unwrap().number, "1.0.0");
    let details = versions.get_or_latest(None).await.unwrap();
    assert_eq!((details.version_number.as_str(), details.input_artifacts.len()), ("1.0.0", 1));
    assert_eq!(versions.get("9.9.9").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_filtered_canceled_and_told_item_by_item() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Manual).slides(SlideUse::Ignore).start().await.unwrap();
    let client = client(&sandbox, &[]).await;
    let slide = client.bucket().await.unwrap().signed_get_url("a").await.unwrap();
    let submit = async |names: [&str; 2]| {
        let items = names.map(|name| item(name, &slide, "AAAAAA=="));
        client.runs().submit(Submission::new("test-app").items(items)).await.unwrap().run_id
    };
    let (first, second) = (submit(["a/1", "b"]).await, submit(["c", "d"]).await);

    let ids = async |filter: ListRuns| -> Vec<Uuid> {
        client.runs().list(filter).all().await.unwrap().iter().map(|run| run.run_id).collect()
    };
    assert_eq!(ids(ListRuns::new().with_sort(["-submitted_at"])).await, [second, first]);
    assert_eq!(ids(ListRuns::new().with_external_id("c")).await, [second]);
    assert!(ids(ListRuns::new().with_application_id("he-tme")).await.is_empty());

    let run = client.run(first);
    let items = run.items().all().await.unwrap();
    assert!(items.iter().all(|item| item.state == ItemState::Pending));
    let names = async |filter: ListRunItems| -> Vec<String> {
        run.items_with(filter).all().await.unwrap().into_iter().map(|item| item.external_id).collect()
    };
    assert_eq!(names(ListRunItems::new(first).with_external_ids(["b"])).await, ["b"]);
    assert_eq!(names(ListRunItems::new(first).with_item_ids([items[0].item_id])).await, ["a/1"]);

    assert_eq!(run.get().await.unwrap().statistics.item_succeeded_count, 0);
    sandbox.advance_run(first).unwrap();
    while run.get_with(Policy::Bypass).await.unwrap().statistics.item_succeeded_count == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(run.get().await.unwrap().statistics.item_succeeded_count, 0, "the answer of before is kept");
    assert_eq!(
        run.get_with(Policy::Refresh).await.unwrap().statistics.item_succeeded_count,
        1,
        "and skipped on demand"
    );
    assert_eq!(run.item("a/1").await.unwrap().external_id, "a/1");

    run.cancel().await.unwrap();
    let ended = run.get().await.unwrap();
    assert_eq!(ended.termination_reason, Some(RunTerminationReason::CanceledByUser));
    assert_eq!((ended.statistics.item_succeeded_count, ended.statistics.item_skipped_count), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_endpoint_of_its_own_a_link_is_signed_for_google_cloud_storage() {
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slide.tiff");
    SlideSpec::new(600, 400).write(&path).unwrap();
    let here = client(&sandbox, &[]).await;
    let uploaded = here.bucket().await.unwrap().upload(&path, "tests/slide.tiff", &NoProgress).await.unwrap();

    let google = client(&sandbox, &["AIGNOSTICS_BUCKET_ENDPOINT"]).await.bucket().await.unwrap();
    let link = google.signed_get_url(&uploaded.key).await.unwrap();
    assert!(link.expose().starts_with("https://storage.googleapis.com/"), "{link:?}");

    // The sandbox looks such a link up in its own storage, and only if the signature is right.
    let checksum = uploaded.crc32c.to_string();
    let elsewhere = google.signed_get_url("tests/nothing.tiff").await.unwrap();
    let submission =
        Submission::new("test-app").item(item("right", &link, &checksum)).item(item("nothing", &elsewhere, &checksum));
    let submitted = here.runs().submit(submission).await.unwrap();
    let outcome = here.run(submitted.run_id).wait(WaitOptions::default()).await.unwrap();
    let ends: Vec<_> =
        outcome.items.iter().map(|item| (item.external_id.as_str(), item.error_code.as_deref())).collect();
    assert_eq!(ends, [("right", None), ("nothing", Some("download_failed"))]);
}
