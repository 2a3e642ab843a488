//! One large object, put and got by the same client from the sandbox and from a bare loop.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use aig_sandbox::Sandbox;

use crate::{now, raw};

pub(crate) const OBJECT: usize = 1 << 30;
/// The best of so many counts: page cache that is new to the machine costs up to a second more.
const ROUNDS: usize = 4;

/// For PUT and GET: megabytes a second of the sandbox, and of the bare loop.
pub(crate) async fn rates(sandbox: &Sandbox) -> Result<[(&'static str, f64, f64); 2], Box<dyn std::error::Error>> {
    let (put_url, get_url) = sandbox.links("load.bin", Duration::from_secs(3600));
    let (address, bare) = (sandbox.address(), raw::serve()?);
    let best = tokio::task::spawn_blocking(move || {
        let mut best = [f64::INFINITY; 4];
        for _ in 0..ROUNDS {
            let seconds = [put(address, &put_url)?, put(bare, "/")?, get(address, &get_url)?, get(bare, "/")?];
            best.iter_mut().zip(seconds).for_each(|(best, seconds)| *best = best.min(seconds));
        }
        io::Result::Ok(best.map(|seconds| OBJECT as f64 / 1e6 / seconds))
    });
    let [put, bare_put, get, bare_get] = best.await??;
    Ok([("PUT", put, bare_put), ("GET", get, bare_get)])
}

fn put(address: SocketAddr, url: &str) -> io::Result<f64> {
    let piece = vec![7; 1 << 20];
    let begun = now();
    let mut stream = connect(address, "PUT", url, OBJECT)?;
    for _ in 0..OBJECT / piece.len() {
        stream.write_all(&piece)?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(begun.elapsed().as_secs_f64()) } else { Err(io::Error::other(answer)) }
}

fn get(address: SocketAddr, url: &str) -> io::Result<f64> {
    let begun = now();
    let mut stream = connect(address, "GET", url, 0)?;
    let (mut buffer, mut total) = (vec![0; 1 << 20], 0);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            read => total += read,
        }
    }
    if total > OBJECT {
        Ok(begun.elapsed().as_secs_f64())
    } else {
        Err(io::Error::other(format!("{total} bytes came")))
    }
}

fn connect(address: SocketAddr, method: &str, url: &str, length: usize) -> io::Result<TcpStream> {
    let path = url.split_once(&address.to_string()).map_or(url, |(_, path)| path);
    let mut stream = TcpStream::connect(address)?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    Ok(stream)
}
