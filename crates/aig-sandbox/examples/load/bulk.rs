//! One large object, put and got by the same client from the sandbox and from a bare loop.

use std::{
    fmt,
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use aig_sandbox::Sandbox;

use crate::{now, raw};

pub(crate) const OBJECT: usize = 1 << 30;
/// The best of so many counts: page cache that is new to the machine costs up to a second more.
const ROUNDS: usize = 4;

/// What it took to move the object, client and server together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    seconds: f64,
    /// On other machines than Linux nobody knows.
    processor: f64,
}

impl Cost {
    const NONE: Self = Self { seconds: f64::INFINITY, processor: f64::INFINITY };

    fn of(work: impl FnOnce() -> io::Result<()>) -> io::Result<Self> {
        let (begun, before) = (now(), processor_seconds());
        work()?;
        Ok(Self { seconds: begun.elapsed().as_secs_f64(), processor: processor_seconds() - before })
    }

    fn or_better(self, other: Self) -> Self {
        Self { seconds: self.seconds.min(other.seconds), processor: self.processor.min(other.processor) }
    }

    pub(crate) fn rate(self) -> f64 {
        OBJECT as f64 / 1e6 / self.seconds
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} MB a second ({:.2} s of processor time)", self.rate(), self.processor)
    }
}

/// Of this process; 0 where the system does not tell.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11);
    fields.take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// For PUT and GET: what the sandbox and the bare loop take.
pub(crate) async fn costs(sandbox: &Sandbox) -> Result<[(&'static str, Cost, Cost); 2], Box<dyn std::error::Error>> {
    let (put_url, get_url) = sandbox.links("load.bin", Duration::from_secs(3600));
    let (address, bare) = (sandbox.address(), raw::serve()?);
    let best = tokio::task::spawn_blocking(move || {
        let mut best = [Cost::NONE; 4];
        for _ in 0..ROUNDS {
            let round = [
                Cost::of(|| put(address, &put_url))?,
                Cost::of(|| put(bare, "/"))?,
                Cost::of(|| get(address, &get_url))?,
                Cost::of(|| get(bare, "/"))?,
            ];
            best.iter_mut().zip(round).for_each(|(best, cost)| *best = best.or_better(cost));
        }
        io::Result::Ok(best)
    });
    let [put, bare_put, get, bare_get] = best.await??;
    Ok([("PUT", put, bare_put), ("GET", get, bare_get)])
}

fn put(address: SocketAddr, url: &str) -> io::Result<()> {
    let piece = vec![7; 1 << 20];
    let mut stream = connect(address, "PUT", url, OBJECT)?;
    for _ in 0..OBJECT / piece.len() {
        stream.write_all(&piece)?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if answer.starts_with("HTTP/1.1 200") { Ok(()) } else { Err(io::Error::other(answer)) }
}

fn get(address: SocketAddr, url: &str) -> io::Result<()> {
    let mut stream = connect(address, "GET", url, 0)?;
    let (mut buffer, mut total) = (vec![0; 1 << 20], 0);
    loop {
        match stream.read(&mut buffer)? {
            0 => break,
            read => total += read,
        }
    }
    if total > OBJECT { Ok(()) } else { Err(io::Error::other(format!("{total} bytes came"))) }
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
