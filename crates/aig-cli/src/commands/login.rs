//! `aig login`, `aig logout` and `aig whoami`.

use aig_auth::{
    Recovery, SignInReason, TokenProvider as _, TokenRequest,
    oauth::{Flow, SignedOut},
};
use aig_platform::{ErrorKind, models::MeReadResponse};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    args::LoginArgs,
    exit::Exit,
    output::{print_one, refuse_csv},
    printer::Printer,
    session::Platform,
    text,
};

/// Who is signed in. The keys and tokens that `/v1/me` also gives are left out.
#[derive(Debug, Serialize)]
pub(crate) struct Person {
    user: User,
    organization: Organization,
    token: TokenFacts,
}

#[derive(Debug, Serialize)]
struct User {
    id: String,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Debug, Serialize)]
struct Organization {
    id: String,
    name: Option<String>,
    display_name: Option<String>,
    bucket: String,
}

#[derive(Debug, Serialize)]
struct TokenFacts {
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
struct LoginOutcome {
    /// Whether there was a session that still works.
    was_signed_in: bool,
    #[serde(flatten)]
    person: Person,
}

pub(super) async fn login(printer: &Printer, args: &LoginArgs) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let platform = Platform::with_flow(printer, flow(args))?;
    let outcome = enter(&platform, args).await;
    platform.settle().await;
    let outcome = outcome?;
    platform.warn_if_not_stored(printer);
    print_one(printer, "aig.login/1", &outcome, |outcome| {
        let how = if outcome.was_signed_in { "already signed in as" } else { "signed in as" };
        format!("{how} {}", outcome.person.sentence())
    })?;
    Ok(Exit::Done)
}

async fn enter(platform: &Platform, args: &LoginArgs) -> anyhow::Result<LoginOutcome> {
    let known = if args.relogin { None } else { present(platform).await? };
    Ok(match known {
        Some(person) => LoginOutcome { was_signed_in: true, person },
        None => LoginOutcome { was_signed_in: false, person: sign_in(platform).await? },
    })
}

fn flow(args: &LoginArgs) -> Flow {
    match (args.device, args.browser) {
        (true, _) => Flow::Device,
        (_, true) => Flow::Browser,
        _ => Flow::Auto,
    }
}

/// The person of a session that still works; none when a sign-in is needed.
async fn present(platform: &Platform) -> anyhow::Result<Option<Person>> {
    let token = match platform.session.token(&TokenRequest::new()).await {
        Ok(token) => token,
        // As long as the variable is set it is what counts, whoever signs in here.
        Err(error) if error.recovery() == Recovery::SignIn(SignInReason::GivenTokenRefused) => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    match platform.client.me().await {
        Ok(me) => Ok(Some(Person::new(&me, token.expires_at()))),
        Err(error) if error.kind() == ErrorKind::Unauthenticated => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn sign_in(platform: &Platform) -> anyhow::Result<Person> {
    let token = platform.session.sign_in().await?;
    let me = platform.client.me().await?;
    Ok(Person::new(&me, token.expires_at()))
}

pub(super) async fn logout(printer: &Printer) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let platform = Platform::from_process(printer)?;
    let (session, words) = match platform.session.sign_out().await? {
        SignedOut::NothingThere => ("none", "nobody was signed in"),
        SignedOut::RevocationFailed => (
            "removed",
            "signed out on this machine; the sign-in service could not be told, its session runs out by itself",
        ),
        SignedOut::Removed => ("removed", "signed out on this machine"),
        _ => ("revoked", "signed out; the session has ended at the sign-in service, too"),
    };
    let outcome = serde_json::json!({ "session": session });
    print_one(printer, "aig.logout/1", &outcome, |_| words.to_owned())?;
    Ok(Exit::Done)
}

pub(super) async fn whoami(printer: &Printer) -> anyhow::Result<Exit> {
    refuse_csv(printer.format())?;
    let platform = Platform::from_process(printer)?;
    let person = who(&platform).await;
    platform.settle().await;
    let person = person?;
    print_one(printer, "aig.whoami/1", &person, Person::lines)?;
    Ok(Exit::Done)
}

async fn who(platform: &Platform) -> anyhow::Result<Person> {
    let token = platform.session.token(&TokenRequest::new()).await?;
    Ok(Person::new(&*platform.client.me().await?, token.expires_at()))
}

impl Person {
    pub(crate) fn new(me: &MeReadResponse, expires_at: Option<Timestamp>) -> Self {
        let (user, organization) = (&me.user, &me.organization);
        Self {
            user: User { id: user.id.clone(), name: user.name.clone(), email: user.email.clone() },
            organization: Organization {
                id: organization.id.clone(),
                name: organization.name.clone(),
                display_name: organization.display_name.clone(),
                bucket: organization.aignostics_bucket_name.clone(),
            },
            token: TokenFacts { expires_at },
        }
    }

    /// `Ada Lovelace of Example Lab`.
    pub(crate) fn sentence(&self) -> String {
        let name = self.user.name.as_ref().or(self.user.email.as_ref()).unwrap_or(&self.user.id);
        text::plain(&format!("{name} of {}", self.organization.called()))
    }

    fn lines(&self) -> String {
        let mut lines = vec![format!("user          {}", self.user.name.as_ref().unwrap_or(&self.user.id))];
        lines.extend(self.user.email.as_ref().map(|email| format!("email         {email}")));
        lines.push(format!("organization  {} ({})", self.organization.called(), self.organization.id));
        lines.push(format!("bucket        {}", self.organization.bucket));
        lines.extend(self.token.expires_at.map(|at| format!("token until   {}", text::time(at))));
        lines.iter().map(|line| text::plain(line)).collect::<Vec<_>>().join("\n")
    }
}

impl Organization {
    fn called(&self) -> &str {
        self.display_name.as_ref().or(self.name.as_ref()).unwrap_or(&self.id)
    }
}
