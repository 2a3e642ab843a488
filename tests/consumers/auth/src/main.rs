//! Signs in with the issuer that is named, and stays signed in: `consumer-auth ISSUER CLIENT_ID`.

use std::{env, error::Error, sync::Arc, time::Duration};

use aig_auth::{
    Interaction, TokenProvider, TokenRequest,
    oauth::{HttpClient, HttpSettings, Metadata, OAuthProvider, SignInPrompt, SignInStep},
    session::StoreSettings,
};

#[derive(Debug)]
struct Terminal;

impl SignInPrompt for Terminal {
    fn show(&self, step: &SignInStep) {
        match step {
            SignInStep::OpenUrl { url, .. } => eprintln!("open {url}"),
            SignInStep::EnterCode { verification_uri, user_code, .. } => {
                eprintln!("open {verification_uri} and enter {user_code}");
            }
            _ => {}
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(issuer), Some(client_id)) = (arguments.next(), arguments.next()) else {
        return Err("usage: consumer-auth ISSUER CLIENT_ID".into());
    };
    let http = HttpClient::new(HttpSettings::default());
    let config = Metadata::discover(&issuer, &http).await?.client(client_id)?.with_scopes(["offline_access"]);
    let store = StoreSettings::new("consumer").with_directory_variable("CONSUMER_CACHE_DIR");
    let store = store.open(&config.session_key("default"));
    let provider = OAuthProvider::builder(config).http(http).store(store).prompt(Arc::new(Terminal)).build()?;

    let token = provider.token(&TokenRequest::new().with_interaction(Interaction::Allowed)).await?;
    println!("signed in, a token of {} characters", token.expose().len());
    provider.settle(Duration::from_secs(5)).await;
    Ok(())
}
