//! Hostile and clumsy clients: what they cannot do.

use aig_sandbox::Sandbox;
use object_store::{ObjectStoreExt, path::Path};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::wire::Wire;

async fn raw(sandbox: &Sandbox, request: &str) -> String {
    let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn it_listens_on_loopback_only() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    assert!(sandbox.address().ip().is_loopback());
}

#[tokio::test]
async fn oversized_heads_and_bodies_are_refused() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let host = sandbox.address();
    let head = format!("GET /health HTTP/1.1\r\nHost: {host}\r\nX-Long: {}\r\n\r\n", "x".repeat(200_000));
    assert!(raw(&sandbox, &head).await.starts_with("HTTP/1.1 431"));
    let many: String = (0..500).map(|n| format!("x-{n}: 1\r\n")).collect();
    let head = format!("GET /health HTTP/1.1\r\nHost: {host}\r\n{many}\r\n");
    assert!(raw(&sandbox, &head).await.starts_with("HTTP/1.1 431"));
    let wire = Wire::new(&sandbox).await;
    let body = vec![b' '; 33 << 20];
    let answer = wire.client.post(format!("{}/api/v1/runs", sandbox.url())).bearer_auth(&wire.token).body(body).send();
    // The refusal comes while the body is still being sent: the client sees it, or a broken connection.
    assert!(
        answer.await.is_ok_and(|answer| answer.status() == 413)
            || wire.get("/api/v1/runs").await.body == serde_json::json!([])
    );
}

#[tokio::test]
async fn no_key_of_an_object_becomes_a_path() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let bucket = wire.bucket().await;
    let marker = std::env::temp_dir().join("aig-sandbox-traversal");
    for key in [
        "../../../../../../tmp/aig-sandbox-traversal",
        "a/../../aig-sandbox-traversal",
        "..%2f..%2faig-sandbox-traversal",
        "/etc/passwd",
    ] {
        let path = Path::parse(key).unwrap_or_else(|_| Path::from(key));
        bucket.put(&path, "x".into()).await.unwrap();
        assert_eq!(bucket.get(&path).await.unwrap().bytes().await.unwrap(), "x");
    }
    let host = sandbox.address();
    for path in ["/storage/../../etc/passwd", "/storage/%2e%2e/%2e%2e/etc/passwd", "/storage//etc/passwd"] {
        let answer = raw(&sandbox, &format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 40"), "{answer}");
    }
    assert!(!marker.exists());
}

#[tokio::test]
async fn idle_connections_do_not_keep_others_out() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let mut idle = Vec::new();
    for _ in 0..500 {
        let mut stream = TcpStream::connect(sandbox.address()).await.unwrap();
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: ").await.unwrap();
        idle.push(stream);
    }
    let wire = Wire::new(&sandbox).await;
    assert_eq!(wire.get("/health").await.status, 200);
    drop(idle);
}

#[tokio::test]
async fn a_hundred_sandboxes_live_side_by_side_and_free_their_ports() {
    let mut sandboxes = Vec::new();
    for _ in 0..100 {
        sandboxes.push(Sandbox::builder().start().await.unwrap());
    }
    let ports: std::collections::HashSet<u16> = sandboxes.iter().map(|sandbox| sandbox.address().port()).collect();
    assert_eq!(ports.len(), 100);
    let wire = Wire::new(&sandboxes[99]).await;
    assert_eq!(wire.get("/api/v1/me").await.status, 200);
    assert_eq!(
        wire.client
            .get(format!("{}/api/v1/me", sandboxes[0].url()))
            .bearer_auth(&wire.token)
            .send()
            .await
            .unwrap()
            .status(),
        401
    );
    let port = sandboxes[0].address().port();
    sandboxes.remove(0).shutdown().await;
    Sandbox::builder().port(port).start().await.unwrap();
}
