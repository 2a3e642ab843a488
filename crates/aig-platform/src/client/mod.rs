//! The client: what every resource is reached through.

mod builder;
mod fresh;
mod invoke;

use std::{fmt, sync::Arc, time::Duration};

use aig_cache::{OperationCache, Policy, Statistics};
use aig_codegen::{models::MeReadResponse, operations::GetMe};
use url::Url;
use uuid::Uuid;

use crate::{
    Applications, Documents, Grants, Health, Result, RunHandle, Runs, ShareTokens, Versions,
    call::{Behaviour, Wire},
    sdk_metadata::Writer,
    settings::Settings,
    transfer::Bucket,
};

pub use builder::ClientBuilder;
pub(crate) use fresh::FreshRuns;

/// The platform, for one user. Cheap to clone; clones share connections, cache and retry quota.
///
/// Nothing is sent before the first call. Any number of calls may be made at once: 64 requests travel together, the
/// others wait their turn, and this wait is no part of the time allowed to a call.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) settings: Settings,
    pub(crate) wire: Wire,
    pub(crate) cache: Arc<dyn OperationCache>,
    pub(crate) fresh: FreshRuns,
    pub(crate) writer: Writer,
}

impl Client {
    /// A client to be put together.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A client for the environment of this process, signed in by what earlier sign-ins left or by
    /// `AIGNOSTICS_REFRESH_TOKEN`. It never asks a person.
    ///
    /// # Errors
    /// When the configuration cannot be used.
    pub fn from_env() -> Result<Self> {
        Self::builder().settings(Settings::from_process()?).build()
    }

    /// The root of the API.
    pub fn api_root(&self) -> &Url {
        &self.inner.settings.api_root
    }

    /// What the client was built with.
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The signed-in user and the organization.
    ///
    /// # Errors
    /// When there is no answer, or not this one.
    pub async fn me(&self) -> Result<Arc<MeReadResponse>> {
        self.me_with(Policy::Use).await
    }

    /// The same, with a say about the cache.
    ///
    /// # Errors
    /// When there is no answer, or not this one.
    pub async fn me_with(&self, policy: Policy) -> Result<Arc<MeReadResponse>> {
        let family = &self.inner.settings.me;
        self.read(GetMe::new(), Behaviour::of(family), family.cache_ttl, policy, &["me"]).await
    }

    /// The applications of the platform.
    pub fn applications(&self) -> Applications {
        Applications::new(self.clone())
    }

    /// The versions of one application.
    pub fn versions(&self, application_id: impl Into<String>) -> Versions {
        Versions::new(self.clone(), application_id.into())
    }

    /// The documents of one version of an application.
    pub fn documents(&self, application_id: impl Into<String>, version: impl Into<String>) -> Documents {
        Documents::new(self.clone(), application_id.into(), version.into())
    }

    /// Runs: submit and list.
    pub fn runs(&self) -> Runs {
        Runs::new(self.clone())
    }

    /// One run. Nothing is sent.
    pub fn run(&self, run_id: Uuid) -> RunHandle {
        RunHandle::new(self.clone(), run_id)
    }

    /// Who may see what.
    pub fn grants(&self) -> Grants {
        Grants::new(self.clone())
    }

    /// Tokens that let somebody without an account see a run.
    pub fn share_tokens(&self) -> ShareTokens {
        ShareTokens::new(self.clone())
    }

    /// The organization's bucket, with the keys of [`me`](Self::me).
    ///
    /// # Errors
    /// When `me` fails, or names no bucket.
    pub async fn bucket(&self) -> Result<Bucket> {
        let me = self.me().await?;
        Bucket::of_organization(&me.organization, &self.inner.settings.bucket, Arc::clone(&self.inner.wire.transport))
    }

    /// How the platform is: never an error, never a sign-in.
    pub async fn health(&self) -> Health {
        crate::health::check(self).await
    }

    /// Forgets what is cached for this user. Part of signing out.
    ///
    /// # Errors
    /// When the user is not known without a token, and there is none.
    pub async fn clear_cache(&self) -> Result<()> {
        let scope = self.scope().await?;
        self.inner.cache.clear(&scope).await;
        Ok(())
    }

    /// What the cache did so far.
    pub fn cache_statistics(&self) -> Statistics {
        self.inner.cache.statistics()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn run_behaviour(&self) -> Behaviour {
        Behaviour::of(&self.inner.settings.run)
    }

    pub(crate) fn run_ttl(&self) -> Duration {
        self.inner.settings.run.cache_ttl
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("api_root", &self.api_root().as_str()).finish_non_exhaustive()
    }
}
