//! Turns findings into the files that a version promises, and stores them.

use std::{io, sync::Arc};

use serde_json::json;

use super::{pictures, work::Job};
use crate::{
    analysis::Findings,
    catalog::Product,
    platform::{Platform, RESULTS_BUCKET},
    state::{Item, Metadata, Output, Run},
};

/// The results of an item in work. They go with this, unless the item has ended with them by then.
#[derive(Debug)]
pub(crate) struct Stored {
    platform: Arc<Platform>,
    job: Job,
    outputs: Vec<Output>,
}

impl Stored {
    pub(crate) fn outputs(&self) -> Vec<Output> {
        self.outputs.clone()
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        let Job { run, index, .. } = self.job;
        let ended = |run: &Run| run.items.get(index).is_some_and(Item::has_output);
        if self.platform.with(|world| world.run(run).is_some_and(ended)) {
            return;
        }
        for output in &self.outputs {
            if let Output::Available { key, .. } = output {
                self.platform.storage.remove(RESULTS_BUCKET, key);
            }
        }
    }
}

/// Blocks.
///
/// # Errors
/// When the disk is in the way, or the run has ended meanwhile. Nothing is stored then.
pub(super) fn store(platform: &Arc<Platform>, job: &Job, findings: &Findings) -> io::Result<Stored> {
    let mut stored = Stored { platform: Arc::clone(platform), job: job.clone(), outputs: Vec::new() };
    pictures::keep(platform, job, &findings.picture, (findings.width, findings.height))?;
    for (artifact, product) in &job.outputs {
        if !platform.is_in_work(job) {
            return Err(io::Error::other("the run has ended meanwhile"));
        }
        let bytes = content(findings, *product)?;
        let key = format!("{}/{}/{artifact}", job.run, job.item);
        let object = platform.storage.store(RESULTS_BUCKET, &key, product.mime_type(), &bytes)?;
        let metadata = metadata(&object.crc32c_base64(), *product, object.size);
        stored.outputs.push(Output::Available { key, metadata });
    }
    Ok(stored)
}

fn content(findings: &Findings, product: Product) -> io::Result<Vec<u8>> {
    Ok(match product {
        Product::TissueOutlines => findings.tissue_geojson(),
        Product::CellOutlines => findings.spots_geojson(),
        Product::AllOutlines => findings.geojson(),
        Product::Readout => findings.readout_csv(),
        Product::Heatmap => findings.heatmap_tiff()?,
    })
}

fn metadata(checksum: &str, product: Product, size: u64) -> Metadata {
    let mut metadata = Metadata::new();
    metadata.insert("checksum_base64_crc32c".into(), json!(checksum));
    metadata.insert("media_type".into(), json!(product.mime_type()));
    metadata.insert("file_size_bytes".into(), json!(size));
    metadata
}
