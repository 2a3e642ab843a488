//! Who signs in at a sandbox without being asked, and how long tokens are good for, as it is typed.

use std::time::Duration;

use aig_sandbox::{RefreshTokenRotation, SandboxBuilder};
use clap::Args;
use jiff::{Span, SpanRelativeTo};

/// How sign-in goes at a sandbox that starts.
#[derive(Debug, Args)]
pub(crate) struct SignInOptions {
    /// Ask nobody at sign-in: the first user agrees at once, or the USER of this id or e-mail address
    #[arg(long, value_name = "USER", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    auto_approve: Option<String>,
    /// How long access tokens live, such as 90s, 1h or 2d; a day if left out
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    access_token_lifetime: Option<Duration>,
    /// How long a session can be continued; 30 days if left out
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    refresh_token_lifetime: Option<Duration>,
    /// Whose refresh tokens are replaced with every use: those of `device` sign-ins, of `all`, or of nobody (`off`). A
    /// replaced one that comes again ends its session
    #[arg(long, value_name = "OF", default_value = "device")]
    refresh_token_rotation: RefreshTokenRotation,
    /// How long a replaced refresh token is answered once more, such as 10s; not at all if left out
    #[arg(long, value_name = "TIME", value_parser = span)]
    refresh_token_reuse_interval: Option<Duration>,
}

/// All of [`SignInOptions`].
pub(super) const OPTIONS: [&str; 5] = [
    "auto_approve",
    "access_token_lifetime",
    "refresh_token_lifetime",
    "refresh_token_rotation",
    "refresh_token_reuse_interval",
];

impl SignInOptions {
    /// The same sandbox, with sign-in as it was asked for.
    pub(crate) fn apply(&self, sandbox: SandboxBuilder) -> SandboxBuilder {
        let mut sandbox = match self.auto_approve.as_deref() {
            None => sandbox,
            Some("") => sandbox.auto_approve_first_user(),
            Some(user) => sandbox.auto_approve(user),
        };
        if let Some(lifetime) = self.access_token_lifetime {
            sandbox = sandbox.access_token_lifetime(lifetime);
        }
        if let Some(lifetime) = self.refresh_token_lifetime {
            sandbox = sandbox.refresh_token_lifetime(lifetime);
        }
        if let Some(interval) = self.refresh_token_reuse_interval {
            sandbox = sandbox.refresh_token_reuse_interval(interval);
        }
        sandbox.refresh_token_rotation(self.refresh_token_rotation)
    }
}

/// Tokens say when they end in whole seconds.
fn lifetime(text: &str) -> Result<Duration, String> {
    span(text).and_then(|time| match time.subsec_nanos() {
        0 if !time.is_zero() => Ok(time),
        _ => Err("tokens live for whole seconds, one at least".to_owned()),
    })
}

/// A time as people write it; days have 24 hours.
fn span(text: &str) -> Result<Duration, String> {
    let span: Span = text.parse().map_err(|_| "write it like 90s, 2h or 30d".to_owned())?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| "no time is that long".to_owned())?;
    Duration::try_from(time).map_err(|_| "a time cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them_and_tokens_take_whole_seconds() {
        for (text, seconds) in [("90s", 90), ("1h", 3_600), ("1h 30m", 5_400), ("2d", 172_800), ("PT5M", 300)] {
            assert_eq!(lifetime(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(span("0s"), Ok(Duration::ZERO));
        for wrong in ["", "soon", "90", "-1h", "0s", "1500ms", "9999999d"] {
            assert!(lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
