//! The real transport against a server that cuts, lies and floods: raw sockets, because a polite one cannot.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aig_platform::{
    Client, ErrorKind, Policy, Submission, SubmissionItem,
    settings::{Settings, Sources, Variables},
    transfer::SignedUrl,
    transport::{HttpOptions, ReqwestTransport},
};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Mutex,
};
use uuid::Uuid;

/// What the server does with one request.
#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    /// Closes without reading.
    CloseUnread,
    /// Reads this many bytes, then closes.
    CloseAfterReading(usize),
    /// Carries it out, then sends only this many bytes of the answer.
    CutAnswer(usize),
    /// Carries it out, then resets the connection.
    Reset,
    /// Carries it out, then answers with this status.
    Status(u16),
    /// Carries it out, then says nothing.
    Silence,
}

struct Server {
    root: String,
    runs: Arc<Mutex<Vec<Value>>>,
    posts: Arc<AtomicUsize>,
}

/// A platform on a raw socket; `fault` says what happens to the n-th request of a kind.
async fn server(fault: impl Fn(&str, usize) -> Fault + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    let server = Server { root, runs: Arc::default(), posts: Arc::default() };
    let (runs, posts, gets, fault) = (server.runs.clone(), server.posts.clone(), AtomicUsize::new(0), Arc::new(fault));
    let gets = Arc::new(gets);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, runs.clone(), posts.clone(), gets.clone(), fault.clone()));
        }
    });
    server
}

async fn serve(
    mut stream: TcpStream,
    runs: Arc<Mutex<Vec<Value>>>,
    posts: Arc<AtomicUsize>,
    gets: Arc<AtomicUsize>,
    fault: Arc<impl Fn(&str, usize) -> Fault>,
) -> Option<()> {
    loop {
        let mut first = [0; 4];
        stream.peek(&mut first).await.ok().filter(|count| *count > 0)?;
        let (method, count) = if first.starts_with(b"POST") { ("POST", &posts) } else { ("GET", &gets) };
        let fault = fault(method, count.fetch_add(1, Ordering::SeqCst));
        match fault {
            Fault::CloseUnread => return None,
            Fault::CloseAfterReading(bytes) => {
                let mut some = vec![0; bytes];
                stream.read_exact(&mut some).await.ok()?;
                return None;
            }
            _ => {}
        }
        let (head, body) = read_request(&mut stream).await?;
        let answer = act(&head, &body, &runs).await;
        match fault {
            Fault::CutAnswer(bytes) => {
                stream.write_all(&answer[..bytes.min(answer.len())]).await.ok()?;
                return None;
            }
            Fault::Reset => {
                socket_reset(&stream);
                return None;
            }
            Fault::Silence => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return None;
            }
            Fault::Status(status) => {
                let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.ok()?;
            }
            _ => stream.write_all(&answer).await.ok()?,
        }
    }
}

/// Closing with unread data or with linger zero makes the kernel send a reset instead of a polite end.
#[expect(deprecated, reason = "blocking on close is no matter with linger zero")]
fn socket_reset(stream: &TcpStream) {
    stream.set_linger(Some(Duration::ZERO)).unwrap();
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase().strip_prefix("content-length:").map(|length| length.trim().parse().unwrap())
            });
            let mut body = read[end + 4..].to_vec();
            while body.len() < length.unwrap_or(0) {
                stream.read_buf(&mut body).await.ok().filter(|count| *count > 0)?;
            }
            return Some((head, body));
        }
        stream.read_buf(&mut read).await.ok().filter(|count| *count > 0)?;
    }
}

