//! Takes connections on loopback and hands their requests to a router: bounded in number, headers and patience.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::JoinSet,
};

use crate::{connection::Connection, limits};

/// More connections wait in the kernel's queue until others end.
const CONNECTIONS: usize = 2048;
/// A client that takes longer for its headers, or between two requests, is dropped.
const HEADER_PATIENCE: Duration = Duration::from_secs(15);
const HEADER_BYTES: usize = 64 << 10;
const HEADER_COUNT: usize = 100;
/// Of a body, read at once: what comes from loopback comes fast.
const BUFFER: usize = 256 << 10;
/// What open requests are given at a graceful end.
const FAREWELL: Duration = Duration::from_secs(5);

/// How the server is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Serve,
    Finish,
    Abort,
}

/// Binds 127.0.0.1, never anything else.
pub(crate) fn bind(port: u16) -> io::Result<TcpListener> {
    let listener = std::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Serves until the command says otherwise, or its sender is gone.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut command: watch::Receiver<Command>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = ended(&mut command) => break,
        };
        match accepted {
            Ok((stream, slot)) => {
                let serving = connection(stream, router.clone(), command.clone());
                connections.spawn(async move {
                    serving.await;
                    drop(slot);
                });
            }
            // Out of file descriptors, or the peer left: the next may do better.
            Err(error) => {
                tracing::debug!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    if *command.borrow() == Command::Finish {
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::debug!("open requests were cut at the end");
        }
    }
    connections.shutdown().await;
}

/// The next connection, once there is a place for it.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, slot))
}

async fn connection(stream: TcpStream, router: Router, mut command: watch::Receiver<Command>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "small answers may be slow");
    }
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(BUFFER)
        .max_header_size(HEADER_BYTES)
        .max_headers(HEADER_COUNT);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request| router.call(limits::timely(request)));
    let serving = builder.serve_connection(TokioIo::new(Connection::new(stream)), service);
    let mut serving = std::pin::pin!(serving);
    let outcome = tokio::select! {
        outcome = serving.as_mut() => outcome,
        () = ended(&mut command) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn ended(command: &mut watch::Receiver<Command>) {
    // An error means that the sandbox has been dropped.
    drop(command.wait_for(|command| *command != Command::Serve).await);
}

#[cfg(test)]
mod tests;
