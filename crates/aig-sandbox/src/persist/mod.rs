//! State that outlives its process: a journal of changes, the directory it lies in, and snapshots of it.
//! Knows files and what is written in them; knows no HTTP.
//!
//! ```text
//! DIR/lock         held by the sandbox that uses the directory
//! DIR/journal      a line that says what it is, then one line a change: CRC32C, then JSON
//! DIR/objects/N    the content of object storage; written once, named by number
//! DIR/scratch/     slides being worked on
//! DIR/snapshots/   NAME/journal and NAME/objects/N
//! ```
//!
//! A change is written before it is acknowledged, and before anybody can see it; one that cannot be written has not
//! happened. "Written" means that the kernel has it: it survives the death of the process, not that of the machine. To
//! wait for the disk at each change would cost 4 ms instead of 2 µs on the disk that this was measured on, and an item of a
//! run has half a dozen changes. A whole journal, as every opening and every snapshot begins one, is synced. A line that broke off at the end of the journal was never
//! acknowledged and is dropped; a line that is wrong anywhere else is damage, and refused. Every opening writes the
//! journal anew and puts it in place of the old one by a rename.

mod entry;
mod home;
mod journal;
mod snapshot;
mod state;

pub(crate) use entry::{Entry, Head, Secret};
pub(crate) use home::Home;
pub use home::KeepError;
pub(crate) use journal::Journal;
pub(crate) use snapshot::{Shelf, Still};
pub use snapshot::{SnapshotError, SnapshotInfo};
pub(crate) use state::State;

#[cfg(test)]
mod tests;
