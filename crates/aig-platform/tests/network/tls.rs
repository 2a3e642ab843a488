//! Handshakes for real: whose certificates are trusted, what becomes of a connection that is cut, how old TLS may be.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aig_auth::TokenProvider as _;
use aig_platform::{
    Client, ErrorKind,
    settings::{Settings, Sources, Variables},
    sign_in::SignIn,
    transport::{HttpOptions, ReqwestTransport},
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{
    authority::{Authority, Leaf},
    child,
    server::{Answer, Behaviour, Heard, behaviour, listen, proxy, secure},
};

pub(crate) fn me() -> Value {
    json!({ "user": { "id": "ada" }, "organization": { "id": "org", "aignostics_bucket_hmac_access_key_id": "k",
        "aignostics_bucket_hmac_secret_access_key": "s", "aignostics_bucket_name": "b",
        "aignostics_bucket_protocol": "gs", "aignostics_logfire_token": "l", "aignostics_sentry_dsn": "d" } })
}

fn good() -> Behaviour {
    behaviour(|_| Answer::json(200, &me()))
}

/// A client that trusts this authority besides the usual ones.
fn trusting(bundle: &Path, address: SocketAddr) -> Client {
    let mut options = HttpOptions::default();
    options.ca_bundles = vec![bundle.to_owned()];
    let builder = Client::builder().api_root(format!("https://localhost:{}", address.port())).token("t");
    builder.transport(Arc::new(ReqwestTransport::new(options))).build().unwrap()
}

struct Trusted {
    authority: Authority,
    directory: tempfile::TempDir,
}

impl Trusted {
    fn new() -> Self {
        let (authority, directory) = (Authority::new("the user's own"), tempfile::tempdir().unwrap());
        authority.write(&directory.path().join("ca.pem"));
        Self { authority, directory }
    }

    /// A client of a server that behaves so.
    async fn client(&self, behaviour: Behaviour) -> Client {
        let (address, _) = secure(self.authority.acceptor(&["localhost"], Leaf::Good), behaviour).await;
        trusting(&self.directory.path().join("ca.pem"), address)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_the_users_authority_is_trusted_and_a_wrong_one_is_refused_at_once() {
    let (ours, stranger) = (Trusted::new(), Authority::new("a stranger"));
    assert!(ours.client(good()).await.me().await.is_ok());
    for (authority, leaf) in
        [(&ours.authority, Leaf::Expired), (&ours.authority, Leaf::OtherName), (&stranger, Leaf::Good)]
    {
        let (address, heard) = secure(authority.acceptor(&["localhost"], leaf), good()).await;
        let error = trusting(&ours.directory.path().join("ca.pem"), address).me().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 1), "{leaf:?}: {error}");
        assert!(error.to_string().starts_with("cannot trust https://localhost"), "{error}");
        assert!(heard.lock().unwrap().is_empty(), "{leaf:?}: the request was sent");
    }
}

const HOSTS: [&str; 4] = ["bundle.example", "file.example", "system.example", "stranger.example"];

/// The job: which hosts does this process trust, for calls and for signing in?
pub(crate) async fn trust(variables: &Variables) {
    for host in HOSTS {
        let settings =
            Settings::load(Sources::new(variables.clone()).overrides(child::deployment(host, "a-refresh-token")))
                .unwrap();
        let _ = SignIn::new(&settings).build().unwrap().token(&Default::default()).await;
        let client = Client::builder().settings(settings).token("t").build().unwrap();
        match client.me().await {
            Ok(_) => println!("\n{host}=trusted"),
            Err(error) => println!("\n{host}={:?} {error}", error.kind()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn every_bundle_and_the_systems_store_are_trusted_together_for_calls_and_for_signing_in() {
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(place("system")).unwrap();
    let (mut places, mut logs) = (HashMap::new(), Vec::new());
    // OpenSSL's name of a file in a directory of certificates, which is where a system has them.
    for (host, file) in HOSTS.into_iter().zip(["bundle.pem", "file.pem", "system/0123abcd.0", "stranger.pem"]) {
        let authority = Authority::new(host);
        authority.write(Path::new(&place(file)));
        let answer = |heard: &Heard| match heard.path() {
            "/oauth/token" => Answer::json(403, &json!({ "error": "invalid_grant" })),
            _ => Answer::json(200, &me()),
        };
        let (address, log) = secure(authority.acceptor(&[host], Leaf::Good), behaviour(answer)).await;
        places.insert(host, address);
        logs.push(log);
    }
    let (proxy, _) = proxy(places).await;
    let finished = child::run(
        "trust",
        vec![
            ("HTTPS_PROXY", format!("http://{proxy}")),
            ("REQUESTS_CA_BUNDLE", place("bundle.pem")),
            ("SSL_CERT_FILE", place("file.pem")),
            ("SSL_CERT_DIR", place("system")),
        ],
    )
    .await;
    let [trusted @ .., stranger] = HOSTS;
    for (host, log) in trusted.into_iter().zip(&logs) {
        assert_eq!(finished.value(host), "trusted");
        let asked: Vec<String> = log.lock().unwrap().iter().map(|heard| heard.path().to_owned()).collect();
        assert!(asked.iter().any(|path| path == "/oauth/token"), "{host} was not trusted for signing in: {asked:?}");
    }
    assert!(finished.value(stranger).starts_with("Network cannot trust"), "{}", finished.said);
    println!("authorities trusted=3 strangers=0");
}

/// The job: is the server on this machine trusted?
pub(crate) async fn near(variables: &Variables) {
    let root = variables.get("AIG_TEST_ROOT").unwrap();
    let client = Client::builder().api_root(root).token("t").build().unwrap();
    println!("\nnear={}", client.me().await.map_or_else(|error| error.to_string(), |_| "trusted".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn the_systems_store_is_trusted_on_loopback_as_well() {
    let (directory, authority) = (tempfile::tempdir().unwrap(), Authority::new("the system's own"));
    authority.write(&directory.path().join("system.pem"));
    let (address, _) = secure(authority.acceptor(&["localhost"], Leaf::Good), good()).await;
    let root = ("AIG_TEST_ROOT", format!("https://localhost:{}", address.port()));
    let store = ("SSL_CERT_FILE", directory.path().join("system.pem").to_str().unwrap().to_owned());
    assert_eq!(child::run("near", vec![root.clone(), store]).await.value("near"), "trusted");
    assert!(child::run("near", vec![root]).await.value("near").starts_with("cannot trust"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_tls_cuts_is_never_taken_for_whole_and_is_asked_for_again() {
    let whole = Answer::json(200, &me());
    let length = whole.bytes.len();
    let unannounced = {
        let body = me().to_string();
        let head = "HTTP/1.1 200 X\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        Answer { bytes: [head, &body].concat().into_bytes(), cut: true }
    };
    let trusted = Trusted::new();
    for cut in [whole.clone().cut_to(length - 5), whole.clone().cut_to(40), whole.clone().cut_to(0), unannounced] {
        let (count, whole) = (Arc::new(AtomicUsize::new(0)), whole.clone());
        let counted = Arc::clone(&count);
        let client = trusted
            .client(behaviour(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
                0 => cut.clone(),
                _ => whole.clone(),
            }))
            .await;
        assert_eq!(client.me().await.unwrap().user.id, "ada");
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_tls_cuts_goes_on_where_it_broke_off() {
    let content: Arc<Vec<u8>> = Arc::new((0..200_000_u32).map(|number| (number % 251) as u8).collect());
    let (served, ranges) = (Arc::clone(&content), Arc::new(Mutex::new(Vec::new())));
    let noted = Arc::clone(&ranges);
    let trusted = Trusted::new();
    let client = trusted
        .client(behaviour(move |heard| {
            if !heard.path().starts_with("/file") {
                return Answer::new(307, "location: /file?signature=s\r\n", b"");
            }
            let head = heard.head.to_ascii_lowercase();
            let range =
                head.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
            noted.lock().unwrap().push(range);
            match range {
                None => Answer::new(200, "etag: \"one\"\r\n", &served).cut_to(90_000),
                Some(first) => {
                    let range = format!("content-range: bytes {first}-199999/200000\r\netag: \"one\"\r\n");
                    Answer::new(206, &range, &served[first..])
                }
            }
        }))
        .await;
    let directory = tempfile::tempdir().unwrap();
    let path = client.documents("app", "1.0.0").download("a.pdf", directory.path()).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), *content);
    let ranges = ranges.lock().unwrap();
    assert!(matches!(ranges.as_slice(), [None, Some(1..)]), "{ranges:?}");
}

/// A server that speaks TLS 1.1 and nothing newer: it answers any hello with one of that version (RFC 4346, 7.4.1.3).
async fn old_server() -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&heard);
    let address = listen(move |mut stream| {
        let noted = Arc::clone(&noted);
        async move {
            let mut hello = vec![0; 4096];
            stream.read(&mut hello).await.ok().filter(|count| *count > 0)?;
            // Version, random, no session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
            let mut answer = vec![2, 0, 0, 38, 3, 2];
            answer.extend([7; 32]);
            answer.extend([0, 0x00, 0x2f, 0]);
            let mut record = vec![22, 3, 2, 0, answer.len() as u8];
            record.extend(answer);
            stream.write_all(&record).await.ok()?;
            let mut reply = Vec::new();
            stream.read_to_end(&mut reply).await.ok();
            noted.lock().unwrap().extend(reply);
            Some(())
        }
    })
    .await;
    (address, heard)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_speaks_only_tls_1_1_is_refused_and_hears_nothing() {
    let (address, heard) = old_server().await;
    let root = format!("https://localhost:{}", address.port());
    let error = Client::builder().api_root(root).token("canary").build().unwrap().me().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 1), "{error}");
    let heard = heard.lock().unwrap();
    // An alert (type 21) is all that it may hear.
    assert!(heard.is_empty() || heard[0] == 21, "{heard:?}");
    assert!(!String::from_utf8_lossy(&heard).contains("canary"));
}
