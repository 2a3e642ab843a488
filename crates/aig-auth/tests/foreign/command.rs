//! Tokens from a program.

use std::{fs, path::Path, sync::Arc, time::Duration};

use aig_auth::{
    AuthErrorKind, Clock as _, ManualClock, Recovery, Rejection, TokenProvider as _, TokenRequest, TokenSource as _,
    Want, external::CommandToken,
};

use crate::support::{clock, token};

fn shell(script: &str) -> CommandToken {
    CommandToken::new("sh").with_arguments(["-c", script])
}

async fn fetch(source: &CommandToken) -> Result<aig_auth::AccessToken, aig_auth::AuthError> {
    source.fetch(&Want::default()).await
}

/// P2.
#[tokio::test]
async fn what_a_program_prints_is_the_token() {
    for script in [
        "echo abc",
        "printf abc",
        "echo Bearer abc",
        r#"echo '{"token":"abc"}'"#,
        r#"echo '{"access_token":"bearer abc"}'"#,
        r#"echo '{"kind":"ExecCredential","status":{"token":"abc"}}'"#,
        "echo warning: old version >&2; echo abc",
    ] {
        assert_eq!(fetch(&shell(script)).await.unwrap().expose(), "abc", "{script}");
    }
}

/// A1.
#[tokio::test]
async fn a_lifetime_is_counted_from_the_start_of_the_program() {
    let clock = clock();
    let end = |script| {
        let source = shell(script).with_clock(clock.clone());
        async move { fetch(&source).await.unwrap().expires_at().unwrap().to_string() }
    };
    assert_eq!(end(r#"echo '{"token":"abc","expires_in":900}'"#).await, "2026-01-01T00:15:00Z");
    assert_eq!(end(r#"echo '{"token":"abc","expires_at":"2026-01-01T02:00:00+01:00"}'"#).await, "2026-01-01T01:00:00Z");
    let credential = r#"echo '{"status":{"token":"abc","expirationTimestamp":"2026-01-01T00:15:00Z"}}'"#;
    assert_eq!(end(credential).await, "2026-01-01T00:15:00Z");
}

#[tokio::test]
async fn arguments_arrive_as_they_are_because_no_shell_is_asked() {
    let source = CommandToken::new("echo").with_arguments(["$HOME;`id`|*"]);
    assert_eq!(fetch(&source).await.unwrap().expose(), "$HOME;`id`|*");
}

#[tokio::test]
async fn a_variable_is_given_beside_those_of_this_process() {
    let source = shell(r#"test -n "$PATH" && echo "$TICKET""#).with_environment("TICKET", "abc");
    assert_eq!(fetch(&source).await.unwrap().expose(), "abc");
}

#[tokio::test]
async fn a_program_has_no_input_to_wait_for() {
    let error = fetch(&CommandToken::new("cat")).await.unwrap_err();
    assert!(error.to_string().contains("empty answer"), "{error}");
}

#[tokio::test]
async fn a_failure_says_how_and_why_and_never_what_was_printed() {
    let error = fetch(&shell("echo canary; echo 'log in \u{1b}[1mfirst' >&2; exit 3")).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Source, Recovery::FixSetup));
    assert_eq!(error.to_string(), r#"the command "sh" failed with exit code 3: log in \u{1b}[1mfirst"#);
    assert!(!format!("{error:?}").contains("canary"));
    let silent = fetch(&shell("exit 1")).await.unwrap_err();
    assert_eq!(silent.to_string(), r#"the command "sh" failed with exit code 1"#);
}

#[tokio::test]
async fn a_program_can_say_that_trying_again_may_help() {
    for script in ["echo offline >&2; exit 75", "kill -9 $$"] {
        let error = fetch(&shell(script)).await.unwrap_err();
        assert_eq!(error.recovery(), Recovery::Retry { after: None }, "{script}: {error}");
    }
}

#[tokio::test]
async fn what_is_no_token_is_an_error_that_names_the_program() {
    for (script, words) in [
        ("true", "empty answer"),
        ("echo", "empty answer"),
        ("echo Bearer", "is empty"),
        ("echo two words", "character"),
        ("echo '{}'", "`access_token`"),
        ("echo '{'", "JSON"),
        (r"printf '\377'", "not text"),
    ] {
        let error = fetch(&shell(script)).await.unwrap_err();
        assert_eq!(error.recovery(), Recovery::FixSetup);
        assert!(error.to_string().starts_with(r#"the command "sh" gave"#), "{error}");
        assert!(error.to_string().contains(words), "{script}: {error}");
    }
}

#[tokio::test]
async fn a_program_that_prints_without_end_is_stopped() {
    let error = fetch(&CommandToken::new("yes")).await.unwrap_err();
    assert!(error.to_string().contains("more than 256 KiB"), "{error}");
}

#[tokio::test]
async fn many_words_on_standard_error_are_cut_to_the_last() {
    let script = "i=0; while [ $i -lt 9000 ]; do echo noise; i=$((i+1)); done >&2; echo the reason >&2; exit 1";
    let error = fetch(&shell(script)).await.unwrap_err().to_string();
    assert!(error.ends_with("the reason") && error.len() < 4 * 1024, "{} bytes", error.len());
}

/// A6.
#[tokio::test]
async fn a_program_is_looked_for_when_it_is_needed() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let path = directory.path().join("helper");
    let provider = CommandToken::new(&path).with_clock(clock.clone()).into_provider();
    let error = token(&provider).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::Configuration, Recovery::FixSetup));
    assert!(error.to_string().contains("helper\" cannot be started"), "{error}");

    std::os::unix::fs::symlink("/bin/pwd", &path).unwrap();
    clock.advance(Duration::from_secs(2));
    assert!(token(&provider).await.unwrap().starts_with('/'));
}

struct Counted {
    directory: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Counted {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), clock: clock() }
    }

    /// Counts its runs, and prints the count as the token with `rest` after it.
    fn program(&self, before: &str, after: &str) -> CommandToken {
        let count = self.count().display().to_string();
        shell(&format!("echo run >> {count}; n=$(wc -l < {count}); printf '{before}%d{after}' $n"))
            .with_clock(self.clock.clone())
    }

    fn count(&self) -> std::path::PathBuf {
        self.directory.path().join("runs")
    }

    fn runs(&self) -> usize {
        fs::read_to_string(self.count()).unwrap_or_default().lines().count()
    }
}

/// P3.
#[tokio::test]
async fn many_callers_cause_one_run() {
    let counted = Counted::new();
    let provider = counted.program("token-", "").into_provider();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { token(&provider).await.unwrap() })
        })
        .collect();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), "token-1");
    }
    assert_eq!(counted.runs(), 1);
}

