//! A client of the bare wire: takes what it wants, as slowly as it wants.

use std::{net::SocketAddr, time::Duration};

use aig_sandbox::Sandbox;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One who waits for longer is kept out.
const PATIENCE: Duration = Duration::from_secs(10);

/// What of a URL comes after its host.
pub(crate) fn target(url: &str) -> &str {
    url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..))).unwrap_or(url)
}

/// A connection that is kept for one request after the other.
pub(crate) struct Wire {
    address: SocketAddr,
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Wire {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self { address, stream: TcpStream::connect(address).await.unwrap(), buffer: vec![0; 256 << 10] }
    }

    /// The status of the answer, of which all is read.
    pub(crate) async fn send(&mut self, line: &str, headers: &str, body: &str) -> u16 {
        let (address, length) = (self.address, body.len());
        let request = format!("{line} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut read = 0;
        loop {
            read += self.stream.read(&mut self.buffer[read..]).await.unwrap();
            let Some(end) = self.buffer[..read].windows(4).position(|window| window == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            if read >= end + 4 + length.unwrap_or(0) {
                return head[9..12].parse().unwrap();
            }
        }
    }
}

/// Puts an object of so many bytes; how many were sent, and what came back.
pub(crate) async fn put(address: SocketAddr, path: &str, headers: &str, length: usize) -> (usize, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let (piece, mut sent) = (vec![b'7'; 1 << 20], 0);
    while sent < length && stream.write_all(&piece).await.is_ok() {
        sent += piece.len();
    }
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer).await;
    (sent, String::from_utf8_lossy(&answer).into_owned())
}

/// Whether a client that does everything right is served soon.
pub(crate) async fn is_served(address: SocketAddr) -> bool {
    let request = async {
        let mut wire = Wire::open(address).await;
        wire.send("GET /health", "", "").await
    };
    tokio::time::timeout(PATIENCE, request).await.is_ok_and(|status| status == 200)
}

/// URLs to put and to get an object.
pub(crate) fn links(sandbox: &Sandbox, key: &str) -> (String, String) {
    let (put, get) = sandbox.links(key, Duration::from_secs(24 * 3600));
    (target(&put).to_owned(), target(&get).to_owned())
}
