//! The control of every test here: a server that does what ours must not. The checks have to see it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
};
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::net::TcpListener;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Bodies are read whole, whatever their size.
    Hoards,
    /// What is sent is made in memory, for each reader.
    Copies,
    /// Each request leaves something behind.
    Leaks,
    /// One connection after the other.
    Queues,
}

pub(crate) const OBJECT: usize = 16 << 20;

pub(crate) async fn serve(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let left_behind = Arc::new(Mutex::new(Vec::new()));
    let router = Router::new().fallback(move |request: Request| answer(fault, Arc::clone(&left_behind), request));
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let service = TowerToHyperService::new(router.clone());
            let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            match fault {
                Fault::Queues => drop(serving.await),
                _ => drop(tokio::spawn(serving)),
            }
        }
    });
    address
}

async fn answer(fault: Fault, left_behind: Arc<Mutex<Vec<Vec<u8>>>>, request: Request) -> Body {
    match fault {
        Fault::Hoards => {
            let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
            // Held for a moment, so that it is seen.
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            Body::from(body.len().to_string())
        }
        Fault::Copies if request.uri().path() == "/" => Body::from(Bytes::from(vec![7; OBJECT])),
        Fault::Leaks => {
            left_behind.lock().unwrap().push(vec![7; 16 << 10]);
            Body::empty()
        }
        Fault::Copies | Fault::Queues => Body::empty(),
    }
}
