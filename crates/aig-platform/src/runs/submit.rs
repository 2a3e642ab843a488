//! Submitting runs, once, and listing them.

use std::sync::Arc;

use aig_cache::Policy;
use aig_codegen::{
    models::{RunCreationRequest, RunReadResponse, VersionReadResponse},
    operations::{CreateRun, ListRuns},
};
use uuid::Uuid;

use crate::{
    Client, Error, ErrorKind, Listing, Result, Submission, Submitted,
    listing::{LARGEST_PAGE, Shelf},
    runs::{check, submission},
    sdk_metadata::NameUser,
};

/// Waits before each look for a run whose outcome is unknown, in units of the wait between attempts: with the default
/// of 0.1 s, half a second, one, two and four.
const LOOKS: [u32; 4] = [5, 10, 20, 40];

/// Runs: submit and list.
#[derive(Debug, Clone)]
pub struct Runs {
    client: Client,
}

impl Runs {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The runs that match the filter; the page is chosen here.
    pub fn list(&self, filter: ListRuns) -> Listing<RunReadResponse> {
        let client = self.client.clone();
        let size = filter.page_size.unwrap_or(LARGEST_PAGE);
        let first = filter.clone().with_page(1).with_page_size(size);
        let shelf = Shelf::new(&client, first, client.run_ttl(), &["runs"]);
        Listing::paged(
            size,
            |run: &RunReadResponse| run.run_id,
            move |page| {
                let (client, request) = (client.clone(), filter.clone().with_page(page).with_page_size(size));
                async move { client.call(&request, client.run_behaviour()).await }
            },
        )
        .kept_on(shelf)
    }

    /// Holds the submission against its version: names, inputs, metadata, limits. Nothing is submitted.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with every problem and its place; or what kept the version from being read.
    pub async fn check(&self, submission: &Submission) -> Result<Arc<VersionReadResponse>> {
        let versions = self.client.versions(&submission.request.application_id);
        let version = versions.get_or_latest(submission.request.version_number.as_deref()).await?;
        let (inner, now) = (self.client.inner(), self.client.inner().wire.clock.now());
        check::check(&submission.described_request(&inner.writer, None, now), &version.input_artifacts, now)?;
        Ok(version)
    }

    /// Submits a run after checking it. It is sent once: when it is not known whether the platform took it, the run is
    /// looked up by its submission id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`] with every problem; [`ErrorKind::OutcomeUnknown`] when the run may exist and was not
    /// found.
    pub async fn submit(&self, submission: Submission) -> Result<Submitted> {
        let version = self.check(&submission).await?;
        let submission = submission.version(&version.version_number);
        let behaviour = self.client.run_behaviour().with_timeout(self.client.settings().run_submit_timeout);
        let creation = CreateRun::new(self.described(&submission).await);
        let run_id = match self.client.change(&creation, behaviour, &["runs"]).await {
            Ok(made) => made.run_id,
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => self.look_up(&submission, error).await?,
            Err(error) => return Err(error),
        };
        self.client.inner().fresh.made(run_id);
        tracing::info!(%run_id, submission_id = ?submission.submission_id, "run submitted");
        Ok(Submitted::new(run_id, submission.submission_id))
    }

    /// The run that was submitted under this id, if there is one.
    ///
    /// # Errors
    /// When the runs cannot be listed.
    pub async fn find_submission(&self, submission_id: Uuid) -> Result<Option<RunReadResponse>> {
        let filter = ListRuns::new().with_custom_metadata(submission::filter(submission_id));
        // A service that does not know the filter answers with all runs: the mark itself decides.
        let newest = self.list(filter.with_sort(["-submitted_at"])).limit(LARGEST_PAGE as usize);
        let mut found = newest.policy(Policy::Bypass).all().await?;
        found.retain(|run| submission::carries(run.custom_metadata.as_ref(), submission_id));
        Ok(found.into_iter().next())
    }

    /// The request with its metadata. The user is named when that was asked for and can be read.
    async fn described(&self, submission: &Submission) -> RunCreationRequest {
        let inner = self.client.inner();
        let me = match inner.writer.name_user {
            NameUser::Yes => {
                self.client.me().await.inspect_err(|error| tracing::warn!(%error, "the run names no user")).ok()
            }
            NameUser::No => None,
        };
        submission.described_request(&inner.writer, me.as_deref(), inner.wire.clock.now())
    }

    async fn look_up(&self, submission: &Submission, unknown: Error) -> Result<Uuid> {
        let Some(id) = submission.submission_id else { return Err(unknown) };
        let unit = self.client.run_behaviour().wait_min;
        for units in LOOKS {
            tokio::time::sleep(unit.saturating_mul(units)).await;
            match self.find_submission(id).await {
                Ok(Some(run)) => return Ok(run.run_id),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the run cannot be looked up"),
            }
        }
        Err(unknown
            .with_hint(format!("no run with submission id {id} has appeared; look for it before submitting again")))
    }
}
