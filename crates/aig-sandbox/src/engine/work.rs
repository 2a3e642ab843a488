//! What an application does with one item: fetch the slide, check it, compute, store.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use uuid::Uuid;

use super::{fetch::Scratch, products};
use crate::{
    analysis::{self, Findings, Refusal},
    catalog::Product,
    platform::Platform,
    state::{Failure, Input, Output, Reason},
};

/// An item in work.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) run: Uuid,
    pub(crate) index: usize,
    pub(crate) item: Uuid,
    pub(crate) input: Option<Input>,
    pub(crate) outputs: Vec<(Uuid, Product)>,
}

pub(crate) type Outcome = Result<Vec<Output>, (Reason, Failure)>;

/// Works on an item from its input to its stored results.
pub(super) async fn work(platform: &Arc<Platform>, job: &Job) -> Outcome {
    let Some(input) = &job.input else {
        return Err(user_error("missing_input", "the item brings no whole slide image"));
    };
    let fetched = platform.engine.fetcher.fetch(&input.url, platform.scratch_path()).await;
    let fetched = fetched.map_err(|error| user_error("download_failed", &error.to_string()))?;
    let text = |key: &str| input.metadata.get(key).and_then(|value| value.as_str());
    let checksum = BASE64_STANDARD.encode(fetched.crc32c.to_be_bytes());
    if let Some(promised) = text("checksum_base64_crc32c").filter(|promised| *promised != checksum) {
        let message = format!("the slide's CRC32C is {checksum}, the metadata says {promised}");
        return Err(user_error("checksum_mismatch", &message));
    }
    let mpp = input.metadata.get("resolution_mpp").and_then(|value| value.as_f64()).unwrap_or(1.0);
    let findings = blocking(move || analyse(&fetched.file, mpp)).await??;
    check_size(input, &findings)?;
    let (platform, job) = (Arc::clone(platform), job.clone());
    blocking(move || products::store(&platform, &job, &findings))
        .await?
        .map_err(|error| (Reason::SystemError, Failure { code: "storage_failed".into(), message: error.to_string() }))
}

fn analyse(slide: &Scratch, mpp: f64) -> Result<Findings, (Reason, Failure)> {
    analysis::analyse(slide.path(), mpp).map_err(|refusal| match refusal {
        Refusal::NoTissue { .. } => user_error("no_tissue", &refusal.to_string()),
        Refusal::Unreadable(_) => user_error("slide_unreadable", &refusal.to_string()),
    })
}

fn check_size(input: &Input, findings: &Findings) -> Result<(), (Reason, Failure)> {
    for (key, found) in [("width_px", findings.width), ("height_px", findings.height)] {
        let said = input.metadata.get(key).and_then(|value| value.as_u64());
        if said.is_some_and(|said| said != u64::from(found)) {
            let said = said.unwrap_or_default();
            return Err(user_error(
                "metadata_mismatch",
                &format!("{key} of the slide is {found}, the metadata says {said}"),
            ));
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, (Reason, Failure)> {
    tokio::task::spawn_blocking(work).await.map_err(|_| {
        let message = "the analysis broke off; this is a fault of the sandbox".to_owned();
        (Reason::SystemError, Failure { code: "analysis_failed".into(), message })
    })
}

fn user_error(code: &str, message: &str) -> (Reason, Failure) {
    (Reason::UserError, Failure { code: code.to_owned(), message: message.to_owned() })
}
