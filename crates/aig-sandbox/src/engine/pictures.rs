//! Keeps small pictures of slides, so that the console can show what was worked on after the slide is gone.

use std::io;

use super::work::Job;
use crate::{
    platform::{PICTURES_BUCKET, Platform},
    state::Picture,
};

/// Stores the picture once a run, whatever number of its items have it, and notes it on the item: it goes with the
/// run's results. Blocks.
pub(super) fn keep(platform: &Platform, job: &Job, png: &[u8], (width, height): (u32, u32)) -> io::Result<()> {
    let key = format!("{}-{:08x}-{:x}.png", job.run, crc32c::crc32c(png), png.len());
    if !platform.storage.has(PICTURES_BUCKET, &key) {
        platform.storage.store(PICTURES_BUCKET, &key, "image/png", png)?;
    }
    platform.show_picture(job.run, job.index, Picture { key, width, height })
}
