//! Every operation of the API has a method, and every method reaches its operation.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod every_call;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aig_codegen::OPERATIONS;
use aig_platform::{
    Client,
    transfer::SignedUrl,
    transport::{RecordingTransport, Reply},
};
use uuid::Uuid;

use every_call::{VERSION_PATH, every_call, operation_of, version};

type Reached = Arc<Mutex<BTreeSet<&'static str>>>;

/// A platform that notes which operation was meant, and knows nothing but one version of an application.
fn listening() -> (Client, Reached) {
    let reached = Reached::default();
    let noted = Arc::clone(&reached);
    let transport = RecordingTransport::new().fallback(move |request| {
        noted.lock().unwrap().extend(operation_of(request.method.as_str(), &request.path));
        if request.path == VERSION_PATH { Reply::json(200, &version()) } else { Reply::status(404) }
    });
    let client = Client::builder().api_root("https://platform.example").token("t").transport(Arc::new(transport));
    (client.build().unwrap(), reached)
}

#[tokio::test(start_paused = true)]
async fn every_operation_of_the_api_has_a_method() {
    let (client, reached) = listening();
    let slide = SignedUrl::new("https://storage.example/a").unwrap();
    every_call(&client, "share", &slide, drop).await;
    let reached = reached.lock().unwrap();
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
