//! Work that is finished even if everybody who wanted it has gone, and work for callers without a runtime.

use std::{future::Future, io, sync::OnceLock, thread};

use tokio::runtime::{Builder, Handle};

/// Runs `work` to its end, on the runtime at hand or, without one, in the background of this process.
pub(crate) fn detach(work: impl Future<Output = ()> + Send + 'static) {
    match Handle::try_current().or_else(|_| background()) {
        Ok(runtime) => drop(runtime.spawn(work)),
        Err(error) => tracing::error!(%error, "no runtime for a token refresh"),
    }
}

/// A runtime of this crate's own, on one thread, started when it is first needed and never ended: a refresh that it
/// runs outlives whoever asked for it.
pub(crate) fn background() -> io::Result<Handle> {
    static RUNTIME: OnceLock<Option<Handle>> = OnceLock::new();
    let handle =
        RUNTIME.get_or_init(|| start().inspect_err(|error| tracing::error!(%error, "no thread for tokens")).ok());
    handle.clone().ok_or_else(|| io::Error::other("no thread can be started for tokens"))
}

fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new().name("aig-auth".into()).spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    Ok(handle)
}
