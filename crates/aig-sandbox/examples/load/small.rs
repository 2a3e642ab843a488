//! Small requests: how many a second.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::now;

const CONNECTIONS: usize = 16;
const SPAN: Duration = Duration::from_secs(4);

pub(crate) async fn requests_a_second(address: SocketAddr, path: &str, token: &str) -> std::io::Result<f64> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    let begun = now();
    let workers: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(one_by_one(address, request.clone(), begun))).collect();
    let mut total = 0;
    for worker in workers {
        total += worker.await.map_err(std::io::Error::other)??;
    }
    Ok(total as f64 / begun.elapsed().as_secs_f64())
}

/// One request after the other on one connection.
async fn one_by_one(address: SocketAddr, request: String, begun: Instant) -> std::io::Result<u64> {
    let mut stream = TcpStream::connect(address).await?;
    let (mut count, mut answer) = (0, vec![0; 64 << 10]);
    while begun.elapsed() < SPAN {
        stream.write_all(request.as_bytes()).await?;
        let mut read = 0;
        while !is_whole(&answer[..read]) {
            match stream.read(&mut answer[read..]).await? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                more => read += more,
            }
        }
        count += 1;
    }
    Ok(count)
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= end + 4 + length)
}
