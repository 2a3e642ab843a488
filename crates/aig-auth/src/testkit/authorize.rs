//! `/authorize`: authorization code with PKCE (RFC 6749 section 4.1, RFC 7636), and the form of its page.

use url::Url;

use super::{
    Response,
    core::Core,
    error::OAuthError,
    page,
    params::Params,
    session::Grant,
    state::{About, Code, Spent, Ticket},
};
use crate::{clock::after, testkit::entropy};

/// How long a person may look at the page.
const PAGE_SECONDS: u64 = 600;
/// A SHA-256 hash in base64url (RFC 7636 section 4.2).
const CHALLENGE_LENGTH: usize = 43;

/// A sign-in that a client asks for.
#[derive(Clone)]
pub(super) struct AuthorizeRequest {
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) audience: String,
    pub(super) organization: Option<String>,
    pub(super) login_hint: Option<String>,
    pub(super) back: Back,
    challenge: String,
    nonce: Option<String>,
    prompt: String,
}

/// Where the browser goes afterwards.
#[derive(Clone)]
pub(super) struct Back {
    /// As the client wrote it.
    uri: String,
    url: Url,
    state: Option<String>,
}

impl Core {
    pub(super) fn authorize(&self, params: &Params) -> Response {
        // Nobody is sent to an address that is not the client's (RFC 6749 section 4.1.2.1).
        let back = match self.back(params) {
            Ok(back) => back,
            Err(error) => return page::problem(&self.settings, error.description),
        };
        match self.authorize_request(params, back.clone()) {
            Ok(request) => self.ask(&request),
            Err(error) => self.refuse(&back, error),
        }
    }

    fn back(&self, params: &Params) -> Result<Back, OAuthError> {
        let client = self
            .settings
            .client(params.text("client_id"))
            .ok_or(OAuthError::invalid_request("The application that sent you here is not known."))?;
        let uri = params.require("redirect_uri", "The application did not say where to return to.")?;
        let url = Url::parse(uri).ok().filter(|_| client.may_redirect_to(uri));
        let url = url.ok_or(OAuthError::invalid_request("The application may not return to the address it gave."))?;
        Ok(Back { uri: uri.to_owned(), url, state: params.get("state").map(str::to_owned) })
    }

    fn authorize_request(&self, params: &Params, back: Back) -> Result<AuthorizeRequest, OAuthError> {
        params.check()?;
        if params.text("response_type") != "code" {
            return Err(OAuthError::unsupported_response_type("only the response type code is offered"));
        }
        let organization = params.get("organization");
        self.settings.has_organization(organization)?;
        Ok(AuthorizeRequest {
            client_id: params.text("client_id").to_owned(),
            scope: params.text("scope").to_owned(),
            audience: self.settings.audience(params.get("audience"))?.to_owned(),
            organization: organization.map(str::to_owned),
            login_hint: params.get("login_hint").map(str::to_owned),
            challenge: challenge(params)?.to_owned(),
            nonce: params.get("nonce").map(str::to_owned),
            prompt: params.text("prompt").to_owned(),
            back,
        })
    }

    fn ask(&self, request: &AuthorizeRequest) -> Response {
        if let Some(user_id) = &self.settings.auto_approve {
            return self.allow(request, user_id);
        }
        if request.prompt == "none" {
            return self.refuse(&request.back, OAuthError::login_required("nobody is signed in"));
        }
        self.show(request, page::Notice::None)
    }

    fn show(&self, request: &AuthorizeRequest, notice: page::Notice) -> Response {
        let ticket = self.ticket(About::SignIn(Box::new(request.clone())));
        page::sign_in(&self.settings, request, &ticket, notice)
    }

    /// A ticket for the page that asks this.
    pub(super) fn ticket(&self, about: About) -> String {
        let name = entropy::name::<18>();
        let expires_at = after(self.now(), std::time::Duration::from_secs(PAGE_SECONDS));
        self.state().tickets.insert(name.clone(), Ticket { about, expires_at });
        name
    }

    /// What the page asked whose form came back. A ticket is good once.
    pub(super) fn punch(&self, ticket: &str) -> Option<About> {
        let now = self.now();
        self.state().tickets.remove(ticket).filter(|ticket| now < ticket.expires_at).map(|ticket| ticket.about)
    }

    /// The form of the sign-in page.
    pub(super) fn answer_sign_in(&self, params: &Params) -> Response {
        let Some(About::SignIn(request)) = self.punch(params.text("ticket")) else {
            return page::problem(&self.settings, "This page was used before, or is too old. Start the sign-in again.");
        };
        match params.text("decision") {
            "allow" if params.get("user").is_none() => self.show(&request, page::Notice::ChooseAccount),
            "allow" => self.allow(&request, params.text("user")),
            _ => self.refuse(&request.back, OAuthError::access_denied("the user said no")),
        }
    }

    fn allow(&self, request: &AuthorizeRequest, user_id: &str) -> Response {
        match self.settings.admit(user_id, request.organization.as_deref()) {
            Ok(user) => self.redirect(&request.back, &[("code", &self.code(request, &user.id))]),
            Err(error) => self.refuse(&request.back, error),
        }
    }

    fn code(&self, request: &AuthorizeRequest, user_id: &str) -> String {
        let text = entropy::name::<32>();
        let grant = Grant {
            user_id: user_id.to_owned(),
            client_id: request.client_id.clone(),
            scope: request.scope.clone(),
            audience: request.audience.clone(),
        };
        let code = Code {
            grant,
            redirect_uri: request.back.uri.clone(),
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            expires_at: after(self.now(), self.settings.code_lifetime),
            spent: Spent::No,
        };
        self.state().codes.insert(text.clone(), code);
        text
    }

    fn refuse(&self, back: &Back, error: OAuthError) -> Response {
        self.redirect(back, &[("error", error.code), ("error_description", error.description)])
    }

    /// Back to the client, with its `state` and our `iss` (RFC 9207).
    fn redirect(&self, back: &Back, answer: &[(&str, &str)]) -> Response {
        let mut url = back.url.clone();
        url.query_pairs_mut()
            .extend_pairs(answer)
            .extend_pairs(back.state.as_deref().map(|state| ("state", state)))
            .append_pair("iss", &self.issuer());
        // 303, so that the form that brought us here is not sent on (RFC 9700 section 4.12).
        Response::redirect(303, url.as_str())
    }
}

impl Back {
    /// For `form-action` in the page's policy: browsers hold redirects after a form against it, too.
    pub(super) fn form_target(&self) -> String {
        match self.url.host() {
            // A policy has no way to write an IPv6 address.
            Some(url::Host::Ipv6(_)) | None => format!("{}:", self.url.scheme()),
            Some(_) => self.url.origin().ascii_serialization(),
        }
    }
}

/// PKCE is required, and S256 with it: no way back to `plain` (RFC 9700 section 2.1.1).
fn challenge(params: &Params) -> Result<&str, OAuthError> {
    let challenge = params.require("code_challenge", "code_challenge is missing: PKCE is required")?;
    if params.text("code_challenge_method") != "S256" {
        return Err(OAuthError::invalid_request("code_challenge_method has to be S256"));
    }
    let well_formed = challenge.len() == CHALLENGE_LENGTH
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if well_formed { Ok(challenge) } else { Err(OAuthError::invalid_request("code_challenge is no SHA-256 hash")) }
}
