//! How many files the process may have open at once. The only module that changes this limit: a library must not.

/// The limit, raised to what the system allows: a sandbox needs one descriptor a connection, and one a file that it reads.
#[derive(Debug)]
pub(crate) struct Descriptors {
    #[cfg(unix)]
    before: rustix::process::Rlimit,
}

#[cfg(unix)]
impl Descriptors {
    /// Where it cannot be raised it stays: then a sandbox with too many connections lets new ones wait.
    pub(crate) fn raised() -> Self {
        use rustix::process::{Resource, Rlimit, getrlimit};
        /// OPEN_MAX of macOS, which refuses more even where its hard limit says "unlimited".
        const OPEN_MAX: u64 = 10_240;
        let before = getrlimit(Resource::Nofile);
        let is_more = |limit: &Rlimit| before.current.is_some_and(|now| limit.current.is_none_or(|more| more > now));
        let wanted = [before.maximum, Some(before.maximum.map_or(OPEN_MAX, |most| most.min(OPEN_MAX)))];
        let limits = wanted.map(|current| Rlimit { current, maximum: before.maximum });
        if !limits.into_iter().filter(is_more).any(set) {
            tracing::debug!(?before, "the limit of open files stays as it is");
        }
        Self { before }
    }

    /// Does it under the limit of before: programs that are started inherit it, and some cannot deal with a high one
    /// (`select` ends at 1,024).
    pub(crate) fn as_before<T>(&self, start: impl FnOnce() -> T) -> T {
        use rustix::process::{Resource, getrlimit};
        let raised = getrlimit(Resource::Nofile);
        set(self.before);
        let started = start();
        set(raised);
        started
    }
}

#[cfg(unix)]
fn set(limit: rustix::process::Rlimit) -> bool {
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).is_ok()
}

#[cfg(not(unix))]
impl Descriptors {
    /// This system has no such limit.
    pub(crate) fn raised() -> Self {
        Self {}
    }

    pub(crate) fn as_before<T>(&self, start: impl FnOnce() -> T) -> T {
        start()
    }
}
