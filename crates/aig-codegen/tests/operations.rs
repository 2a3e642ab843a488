//! Every operation of the table, by what it sends and what a server reads of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use aig_codegen::models::{CustomMetadataUpdateRequest, ItemState, RunCreationRequest};
use aig_codegen::operations::{
    CancelRun, CreateRun, GetRun, GetRunArtifactFile, GetRunItem, GetVersionDocument, ListApplications, ListGrants,
    ListRunItems, ListRuns, PutItemCustomMetadata,
};
use aig_codegen::{Answer, Location, Method, OPERATIONS, Operation, Parts, SERVER_PREFIX, Target, route};
use uuid::Uuid;

const RUN: Uuid = Uuid::from_u128(0x0b0f_6c2e_7a53_4b0e_9a5d_2f1c_8e4d_7a11);

/// What a server makes of a target: the route, then the operation.
fn served<O: Operation>(target: &Target, body: &[u8]) -> O {
    let found = route(OPERATIONS, O::INFO.method, target.path()).unwrap();
    assert_eq!(found.operation.id, O::INFO.id);
    let query: Vec<_> = target.query().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    O::parse(&Parts { path: &found.path, query: &query, body, ..Parts::default() }).unwrap()
}

#[test]
fn the_table_is_the_contract() {
    assert_eq!(OPERATIONS.len(), 26, "the number of operations in the document has changed");
    assert_eq!(SERVER_PREFIX, "/api");
    assert!(OPERATIONS.iter().all(|operation| operation.path.starts_with("/v1/")));
    let only_redirect: Vec<_> = OPERATIONS.iter().filter(|o| o.answer == Answer::Redirect).map(|o| o.id).collect();
    assert_eq!(only_redirect, ["get_run_artifact_file", "get_version_document_file", "get_version_document_content"]);
}

#[test]
fn a_post_is_not_idempotent_unless_the_document_says_so() {
    let posts = OPERATIONS.iter().filter(|operation| operation.method == Method::Post);
    let repeatable: Vec<_> = posts.filter(|operation| operation.idempotent).map(|operation| operation.id).collect();
    assert_eq!(repeatable, ["cancel_run"]);
    assert!(OPERATIONS.iter().all(|operation| operation.idempotent || operation.method == Method::Post));
}

#[test]
fn what_is_sent_is_what_a_server_reads() {
    let list = ListRunItems::new(RUN)
        .with_item_ids([RUN])
        .with_external_ids(["a b", "c&d=e", "ü+%2B"])
        .with_state(ItemState::Terminated)
        .with_page_size(5)
        .with_sort(["+x", "-y"]);
    assert_eq!(served::<ListRunItems>(&list.target().unwrap(), &[]), list);

    let item = GetRunItem::new(RUN, "slides/ä?#%2e.tiff").with_share_token("s3cret");
    assert_eq!(served::<GetRunItem>(&item.target().unwrap(), &[]), item);

    let create = CreateRun::new(RunCreationRequest::new("he-tme", []));
    let body = create.body().unwrap().unwrap();
    assert_eq!(body.content_type, "application/json");
    assert_eq!(served::<CreateRun>(&create.target().unwrap(), &body.bytes), create);
}

#[test]
fn lists_repeat_their_key_and_signs_stay_data() {
    let list = ListRuns::new().with_sort(["+a", "-b"]).with_submitted_by("me");
    assert_eq!(list.target().unwrap().path_and_query(), "/v1/runs?submitted_by=me&sort=%2Ba&sort=-b");
    let applications = ListApplications::new().with_page_size(7);
    assert_eq!(applications.target().unwrap().path_and_query(), "/v1/applications?page-size=7");
    assert_eq!(ListGrants::new().target().unwrap().query_string(), None);
}

#[test]
fn a_path_parameter_cannot_lead_elsewhere() {
    for name in ["", ".", ".."] {
        let metadata = PutItemCustomMetadata::new(RUN, name, CustomMetadataUpdateRequest::new());
        let error = metadata.target().unwrap_err();
        assert_eq!(error.name(), "external_id");
        assert!(GetVersionDocument::new("he-tme", "1.0.0", name).target().is_err());
    }
    let tricky = GetRunItem::new(RUN, "../../x{run_id}").target().unwrap();
    assert_eq!(tricky.path(), format!("/v1/runs/{RUN}/items/..%2F..%2Fx%7Brun_id%7D"));
}

#[test]
fn limits_are_told_with_their_place() {
    let request = serde_json::json!({"application_id": "a", "items": [
        {"external_id": "x".repeat(256), "input_artifacts": [{"name": "n", "download_url": "", "metadata": {}}]},
    ]});
    let create = CreateRun::new(serde_json::from_value::<RunCreationRequest>(request).unwrap());
    let found: Vec<_> = create.validate().unwrap_err().into_iter().map(|v| (v.location, v.pointer)).collect();
    let wanted = ["/items/0/external_id", "/items/0/input_artifacts/0/download_url"];
    assert_eq!(found, wanted.map(|pointer| (Location::Body, pointer.to_owned())));

    let violations = ListRuns::new().with_page_size(4).with_page(0).validate().unwrap_err();
    assert_eq!(violations.to_string(), "query/page: is 0, less than 1; query/page_size: is 4, less than 5");
    assert!(ListRuns::new().with_page_size(100).validate().is_ok());
}

#[test]
fn a_server_is_told_everything_that_is_wrong() {
    let query = [("page_size".to_owned(), "many".to_owned()), ("revoked".to_owned(), "True".to_owned())];
    let parts = Parts { query: &query, ..Parts::default() };
    let violations = ListGrants::parse(&parts).unwrap_err();
    assert_eq!(violations.to_string(), "query/page_size: is not a whole number");
    let violations = GetRun::parse(&Parts { path: &[("run_id", "7".to_owned())], ..Parts::default() }).unwrap_err();
    assert_eq!(violations.to_string(), "path/run_id: is not a UUID");
    let violations = CancelRun::parse(&Parts::default()).unwrap_err();
    assert_eq!(violations.to_string(), "path/run_id: is required");
    assert!(CreateRun::parse(&Parts::default()).unwrap_err().to_string().starts_with("body: cannot be read"));
}

#[test]
fn secrets_do_not_show() {
    let file = GetRunArtifactFile::new(RUN, RUN).with_share_token("s3cret");
    assert!(!format!("{file:?} {:?}", file.target().unwrap()).contains("s3cret"));
    assert!(GetRunArtifactFile::INFO.parameter("share_token").unwrap().sensitive);
}
