//! A service whose token is mounted as a file that an orchestrator replaces: `mounted_token FILE`.
#![expect(clippy::print_stderr, reason = "a program that shows what it does")]

use std::{env, error::Error, sync::Arc, time::Duration};

use aig_auth::{AuthError, TokenProvider, TokenRequest, external::FileToken};

/// What the service does all day: it needs no idea where its token comes from.
async fn call_the_api(tokens: &dyn TokenProvider) -> Result<(), AuthError> {
    let token = tokens.token(&TokenRequest::new().with_min_valid_for(Duration::from_secs(5))).await?;
    eprintln!("would send a token of {} characters, good until {:?}", token.expose().len(), token.expires_at());
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("usage: mounted_token FILE")?;
    let tokens: Arc<dyn TokenProvider> = Arc::new(FileToken::new(path).into_provider());
    for _ in 0..3 {
        call_the_api(&*tokens).await?;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
