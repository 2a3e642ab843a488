//! Who may see what: grants and share tokens.

use std::sync::Arc;

use aig_cache::Policy;
use aig_codegen::{
    models::{
        GrantCreateRequest, GrantReadResponse, ShareTokenCreateRequest, ShareTokenCreateResponse,
        ShareTokenReadResponse,
    },
    operations::{
        CreateGrant, CreateShareToken, GetGrant, GetShareToken, ListGrants, ListShareTokens, RevokeGrant,
        RevokeShareToken,
    },
};
use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    Client, Listing, Result,
    listing::{LARGEST_PAGE, Shelf},
};

/// The tag of everything that grants and share tokens decide: a change to either can show in both, and in what a share
/// token lets one see.
pub(crate) const ACCESS: &[&str] = &["access"];

/// Grants: a subject's relation to a resource.
#[derive(Debug, Clone)]
pub struct Grants {
    client: Client,
}

impl Grants {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The grants that match the filter; the page is chosen here.
    pub fn list(&self, filter: ListGrants) -> Listing<GrantReadResponse> {
        let client = self.client.clone();
        let size = filter.page_size.unwrap_or(LARGEST_PAGE);
        let first = filter.clone().with_page(1).with_page_size(size);
        let shelf = Shelf::new(&client, first, client.run_ttl(), ACCESS);
        Listing::paged(
            size,
            |grant: &GrantReadResponse| grant.grant_id,
            move |page| {
                let (client, request) = (client.clone(), filter.clone().with_page(page).with_page_size(size));
                async move { client.call(&request, client.run_behaviour()).await }
            },
        )
        .kept_on(shelf)
    }

    /// One grant.
    ///
    /// # Errors
    /// When there is none, or not for this user.
    pub async fn get(&self, grant_id: Uuid) -> Result<Arc<GrantReadResponse>> {
        let (behaviour, ttl) = (self.client.run_behaviour(), self.client.run_ttl());
        self.client.read(GetGrant::new(grant_id), behaviour, ttl, Policy::Use, ACCESS).await
    }

    /// Gives a subject, by id or by e-mail, a relation to a resource. Sent once.
    ///
    /// # Errors
    /// When it is refused, or when it is not known whether it happened.
    pub async fn create(&self, grant: GrantCreateRequest) -> Result<GrantReadResponse> {
        self.client.change(&CreateGrant::new(grant), self.client.run_behaviour(), ACCESS).await
    }

    /// Takes it back.
    ///
    /// # Errors
    /// When there is none, it is revoked already, or it is not this user's to revoke.
    pub async fn revoke(&self, grant_id: Uuid) -> Result<GrantReadResponse> {
        self.client.change(&RevokeGrant::new(grant_id), self.client.run_behaviour(), ACCESS).await
    }
}

/// Share tokens: let somebody without an account see a run.
#[derive(Debug, Clone)]
pub struct ShareTokens {
    client: Client,
}

impl ShareTokens {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The share tokens that match the filter; the page is chosen here.
    pub fn list(&self, filter: ListShareTokens) -> Listing<ShareTokenReadResponse> {
        let client = self.client.clone();
        let size = filter.page_size.unwrap_or(LARGEST_PAGE);
        let first = filter.clone().with_page(1).with_page_size(size);
        let shelf = Shelf::new(&client, first, client.run_ttl(), ACCESS);
        Listing::paged(
            size,
            |token: &ShareTokenReadResponse| token.share_token_id,
            move |page| {
                let (client, request) = (client.clone(), filter.clone().with_page(page).with_page_size(size));
                async move { client.call(&request, client.run_behaviour()).await }
            },
        )
        .kept_on(shelf)
    }

    /// One share token, without its secret.
    ///
    /// # Errors
    /// When there is none, or not for this user.
    pub async fn get(&self, share_token_id: Uuid) -> Result<Arc<ShareTokenReadResponse>> {
        let (behaviour, ttl) = (self.client.run_behaviour(), self.client.run_ttl());
        self.client.read(GetShareToken::new(share_token_id), behaviour, ttl, Policy::Use, ACCESS).await
    }

    /// Makes a share token. Its secret is in this answer and never again. Sent once.
    ///
    /// # Errors
    /// When it is refused, or when it is not known whether it happened.
    pub async fn create(&self, expires_at: Option<Timestamp>) -> Result<ShareTokenCreateResponse> {
        let request = ShareTokenCreateRequest::new();
        let request = match expires_at {
            Some(end) => request.with_expires_at(end),
            None => request,
        };
        self.client.change(&CreateShareToken::new(request), self.client.run_behaviour(), ACCESS).await
    }

    /// Takes it back.
    ///
    /// # Errors
    /// When there is none, it is revoked already, or it is not this user's to revoke.
    pub async fn revoke(&self, share_token_id: Uuid) -> Result<ShareTokenReadResponse> {
        self.client.change(&RevokeShareToken::new(share_token_id), self.client.run_behaviour(), ACCESS).await
    }
}
