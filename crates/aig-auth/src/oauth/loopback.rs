//! The loopback listener that a browser comes back to (RFC 8252 section 7.3): open for one sign-in, on loopback alone.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use url::{Host, Url};

use super::callback::{Callback, Expected};
use crate::{AuthError, AuthErrorKind, Recovery};

/// Listens where a browser will come back to.
#[derive(Debug)]
pub(super) struct Loopback {
    listeners: Vec<TcpListener>,
    redirect: Url,
}

/// The longest head of a request that is read.
const LONGEST_HEAD: usize = 16 * 1024;
/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that are looked at together; more wait in the system's queue.
const CONNECTIONS: usize = 256;

impl Loopback {
    /// Listens at the registered redirect URI, or on a free port of 127.0.0.1.
    ///
    /// `localhost` is two addresses: both must be ours, or a browser might take the code to somebody else's.
    pub(super) async fn open(registered: Option<&Url>) -> Result<Self, AuthError> {
        let Some(registered) = registered else { return Self::anywhere().await };
        let port = registered.port().unwrap_or(80);
        let mut listeners = Vec::new();
        for address in addresses(registered, port) {
            match bind(address).await {
                Ok(listener) => listeners.push(listener),
                Err(error) if is_no_such_address(&error) => {}
                Err(error) => return Err(port_taken(port, error)),
            }
        }
        if listeners.is_empty() {
            return Err(port_taken(port, io::ErrorKind::AddrNotAvailable.into()));
        }
        Ok(Self { listeners, redirect: registered.clone() })
    }

    async fn anywhere() -> Result<Self, AuthError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| port_taken(0, error))?;
        let port = listener.local_addr().map_err(|error| port_taken(0, error))?.port();
        let redirect = Url::parse(&format!("http://127.0.0.1:{port}/callback"))
            .map_err(|error| port_taken(port, io::Error::other(error)))?;
        Ok(Self { listeners: vec![listener], redirect })
    }

    pub(super) fn redirect(&self) -> &Url {
        &self.redirect
    }

    /// Answers requests until the genuine one. Noise ends nothing.
    pub(super) async fn wait(&self, expected: &Expected<'_>) -> Callback {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                stream = self.accept(), if connections.len() < CONNECTIONS => {
                    connections.spawn(async move { tokio::time::timeout(PATIENCE, head(stream)).await.ok().flatten() });
                }
                Some(ended) = connections.join_next() => {
                    let Ok(Some((head, stream))) = ended else { continue };
                    let callback = expected.read(&head);
                    respond(stream, &callback).await;
                    if callback != Callback::Noise {
                        return callback;
                    }
                }
            }
        }
    }

    async fn accept(&self) -> TcpStream {
        loop {
            let accepted = match self.listeners.as_slice() {
                [one, other] => tokio::select! { stream = one.accept() => stream, stream = other.accept() => stream },
                [one, ..] => one.accept().await,
                [] => std::future::pending().await,
            };
            match accepted {
                Ok((stream, _)) => return stream,
                // Out of descriptors, or a connection that died in the queue: the next one may be the genuine one.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

fn addresses(redirect: &Url, port: u16) -> Vec<SocketAddr> {
    match redirect.host() {
        Some(Host::Ipv4(address)) => vec![(address, port).into()],
        Some(Host::Ipv6(address)) => vec![(address, port).into()],
        _ => vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()],
    }
}

/// A port that a process has just left is free after a moment: ten tries within a third of a second.
async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    const TRIES: usize = 10;
    for _ in 1..TRIES {
        match TcpListener::bind(address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
            outcome => return outcome,
        }
    }
    TcpListener::bind(address).await
}

/// A machine without IPv6, or without IPv4, has no such address and nobody listens there.
fn is_no_such_address(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
        || error.to_string().contains("not supported")
}

fn port_taken(port: u16, error: io::Error) -> AuthError {
    let message =
        format!("cannot listen on port {port} of loopback for the browser: use the device flow, or free the port");
    AuthError::new(AuthErrorKind::Configuration, Recovery::FixSetup, message).with_source(error)
}

/// The head of the request; nothing when it is too long, broken off or no text.
async fn head(mut stream: TcpStream) -> Option<(String, TcpStream)> {
    let mut bytes = Vec::with_capacity(2_048);
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        if bytes.len() >= LONGEST_HEAD || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some((String::from_utf8(bytes).ok()?, stream))
}

/// Fixed pages: nothing of the request is ever in the answer.
async fn respond(mut stream: TcpStream, callback: &Callback) {
    let (status, text) = match callback {
        Callback::Code(_) => ("200 OK", "Signed in. You can close this window and go back to the application."),
        Callback::Refused(_) => ("200 OK", "Not signed in. You can close this window and go back to the application."),
        Callback::Noise => ("404 Not Found", "There is nothing here."),
    };
    let body = format!("<!doctype html><meta charset=utf-8><title>Sign-in</title><p>{text}</p>\n");
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
         content-security-policy: default-src 'none'; frame-ancestors 'none'\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = tokio::time::timeout(PATIENCE, async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}
