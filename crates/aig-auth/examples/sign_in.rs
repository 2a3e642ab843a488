//! Signs in with any issuer that publishes its endpoints, and stays signed in: `sign_in ISSUER CLIENT_ID [SCOPE…]`.
#![expect(clippy::print_stderr, reason = "a command-line program speaks to its user")]

use std::{env, error::Error, sync::Arc, time::Duration};

use aig_auth::{
    Interaction, TokenProvider as _, TokenRequest,
    oauth::{HttpClient, HttpSettings, Metadata, OAuthProvider, SignInPrompt, SignInStep},
    session::StoreSettings,
};

#[derive(Debug)]
struct Terminal;

impl SignInPrompt for Terminal {
    fn show(&self, step: &SignInStep) {
        match step {
            SignInStep::OpenUrl { url, opened: true, .. } => {
                eprintln!("A browser was opened. If it shows nothing, open\n  {url}")
            }
            SignInStep::OpenUrl { url, .. } => eprintln!("Open\n  {url}"),
            SignInStep::EnterCode { verification_uri, user_code, .. } => {
                eprintln!("Open {verification_uri} on any device and enter {user_code}");
            }
            SignInStep::Fallback { reason, .. } => eprintln!("Another way is used: {reason}"),
            _ => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(client_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: sign_in ISSUER CLIENT_ID [SCOPE…]".into());
    };
    let http = HttpClient::new(HttpSettings::default());
    let config = Metadata::discover(&issuer, &http).await?.client(client_id)?.with_scopes(arguments);
    let store = StoreSettings::new("aig-auth-example").open(&config.session_key("default"));
    let provider = OAuthProvider::builder(config).http(http).store(store).prompt(Arc::new(Terminal)).build()?;

    let request = TokenRequest::new().with_interaction(Interaction::Allowed);
    let token = provider.token(&request).await?;
    eprintln!("Signed in until {}.", token.expires_at().map_or("revoked".into(), |end| end.to_string()));
    eprintln!("The session is in {}.", provider.location());
    provider.settle(Duration::from_secs(5)).await;
    Ok(())
}
