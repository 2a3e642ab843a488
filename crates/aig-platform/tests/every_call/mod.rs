//! Everything that can be called, once each: what a test says of all operations, it says of these.

use std::{fmt::Debug, future::Future};

use aig_codegen::{Method, OPERATIONS, SERVER_PREFIX, route};
use aig_platform::{
    Client, Error, Submission, SubmissionItem,
    enums::{GrantRelation, ResourceType, SubjectType},
    models::GrantCreateRequest,
    operations::{ListGrants, ListRuns, ListShareTokens},
    transfer::SignedUrl,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// What came of a call, to be shown.
pub(crate) type Outcome = Result<Box<dyn Debug>, Error>;

async fn outcome<T: Debug + 'static>(call: impl Future<Output = Result<T, Error>>) -> Outcome {
    call.await.map(|answer| Box::new(answer) as Box<dyn Debug>)
}

macro_rules! each {
    ($seen:ident: $($call:expr),* $(,)?) => {{ $( $seen(outcome($call).await); )* }};
}

/// Calls every method that asks the API, with this share token and a slide behind this address.
pub(crate) async fn every_call(client: &Client, share_token: &str, slide: &SignedUrl, mut seen: impl FnMut(Outcome)) {
    let (id, metadata) = (Uuid::from_u128(7), serde_json::Map::new());
    let (run, documents) = (client.run(id).with_share_token(share_token), client.documents("app", "1.0.0"));
    let item = SubmissionItem::new("a").artifact("slide", slide, serde_json::Map::new());
    let submission = Submission::new("app").version("1.0.0").item(item);
    let grant = GrantCreateRequest::new(ResourceType::Run, id, SubjectType::User, GrantRelation::Viewer);
    let directory = tempfile::tempdir().unwrap();
    each!(
        seen: client.me(),
        client.applications().list().all(),
        client.applications().get("app"),
        client.versions("app").get("1.0.0"),
        documents.list(),
        documents.get("a.pdf"),
        documents.link("a.pdf"),
        documents.read("a.pdf"),
        documents.download("a.pdf", directory.path()),
        client.runs().submit(submission),
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
        client.grants().create(grant),
        client.share_tokens().list(ListShareTokens::new()).all(),
        client.share_tokens().get(id),
        client.share_tokens().create(None),
        client.share_tokens().revoke(id),
    );
}

/// The version that the submission is made for: without it, a run is never sent.
pub(crate) fn version() -> Value {
    json!({ "version_number": "1.0.0", "changelog": "", "released_at": "2026-01-01T00:00:00Z", "output_artifacts": [],
        "input_artifacts": [{ "name": "slide", "mime_type": "image/tiff", "metadata_schema": {} }] })
}

/// The path of that version, below the server's root.
pub(crate) const VERSION_PATH: &str = "/api/v1/applications/app/versions/1.0.0";

/// The operation that a request is of.
pub(crate) fn operation_of(method: &str, path: &str) -> Option<&'static str> {
    let method = match method {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        _ => return None,
    };
    Some(route(OPERATIONS, method, path.strip_prefix(SERVER_PREFIX)?)?.operation.id)
}