/// A3.
#[tokio::test]
async fn a_token_without_an_end_is_asked_for_again_after_a_minute_and_when_it_is_refused() {
    let counted = Counted::new();
    let provider = counted.program("token-", "").into_provider();
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    counted.clock.advance(Duration::from_secs(59));
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    assert_eq!(counted.runs(), 1);
    counted.clock.advance(Duration::from_secs(1));
    assert_eq!(token(&provider).await.unwrap(), "token-1", "nobody waits");
    provider.settle(Duration::from_secs(60)).await;
    assert_eq!(token(&provider).await.unwrap(), "token-2");
    let refused = provider.token(&TokenRequest::new()).await.unwrap();
    counted.clock.advance(Duration::from_secs(30));
    provider.reject(&refused, Rejection::Unauthorized).await;
    assert_eq!(token(&provider).await.unwrap(), "token-3");
}

/// A5.
#[tokio::test]
async fn what_a_program_brings_is_kept_though_its_caller_has_gone() {
    let counted = Counted::new();
    let provider = counted.program("token-", "").into_provider();
    let caller = tokio::spawn({
        let provider = provider.clone();
        async move { token(&provider).await }
    });
    tokio::task::yield_now().await;
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    assert_eq!(token(&provider).await.unwrap(), "token-1");
    assert_eq!(counted.runs(), 1);
}

/// Starts a child, says its id, and waits for it longer than any test.
fn parent(directory: &Path, clock: &Arc<ManualClock>) -> CommandToken {
    let directory = directory.display();
    shell(&format!("sleep 1000 & echo $! > {directory}/new; mv {directory}/new {directory}/child; wait"))
        .with_clock(clock.clone())
}

async fn child(directory: &Path) -> u32 {
    loop {
        if let Ok(id) = fs::read_to_string(directory.join("child")) {
            return id.trim().parse().unwrap();
        }
        tokio::task::yield_now().await;
    }
}

/// Whether a process is seen to end in so many looks. One that ends stays as a zombie where nobody waits for it.
#[cfg(target_os = "linux")]
async fn ends_within(looks: u32, id: u32) -> bool {
    for _ in 0..looks {
        let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_else(|_| "0 (sleep) Z".into());
        if state.contains(") Z") {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn when_its_time_is_over_a_program_is_killed_with_its_children() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let source = parent(directory.path(), &clock);
    let asking = tokio::spawn(async move { fetch(&source).await });
    let child = child(directory.path()).await;
    clock.advance(Duration::from_secs(29));
    tokio::task::yield_now().await;
    assert!(!asking.is_finished());
    clock.advance(Duration::from_secs(1));
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (AuthErrorKind::TimedOut, Recovery::Retry { after: None }));
    assert_eq!(error.to_string(), r#"the command "sh" did not end within 30 s: it was killed"#);
    assert!(ends_within(100_000, child).await);
    assert_eq!(clock.now().to_string(), "2026-01-01T00:00:30Z");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_nobody_waits_for_is_killed_with_its_children() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let source = parent(directory.path(), &clock);
    let asking = tokio::spawn(async move { fetch(&source).await });
    let child = child(directory.path()).await;
    asking.abort();
    assert!(asking.await.unwrap_err().is_cancelled());
    assert!(ends_within(100_000, child).await);
}

/// The control: what looks for the child can tell that it lives.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_program_that_is_killed_alone_leaves_its_children_behind() {
    let directory = tempfile::tempdir().unwrap();
    let script = format!("sleep 1000 & echo $! > {0}/new; mv {0}/new {0}/child; wait", directory.path().display());
    let mut program = tokio::process::Command::new("sh").args(["-c", &script]).kill_on_drop(true).spawn().unwrap();
    let child = child(directory.path()).await;
    program.kill().await.unwrap();
    assert!(!ends_within(1_000, child).await);
    assert!(tokio::process::Command::new("kill").arg(child.to_string()).status().await.unwrap().success());
}

#[tokio::test]
async fn a_program_that_leaves_its_output_open_behind_it_is_not_waited_for_without_end() {
    let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
    let script = format!("sleep 1000 & touch {}/child; echo abc", directory.path().display());
    let source = shell(&script).with_clock(clock.clone());
    let asking = tokio::spawn(async move { fetch(&source).await });
    while !directory.path().join("child").exists() {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(30));
    assert_eq!(asking.await.unwrap().unwrap_err().kind(), AuthErrorKind::TimedOut);
}
