//! Who can sign in, their sessions, and buttons that give and take tokens.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use super::{
    Asked, Console,
    forms::{self, Fields},
    html::given,
    notice::Notice,
    overview::{self, Refused},
};
use crate::{control::PREFIX, state::Person};

pub(super) fn section(console: &Console, asked: &Asked, refused: Option<&Refused>) -> Markup {
    let people = &console.platform().people.persons;
    let content = html! {
        (Refused::at(refused, "users"))
        ul.plain id="people" data-live { @for person in people { li { (entry(console, asked, person)) } } }
    };
    overview::section("users", "Users", &content)
}

pub(super) async fn end_sessions(State(console): State<Arc<Console>>, fields: Fields) -> Response {
    let user = fields.text("user");
    if console.platform().people.person(user).is_none() {
        return Refused { place: "users", why: "There is no such user.".to_owned(), fields }.page(&console);
    }
    console.authorization.revoke_sessions_of(user);
    console.platform().keep_sessions_unasked(&console.authorization);
    fields.done(&format!("{PREFIX}/"), "users", Notice::SessionsEnded)
}

fn entry(console: &Console, asked: &Asked, person: &Person) -> Markup {
    let name = person.name();
    let open = open_sessions(console, person);
    let field = html! { input type="hidden" name="user" value=(person.id); };
    html! {
        h3 { (given(&name)) }
        p.soft { (person.email) ", " (person.role) " of " (person.organization) br; code { (person.id) } }
        p { (open) " open " (if open == 1 { "session" } else { "sessions" }) }
        div.row {
            (forms::form(console, asked, "token", &html! {
                (field) button id={ "token-" (person.email) } { "Issue tokens" span.unseen { " for " (name) } }
            }))
            @if open > 0 {
                (forms::form(console, asked, "sessions-end", &html! {
                    (field) button id={ "end-" (person.email) } { "Revoke all" span.unseen { " sessions of " (name) } }
                }))
            }
        }
    }
}

fn open_sessions(console: &Console, person: &Person) -> usize {
    let now = console.authorization.now();
    let open = console.authorization.sessions().into_iter();
    open.filter(|session| session.user_id == person.id && session.ended.is_none() && now < session.expires_at).count()
}
