//! Proxies of the environment: used for remote hosts, never for this machine, and done without only where that is allowed.

use std::{collections::HashMap, net::SocketAddr};

use aig_platform::{
    settings::{Settings, Sources, Variables},
    transport::{HttpOptions, Request, ReqwestTransport, Transport as _},
};
use http::Method;

use crate::{
    authority::{Authority, Leaf},
    child::{self, Finished},
    server::{Answer, behaviour, listen, nobody, plain, proxy, request, secure},
};

const PASSWORD: &str = "canary-proxy-password";

/// The job: asks for each address and says what came of it.
pub(crate) async fn proxied(variables: &Variables) {
    let settings = Settings::load(Sources::new(variables.clone())).unwrap();
    let transport = ReqwestTransport::new(HttpOptions::from(&settings));
    println!();
    for (number, url) in variables.get("AIG_TEST_URLS").unwrap().split(' ').enumerate() {
        match transport.send(Request::new(Method::GET, url.parse().unwrap())).await {
            Ok(answer) => println!("{number}={}", answer.status.as_u16()),
            Err(error) => println!("{number}={:?} {error} {error:?}", error.kind()),
        }
    }
}

/// Asks for `urls` in a process whose every proxy variable names `proxy`.
async fn ask(proxy: SocketAddr, urls: &[String], more: Vec<(&'static str, String)>) -> Finished {
    let address = format!("http://user:{PASSWORD}@{proxy}");
    let mut variables: Vec<_> =
        ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"].map(|name| (name, address.clone())).into();
    variables.push(("AIG_TEST_URLS", urls.join(" ")));
    variables.extend(more);
    let finished = child::run("proxied", variables).await;
    assert!(!finished.said.contains(PASSWORD), "{}", finished.said);
    finished
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_used_for_remote_hosts_and_never_for_loopback() {
    let directory = tempfile::tempdir().unwrap();
    let (authority, bundle) = (Authority::new("proxied"), directory.path().join("ca.pem"));
    authority.write(&bundle);
    let acceptor = authority.acceptor(&["platform.example", "localhost"], Leaf::Good);
    let (remote, _) = secure(acceptor, behaviour(|_| Answer::new(200, "", b""))).await;
    let (local, heard) = plain(behaviour(|_| Answer::new(204, "", b""))).await;
    let (proxy, log) = proxy(HashMap::from([("platform.example", remote)])).await;
    let port = local.port();
    let urls = [
        "https://platform.example/a".to_owned(),
        // An address of this machine, and yet not loopback: it is reached through the proxy like any other.
        format!("http://0.0.0.0:{port}/"),
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://LOCALHOST:{port}/"),
        format!("http://127.8.9.10:{port}/"),
        format!("https://localhost:{}/", remote.port()),
        "https://unproxied.example/".to_owned(),
    ];
    let more =
        vec![("REQUESTS_CA_BUNDLE", bundle.to_str().unwrap().to_owned()), ("NO_PROXY", "unproxied.example".to_owned())];
    let finished = ask(proxy, &urls, more).await;
    let answers: Vec<&str> = ["0", "1", "2", "3", "4", "6"].map(|number| finished.value(number)).into();
    assert_eq!(answers, ["200", "502", "204", "204", "204", "200"], "{}", finished.said);
    let seen: Vec<String> = log.lock().unwrap().iter().map(|heard| heard.path().to_owned()).collect();
    assert_eq!(seen, ["platform.example:443".to_owned(), format!("http://0.0.0.0:{port}/")]);
    assert!(log.lock().unwrap()[0].head.to_ascii_lowercase().contains("proxy-authorization: basic "));
    assert!(!log.lock().unwrap()[0].head.to_ascii_lowercase().contains("\nauthorization"));
    assert!(heard.lock().unwrap().len() >= 3);
    println!("proxied remote=2 loopback_forms=5 loopback_via_proxy=0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_is_down_or_refuses_is_named_without_its_password() {
    let url = ["https://platform.example/".to_owned()];
    let dead = nobody().await;
    let finished = ask(dead, &url, Vec::new()).await;
    let said = finished.value("0");
    assert!(said.starts_with("Connect cannot reach https://platform.example/ through the proxy 127.0.0.1:"), "{said}");
    for status in ["407", "502"] {
        let refusing = listen(move |mut stream| async move {
            request(&mut stream).await?;
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
            tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await.ok()
        })
        .await;
        let finished = ask(refusing, &url, Vec::new()).await;
        assert!(finished.value("0").contains("through the proxy 127.0.0.1:"), "{}", finished.said);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_broken_proxy_is_done_without_only_where_that_is_allowed() {
    let (server, heard) = plain(behaviour(|_| Answer::new(204, "", b""))).await;
    let url = [format!("http://0.0.0.0:{}/", server.port())];
    let dead = nobody().await;
    for (setting, answer, requests) in [(None, "Connect", 0), (Some("never"), "Connect", 0), (Some("direct"), "204", 1)]
    {
        let more = setting.map(|value| ("AIGNOSTICS_PROXY_FALLBACK", value.to_owned())).into_iter().collect();
        let finished = ask(dead, &url, more).await;
        assert!(finished.value("0").starts_with(answer), "{setting:?}: {}", finished.said);
        assert_eq!(heard.lock().unwrap().len(), requests, "{setting:?}");
    }
}
