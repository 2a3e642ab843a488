//! Device authorization (RFC 8628): the codes, the page for the person, and the polls of the device.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::{
    Client, Request, Response, Unknown, client, core::Core, entropy, error::OAuthError, page, params::Params,
    session::Grant, state::About,
};
use crate::clock::after;

/// RFC 8628 section 3.5.
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// A device that waits for a person.
pub(super) struct Device {
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) audience: String,
    pub(super) expires_at: Timestamp,
    pub(super) decision: Decision,
    interval: Duration,
    polled_at: Option<Timestamp>,
}

/// What the person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    Pending,
    Denied,
    By(String),
}

/// A device that waits for a person, as [`AuthorizationServer::pending_devices`] shows it.
///
/// [`AuthorizationServer::pending_devices`]: super::AuthorizationServer::pending_devices
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingDevice {
    /// What the person types in.
    pub user_code: String,
    /// Which client asks.
    pub client_id: String,
    /// What it asks for.
    pub scope: String,
    /// When it is too late.
    pub expires_at: Timestamp,
}

impl Device {
    fn waits(&self, now: Timestamp) -> bool {
        self.decision == Decision::Pending && now < self.expires_at
    }

    /// The device asks whether somebody has decided.
    fn poll(&mut self, now: Timestamp) -> Result<String, OAuthError> {
        if now >= self.expires_at {
            return Err(OAuthError::expired_token("nobody answered in time"));
        }
        let too_early = self.polled_at.is_some_and(|last| now < after(last, self.interval));
        self.polled_at = Some(now);
        match &self.decision {
            Decision::Denied => Err(OAuthError::access_denied("the user said no")),
            Decision::By(user_id) => Ok(user_id.clone()),
            Decision::Pending if too_early => {
                self.interval += SLOW_DOWN;
                Err(OAuthError::slow_down("the device asks too often"))
            }
            Decision::Pending => Err(OAuthError::authorization_pending("nobody has answered yet")),
        }
    }
}

impl Core {
    /// `/oauth/device/code`.
    pub(super) fn authorize_device(&self, request: &Request, params: &Params) -> Response {
        self.new_device(request, params).unwrap_or_else(|error| error.answer(self.settings.dialect))
    }

    fn new_device(&self, request: &Request, params: &Params) -> Result<Response, OAuthError> {
        let params = params.clone().join("scope");
        params.check()?;
        let client = client::authenticate(&self.settings.clients, &params, request.header("authorization"))?;
        let now = self.now();
        let device = Device {
            device_code: entropy::name::<32>(),
            user_code: entropy::user_code(),
            client_id: client.id().to_owned(),
            scope: params.text("scope").to_owned(),
            audience: self.settings.audience(params.get("audience"))?.to_owned(),
            expires_at: after(now, self.settings.device_lifetime),
            decision: Decision::Pending,
            interval: self.settings.device_interval,
            polled_at: None,
        };
        let answer = self.device_answer(&device);
        self.state().devices.insert(device.device_code.clone(), device);
        Ok(answer)
    }

    fn device_answer(&self, device: &Device) -> Response {
        let page = format!("{}/activate", self.base());
        Response::of_json(
            200,
            &json!({
                "device_code": device.device_code,
                "user_code": device.user_code,
                "verification_uri": page,
                "verification_uri_complete": format!("{page}?user_code={}", device.user_code),
                "expires_in": self.settings.device_lifetime.as_secs(),
                "interval": device.interval.as_secs(),
            }),
        )
    }

    /// A token request with a device code. The code is good for one answer.
    pub(super) fn poll_device(&self, client: &Client, params: &Params) -> Result<Grant, OAuthError> {
        let device_code = params.require("device_code", "device_code is missing")?;
        let now = self.now();
        let mut state = self.state();
        let device = state
            .devices
            .get_mut(device_code)
            .filter(|device| device.client_id == client.id())
            .ok_or(OAuthError::invalid_grant("the device code is not known"))?;
        if let (Decision::Pending, Some(user_id)) = (&device.decision, &self.settings.auto_approve) {
            device.decision = Decision::By(user_id.clone());
        }
        let user_id = device.poll(now)?;
        let grant = Grant {
            user_id,
            client_id: device.client_id.clone(),
            scope: device.scope.clone(),
            audience: device.audience.clone(),
        };
        state.devices.remove(device_code);
        Ok(grant)
    }

    /// The person decides, on the page or through the handle.
    pub(super) fn decide(&self, user_code: &str, decision: Decision) -> Result<(), Unknown> {
        if let Decision::By(user_id) = &decision {
            self.settings.user(user_id).ok_or(Unknown::User)?;
        }
        let (now, wanted) = (self.now(), normalized(user_code));
        let mut state = self.state();
        let device = state
            .devices
            .values_mut()
            .find(|device| device.waits(now) && normalized(&device.user_code) == wanted)
            .ok_or(Unknown::UserCode)?;
        device.decision = decision;
        Ok(())
    }

    pub(super) fn pending_devices(&self) -> Vec<PendingDevice> {
        let now = self.now();
        let show = |device: &Device| PendingDevice {
            user_code: device.user_code.clone(),
            client_id: device.client_id.clone(),
            scope: device.scope.clone(),
            expires_at: device.expires_at,
        };
        self.state().devices.values().filter(|device| device.waits(now)).map(show).collect()
    }

    fn pending_device(&self, user_code: &str) -> Option<PendingDevice> {
        let wanted = normalized(user_code);
        self.pending_devices().into_iter().find(|device| normalized(&device.user_code) == wanted)
    }

    /// `/activate`: asks for the code, or whether the device may.
    pub(super) fn activate(&self, params: &Params) -> Response {
        let Some(user_code) = params.get("user_code") else {
            return page::enter_code(&self.settings, page::Notice::None);
        };
        match self.pending_device(user_code) {
            Some(device) => self.ask_about(&device, page::Notice::None),
            None => page::enter_code(&self.settings, page::Notice::UnknownCode),
        }
    }

    fn ask_about(&self, device: &PendingDevice, notice: page::Notice) -> Response {
        let ticket = self.ticket(About::Device(device.user_code.clone()));
        page::confirm_device(&self.settings, device, &ticket, notice)
    }

    /// The form of the page. The ticket shows that the person saw which device it is about, so no other page can
    /// send this form for them.
    pub(super) fn answer_device(&self, params: &Params) -> Response {
        let Some(About::Device(user_code)) = self.punch(params.text("ticket")) else {
            return page::problem(&self.settings, "This page was used before, or is too old. Enter the code again.");
        };
        let Some(device) = self.pending_device(&user_code) else {
            return page::enter_code(&self.settings, page::Notice::UnknownCode);
        };
        match (params.text("decision"), params.get("user").and_then(|id| self.settings.user(id))) {
            ("allow", None) => self.ask_about(&device, page::Notice::ChooseAccount),
            ("allow", Some(user)) => self.finish_device(&user_code, Decision::By(user.id.clone())),
            _ => self.finish_device(&user_code, Decision::Denied),
        }
    }

    fn finish_device(&self, user_code: &str, decision: Decision) -> Response {
        let allowed = matches!(decision, Decision::By(_));
        match self.decide(user_code, decision) {
            Ok(()) if allowed => page::done(&self.settings, "Device connected"),
            Ok(()) => page::done(&self.settings, "Device refused"),
            Err(_) => page::enter_code(&self.settings, page::Notice::UnknownCode),
        }
    }
}

/// People type codes in small letters and without dashes (RFC 8628 section 6.1).
fn normalized(user_code: &str) -> String {
    user_code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect()
}
