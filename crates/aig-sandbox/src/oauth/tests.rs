//! The authorization server behind the sandbox's own connections.

use aig_auth::testkit::{AuthorizationServer, Fault, GrantType, Refused};
use http::{HeaderMap, header};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
};

use super::{bearer, router};
use crate::server::{self, Command};

const FORM: &str = "grant_type=client_credentials&client_id=service&client_secret=service-secret";

/// The address of a listening server, for as long as the sender lives.
async fn listen(server: &AuthorizationServer) -> (String, watch::Sender<Command>) {
    let listener = server::bind(0).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (command, orders) = watch::channel(Command::Serve);
    tokio::spawn(server::serve(listener, router(server.clone(), std::sync::Arc::new(|_| Ok(()))), orders));
    (address, command)
}

async fn ask(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

fn post(body: &str) -> String {
    format!(
        "POST /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    )
}

#[tokio::test]
async fn a_token_from_the_port_is_a_bearer_of_the_sandbox() {
    let server = AuthorizationServer::builder().build();
    let (address, _command) = listen(&server).await;
    let answer = ask(&address, &post(FORM)).await;
    let body: Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let mut headers = HeaderMap::new();
    assert_eq!(bearer(&server, &headers), Err(Refused::Missing));
    let value = format!("Bearer {}", body["access_token"].as_str().unwrap());
    headers.insert(header::AUTHORIZATION, value.parse().unwrap());
    assert_eq!(bearer(&server, &headers).unwrap().sub, "service@clients");
    headers.insert(header::AUTHORIZATION, "Bearer from-elsewhere".parse().unwrap());
    assert_eq!(bearer(&server, &headers), Err(Refused::Malformed));
}

#[tokio::test]
async fn a_lost_answer_sends_nothing_and_a_torn_one_its_first_bytes() {
    let server = AuthorizationServer::builder().build();
    let (address, _command) = listen(&server).await;
    server.inject(Fault::lost());
    server.inject(Fault::torn(12));
    assert_eq!(ask(&address, &post(FORM)).await, "");
    let torn = ask(&address, &post(FORM)).await;
    let (head, body) = torn.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 12);
    let promised = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    assert!(promised.parse::<usize>().unwrap() > 12);
    assert_eq!(server.token_requests(GrantType::ClientCredentials), 2);
}

#[tokio::test]
async fn a_form_beyond_all_measure_is_refused() {
    let server = AuthorizationServer::builder().build();
    let (address, _command) = listen(&server).await;
    let answer = ask(&address, &post(&"x".repeat(65 << 10))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer:.40}");
}
