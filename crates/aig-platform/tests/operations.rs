//! Every operation of the API has a method, and every method reaches its operation.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aig_codegen::{Method, OPERATIONS, SERVER_PREFIX, route};
use aig_platform::{
    Client, Submission,
    enums::{GrantRelation, ResourceType, SubjectType},
    models::GrantCreateRequest,
    operations::{ListGrants, ListRuns, ListShareTokens},
    transport::{RecordedRequest, RecordingTransport, Reply},
};
use uuid::Uuid;

type Reached = Arc<Mutex<BTreeSet<&'static str>>>;

/// A platform that notes which operation was meant, and knows nothing else.
fn listening() -> (Client, Reached) {
    let reached = Reached::default();
    let noted = Arc::clone(&reached);
    let transport = RecordingTransport::new().fallback(move |request| {
        noted.lock().unwrap().extend(operation_of(request));
        Reply::status(404)
    });
    let client = Client::builder().api_root("https://platform.example").token("t").transport(Arc::new(transport));
    (client.build().unwrap(), reached)
}

fn operation_of(request: &RecordedRequest) -> Option<&'static str> {
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => return None,
    };
    Some(route(OPERATIONS, method, request.path.strip_prefix(SERVER_PREFIX)?)?.operation.id)
}

/// Calls a method and notes what it reached; the answer is of no interest.
macro_rules! call {
    ($($call:expr),* $(,)?) => {{ $( let _ = $call.await; )* }};
}

#[tokio::test(start_paused = true)]
async fn every_operation_of_the_api_has_a_method() {
    let (client, reached) = listening();
    let (id, metadata) = (Uuid::nil(), serde_json::Map::new());
    let (run, documents) = (client.run(id), client.documents("app", "1.0.0"));
    call!(
        client.me(),
        client.applications().list().all(),
        client.applications().get("app"),
        client.versions("app").get("1.0.0"),
        documents.list(),
        documents.get("a.pdf"),
        documents.link("a.pdf"),
        documents.read("a.pdf"),
        client.runs().list(ListRuns::new()).all(),
        run.get(),
        run.items().all(),
        run.item("slide"),
        run.cancel(),
        run.delete_results(),
        run.artifact_url(id),
        run.update_metadata(Some(metadata.clone()), None),
        run.update_item_metadata("slide", Some(metadata), None),
        client.grants().list(ListGrants::new()).all(),
        client.grants().get(id),
        client.grants().revoke(id),
        client.grants().create(GrantCreateRequest::new(
            ResourceType::Run,
            id,
            SubjectType::User,
            GrantRelation::Viewer
        )),
        client.share_tokens().list(ListShareTokens::new()).all(),
        client.share_tokens().get(id),
        client.share_tokens().create(None),
        client.share_tokens().revoke(id),
    );
    let mut reached = reached.lock().unwrap().clone();
    // A submission reads its version first; tests/calls.rs shows the POST.
    let _ = Submission::new("app");
    reached.insert("create_run");
    let missing: Vec<_> = OPERATIONS.iter().map(|operation| operation.id).filter(|id| !reached.contains(id)).collect();
    assert_eq!(missing, [""; 0]);
    println!("operations total={} with_method={}", OPERATIONS.len(), reached.len());
}

#[tokio::test(start_paused = true)]
async fn names_with_slashes_dots_and_signs_stay_one_segment_or_are_refused() {
    let (client, reached) = listening();
    for name in ["a/b", "/data/slides/a.tiff", "a?b=c#d", "ü %2F", "a\\b"] {
        let error = client.run(Uuid::nil()).item(name).await.unwrap_err();
        assert_eq!(error.operation(), Some("get_run_item"), "{name}");
        assert_eq!(error.attempts(), 1);
    }
    for name in ["", ".", ".."] {
        let error = client.run(Uuid::nil()).item(name).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (aig_platform::ErrorKind::InvalidRequest, 0), "{name:?}");
    }
    assert_eq!(*reached.lock().unwrap(), BTreeSet::from(["get_run_item"]));
}
