//! Signing in at the sandbox, as a browser, a device and a service do, on its own port.

mod code;
mod device;
mod page;
mod person;
mod tokens;

use aig_sandbox::Sandbox;
use person::{Reply, encoded};

use crate::wire::Wire;

#[tokio::test]
async fn tokens_of_others_are_refused_everywhere_and_told_so() {
    let (sandbox, other) = (Sandbox::builder().start().await.unwrap(), Sandbox::builder().start().await.unwrap());
    let (wire, foreign) = (Wire::new(&sandbox).await, other.access_token().await.unwrap());
    let path = "/api/v1/applications/he-tme/versions/1.1.0/documents/release-notes.md/content";
    let link = wire.get(path).await.headers["location"].to_str().unwrap().to_owned();
    let get = async |url: &str, token: &str| {
        let answer = wire.client.get(url).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = get(&format!("{}/api/v1/me", sandbox.url()), &foreign).await;
    assert!(status == 401 && text.contains("not issued by this server"), "{text}");
    let (status, text) = get(&link, &foreign).await;
    assert!(status == 403 && text.contains("<Code>AccessDenied</Code>") && text.contains("not issued"), "{text}");
    assert_eq!(get(&link, "made-up").await.0, 403);
    assert_eq!(get(&link, &wire.token).await.0, 200, "its own is ignored");
    sandbox.advance_clock(std::time::Duration::from_secs(2 * 3600)).unwrap();
    let expired = wire.client.get(&link).send().await.unwrap();
    assert_eq!(expired.status(), 403);
    assert!(expired.text().await.unwrap().contains("<Code>ExpiredToken</Code>"));
}
