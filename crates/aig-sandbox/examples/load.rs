//! Measures a sandbox on this machine: `cargo run --release -p aig-sandbox --example load`.

use std::{
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};

use aig_sandbox::{RunPlan, Sandbox};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const CONNECTIONS: usize = 16;
const SPAN: Duration = Duration::from_secs(4);
const OBJECT: usize = 1 << 30;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let begun = now();
    let sandbox = Sandbox::builder().run_plan(RunPlan::Immediate).start().await?;
    let ready = begun.elapsed();
    let token = sandbox.access_token().await?;
    let mut out = std::io::stdout();
    writeln!(out, "ready after {ready:.1?}, first token after {:.1?}", begun.elapsed())?;
    for path in ["/health", "/api/v1/me", "/api/v1/runs?page_size=5", "/api/v1/applications/he-tme/versions/1.1.0"] {
        let rate = requests_a_second(sandbox.address(), path, &token).await?;
        writeln!(out, "{rate:>8.0} requests a second  GET {path}")?;
    }
    let (put, get) = transfer(&sandbox).await?;
    writeln!(out, "{put:>8.0} MB a second  PUT of 1 GiB\n{get:>8.0} MB a second  GET of 1 GiB")?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn now() -> Instant {
    Instant::now()
}

async fn requests_a_second(address: SocketAddr, path: &str, token: &str) -> std::io::Result<f64> {
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

async fn transfer(sandbox: &Sandbox) -> Result<(f64, f64), Box<dyn std::error::Error>> {
    let (put, get) = sandbox.links("load.bin", Duration::from_secs(600));
    let address = sandbox.address();
    let target = |url: &str| url.split_once(&address.to_string()).map(|(_, path)| path.to_owned()).unwrap_or_default();
    let begun = now();
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "PUT {} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {OBJECT}\r\nConnection: close\r\n\r\n",
        target(&put)
    );
    stream.write_all(head.as_bytes()).await?;
    let piece = vec![7_u8; 1 << 20];
    for _ in 0..OBJECT / piece.len() {
        stream.write_all(&piece).await?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let put_rate = OBJECT as f64 / 1e6 / begun.elapsed().as_secs_f64();
    let begun = now();
    let mut stream = TcpStream::connect(address).await?;
    let head = format!("GET {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n", target(&get));
    stream.write_all(head.as_bytes()).await?;
    let (mut buffer, mut total) = (vec![0; 1 << 20], 0);
    loop {
        match stream.read(&mut buffer).await? {
            0 => break,
            read => total += read,
        }
    }
    if total < OBJECT {
        return Err(format!("{total} bytes came: {answer}").into());
    }
    Ok((put_rate, OBJECT as f64 / 1e6 / begun.elapsed().as_secs_f64()))
}
