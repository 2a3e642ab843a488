//! Servers on raw sockets, plain and with TLS, and a proxy: they note what came and do as they are told.

use std::{
    collections::HashMap,
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// A connection of any kind.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Connection for T {}

/// One request: its head and its body, as they came.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Heard {
    pub(crate) fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }
}

/// Everything that was heard, as it came over the wire.
pub(crate) type Log = Arc<Mutex<Vec<Heard>>>;

/// What a server does with a request: bytes to send, and whether the connection ends without a farewell then.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) cut: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, headers: &str, body: &[u8]) -> Self {
        let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\n\r\n", body.len());
        Self { bytes: [head.as_bytes(), body].concat(), cut: false }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "content-type: application/json\r\n", body.to_string().as_bytes())
    }

    /// Only so many bytes, then nothing.
    pub(crate) fn cut_to(mut self, bytes: usize) -> Self {
        self.bytes.truncate(bytes);
        self.cut = true;
        self
    }
}

pub(crate) type Behaviour = Arc<dyn Fn(&Heard) -> Answer + Send + Sync>;

pub(crate) fn behaviour(answer: impl Fn(&Heard) -> Answer + Send + Sync + 'static) -> Behaviour {
    Arc::new(answer)
}

/// Accepts connections on a free port of loopback and gives each to `serve`.
pub(crate) async fn listen<F, Fut>(serve: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// A plain server.
pub(crate) async fn plain(behaviour: Behaviour) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = Arc::clone(&log);
    (listen(move |stream| exchange(stream, Arc::clone(&behaviour), Arc::clone(&heard))).await, log)
}

/// A server with TLS.
pub(crate) async fn secure(acceptor: TlsAcceptor, behaviour: Behaviour) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = Arc::clone(&log);
    let serve = move |stream| {
        let (acceptor, behaviour, heard) = (acceptor.clone(), Arc::clone(&behaviour), Arc::clone(&heard));
        async move { exchange(acceptor.accept(stream).await.ok()?, behaviour, heard).await }
    };
    (listen(serve).await, log)
}

async fn exchange(mut stream: impl Connection, behaviour: Behaviour, log: Log) -> Option<()> {
    loop {
        let heard = request(&mut stream).await?;
        let answer = behaviour(&heard);
        log.lock().unwrap().push(heard);
        stream.write_all(&answer.bytes).await.ok()?;
        stream.flush().await.ok()?;
        if answer.cut {
            // Without the farewell of TLS: the socket below just ends.
            return None;
        }
    }
}

/// Reads one request.
pub(crate) async fn request(stream: &mut impl Connection) -> Option<Heard> {
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
            return Some(Heard { head, body });
        }
        stream.read_buf(&mut read).await.ok().filter(|count| *count > 0)?;
    }
}

/// A proxy that connects names to places of this machine, and says what it does not know.
pub(crate) async fn proxy(places: HashMap<&'static str, SocketAddr>) -> (SocketAddr, Log) {
    let log = Log::default();
    let heard = Arc::clone(&log);
    let serve = move |mut stream: TcpStream| {
        let (places, heard) = (places.clone(), Arc::clone(&heard));
        async move {
            let wanted = request(&mut stream).await?;
            let host = wanted.path().rsplit_once(':').map(|(host, _)| host.to_owned());
            heard.lock().unwrap().push(wanted);
            let Some(place) = host.and_then(|host| places.get(host.as_str()).copied()) else {
                stream.write_all(b"HTTP/1.1 502 X\r\ncontent-length: 0\r\n\r\n").await.ok()?;
                return None;
            };
            let mut onward = TcpStream::connect(place).await.ok()?;
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.ok()?;
            copy_bidirectional(&mut stream, &mut onward).await.ok().map(drop)
        }
    };
    (listen(serve).await, log)
}

/// A port at which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
