//! How the authorization server deals with who signs in and with their tokens, where it is not as usual.

use std::{str::FromStr, time::Duration};

use aig_auth::testkit::{Builder, Client, Rotation};

use crate::{
    SandboxError,
    sandbox::{CLIENT_ID_DEVICE, CLIENT_ID_INTERACTIVE},
    state::{People, Person},
};

/// Whose refresh tokens are replaced with every use. One that was replaced ends its session when it is presented again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshTokenRotation {
    /// Those of the device client. The Python SDK signs in with the interactive client and never takes the new one, so
    /// for it a refresh token has to last.
    #[default]
    Device,
    /// Those of both clients.
    All,
    /// Nobody's.
    Off,
}

/// No rotation has this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rotation of refresh tokens is device, all or off")]
#[non_exhaustive]
pub struct UnknownRotation;

impl FromStr for RefreshTokenRotation {
    type Err = UnknownRotation;

    fn from_str(text: &str) -> Result<Self, UnknownRotation> {
        match text {
            "device" => Ok(Self::Device),
            "all" => Ok(Self::All),
            "off" => Ok(Self::Off),
            _ => Err(UnknownRotation),
        }
    }
}

/// Who agrees to everything without being asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Approver {
    First,
    /// By id or e-mail address.
    Named(String),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct SignInRules {
    pub(crate) approver: Option<Approver>,
    pub(crate) access_lifetime: Option<Duration>,
    pub(crate) refresh_lifetime: Option<Duration>,
    pub(crate) rotation: RefreshTokenRotation,
    pub(crate) reuse_interval: Duration,
}

impl SignInRules {
    /// Whether there is somebody who can agree.
    pub(crate) fn check(&self, people: &People) -> Result<(), SandboxError> {
        match &self.approver {
            Some(Approver::Named(name)) if self.approver_of(people).is_none() => {
                let known = people.persons.iter().map(|person| person.id.clone()).collect();
                Err(SandboxError::NoSuchUser { name: name.clone(), known })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn apply(&self, mut builder: Builder, people: &People) -> Builder {
        if let Some(person) = self.approver_of(people) {
            builder = builder.auto_approve(&person.id);
        }
        if let Some(lifetime) = self.access_lifetime {
            builder = builder.access_token_lifetime(lifetime);
        }
        if let Some(lifetime) = self.refresh_lifetime {
            builder = builder.refresh_token_lifetime(lifetime);
        }
        self.clients().into_iter().fold(builder, Builder::client)
    }

    fn clients(&self) -> [Client; 2] {
        let replaced = Rotation::On { reuse_interval: self.reuse_interval };
        let (interactive, device) = match self.rotation {
            RefreshTokenRotation::Device => (Rotation::Off, replaced),
            RefreshTokenRotation::All => (replaced, replaced),
            RefreshTokenRotation::Off => (Rotation::Off, Rotation::Off),
        };
        [
            Client::native(CLIENT_ID_INTERACTIVE).named("Aignostics tools").with_rotation(interactive),
            Client::native(CLIENT_ID_DEVICE).named("Aignostics tools on a device").with_rotation(device),
        ]
    }

    fn approver_of<'a>(&self, people: &'a People) -> Option<&'a Person> {
        match self.approver.as_ref()? {
            Approver::First => people.persons.first(),
            Approver::Named(name) => people.persons.iter().find(|person| person.id == *name || person.email == *name),
        }
    }
}
