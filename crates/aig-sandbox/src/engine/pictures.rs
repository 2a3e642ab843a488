//! Keeps small pictures of slides, so that the console can show what was worked on after the slide is gone.

use std::io;

use super::work::Job;
use crate::{
    platform::{PICTURES_BUCKET, Platform},
    state::{Item, Picture},
};

/// Stores the picture once a run, whatever number of its items have it, and notes it on the item: it goes with the
/// run's results, and is not kept for a run that has ended meanwhile. Blocks.
pub(super) fn keep(platform: &Platform, job: &Job, png: &[u8], (width, height): (u32, u32)) -> io::Result<()> {
    let key = format!("{}-{:08x}-{:x}.png", job.run, crc32c::crc32c(png), png.len());
    if !platform.storage.has(PICTURES_BUCKET, &key) {
        platform.storage.store(PICTURES_BUCKET, &key, "image/png", png)?;
    }
    let picture = Picture { key: key.clone(), width, height };
    if !platform.show_picture(job.run, job.index, picture)? && !is_shown(platform, job, &key) {
        platform.storage.remove(PICTURES_BUCKET, &key);
    }
    Ok(())
}

/// By another item of the run, which may have been faster.
fn is_shown(platform: &Platform, job: &Job, key: &str) -> bool {
    let shows = |item: &Item| item.picture.as_ref().is_some_and(|picture| picture.key == key);
    platform.with(|world| world.run(job.run).is_some_and(|run| run.items.iter().any(shows)))
}
