//! Applications, their versions, and the documents of a version.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use aig_cache::Policy;
use aig_codegen::{
    models::{
        ApplicationReadResponse, ApplicationReadShortResponse, ApplicationVersion, VersionDocumentResponse,
        VersionReadResponse,
    },
    operations::{
        GetApplication, GetApplicationVersion, GetVersionDocument, GetVersionDocumentContent, GetVersionDocumentFile,
        ListApplications, ListVersionDocuments,
    },
};
use async_trait::async_trait;
use bytes::Bytes;
use http::Method;
use semver::Version;

use crate::{
    Client, Error, ErrorKind, Listing, Result,
    call::Behaviour,
    listing::{LARGEST_PAGE, Shelf},
    transfer::{Expected, Fetcher, LinkSource, NoProgress, SignedUrl, safe_name},
    transport::Request,
};

/// The applications of the platform.
#[derive(Debug, Clone)]
pub struct Applications {
    client: Client,
}

impl Applications {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every application that the user may see.
    pub fn list(&self) -> Listing<ApplicationReadShortResponse> {
        self.list_with(ListApplications::new())
    }

    /// The same with parameters of the API; the page is chosen here.
    pub fn list_with(&self, filter: ListApplications) -> Listing<ApplicationReadShortResponse> {
        let client = self.client.clone();
        let size = filter.page_size.unwrap_or(LARGEST_PAGE);
        let first = filter.clone().with_page(1).with_page_size(size);
        let shelf = Shelf::new(&client, first, client.settings().application.cache_ttl, &["applications"]);
        Listing::paged(
            size,
            |application: &ApplicationReadShortResponse| application.application_id.clone(),
            move |page| {
                let (client, request) = (client.clone(), filter.clone().with_page(page).with_page_size(size));
                async move { client.call(&request, Behaviour::of(&client.settings().application)).await }
            },
        )
        .kept_on(shelf)
    }

    /// One application with its versions.
    ///
    /// # Errors
    /// When there is none, or not for this user.
    pub async fn get(&self, application_id: impl Into<String>) -> Result<Arc<ApplicationReadResponse>> {
        self.get_with(application_id, Policy::Use).await
    }

    /// The same, with a say about the cache.
    ///
    /// # Errors
    /// When there is none, or not for this user.
    pub async fn get_with(
        &self,
        application_id: impl Into<String>,
        policy: Policy,
    ) -> Result<Arc<ApplicationReadResponse>> {
        let family = &self.client.settings().application;
        let operation = GetApplication::new(application_id);
        self.client.read(operation, Behaviour::of(family), family.cache_ttl, policy, &["applications"]).await
    }
}

/// The versions of one application.
#[derive(Debug, Clone)]
pub struct Versions {
    client: Client,
    application_id: String,
}

impl Versions {
    pub(crate) fn new(client: Client, application_id: String) -> Self {
        Self { client, application_id }
    }

    /// Every version, the newest first. What is no semantic version comes last.
    ///
    /// # Errors
    /// When there is no such application, or not for this user.
    pub async fn list(&self) -> Result<Vec<ApplicationVersion>> {
        let application = self.client.applications().get(&self.application_id).await?;
        let mut versions = application.versions.clone();
        versions.sort_by_cached_key(|version| std::cmp::Reverse(Version::parse(&version.number).ok()));
        Ok(versions)
    }

    /// The newest release; the newest pre-release where there is nothing else.
    ///
    /// # Errors
    /// When there is no such application, or no version of it.
    pub async fn latest(&self) -> Result<ApplicationVersion> {
        let versions = self.list().await?;
        let is_release =
            |version: &&ApplicationVersion| Version::parse(&version.number).is_ok_and(|v| v.pre.is_empty());
        let latest = versions.iter().find(is_release).or_else(|| versions.first());
        latest.cloned().ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("application {:?} has no version", self.application_id))
        })
    }

    /// One version: its changes, inputs and outputs.
    ///
    /// # Errors
    /// When the number is no semantic version, or there is no such version.
    pub async fn get(&self, version: &str) -> Result<Arc<VersionReadResponse>> {
        if Version::parse(version).is_err() {
            let message = format!("{version:?} is no semantic version");
            return Err(Error::new(ErrorKind::InvalidRequest, message).with_hint("write it like 1.2.3"));
        }
        let family = &self.client.settings().application_version;
        let operation = GetApplicationVersion::new(&self.application_id, version);
        self.client.read(operation, Behaviour::of(family), family.cache_ttl, Policy::Use, &["applications"]).await
    }

    /// The version of this number, else the latest.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn get_or_latest(&self, version: Option<&str>) -> Result<Arc<VersionReadResponse>> {
        match version {
            Some(version) => self.get(version).await,
            None => self.get(&self.latest().await?.number).await,
        }
    }
}

