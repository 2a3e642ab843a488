//! Redirects: nothing that is secret reaches another host, by whatever status and method.

use std::sync::Arc;

use aig_platform::{
    Client, ErrorKind, Policy,
    enums::{GrantRelation, ResourceType, SubjectType},
    models::GrantCreateRequest,
    transport::{HttpOptions, ReqwestTransport},
};
use uuid::Uuid;

use crate::{
    authority::{Authority, Leaf},
    server::{Answer, Log, behaviour, plain, secure},
};

const STATUSES: [u16; 5] = [301, 302, 303, 307, 308];

/// One request of each method, with every secret that it can carry.
async fn all_methods(client: &Client) -> Vec<aig_platform::Error> {
    let run = client.run(Uuid::nil()).with_share_token("canary-share-token");
    let metadata = serde_json::json!({ "note": "canary-metadata" }).as_object().cloned();
    let grant = GrantCreateRequest::new(ResourceType::Run, Uuid::nil(), SubjectType::User, GrantRelation::Viewer);
    vec![
        run.get_with(Policy::Bypass).await.unwrap_err(),
        client.grants().create(grant).await.unwrap_err(),
        run.update_metadata(metadata, None).await.unwrap_err(),
        run.delete_results().await.unwrap_err(),
    ]
}

/// Requests at the API and at the other place after one redirect of each status for each method.
async fn trial(client: &Client, api: &Log, elsewhere: &Log) -> usize {
    for error in all_methods(client).await {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Protocol, 1), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    assert_eq!(std::mem::take(&mut *api.lock().unwrap()).len(), 4, "a redirect was followed at home");
    elsewhere.lock().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_of_the_api_is_followed_by_any_method_to_any_place() {
    let (other, heard) = plain(behaviour(|_| Answer::new(200, "", b"{}"))).await;
    let directory = tempfile::tempdir().unwrap();
    let (authority, bundle) = (Authority::new("redirects"), directory.path().join("ca.pem"));
    authority.write(&bundle);
    let mut options = HttpOptions::default();
    options.ca_bundles = vec![bundle];
    let transport = Arc::new(ReqwestTransport::new(options));
    let (mut tried, mut elsewhere) = (0, 0);
    for status in STATUSES {
        let other_host = format!("http://localhost:{}/x", other.port());
        // Another path of the same host, another port, another name; and without TLS, from a server with it.
        let places = [("/x".to_owned(), "http"), (format!("http://{other}/x"), "http"), (other_host.clone(), "http")];
        for (place, scheme) in places.into_iter().chain([(other_host, "https")]) {
            let answer = Answer::new(status, &format!("location: {place}\r\n"), b"");
            let answer = behaviour(move |_| answer.clone());
            let (root, log) = match scheme {
                "https" => {
                    let acceptor = authority.acceptor(&["localhost"], Leaf::Good);
                    let (address, log) = secure(acceptor, answer).await;
                    (format!("https://localhost:{}", address.port()), log)
                }
                _ => {
                    let (address, log) = plain(answer).await;
                    (format!("http://{address}"), log)
                }
            };
            let builder = Client::builder().api_root(root).token("canary-token");
            let client = builder.transport(Arc::clone(&transport) as _).build().unwrap();
            elsewhere += trial(&client, &log, &heard).await;
            tried += 4;
        }
    }
    println!("redirects statuses=5 methods=4 places=4 tried={tried} requests_elsewhere={elsewhere} secret_bytes=0");
    assert_eq!((tried, elsewhere), (80, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_followed_without_credentials_and_once() {
    for status in STATUSES {
        let (beyond, never) = plain(behaviour(|_| Answer::new(200, "", b"secret"))).await;
        let onward = format!("location: http://{beyond}/y\r\n");
        let (storage, heard) = plain(behaviour(move |_| Answer::new(302, &onward, b""))).await;
        let link = format!("location: http://{storage}/file?signature=abc\r\n");
        let (api, _) = plain(behaviour(move |_| Answer::new(status, &link, b""))).await;
        let client = Client::builder().api_root(format!("http://{api}")).token("canary-token").build().unwrap();
        let outcome = client.documents("app", "1.0.0").read("a.pdf").await;
        assert!(outcome.is_err(), "a second redirect was followed");
        let heard = heard.lock().unwrap();
        assert_eq!((heard.len(), never.lock().unwrap().len()), (1, 0), "{status}");
        let head = heard[0].head.to_ascii_lowercase();
        assert!(!head.contains("canary") && !head.contains("authorization") && !head.contains("referer"), "{head}");
    }
}
