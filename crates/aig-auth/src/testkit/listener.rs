//! A small HTTP/1.1 server on a loopback port: one request a connection, with limits on everything.

use std::{io, net::Ipv4Addr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};

use super::{
    Delivery, Request, Response,
    core::{Core, MAX_BODY},
};

const MAX_HEAD: usize = 16 * 1024;
const MAX_CONNECTIONS: usize = 512;
/// From the first byte to the last of one request.
const READ_TIME: Duration = Duration::from_secs(10);

/// A task that listens until this is dropped.
pub(super) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    /// A port of this machine that nobody else has, and the address to use for it.
    pub(super) async fn bind() -> io::Result<(TcpListener, String)> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let base = format!("http://{}", socket.local_addr()?);
        Ok((socket, base))
    }

    pub(super) fn serve(socket: TcpListener, core: Arc<Core>) -> Self {
        Self { task: tokio::spawn(accept(socket, core)) }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(socket: TcpListener, core: Arc<Core>) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    while let Ok(place) = places.clone().acquire_owned().await {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = socket.accept().await else {
            tokio::time::sleep(Duration::from_millis(5)).await;
            continue;
        };
        let core = core.clone();
        connections.spawn(async move {
            // What goes wrong here is the client's own doing: it went away.
            let _ = talk(stream, &core).await;
            drop(place);
        });
    }
}

async fn talk(mut stream: TcpStream, core: &Core) -> io::Result<()> {
    let response = match tokio::time::timeout(READ_TIME, read(&mut stream)).await {
        Ok(Ok(request)) => core.handle(request).await,
        Ok(Err(Unreadable::Gone)) => return Ok(()),
        Ok(Err(Unreadable::Status(status))) => Response::empty(status),
        Err(_) => Response::empty(408),
    };
    write(&mut stream, &response).await?;
    stream.shutdown().await?;
    drain(&mut stream).await;
    Ok(())
}

/// Why a request could not be read.
#[derive(Debug, PartialEq, Eq)]
enum Unreadable {
    Gone,
    Status(u16),
}

impl From<io::Error> for Unreadable {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

async fn read(stream: &mut TcpStream) -> Result<Request, Unreadable> {
    let mut bytes = Vec::with_capacity(1024);
    let end = loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if end.unwrap_or(bytes.len()) > MAX_HEAD {
            return Err(Unreadable::Status(431));
        }
        if let Some(end) = end {
            break end;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(Unreadable::Gone);
        }
    };
    let body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let mut request = head(&bytes).ok_or(Unreadable::Status(400))?;
    is_meant_for_us(&request)?;
    let length = body_length(&request)?;
    if request.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    request.body = body;
    while request.body.len() < length {
        if stream.read_buf(&mut request.body).await? == 0 {
            return Err(Unreadable::Gone);
        }
    }
    request.body.truncate(length);
    Ok(request)
}

/// RFC 9112 sections 3 and 5, in the strictest reading.
fn head(bytes: &[u8]) -> Option<Request> {
    let mut lines = std::str::from_utf8(bytes).ok()?.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let mut request = Request { method: method.to_owned(), ..Request::get(target) };
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if name.is_empty() || name.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return None;
        }
        request = request.with_header(name, value.trim());
    }
    Some(request)
}

/// A page elsewhere may bring a browser here under another name (DNS rebinding), and an auto-approving server would
/// sign it in.
fn is_meant_for_us(request: &Request) -> Result<(), Unreadable> {
    let host = request.header("host").ok_or(Unreadable::Status(400))?;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost") { Ok(()) } else { Err(Unreadable::Status(403)) }
}

fn body_length(request: &Request) -> Result<usize, Unreadable> {
    if request.header("transfer-encoding").is_some() {
        return Err(Unreadable::Status(411));
    }
    let lengths: Vec<&str> = request
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, value)| value.as_str())
        .collect();
    match lengths.as_slice() {
        [] => Ok(0),
        [length] if length.bytes().all(|byte| byte.is_ascii_digit()) => {
            length.parse().ok().filter(|length| *length <= MAX_BODY).ok_or(Unreadable::Status(413))
        }
        _ => Err(Unreadable::Status(400)),
    }
}

async fn write(stream: &mut TcpStream, response: &Response) -> io::Result<()> {
    let sent = match response.delivery {
        Delivery::Whole => response.body.len(),
        Delivery::Torn(bytes) => bytes.min(response.body.len()),
        Delivery::Lost => return Ok(()),
    };
    let mut bytes = format!("HTTP/1.1 {} \r\n", response.status).into_bytes();
    for (name, value) in &response.headers {
        bytes.extend(format!("{name}: {}\r\n", one_line(value)).into_bytes());
    }
    bytes.extend(format!("connection: close\r\ncontent-length: {}\r\n\r\n", response.body.len()).into_bytes());
    bytes.extend(response.body.iter().take(sent));
    stream.write_all(&bytes).await
}

/// A line break in a value would begin another header field.
fn one_line(value: &str) -> String {
    value.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Reads what the client still sends, for a moment: to close with unread bytes resets the connection, and the answer
/// would be lost.
async fn drain(stream: &mut TcpStream) {
    let mut waste = [0; 4096];
    let mut left = MAX_BODY / waste.len();
    let reading = async {
        while left > 0 && stream.read(&mut waste).await.is_ok_and(|bytes| bytes > 0) {
            left -= 1;
        }
    };
    let _ = tokio::time::timeout(Duration::from_millis(500), reading).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_can_be_read_in_two_ways_is_refused() {
        for text in [
            "GET /",
            "GET / HTTP/1.1 x",
            "GET  / HTTP/1.1",
            "GET http://elsewhere/ HTTP/1.1",
            "GET / HTTP/2",
            "GET / HTTP/1.1\r\nHost : a",
            "GET / HTTP/1.1\r\n folded: a",
            "GET / HTTP/1.1\r\nno colon",
            "",
        ] {
            assert_eq!(head(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_body_has_one_length_and_no_chunks() {
        let post = Request::post("/oauth/token", &[]);
        for (name, value, status) in [
            ("content-length", "-1", 400),
            ("content-length", "+1", 400),
            ("content-length", "1, 1", 400),
            ("content-length", "65537", 413),
            ("content-length", "99999999999999999999999", 413),
            ("transfer-encoding", "chunked", 411),
        ] {
            let request = post.clone().with_header(name, value);
            assert_eq!(body_length(&request), Err(Unreadable::Status(status)), "{name}: {value}");
        }
        let twice = post.clone().with_header("Content-Length", "1").with_header("content-length", "2");
        assert_eq!(body_length(&twice), Err(Unreadable::Status(400)));
        assert_eq!(body_length(&post.with_header("content-length", "65536")), Ok(65536));
    }
}