/// The documents of one version.
#[derive(Debug, Clone)]
pub struct Documents {
    client: Client,
    application_id: String,
    version: String,
}

/// The most that a document may hold to be read into memory.
const LARGEST_DOCUMENT: usize = 64 << 20;

impl Documents {
    pub(crate) fn new(client: Client, application_id: String, version: String) -> Self {
        Self { client, application_id, version }
    }

    /// Every document that the user may see.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn list(&self) -> Result<Arc<Vec<VersionDocumentResponse>>> {
        let operation = ListVersionDocuments::new(&self.application_id, &self.version);
        let ttl = self.client.settings().application_version.cache_ttl;
        self.client.read(operation, self.behaviour(), ttl, Policy::Use, &["applications"]).await
    }

    /// One document's description.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn get(&self, name: &str) -> Result<Arc<VersionDocumentResponse>> {
        let operation = GetVersionDocument::new(&self.application_id, &self.version, name);
        let ttl = self.client.settings().application_version.cache_ttl;
        self.client.read(operation, self.behaviour(), ttl, Policy::Use, &["applications"]).await
    }

    /// A link to the document as a file.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn link(&self, name: &str) -> Result<SignedUrl> {
        let operation = GetVersionDocumentFile::new(&self.application_id, &self.version, name);
        self.client.locate(&operation, self.behaviour()).await
    }

    /// The document's content.
    ///
    /// # Errors
    /// When there is no such document, or it is larger than 64 MiB.
    pub async fn read(&self, name: &str) -> Result<Bytes> {
        let operation = GetVersionDocumentContent::new(&self.application_id, &self.version, name);
        let link = self.client.locate(&operation, self.behaviour()).await?;
        let broken =
            |what: String| Error::new(ErrorKind::Network, format!("the document {name:?} was not read: {what}"));
        let mut request = Request::new(Method::GET, link.url()?);
        request.timeout = Some(self.behaviour().deadline);
        let wire = &self.client.inner().wire;
        let response = wire.transport.send(request).await.map_err(|fault| broken(fault.to_string()))?;
        if !response.status.is_success() {
            return Err(broken(format!("the storage answered {}", response.status.as_u16())));
        }
        response.body.bytes(LARGEST_DOCUMENT).await.map_err(|fault| broken(fault.to_string()))
    }

    /// Puts the document into `directory`, under its own name made safe, and returns the path. A file that is there
    /// is replaced when the new one is whole, and not before.
    ///
    /// # Errors
    /// When there is no such document, or it cannot be written.
    pub async fn download(&self, name: &str, directory: impl AsRef<Path>) -> Result<PathBuf> {
        let target = directory.as_ref().join(safe_name(name));
        let fetcher = Fetcher {
            transport: Arc::clone(&self.client.inner().wire.transport),
            behaviour: self.behaviour(),
            progress: Arc::new(NoProgress),
            root: directory.as_ref().to_owned(),
        };
        let links = DocumentLinks { documents: self, name };
        fetcher.fetch(0, &links, &target, Expected::default()).await?;
        Ok(target)
    }

    fn behaviour(&self) -> Behaviour {
        Behaviour::of(&self.client.settings().application_version)
    }
}

struct DocumentLinks<'a> {
    documents: &'a Documents,
    name: &'a str,
}

#[async_trait]
impl LinkSource for DocumentLinks<'_> {
    async fn link(&self) -> Result<SignedUrl> {
        self.documents.link(self.name).await
    }
}
