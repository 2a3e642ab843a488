//! Clients that have Google's host built in: what they sign for it counts at the sandbox, if it reaches it.

use std::time::Duration;

use aig_sandbox::Sandbox;
use object_store::{aws::AmazonS3Builder, path::Path, signer::Signer};

use crate::wire::Wire;

const HOST: &str = "storage.googleapis.com";

/// A URL as the Python SDK signs it: for Google's host, with the key of the organization.
async fn signed(method: http::Method, bucket: &str, id: &str, secret: &str) -> String {
    let store = AmazonS3Builder::new().with_endpoint(format!("https://{HOST}")).with_bucket_name(bucket);
    let store =
        store.with_access_key_id(id).with_secret_access_key(secret).with_region("EUROPE-WEST3").build().unwrap();
    let url = store.signed_url(method, &Path::from("dir/a b.txt"), Duration::from_secs(600)).await.unwrap();
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test]
async fn requests_for_google_s_host_reach_object_storage_and_nothing_else_and_only_with_their_signature() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let me = wire.get("/api/v1/me").await.body;
    let of = |name: &str| me["organization"][name].as_str().unwrap().to_owned();
    let bucket = of("aignostics_bucket_name");
    let (id, secret) = (of("aignostics_bucket_hmac_access_key_id"), of("aignostics_bucket_hmac_secret_access_key"));
    let send = async |method: http::Method, target: &str| {
        let request = wire.client.request(method, format!("{}{target}", wire.url)).header("host", HOST).body("slide");
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let put = signed(http::Method::PUT, &bucket, &id, &secret).await;
    let forged = signed(http::Method::PUT, &bucket, &id, "guessed").await;
    assert!(send(http::Method::PUT, &forged).await.1.contains("SignatureDoesNotMatch"));
    assert_eq!(send(http::Method::PUT, &put).await.0, 200);
    let get = signed(http::Method::GET, &bucket, &id, &secret).await;
    assert_eq!(send(http::Method::GET, &get).await, (200, "slide".to_owned()));
    assert_eq!(send(http::Method::PUT, &get).await.0, 403, "signed for another method");
    assert_eq!(wire.client.get(format!("{}{get}", wire.url)).send().await.unwrap().status(), 404, "here it is no path");
    let there = wire.client.get(format!("{}/storage{get}", wire.url)).send().await.unwrap();
    assert_eq!(there.status(), 403, "nor signed for this host");
    let stored = wire.bucket().await;
    let found = object_store::ObjectStoreExt::get(&stored, &"dir/a b.txt".into()).await.unwrap();
    assert_eq!(found.bytes().await.unwrap(), "slide".as_bytes());

    for target in ["/", "/api/v1/me", "/_sandbox/", "/oauth/token", "/storage", &format!("/{bucket}")] {
        let (status, text) = send(http::Method::GET, target).await;
        assert!(status == 403 || status == 404, "{target}: {status} {text}");
        assert!(!text.contains("slide"), "{target}: {text}");
    }
    sandbox.advance_clock(Duration::from_secs(601)).unwrap();
    assert_eq!(send(http::Method::GET, &get).await.0, 403, "its time is over");
}
