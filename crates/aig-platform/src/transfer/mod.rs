//! Moving files: verified downloads, uploads to the organization's bucket, checksums, safe names.

mod bucket;
mod crc;
mod download;
mod fetch;
mod link;
mod part_file;
mod plan;
mod progress;
mod safe_name;

pub use bucket::{Bucket, Uploaded, object_key};
pub use crc::{Crc32c, FileChecksum, InvalidCrc32c, checksum};
pub use download::{
    DownloadOptions, DownloadReport, DownloadedFile, FailedFile, FileOutcome, SkippedItem, Verification,
};
pub use link::SignedUrl;
pub use progress::{NoProgress, Progress, TransferEvent};
pub use safe_name::safe_name;

pub(crate) use fetch::{Expected, Fetcher, LinkSource};
pub(crate) use part_file::PartFile;
