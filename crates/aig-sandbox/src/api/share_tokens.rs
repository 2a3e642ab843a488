//! Share tokens: secrets that open what is granted to them, for whoever holds them and has an account.

use aig_codegen::{
    models,
    operations::{CreateShareToken, GetShareToken, ListShareTokens, RevokeShareToken},
};
use uuid::Uuid;

use super::{desk::Desk, grants::token_opens, page::Paging, problem::Problem};
use crate::{
    ids::random_secret,
    state::{ShareToken, World},
};

const SORTABLE: [&str; 4] = ["share_token_id", "created_at", "expires_at", "revoked"];

pub(super) fn create(desk: &Desk<'_>, asked: CreateShareToken) -> Result<models::ShareTokenCreateResponse, Problem> {
    let now = desk.platform.clock.now();
    if asked.body.expires_at.is_some_and(|end| end <= now) {
        let place = serde_json::json!(["body", "expires_at"]);
        return Err(Problem::invalid(place, "Value error, the time is in the past", "value_error"));
    }
    let secret = format!("sandbox-share-{}", random_secret());
    let token = ShareToken {
        id: desk.platform.ids.next(),
        digest: ShareToken::digest_of(&secret),
        created_by: desk.person.id.to_owned(),
        created_at: now,
        expires_at: asked.body.expires_at,
        revoked: false,
    };
    let mut answer = models::ShareTokenCreateResponse::new(token.id, secret, now, false);
    answer.expires_at = token.expires_at;
    desk.platform.with(|world| world.share_tokens.push(token));
    Ok(answer)
}

pub(super) fn list(desk: &Desk<'_>, asked: ListShareTokens) -> Result<Vec<models::ShareTokenReadResponse>, Problem> {
    let creator = asked.created_by.as_deref().map(|who| if who == "me" { desk.person.id } else { who });
    let rows = desk.platform.with(|world| {
        let own = world.share_tokens.iter().filter(|token| token.created_by == desk.person.id);
        let wanted = own.filter(|token| {
            creator.is_none_or(|creator| creator == token.created_by)
                && asked.revoked.is_none_or(|revoked| revoked == token.revoked)
                && asked.run_id.is_none_or(|run| token_opens(world, token.id, run))
        });
        wanted.map(view).collect::<Vec<_>>()
    });
    Paging { sort: &asked.sort, page: asked.page, size: asked.page_size }.apply(rows, &SORTABLE)
}

pub(super) fn get(desk: &Desk<'_>, asked: GetShareToken) -> Result<models::ShareTokenReadResponse, Problem> {
    desk.platform.with(|world| own(desk, world, asked.share_token_id).map(|token| view(token)))
}

pub(super) fn revoke(desk: &Desk<'_>, asked: RevokeShareToken) -> Result<models::ShareTokenReadResponse, Problem> {
    desk.platform.with(|world| {
        let token = own(desk, world, asked.share_token_id)?;
        if token.revoked {
            return Err(Problem::conflict("the share token has been revoked already"));
        }
        token.revoked = true;
        Ok(view(token))
    })
}

fn own<'w>(desk: &Desk<'_>, world: &'w mut World, id: Uuid) -> Result<&'w mut ShareToken, Problem> {
    let token = world.share_tokens.iter_mut().find(|token| token.id == id);
    let token = token.ok_or_else(|| Problem::not_found("share token not found"))?;
    if token.created_by == desk.person.id {
        Ok(token)
    } else {
        Err(Problem::forbidden("no access to this share token"))
    }
}

fn view(token: &ShareToken) -> models::ShareTokenReadResponse {
    let mut view = models::ShareTokenReadResponse::new(token.id, token.created_at, token.revoked);
    view.expires_at = token.expires_at;
    view
}
