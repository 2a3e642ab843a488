//! One run: reading, waiting, cancelling, downloading, describing.

use std::sync::Arc;

use aig_auth::Secret;
use aig_cache::Policy;
use aig_codegen::{
    Operation,
    enums::RunTerminationReason,
    models::{ItemResultReadResponse, RunReadResponse},
    operations::{CancelRun, DeleteRunArtifacts, GetRun, GetRunArtifactFile, GetRunItem, ListRunItems},
};
use uuid::Uuid;

use crate::{
    Client, ErrorKind, Listing, Result, RunOutcome, WaitOptions, Watch,
    access::ACCESS,
    call::{Behaviour, MissingThing},
    listing::LARGEST_PAGE,
    transfer::SignedUrl,
};

/// One run, by its id. Nothing is sent until something is asked of it.
#[derive(Debug, Clone)]
pub struct RunHandle {
    client: Client,
    run_id: Uuid,
    share_token: Option<Secret>,
}

impl RunHandle {
    pub(crate) fn new(client: Client, run_id: Uuid) -> Self {
        Self { client, run_id, share_token: None }
    }

    /// The run's id.
    pub fn id(&self) -> Uuid {
        self.run_id
    }

    /// The same run, seen through a share token.
    #[must_use]
    pub fn with_share_token(mut self, share_token: impl Into<Secret>) -> Self {
        self.share_token = Some(share_token.into());
        self
    }

    /// The run as it is now, or was up to 15 seconds ago.
    ///
    /// # Errors
    /// When there is no such run, or not for this user.
    pub async fn get(&self) -> Result<Arc<RunReadResponse>> {
        self.get_with(Policy::Use).await
    }

    /// The run, with a say about the cache.
    ///
    /// # Errors
    /// When there is no such run, or not for this user.
    pub async fn get_with(&self, policy: Policy) -> Result<Arc<RunReadResponse>> {
        let operation = match &self.share_token {
            Some(token) => GetRun::new(self.run_id).with_share_token(token.expose()),
            None => GetRun::new(self.run_id),
        };
        let tags = self.tags();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        self.client.read(operation, self.behaviour(), self.client.run_ttl(), policy, &tags).await
    }

    /// All items.
    pub fn items(&self) -> Listing<ItemResultReadResponse> {
        self.items_with(ListRunItems::new(self.run_id))
    }

    /// The items that match the filter. Run, share token and page are chosen here.
    pub fn items_with(&self, filter: ListRunItems) -> Listing<ItemResultReadResponse> {
        let run = self.clone();
        let size = filter.page_size.unwrap_or(LARGEST_PAGE);
        Listing::paged(
            size,
            |item: &ItemResultReadResponse| item.item_id,
            move |page| {
                let (run, request) = (run.clone(), filter.clone().with_page(page).with_page_size(size));
                async move { run.items_page(request).await }
            },
        )
    }

    /// One page of the items that match the filter.
    pub(crate) async fn items_page(&self, mut filter: ListRunItems) -> Result<Vec<ItemResultReadResponse>> {
        filter.run_id = self.run_id;
        filter.share_token = self.share_token.as_ref().map(|token| token.expose().into());
        self.client.call(&filter, self.behaviour()).await
    }

    /// One item, by the caller's own name for it.
    ///
    /// # Errors
    /// When there is no such item.
    pub async fn item(&self, external_id: &str) -> Result<Arc<ItemResultReadResponse>> {
        self.item_with(external_id, Policy::Use).await
    }

    /// The same, with a say about the cache.
    ///
    /// # Errors
    /// When there is no such item.
    pub async fn item_with(&self, external_id: &str, policy: Policy) -> Result<Arc<ItemResultReadResponse>> {
        let operation = match &self.share_token {
            Some(token) => GetRunItem::new(self.run_id, external_id).with_share_token(token.expose()),
            None => GetRunItem::new(self.run_id, external_id),
        };
        let tags = self.tags();
        let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
        self.client.read(operation, self.behaviour(), self.client.run_ttl(), policy, &tags).await
    }

    /// Asks the platform to stop the run. What is done stays.
    ///
    /// # Errors
    /// When there is no such run, it has ended, or it is not this user's to cancel.
    pub async fn cancel(&self) -> Result<()> {
        let behaviour = self.behaviour().with_timeout(self.client.settings().run_cancel_timeout);
        match self.change(&CancelRun::new(self.run_id), behaviour).await.map(drop) {
            // An attempt before this one may have done it, and its answer was lost.
            Err(error) if error.kind() == ErrorKind::Conflict && error.attempts() > 1 && self.was_cancelled().await => {
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Conflict => {
                Err(error.with_hint("a run that has ended cannot be cancelled: look at its state"))
            }
            other => other,
        }
    }

    async fn was_cancelled(&self) -> bool {
        let run = self.get_with(Policy::Refresh).await;
        run.is_ok_and(|run| run.termination_reason == Some(RunTerminationReason::CanceledByUser))
    }

    /// Deletes the results; the run itself stays.
    ///
    /// # Errors
    /// When there is no such run, or it is not this user's.
    pub async fn delete_results(&self) -> Result<()> {
        let behaviour = self.behaviour().with_timeout(self.client.settings().run_delete_timeout);
        self.change(&DeleteRunArtifacts::new(self.run_id), behaviour).await.map(drop)
    }

    /// A fresh link to the file of an output.
    ///
    /// # Errors
    /// When there is no such file, or it was deleted.
    pub async fn artifact_url(&self, artifact_id: Uuid) -> Result<SignedUrl> {
        let operation = match &self.share_token {
            Some(token) => GetRunArtifactFile::new(self.run_id, artifact_id).with_share_token(token.expose()),
            None => GetRunArtifactFile::new(self.run_id, artifact_id),
        };
        self.client.locate(&operation, self.behaviour()).await
    }

    /// What happens to the run from now to its end.
    pub fn events(&self, options: WaitOptions) -> Watch {
        Watch::new(self.clone(), options)
    }

    /// Waits for the end of the run.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when it takes longer than allowed; or when the run cannot be read.
    pub async fn wait(&self, options: WaitOptions) -> Result<RunOutcome> {
        self.events(options).outcome().await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn behaviour(&self) -> Behaviour {
        let missing = match self.client.inner().fresh.contains(self.run_id) {
            true => MissingThing::MayAppear,
            false => MissingThing::Final,
        };
        self.client.run_behaviour().with_missing(missing)
    }

    fn tag(&self) -> String {
        format!("run:{}", self.run_id)
    }

    /// What drops an answer about this run: a change to it and, behind a share token, to who may see it.
    fn tags(&self) -> Vec<String> {
        let access = self.share_token.iter().flat_map(|_| ACCESS).map(|tag| (*tag).to_owned());
        access.chain([self.tag()]).collect()
    }

    pub(crate) async fn change<O: Operation>(&self, operation: &O, behaviour: Behaviour) -> Result<O::Response> {
        self.client.change(operation, behaviour, &[&self.tag(), "runs"]).await
    }
}
