//! Forms: what makes one ours, and where it leads.

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::{Asked, Console, layout, notice::Notice};
use crate::control::PREFIX;

/// The field with the secret.
const SECRET: &str = "form";

/// The fields of a form that came from a page of ours.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Nothing filled in.
    pub(super) fn blank() -> Self {
        Self(Vec::new())
    }

    /// What was filled in, without space around it; empty is as good as absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value.trim())
    }

    /// What the form asks for that is optional.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// The view that the form was on.
    pub(super) fn asked(&self) -> Asked {
        let text = |name| self.text(name).to_owned();
        Asked {
            follow: text("follow"),
            show: text("show"),
            find: text("find"),
            bucket: text("bucket"),
            prefix: text("prefix"),
            ..Asked::default()
        }
    }

    /// Back to the view, which says what was done.
    pub(super) fn done(&self, path: &str, place: &str, notice: Notice) -> Response {
        let address = format!("{path}{}#{place}", self.asked().with("notice", notice.name()));
        see(&address)
    }
}

/// Elsewhere, by GET.
pub(super) fn see(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    response
}

/// The guard has refused other origins before this. A browser says its origin with every form, so one that says none is
/// not a browser with our page in it, and the programs' paths are for programs.
impl FromRequest<Arc<Console>> for Fields {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        if !request.headers().contains_key(header::ORIGIN) {
            return Err(layout::problem(StatusCode::FORBIDDEN, "This form was not sent by a page of the sandbox."));
        }
        let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
        let Form(fields) = form.map_err(|error| layout::problem(error.status(), "This form cannot be read."))?;
        let fields = Self(fields);
        if !same(fields.text(SECRET), &console.form_secret) {
            let what = "This form is not of this sandbox, perhaps of one before it. Load the page anew and try again.";
            return Err(layout::problem(StatusCode::FORBIDDEN, what));
        }
        Ok(fields)
    }
}

/// By their hashes, so that time tells nothing.
fn same(given: &str, secret: &str) -> bool {
    Sha256::digest(given) == Sha256::digest(secret)
}

/// A form with its secret, and with what leads back to this view.
pub(super) fn form(console: &Console, asked: &Asked, action: &str, content: &Markup) -> Markup {
    html! {
        form method="post" action={ (PREFIX) "/forms/" (action) } {
            input type="hidden" name=(SECRET) value=(console.form_secret);
            @for (name, value) in asked.kept() { input type="hidden" name=(name) value=(value); }
            (content)
        }
    }
}
