//! Hostile and clumsy clients: what they cannot do.

use aig_sandbox::Sandbox;
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
    // Every other address of this machine that a packet to the world would leave from.
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    if socket.connect("192.0.2.1:9").is_err() {
        eprintln!("skipped: this machine has no address but loopback's");
        return;
    }
    let outer = socket.local_addr().unwrap().ip();
    assert!(TcpStream::connect((outer, sandbox.address().port())).await.is_err(), "reached through {outer}");
    let control = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    assert!(TcpStream::connect((outer, control.local_addr().unwrap().port())).await.is_ok(), "the check sees nothing");
}

#[tokio::test]
async fn oversized_heads_are_refused_and_large_ones_are_not() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let host = sandbox.address();
    let long = |bytes: usize| format!("X-Long: {}\r\n", "x".repeat(bytes));
    let many = |count: usize| (0..count).map(|n| format!("x-{n}: 1\r\n")).collect::<String>();
    for (headers, status) in [(long(60_000), 200), (long(200_000), 431), (many(90), 200), (many(500), 431)] {
        let head = format!("GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        let answer = raw(&sandbox, &head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{} bytes: {answer}", head.len());
    }
}

#[tokio::test]
async fn oversized_bodies_are_refused_before_they_are_sent_and_large_ones_are_not() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let (host, token) = (sandbox.address(), sandbox.access_token().await.unwrap());
    for (path, length, status) in
        [("/api/v1/runs", 33 << 20, 413), ("/api/v1/runs", 1 << 30, 413), ("/oauth/token", 65 << 10, 413)]
    {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Expect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        let answer = raw(&sandbox, &head).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path}: {answer}");
    }
    // Control: 31 MiB are read to their end, and found to be no submission.
    let wire = Wire::new(&sandbox).await;
    let body = vec![b' '; 31 << 20];
    let sent = wire.client.post(format!("{}/api/v1/runs", sandbox.url())).bearer_auth(&wire.token).body(body);
    assert_eq!(sent.send().await.unwrap().status(), 422);
}

#[tokio::test]
async fn every_answer_says_that_it_is_the_sandbox_s() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let wire = Wire::new(&sandbox).await;
    let mut pages = 0;
    for path in [
        "/health",
        "/api/v1/me",
        "/api/v1/runs/none",
        "/nowhere",
        "/storage/none/none",
        "/_sandbox/",
        "/_sandbox/healthz",
        "/_sandbox/requests",
        "/.well-known/jwks.json",
        "/.well-known/openid-configuration",
        "/authorize",
        "/authorize?response_type=code&client_id=sandbox-interactive&redirect_uri=http://localhost:8989/&state=s\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        "/activate",
        "/oauth/token",
    ] {
        let answer = wire.client.get(format!("{}{path}", sandbox.url())).send().await.unwrap();
        let notice =
            answer.headers().get(aig_sandbox::SANDBOX_HEADER).unwrap_or_else(|| panic!("{path} has no header"));
        assert!(notice.to_str().unwrap().starts_with("SANDBOX"));
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        if kind.is_some_and(|kind| kind.starts_with("text/html")) {
            assert!(answer.text().await.unwrap().contains("SANDBOX"), "{path}");
            pages += 1;
        }
    }
    println!("{pages} pages for people");
    assert!(pages >= 2);
}

#[tokio::test]
async fn requests_of_other_hosts_and_sites_are_refused_everywhere() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let host = sandbox.address();
    let port = host.port();
    for path in ["/health", "/_sandbox/", "/authorize", "/storage/a/b", "/nowhere"] {
        for headers in [
            format!("Host: evil.example:{port}"),
            format!("Host: {host}\r\nOrigin: http://evil.example:{port}"),
            format!("Host: {host}\r\nOrigin: null"),
            format!("Host: {host}\r\nHost: evil.example"),
        ] {
            let answer = raw(&sandbox, &format!("GET {path} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n")).await;
            assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("SANDBOX"), "{path} {headers}: {answer}");
        }
    }
    let own =
        format!("GET /health HTTP/1.1\r\nHost: {host}\r\nOrigin: http://localhost:{port}\r\nConnection: close\r\n\r\n");
    assert!(raw(&sandbox, &own).await.starts_with("HTTP/1.1 200"), "ours is let in");
}

/// The second request is the one that a proxy in front would not have seen.
#[tokio::test]
async fn what_can_be_read_in_two_ways_is_answered_once_and_ends_the_connection() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let host = sandbox.address();
    let hidden = format!("GET /smuggled HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let ambiguous = [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n\r\n",
        "Content-Length: +0\r\n\r\n",
        "Content-Length: -1\r\n\r\n",
        " folded: x\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n\r\n0\r\n\r\n",
    ];
    for rest in ambiguous {
        let answer = raw(&sandbox, &format!("POST /oauth/token HTTP/1.1\r\nHost: {host}\r\n{rest}{hidden}")).await;
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{rest}: {answer}");
    }
    assert!(sandbox.requests().iter().all(|request| request.path != "/smuggled"));
    // Control: what is clear is answered request by request, in order.
    let clear = format!("GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n");
    let answer = raw(&sandbox, &format!("{clear}{clear}{hidden}")).await;
    assert_eq!((answer.matches("HTTP/1.1 200").count(), answer.matches("HTTP/1.1 404").count()), (2, 1), "{answer}");
    assert!(sandbox.requests().iter().any(|request| request.path == "/smuggled"));
}

#[tokio::test]
async fn odd_targets_and_endless_extensions_lead_nowhere() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let host = sandbox.address();
    let endless = "1;".to_owned() + &"x".repeat(1 << 20) + "\r\nx\r\n0\r\n\r\n";
    let requests = [
        (format!("GET /health HTTP/1.0\r\nHost: {host}\r\n\r\n"), 200),
        ("GET /health HTTP/1.0\r\n\r\n".to_owned(), 403),
        (format!("GET http://{host}/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 200),
        (format!("GET http://evil.example/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 403),
        (format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 404),
        (format!("OPTIONS * HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 404),
        (format!("GET /storage/../_sandbox/clock HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 403),
        (format!("GET /storage/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 403),
        (format!("GET /health%00 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), 404),
        (format!("POST /oauth/token HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n{endless}"), 400),
    ];
    for (request, status) in requests {
        let answer = raw(&sandbox, &request).await;
        let line = request.lines().next().unwrap();
        assert!(answer.get(9..12) == Some(&status.to_string()), "{line}: {answer}");
    }
    for path in ["/health", "/_sandbox/", "/storage/a/b"] {
        let answer = raw(&sandbox, &format!("HEAD {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).await;
        assert!(answer.ends_with("\r\n\r\n") && answer.matches("\r\n\r\n").count() == 1, "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_client_of_buckets_in_host_names_hears_of_path_style() {
    let sandbox = Sandbox::builder().start().await.unwrap();
    let port = sandbox.address().port();
    let request = format!("GET /storage/a HTTP/1.1\r\nHost: bucket.localhost:{port}\r\nConnection: close\r\n\r\n");
    let answer = raw(&sandbox, &request).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("path style"), "{answer}");
    assert!(answer.contains("<Code>AccessDenied</Code>"), "as S3 clients can read it: {answer}");
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
