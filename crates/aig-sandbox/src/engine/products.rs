//! Turns findings into the files that a version promises, and stores them.

use std::io;

use serde_json::json;

use super::{pictures, work::Job};
use crate::{
    analysis::Findings,
    catalog::Product,
    platform::{Platform, RESULTS_BUCKET},
    state::{Metadata, Output},
};

/// Blocks.
pub(super) fn store(platform: &Platform, job: &Job, findings: &Findings) -> io::Result<Vec<Output>> {
    pictures::keep(platform, job, &findings.picture, (findings.width, findings.height))?;
    job.outputs
        .iter()
        .map(|(artifact, product)| {
            let bytes = content(findings, *product)?;
            let key = format!("{}/{}/{artifact}", job.run, job.item);
            let object = platform.storage.store(RESULTS_BUCKET, &key, product.mime_type(), &bytes)?;
            let metadata = metadata(&object.crc32c_base64(), *product, object.size);
            Ok(Output::Available { key, metadata })
        })
        .collect()
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