async fn act(head: &str, body: &[u8], runs: &Mutex<Vec<Value>>) -> Vec<u8> {
    let path = head.split(' ').nth(1).unwrap();
    let (status, body) = if head.starts_with("POST") {
        let mut runs = runs.lock().await;
        let (id, request) = (Uuid::from_u128(runs.len() as u128 + 1), serde_json::from_slice::<Value>(body).unwrap());
        runs.push(run_json(id, &request["custom_metadata"]));
        (201, json!({ "run_id": id }))
    } else if path.contains("/versions/") {
        (200, version_json())
    } else if path.contains("/runs?") {
        (200, json!(*runs.lock().await))
    } else {
        (200, run_json(Uuid::nil(), &Value::Null))
    };
    let body = body.to_string();
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

fn run_json(id: Uuid, metadata: &Value) -> Value {
    json!({ "run_id": id, "application_id": "app", "version_number": "1.0.0", "state": "PENDING", "output": "NONE",
        "termination_reason": null, "error_code": null, "error_message": null, "submitted_at": "2026-11-22T03:00:00Z",
        "submitted_by": "ada", "custom_metadata": metadata, "statistics": { "item_count": 1, "item_pending_count": 1,
        "item_processing_count": 0, "item_user_error_count": 0, "item_system_error_count": 0, "item_skipped_count": 0,
        "item_succeeded_count": 0 } })
}

fn version_json() -> Value {
    json!({ "version_number": "1.0.0", "changelog": "", "released_at": "2026-01-01T00:00:00Z", "output_artifacts": [],
        "input_artifacts": [{ "name": "slide", "mime_type": "image/tiff", "metadata_schema": {} }] })
}

/// A client with waits and time limits so short that tests need not wait.
fn client(root: &str) -> Client {
    client_over(root, Arc::new(ReqwestTransport::new(HttpOptions::default())))
}

fn client_over(root: &str, transport: Arc<ReqwestTransport>) -> Client {
    let quick = [
        ("AIGNOSTICS_API_ROOT", root),
        ("AIGNOSTICS_RUN_TIMEOUT", "10"),
        ("AIGNOSTICS_RUN_SUBMIT_TIMEOUT", "1"),
        ("AIGNOSTICS_RUN_RETRY_WAIT_MIN", "0.001"),
    ];
    let settings = Settings::load(Sources::new(Variables::from_iter(quick))).unwrap();
    Client::builder().settings(settings).token("canary-token").transport(transport).build().unwrap()
}

fn submission() -> Submission {
    let link = SignedUrl::new("https://storage.example/a?sig=canary-signature").unwrap();
    let item = SubmissionItem::new("a").artifact("slide", &link, serde_json::Map::new());
    Submission::new("app").version("1.0.0").item(item)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_cut_anywhere_never_makes_two_runs_and_is_always_resolved() {
    let faults = [
        Fault::CloseUnread,
        Fault::CloseAfterReading(1),
        Fault::CloseAfterReading(100),
        Fault::CloseAfterReading(400),
        Fault::CutAnswer(0),
        Fault::CutAnswer(1),
        Fault::CutAnswer(30),
        Fault::CutAnswer(100),
        Fault::Reset,
        Fault::Status(502),
        Fault::Status(504),
        Fault::Silence,
    ];
    let (mut outcomes, transport) = (Vec::new(), Arc::new(ReqwestTransport::new(HttpOptions::default())));
    for fault in faults {
        let trials = (0..100).map(|_| trial(fault, Arc::clone(&transport)));
        outcomes.extend(futures_util::stream::iter(trials).buffer_unordered(20).collect::<Vec<_>>().await);
    }
    let duplicates = outcomes.iter().filter(|outcome| **outcome == Submitted::Twice).count();
    let unresolved = outcomes.iter().filter(|outcome| **outcome == Submitted::Unresolved).count();
    let submissions = outcomes.len();
    println!(
        "submit_cuts points={} submissions={submissions} duplicates={duplicates} unresolved={unresolved}",
        faults.len()
    );
    assert_eq!((submissions, duplicates, unresolved), (1_200, 0, 0));
}

#[derive(Debug, PartialEq, Eq)]
enum Submitted {
    /// One run was made and found, or none was made and the caller knows that it cannot be found.
    Resolved,
    Unresolved,
    Twice,
}

async fn trial(fault: Fault, transport: Arc<ReqwestTransport>) -> Submitted {
    let server = server(move |method, _| if method == "POST" { fault } else { Fault::None }).await;
    let outcome = client_over(&server.root, transport).runs().submit(submission()).await;
    assert!(!format!("{outcome:?}").contains("canary"));
    let (made, posts) = (server.runs.lock().await.len(), server.posts.load(Ordering::SeqCst));
    match (&outcome, made) {
        _ if made > 1 || posts > 1 => Submitted::Twice,
        (Ok(_), 1) => Submitted::Resolved,
        (Err(error), 0) if error.kind() == ErrorKind::OutcomeUnknown => Submitted::Resolved,
        _ => Submitted::Unresolved,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn control_a_client_that_sends_again_makes_two_runs() {
    let server = server(|_, number| if number == 0 { Fault::CutAnswer(0) } else { Fault::None }).await;
    let body = r#"{"custom_metadata":{}}"#;
    let request = format!("POST /api/v1/runs HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    for _attempt in 0..2 {
        let mut stream = TcpStream::connect(server.root.trim_start_matches("http://")).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut some = [0; 1];
        if stream.read(&mut some).await.is_ok_and(|count| count > 0) {
            break;
        }
    }
    assert_eq!(server.runs.lock().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_in_ten_may_break_and_calls_succeed_all_the_same() {
    const CALLS: usize = 1_000;
    let faults = [Fault::CloseUnread, Fault::CutAnswer(50), Fault::Reset, Fault::CutAnswer(0), Fault::Status(503)];
    let server = server(move |_, number| match mixed(number) {
        number if number % 10 == 0 => faults[number / 10 % faults.len()],
        _ => Fault::None,
    })
    .await;
    let client = client(&server.root);
    let mut succeeded = 0_usize;
    for _ in 0..CALLS {
        match client.run(Uuid::nil()).get_with(Policy::Bypass).await {
            Ok(_) => succeeded += 1,
            Err(error) => println!("failed after {} attempts: {error}", error.attempts()),
        }
    }
    println!("connection_faults rate=0.1 calls={CALLS} succeeded={succeeded}");
    assert!(succeeded * 1_000 >= CALLS * 999, "{succeeded} of {CALLS}");
}

/// Numbers in no order (SplitMix64), the same in every run.
fn mixed(number: usize) -> usize {
    let mut mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as usize >> 8
}

/// Answers every request with `answer`, endlessly followed by `more`.
async fn flood(answer: &'static str, more: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                read_request(&mut stream).await?;
                stream.write_all(answer.as_bytes()).await.ok()?;
                while !more.is_empty() {
                    stream.write_all(more).await.ok()?;
                }
                Some(())
            });
        }
    });
    root
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_end_is_given_up_in_bounded_memory() {
    static ZEROES: [u8; 1 << 16] = [b'0'; 1 << 16];
    let root = flood("HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n[", &ZEROES).await;
    let slow = [("AIGNOSTICS_API_ROOT", root.as_str()), ("AIGNOSTICS_RUN_TIMEOUT", "30")];
    let settings = Settings::load(Sources::new(Variables::from_iter(slow))).unwrap();
    let client = Client::builder().settings(settings).token("t").build().unwrap();
    let error = client.run(Uuid::nil()).get().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Protocol, 1), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_home_is_a_network_error_with_a_hint() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let error = client(&format!("http://{port}")).run(Uuid::nil()).get().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 4));
    assert!(error.hint().is_some());
}
