//! Tokens on demand: issued by a form, shown once, kept nowhere after.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use aig_auth::testkit::Tokens;
use axum::{
    extract::{Path, State},
    response::Response,
};
use http::StatusCode;
use maud::html;
use uuid::Uuid;

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::{copyable, given},
    layout::{self, Page},
    overview::Refused,
};
use crate::{control::PREFIX, sandbox::CLIENT_ID_INTERACTIVE};

/// So many wait to be looked at; older ones are forgotten.
const WAITING: usize = 8;

/// Tokens that were issued and not yet shown.
#[derive(Default)]
pub(super) struct Revealed(Mutex<VecDeque<(Uuid, String, Tokens)>>);

impl Revealed {
    fn put(&self, user: &str, tokens: Tokens) -> Uuid {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == WAITING {
            waiting.pop_front();
        }
        let ticket = Uuid::new_v4();
        waiting.push_back((ticket, user.to_owned(), tokens));
        ticket
    }

    fn take(&self, ticket: Uuid) -> Option<(String, Tokens)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = waiting.iter().position(|(given, ..)| *given == ticket)?;
        waiting.remove(place).map(|(_, user, tokens)| (user, tokens))
    }
}

/// Opens a session of this user without a flow.
pub(super) async fn issue(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    let user = fields.text("user");
    let issued = console.authorization.issue(user, CLIENT_ID_INTERACTIVE, "offline_access").await;
    console.platform().keep_sessions_unasked(&console.authorization);
    match issued {
        Ok(tokens) => forms::see(&format!("{PREFIX}/tokens/{}", console.revealed.put(user, tokens))),
        Err(error) => {
            let why = format!("No token: {error}.");
            Refused { place: "users", why, fields }.page(&console)
        }
    }
}

/// Once; the address leads nowhere afterwards.
pub(super) async fn show(State(console): State<Arc<Console>>, Path(ticket): Path<String>) -> Response {
    let found = ticket.parse().ok().and_then(|ticket| console.revealed.take(ticket));
    let Some((user, tokens)) = found else {
        return layout::problem(StatusCode::GONE, "These tokens were shown already, or never issued. Issue others.");
    };
    let main = html! {
        h1 { "Tokens for " (given(&user)) }
        p { "They are shown this once. They open this sandbox and nothing else." }
        section aria-labelledby="access" {
            h2 id="access" { "Access token" }
            p.soft { "For " code { "Authorization: Bearer …" } ", good for " (tokens.expires_in.as_secs() / 3600) " hours." }
            p.secret { (copyable("the access token", tokens.access_token.expose())) }
        }
        @if let Some(token) = &tokens.refresh_token {
            section aria-labelledby="refresh" {
                h2 id="refresh" { "Refresh token" }
                p.soft { "For " code { "AIGNOSTICS_REFRESH_TOKEN" } "." }
                p.secret { (copyable("the refresh token", token.expose())) }
            }
        }
        p { a.button href={ (PREFIX) "/#users" } { "Back to the console" } }
    };
    let path = format!("{PREFIX}/");
    let sections = [("Console", path.as_str())];
    let asked = Asked::default();
    layout::page(
        StatusCode::OK,
        &Page { title: "Tokens", path: &path, sections: &sections, asked: &asked, summary: "" },
        &main,
    )
}

#[cfg(test)]
mod tests {
    use aig_auth::testkit::AuthorizationServer;

    use super::*;

    #[tokio::test]
    async fn tokens_are_shown_once_and_do_not_pile_up() {
        let server = AuthorizationServer::builder().build();
        let tokens = server.issue("auth0|ada", "native", "").await.unwrap();
        let revealed = Revealed::default();
        let tickets: Vec<Uuid> = (0..=WAITING).map(|_| revealed.put("ada", tokens.clone())).collect();
        assert!(revealed.take(tickets[0]).is_none(), "the oldest made room");
        assert_eq!(revealed.take(tickets[1]), Some(("ada".to_owned(), tokens)));
        assert!(revealed.take(tickets[1]).is_none());
    }
}
