//! A running sandbox in the hands of another process.

use aig_sandbox::{Remote, RemoteError, RequestFilter, Sandbox};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::wire::Wire;

#[tokio::test]
async fn a_remote_sees_and_steers_what_the_sandbox_does() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let remote = Remote::connect(&format!("{}/", sandbox.url())).await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let ids = remote.inject(&json!({"operation": "get_me", "effect": {"answer": {"status": 500}}})).await.unwrap();
    assert_eq!(remote.faults().await.unwrap()[0].id, ids[0]);
    assert_eq!(wire.get("/api/v1/me").await.status, 500);
    remote.remove_fault(ids[0]).await.unwrap();
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    assert!(matches!(remote.remove_fault(ids[0]).await, Err(RemoteError::Missing { .. })));
    remote.play("outage").await.unwrap();
    remote.clear_faults().await.unwrap();
    assert_eq!(remote.faults().await.unwrap(), []);

    let filter =
        RequestFilter { status: Some("5xx".into()), operation: Some("get_me".into()), ..RequestFilter::default() };
    let seen = remote.requests(&filter).await.unwrap();
    assert_eq!((seen.len(), &seen[0]["path"]), (1, &json!("/api/v1/me")));
    assert_eq!(remote.archive(&RequestFilter::default()).await.unwrap()["log"]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(remote.advance_clock("31d").await.unwrap().now.duration_since(sandbox_time(&remote).await).as_secs(), 0);
    let status = remote.status().await.unwrap();
    assert_eq!((status.requests, status.faults, status.runs["PENDING"]), (2, 0, 0));
    assert_eq!((status.url.as_str(), status.run_plan.as_str()), (sandbox.url(), "timed"));
}

#[tokio::test]
async fn a_remote_keeps_and_restores_what_is_there() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let remote = Remote::connect(sandbox.url()).await.unwrap();
    let before = sandbox_time(&remote).await;
    assert_eq!(remote.save_snapshot("before").await.unwrap().name, "before");
    remote.advance_clock("30d").await.unwrap();
    assert_eq!(remote.snapshots().await.unwrap()[0].name, "before");
    assert_eq!(remote.load_snapshot("before").await.unwrap().runs, 0);
    assert!(sandbox_time(&remote).await.duration_since(before).as_hours() < 1, "time has gone back with the rest");
    assert!(matches!(remote.save_snapshot("before").await, Err(RemoteError::Taken { .. })));
    assert!(matches!(remote.save_snapshot("../up").await, Err(RemoteError::Refused { .. })));
    remote.delete_snapshot("before").await.unwrap();
    assert!(matches!(remote.load_snapshot("before").await, Err(RemoteError::Missing { .. })));
    assert!(matches!(remote.delete_snapshot("before").await, Err(RemoteError::Missing { .. })));
}

async fn sandbox_time(remote: &Remote) -> jiff::Timestamp {
    remote.clock().await.unwrap().now
}

#[tokio::test]
async fn what_a_remote_tells_signs_somebody_in() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let remote = Remote::connect(sandbox.url()).await.unwrap();
    let told: Vec<(String, String)> = remote.environment().await.unwrap().into_iter().collect();
    let own = sandbox.environment();
    assert!(told.iter().all(|(name, value)| own.get(name) == Some(value)));
    assert_eq!(told.len(), own.iter().count());
    let refresh_token = remote.refresh_token().await.unwrap();
    let form = format!(
        "grant_type=refresh_token&client_id={}&refresh_token={refresh_token}",
        own.get("AIGNOSTICS_CLIENT_ID_INTERACTIVE").unwrap()
    );
    let wire = Wire::new(&sandbox).await;
    let request = wire.client.post(own.get("AIGNOSTICS_TOKEN_URL").unwrap());
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let unknown = wire.post("/_sandbox/sessions", &json!({"user": "nobody"})).await;
    assert_eq!(unknown.status, 422);
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let remote = Remote::connect(sandbox.url()).await.unwrap();
    for refused in [
        remote.advance_clock("-1h").await.unwrap_err(),
        remote.inject(&json!({"effect": {"explode": 1}})).await.unwrap_err(),
        remote.play("../faults").await.unwrap_err(),
    ] {
        assert!(matches!(&refused, RemoteError::Refused { message, .. } if message.len() > 20), "{refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_sandbox_is_told_apart_before_anything_is_asked_of_it() {
    for address in ["https://platform.aignostics.com", "https://127.0.0.1:1", "nonsense", "http://192.0.2.1"] {
        assert!(matches!(Remote::connect(address).await, Err(RemoteError::Address { .. })), "{address}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let other = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    assert_eq!(Remote::connect(&url).await.unwrap_err(), RemoteError::NotASandbox { url: url.clone() });
    assert!(other.await.unwrap().starts_with("GET /_sandbox/healthz "));
    assert!(matches!(Remote::connect(&url).await, Err(RemoteError::Unreachable { .. })), "the listener has gone");
}
