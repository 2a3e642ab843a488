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

pub(super) const SORTABLE: [&str; 4] = ["share_token_id", "created_at", "expires_at", "revoked"];

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
    desk.writing(|world| {
        world.add_share_token(token);
        Ok(answer)
    })
}

pub(super) fn list(desk: &Desk<'_>, asked: ListShareTokens) -> Result<Vec<models::ShareTokenReadResponse>, Problem> {
    let creator = asked.created_by.as_deref().map(|who| if who == "me" { desk.person.id.as_str() } else { who });
    let rows = desk.platform.with(|world| {
        let own = world.share_tokens().iter().filter(|token| token.created_by == desk.person.id);
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
    desk.platform.with(|world| own(desk, world, asked.share_token_id).map(view))
}

pub(super) fn revoke(desk: &Desk<'_>, asked: RevokeShareToken) -> Result<models::ShareTokenReadResponse, Problem> {
    desk.writing(|world| {
        if own(desk, world, asked.share_token_id)?.revoked {
            return Err(Problem::conflict("the share token has been revoked already"));
        }
        let token = world.share_token_mut(asked.share_token_id).ok_or_else(no_token)?;
        token.revoked = true;
        Ok(view(token))
    })
}

fn own<'w>(desk: &Desk<'_>, world: &'w World, id: Uuid) -> Result<&'w ShareToken, Problem> {
    let token = world.share_tokens().iter().find(|token| token.id == id).ok_or_else(no_token)?;
    if token.created_by == desk.person.id {
        Ok(token)
    } else {
        Err(Problem::forbidden("no access to this share token"))
    }
}

fn no_token() -> Problem {
    Problem::not_found("share token not found")
}

fn view(token: &ShareToken) -> models::ShareTokenReadResponse {
    let mut view = models::ShareTokenReadResponse::new(token.id, token.created_at, token.revoked);
    view.expires_at = token.expires_at;
    view
}
