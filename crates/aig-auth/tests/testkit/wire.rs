//! The server on its socket: limits, faults as a client feels them, and many servers at once.

use std::time::Duration;

use aig_auth::testkit::{AuthorizationServer, Endpoint, Fault, GrantType};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends bytes as they are, and reads to the end.
async fn raw(server: &AuthorizationServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.base_url().trim_start_matches("http://")).await.unwrap();
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

async fn serve() -> AuthorizationServer {
    AuthorizationServer::builder().serve().await.unwrap()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn form(body: &str) -> Vec<u8> {
    let kind = "application/x-www-form-urlencoded";
    let length = body.len();
    format!("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

const SERVICE: &str = "grant_type=client_credentials&client_id=service&client_secret=service-secret";

#[tokio::test]
async fn a_token_request_over_the_socket_is_answered() {
    let server = serve().await;
    let answer = raw(&server, &form(SERVICE)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(status(&answer), "200");
    assert!(head.contains("content-type: application/json") && head.contains("connection: close"));
    let body: Value = serde_json::from_str(body).unwrap();
    assert!(server.verify(body["access_token"].as_str().unwrap()).is_ok());
}

#[tokio::test]
async fn a_lost_answer_closes_the_connection_after_the_work_is_done() {
    let server = serve().await;
    server.inject(Fault::lost().on(Endpoint::Token));
    assert_eq!(raw(&server, &form(SERVICE)).await, "");
    assert_eq!(server.token_requests(GrantType::ClientCredentials), 1);
}

#[tokio::test]
async fn a_torn_answer_promises_more_than_it_holds() {
    let server = serve().await;
    server.inject(Fault::torn(10));
    let answer = raw(&server, &form(SERVICE)).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let promised: usize = head.split_once("content-length: ").unwrap().1.trim().parse().unwrap();
    assert!(promised > 10 && body.len() == 10, "{promised} promised, {} came", body.len());
}

#[tokio::test]
async fn a_fault_strikes_as_often_and_where_it_was_told() {
    let server = serve().await;
    server.inject(Fault::unavailable(503).on_grant(GrantType::ClientCredentials).skip(1).times(2).retry_after("7"));
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = raw(&server, &form(SERVICE)).await;
        statuses.push(status(&answer).to_owned());
        assert_eq!(answer.contains("retry-after: 7"), status(&answer) == "503");
    }
    assert_eq!(statuses, ["200", "503", "503", "200"]);
}

#[tokio::test]
async fn requests_beyond_the_limits_are_refused() {
    let server = serve().await;
    let long = "x".repeat(17 * 1024);
    for (bytes, expected) in [
        (format!("GET /{long} HTTP/1.1\r\nHost: localhost:1\r\n\r\n"), "431"),
        ("POST /oauth/token HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 1000000000\r\n\r\n".into(), "413"),
        (
            "POST /oauth/token HTTP/1.1\r\nHost: localhost:1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".into(),
            "411",
        ),
        ("rubbish\r\n\r\n".into(), "400"),
        ("GET /authorize HTTP/1.1\r\n\r\n".into(), "400"),
        ("GET /authorize HTTP/1.1\r\nHost: evil.example\r\n\r\n".into(), "403"),
        ("GET /authorize HTTP/1.1\r\nHost: 127.0.0.1.evil.example:80\r\n\r\n".into(), "403"),
        ("GET /nowhere HTTP/1.1\r\nHost: localhost:1\r\n\r\n".into(), "404"),
        ("DELETE /oauth/token HTTP/1.1\r\nHost: localhost:1\r\n\r\n".into(), "405"),
        ("GET /oauth/token?client_secret=x HTTP/1.1\r\nHost: localhost:1\r\n\r\n".into(), "405"),
    ] {
        let answer = raw(&server, bytes.as_bytes()).await;
        assert_eq!(status(&answer), expected, "{:.40}", bytes);
        assert!(!answer.contains("rubbish") && !answer.contains("nowhere"), "nothing is reflected");
    }
    assert_eq!(status(&raw(&server, &form(SERVICE)).await), "200", "and it still works");
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_out() {
    let server = serve().await;
    let address = server.base_url().replace("http://", "");
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(TcpStream::connect(&address).await.unwrap());
    }
    let answer = tokio::time::timeout(Duration::from_secs(5), raw(&server, &form(SERVICE))).await.unwrap();
    assert_eq!(status(&answer), "200");
    drop(idle);
}

#[tokio::test]
async fn a_head_request_gets_the_head_of_the_answer() {
    let server = serve().await;
    let answer = raw(&server, b"HEAD /.well-known/jwks.json HTTP/1.1\r\nHost: localhost:1\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn the_port_is_closed_when_the_last_handle_is_gone() {
    let server = serve().await;
    let address = server.base_url().replace("http://", "");
    let clone = server.clone();
    drop(server);
    assert!(TcpStream::connect(&address).await.is_ok());
    drop(clone);
    tokio::task::yield_now().await;
    assert!(TcpStream::connect(&address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_servers_live_side_by_side() {
    let tasks: Vec<_> = (0..200)
        .map(|_| {
            tokio::spawn(async {
                let server = serve().await;
                let answer = raw(&server, &form(SERVICE)).await;
                let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
                server.verify(body["access_token"].as_str().unwrap()).unwrap();
                (server, body["access_token"].as_str().unwrap().to_owned())
            })
        })
        .collect();
    let mut servers = Vec::new();
    for task in tasks {
        servers.push(task.await.unwrap());
    }
    let (last, _) = servers.last().unwrap();
    assert_eq!(servers.iter().filter(|(_, token)| last.verify(token).is_ok()).count(), 1, "its own");
}

#[tokio::test]
async fn the_log_has_what_was_asked_and_shows_no_values() {
    let server = serve().await;
    raw(&server, &form(SERVICE)).await;
    let log = server.log();
    assert_eq!(log[0].param("client_secret"), Some("service-secret"));
    assert_eq!((log[0].status, log[0].grant_type), (200, Some(GrantType::ClientCredentials)));
    let shown = format!("{log:?} {server:?}");
    assert!(shown.contains("client_secret") && !shown.contains("service-secret"));
}

#[tokio::test]
async fn every_answer_says_what_time_it_is_here() {
    let start: jiff::Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
    let server = AuthorizationServer::builder().clock(move || start).serve().await.unwrap();
    server.advance(Duration::from_secs(60));
    let answer = raw(&server, b"GET /activate HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(answer.contains("\r\ndate: Fri, 02 Jan 2026 03:05:05 GMT\r\n"), "{answer:.400}");
}
