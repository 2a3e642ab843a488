//! Slow and greedy clients, on a paused clock: whoever waits for nothing but time gets on at once.

use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::stream;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Mutex,
    time::{Instant, sleep},
};

use super::*;
use crate::limits;

const PIECE: usize = 1 << 20;
const PIECES: usize = 64;
const STEP: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(600);

/// Reads what is sent, up to a mebibyte, or gives 64 of them.
async fn answer(request: Request) -> Response {
    if request.method() == http::Method::GET {
        let pieces = (0..PIECES).map(|_| Ok::<_, io::Error>(Bytes::from(vec![7; PIECE])));
        return Body::from_stream(stream::iter(pieces)).into_response();
    }
    match limits::whole(request.into_body(), PIECE).await {
        Ok(bytes) => bytes.len().to_string().into_response(),
        Err(unread) => (unread.status(), unread.to_string()).into_response(),
    }
}

fn router() -> Router {
    Router::new().fallback(answer)
}

/// The server as it is.
fn careful() -> (SocketAddr, watch::Sender<Command>) {
    let listener = bind(0).unwrap();
    let address = listener.local_addr().unwrap();
    let (command, receiver) = watch::channel(Command::Serve);
    tokio::spawn(serve(listener, router(), receiver));
    (address, command)
}

/// The control: hyper as it comes, patient with everybody.
fn naive() -> SocketAddr {
    let listener = bind(0).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(router());
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    address
}

#[derive(Clone, Copy, Debug)]
enum Slowness {
    Silent,
    DripsHead,
    DripsBody,
    SilentInBody,
    ReadsNothing,
}

use Slowness::{DripsBody, DripsHead, ReadsNothing, Silent, SilentInBody};

/// How long the server bears it; `None` for ten minutes or more.
async fn borne(address: SocketAddr, slowness: Slowness) -> Option<Duration> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let head: &[u8] = match slowness {
        Silent => b"",
        DripsHead => b"GET / HTTP/1.1\r\nX: ",
        DripsBody | SilentInBody => b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n",
        ReadsNothing => b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    };
    stream.write_all(head).await.unwrap();
    while begun.elapsed() < LONG {
        if matches!(slowness, DripsHead | DripsBody) && stream.write_all(b"x").await.is_err() {
            return Some(begun.elapsed());
        }
        sleep(STEP).await;
        if !matches!(slowness, ReadsNothing) && is_closed(&mut stream) {
            return Some(begun.elapsed());
        }
    }
    if !matches!(slowness, ReadsNothing) {
        return None;
    }
    // A reader that was given up finds what the machines had in store, and not all of it.
    let mut rest = Vec::new();
    let whole = stream.read_to_end(&mut rest).await.is_ok() && rest.len() > PIECES * PIECE;
    (!whole).then(|| begun.elapsed())
}

/// Whether the server has said its last; what it said is thrown away.
fn is_closed(stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    loop {
        match stream.try_read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn slow_clients_are_given_up_in_time() {
    let (address, _command) = careful();
    for (slowness, longest) in [(Silent, 18), (DripsHead, 18), (DripsBody, 36), (SilentInBody, 33)] {
        let borne = borne(address, slowness).await.unwrap_or_else(|| panic!("{slowness:?} is borne for ever"));
        println!("{slowness:?}: given up after {borne:?}");
        assert!(borne <= Duration::from_secs(longest), "{slowness:?}: {borne:?}");
    }
    assert!(borne(address, ReadsNothing).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn the_check_of_slow_clients_sees_a_server_that_bears_them() {
    let address = naive();
    for slowness in [Silent, DripsHead, DripsBody, SilentInBody, ReadsNothing] {
        assert_eq!(borne(address, slowness).await, None, "{slowness:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_steady_sender_and_a_pausing_reader_are_not_given_up() {
    let (address, _command) = careful();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    for _ in 0..100 {
        stream.write_all(&[7; 2000]).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.ends_with("200000"), "{answer}");

    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    sleep(Duration::from_secs(100)).await;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.len() > PIECES * PIECE);
}

/// All sandboxes of a process share the memory for large bodies: who fills it, and who needs some, take turns.
static MEMORY: Mutex<()> = Mutex::const_new(());

/// What a sender that ends its body whatever comes gets to see, and how much it got rid of.
async fn insist(address: SocketAddr, head: &str, pieces: usize) -> (String, usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("POST / HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n").as_bytes()).await.unwrap();
    let (piece, mut sent) = (vec![b'0'; PIECE], 0);
    while sent < pieces * PIECE && stream.write_all(&piece).await.is_ok() {
        sent += PIECE;
    }
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer).await;
    (String::from_utf8_lossy(&answer).into_owned(), sent)
}

#[tokio::test]
async fn who_sends_too_much_hears_it_and_is_not_listened_to_for_long() {
    let _alone = MEMORY.lock().await;
    let (address, _command) = careful();
    let (answer, sent) = insist(address, "Content-Length: 1073741824", 1024).await;
    println!("413 after {} MiB of 1,024", sent / PIECE);
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(sent <= 128 * PIECE, "{sent} bytes were taken");
    let (answer, sent) = insist(address, "Content-Length: 1073741824\r\nExpect: 100-continue", 0).await;
    assert!(answer.starts_with("HTTP/1.1 413") && sent == 0, "{answer}");
    let (answer, _) = insist(address, "Content-Length: 1048576\r\nConnection: close", 1).await;
    assert!(answer.ends_with("1048576"), "{answer}");
}

#[tokio::test]
async fn many_half_sent_bodies_leave_room_for_small_ones() {
    let _alone = MEMORY.lock().await;
    let (address, _command) = careful();
    let mut halves = JoinSet::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n").await.unwrap();
        stream.write_all(&vec![b'7'; PIECE - 1]).await.unwrap();
        halves.spawn(async move {
            let mut head = [0; 12];
            stream.read_exact(&mut head).await.unwrap();
            assert_eq!(&head, b"HTTP/1.1 503");
        });
    }
    // 200 times 15/16 MiB, of which 128 MiB are shared.
    for _ in 0..60 {
        halves.join_next().await.unwrap().unwrap();
    }
    let (answer, _) = insist(address, "Content-Length: 0\r\nConnection: close", 0).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
