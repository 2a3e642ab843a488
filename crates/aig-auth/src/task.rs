//! Work that is finished even if everybody who wanted it has gone.

use std::{future::Future, thread};

use tokio::runtime::{Builder, Handle};

/// Runs `work` to its end, on the runtime at hand or, without one, on a thread of its own.
pub(crate) fn detach(work: impl Future<Output = ()> + Send + 'static) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(work);
        return;
    }
    thread::spawn(move || match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => tracing::error!(%error, "no runtime for a token refresh"),
    });
}
