//! What an application does with one item: fetch the slide, check it, compute, store.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use tokio::sync::OwnedSemaphorePermit;
use uuid::Uuid;

use super::{
    SlideUse,
    fetch::{Fetched, Scratch},
    pictures,
    products::{self, Stored},
    script::Script,
};
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
    pub(crate) external_id: String,
    pub(crate) script: Script,
    pub(crate) input: Option<Input>,
    pub(crate) outputs: Vec<(Uuid, Product)>,
    /// Taken as long as anybody works on it, also a thread that nobody waits for any more.
    pub(crate) worker: Option<Arc<OwnedSemaphorePermit>>,
}

pub(crate) type Outcome = Result<Vec<Output>, (Reason, Failure)>;

/// Works on an item from its input to its stored results.
pub(crate) async fn work(platform: &Arc<Platform>, job: &Job) -> Result<Stored, (Reason, Failure)> {
    let findings = match (job.script, platform.engine.slides) {
        (Script::UserError, _) => {
            return Err(user_error("validation_case", "a user error, as the submission asked for"));
        }
        (Script::SystemError, _) => {
            return Err(system_error("validation_case", "a system error, as the submission asked for"));
        }
        (Script::Succeed, _) => match findings(platform, job).await {
            Ok(findings) => findings,
            Err(_) => stand_in(platform, job).await?,
        },
        (Script::Planted, _) | (_, SlideUse::Ignore) => stand_in(platform, job).await?,
        (_, SlideUse::Read) => findings(platform, job).await?,
    };
    let platform = Arc::clone(platform);
    let stored = blocking(job, move |job| products::store(&platform, job, &findings)).await?;
    stored.map_err(|error| system_error("storage_failed", &error.to_string()))
}

/// From the slide itself.
async fn findings(platform: &Arc<Platform>, job: &Job) -> Result<Arc<Findings>, (Reason, Failure)> {
    let Some(input) = &job.input else {
        return Err(user_error("missing_input", "the item brings no whole slide image"));
    };
    let fetched = fetch(platform, job, input).await?;
    let checksum = BASE64_STANDARD.encode(fetched.crc32c.to_be_bytes());
    let promised = input.metadata.get("checksum_base64_crc32c").and_then(|value| value.as_str());
    if let Some(promised) = promised.filter(|promised| *promised != checksum) {
        let message = format!("the slide's CRC32C is {checksum}, the metadata says {promised}");
        return Err(user_error("checksum_mismatch", &message));
    }
    let mpp = input.metadata.get("resolution_mpp").and_then(|value| value.as_f64()).unwrap_or(1.0);
    let shown = Arc::clone(platform);
    let findings = blocking(job, move |job| analyse(&shown, job, &fetched.file, mpp)).await??;
    check_size(input, &findings)?;
    Ok(Arc::new(findings))
}

/// From the sandbox's own storage where the URL names it, also by Google's host name; else over the network.
async fn fetch(platform: &Arc<Platform>, job: &Job, input: &Input) -> Result<Fetched, (Reason, Failure)> {
    let failed = |message: String| user_error("download_failed", &message);
    let path = platform.scratch_path();
    match platform.storage.behind_google_url(&input.url) {
        Some(Ok(object)) => {
            let copied = blocking(job, move |_| {
                object.copy_to(&path).map(|()| Fetched { file: Scratch::at(path), crc32c: object.crc32c })
            });
            copied.await?.map_err(|error| system_error("storage_failed", &error.to_string()))
        }
        Some(Err(refusal)) => Err(failed(format!("the sandbox's storage refuses the download URL: {refusal}"))),
        None => platform.engine.fetcher.fetch(&input.url, path).await.map_err(|error| failed(error.to_string())),
    }
}

async fn stand_in(platform: &Arc<Platform>, job: &Job) -> Result<Arc<Findings>, (Reason, Failure)> {
    let (platform, external_id) = (Arc::clone(platform), job.external_id.clone());
    let found = blocking(job, move |_| platform.engine.stand_ins.of(&external_id, &platform.scratch)).await?;
    found.ok_or_else(|| system_error("storage_failed", "the sandbox cannot write its own slide"))
}

fn analyse(platform: &Platform, job: &Job, slide: &Scratch, mpp: f64) -> Result<Findings, (Reason, Failure)> {
    analysis::analyse(slide.path(), mpp).map_err(|refusal| match &refusal {
        Refusal::NoTissue { width, height, picture } => {
            // The picture shows why; without it the error is the same.
            if let Err(error) = pictures::keep(platform, job, picture, (*width, *height)) {
                tracing::debug!(%error, "a picture of a slide was not kept");
            }
            user_error("no_tissue", &refusal.to_string())
        }
        Refusal::Unreadable(_) => user_error("slide_unreadable", &refusal.to_string()),
    })
}

fn check_size(input: &Input, findings: &Findings) -> Result<(), (Reason, Failure)> {
    for (key, found) in [("width_px", findings.width), ("height_px", findings.height)] {
        let said = input.metadata.get(key).and_then(|value| value.as_u64());
        if said.is_some_and(|said| said != u64::from(found)) {
            let said = said.unwrap_or_default();
            let message = format!("{key} of the slide is {found}, the metadata says {said}");
            return Err(user_error("metadata_mismatch", &message));
        }
    }
    Ok(())
}

/// A thread does not end when nobody waits for it any more, so the job goes along, and its worker is busy until then.
pub(super) async fn blocking<T: Send + 'static>(
    job: &Job,
    work: impl FnOnce(&Job) -> T + Send + 'static,
) -> Result<T, (Reason, Failure)> {
    let job = job.clone();
    let done = tokio::task::spawn_blocking(move || work(&job)).await;
    done.map_err(|_| system_error("analysis_failed", "the analysis broke off; this is a fault of the sandbox"))
}

pub(crate) fn user_error(code: &str, message: &str) -> (Reason, Failure) {
    (Reason::UserError, Failure { code: code.to_owned(), message: message.to_owned() })
}

pub(crate) fn system_error(code: &str, message: &str) -> (Reason, Failure) {
    (Reason::SystemError, Failure { code: code.to_owned(), message: message.to_owned() })
}
