//! Settings as a user meets them: layers, ranges, refusals.

use super::*;

const CUSTOM: [(&str, &str); 8] = [
    ("AIGNOSTICS_API_ROOT", "http://127.0.0.1:4711"),
    ("AIGNOSTICS_AUDIENCE", "https://sandbox.example"),
    ("AIGNOSTICS_AUTHORIZATION_BASE_URL", "http://127.0.0.1:4711/authorize"),
    ("AIGNOSTICS_TOKEN_URL", "http://127.0.0.1:4711/oauth/token"),
    ("AIGNOSTICS_REDIRECT_URI", "http://localhost:8989/"),
    ("AIGNOSTICS_DEVICE_URL", "http://127.0.0.1:4711/oauth/device/code"),
    ("AIGNOSTICS_JWS_JSON_URL", "http://127.0.0.1:4711/.well-known/jwks.json"),
    ("AIGNOSTICS_CLIENT_ID_INTERACTIVE", "native"),
];

fn load<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Settings, SettingsError> {
    Settings::load(Sources::new(Variables::from_iter(pairs)))
}

fn refused(pairs: &[(&str, &str)]) -> Vec<String> {
    load(pairs.iter().copied()).unwrap_err().problems().iter().map(|problem| problem.variable.clone()).collect()
}

fn reading<'s>(settings: &'s Settings, name: &str) -> &'s Reading {
    settings.report().iter().find(|reading| reading.name == name).unwrap()
}

#[test]
fn nothing_set_is_production_with_the_documented_defaults() {
    let settings = load([]).unwrap();
    assert_eq!(settings.environment, Some(EnvironmentName::Production));
    let seconds = Duration::from_secs;
    assert_eq!((settings.run.timeout, settings.run.retry_attempts), (seconds(30), 4));
    assert_eq!((settings.run.cache_ttl, settings.me.cache_ttl), (seconds(15), seconds(300)));
    assert_eq!(settings.auth.retry_wait_min, Duration::from_millis(100));
    let oauth = settings.oauth.unwrap();
    assert_eq!(oauth.issuer(), "https://aignostics-platform.eu.auth0.com/");
    assert_eq!(oauth.token_url.as_str(), "https://aignostics-platform.eu.auth0.com/oauth/token");
    assert_eq!(oauth.scopes, ["offline_access"]);
    assert_eq!(settings.bucket.region, "EUROPE-WEST3");
}

#[test]
fn one_part_of_a_known_environment_can_be_overridden_and_the_rest_stays() {
    let settings = load([("AIGNOSTICS_API_ROOT", "staging"), ("AIGNOSTICS_CLIENT_ID_INTERACTIVE", "mine")]).unwrap();
    let oauth = settings.oauth.as_ref().unwrap();
    assert_eq!(oauth.client_id_interactive, "mine");
    assert_eq!(oauth.audience, "https://aignostics-platform-staging-samia");
    assert_eq!(reading(&settings, "AIGNOSTICS_CLIENT_ID_INTERACTIVE").origin, Origin::Process);
    let table = Origin::Environment(EnvironmentName::Staging);
    assert_eq!(reading(&settings, "AIGNOSTICS_AUDIENCE").origin, table);
}

#[test]
fn an_api_root_of_ones_own_needs_all_parts_of_the_sign_in_or_none() {
    let whole = load(CUSTOM).unwrap();
    assert_eq!(whole.environment, None);
    assert_eq!(whole.oauth.unwrap().issuer(), "http://127.0.0.1:4711/");
    assert!(load([CUSTOM[0]]).unwrap().oauth.is_none());
    let half = refused(&CUSTOM[..3]);
    let missing = [
        "AIGNOSTICS_TOKEN_URL",
        "AIGNOSTICS_DEVICE_URL",
        "AIGNOSTICS_JWS_JSON_URL",
        "AIGNOSTICS_CLIENT_ID_INTERACTIVE",
    ];
    assert_eq!(half, missing);
}

#[test]
fn all_problems_are_reported_at_once_with_origin_and_range() {
    let pairs = [
        ("AIGNOSTICS_RUN_TIMEOUT", "301"),
        ("AIGNOSTICS_ME_RETRY_ATTEMPTS", "four"),
        ("AIGNOSTICS_TOKEN_URL", "http://auth.example/token"),
        ("AIGNOSTICS_REFRESH_TOKEN", "short"),
        ("AIGNOSTICS_APPLICATION_RETRY_WAIT_MIN", "61"),
    ];
    let error = load(pairs).unwrap_err();
    assert_eq!(error.problems().len(), 5, "{error}");
    let text = error.to_string();
    assert!(text.contains("AIGNOSTICS_RUN_TIMEOUT (environment): must be seconds, 0.1 to 300"), "{text}");
    assert!(!text.contains("short;"), "a secret was shown: {text}");
}

#[test]
fn http_is_for_this_machine_only() {
    for root in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "http://127.9.9.9"] {
        assert!(load([("AIGNOSTICS_API_ROOT", root)]).is_ok(), "{root}");
    }
    for root in [
        "http://platform.aignostics.com",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://x",
        "nonsense",
        "https://user:pass@host",
        "https://host/?q",
    ] {
        assert_eq!(refused(&[("AIGNOSTICS_API_ROOT", root)]), ["AIGNOSTICS_API_ROOT"], "{root}");
    }
}

#[test]
fn general_defaults_give_way_to_specific_variables() {
    let pairs = [
        ("AIGNOSTICS_REQUEST_TIMEOUT_SECONDS", "7"),
        ("AIGNOSTICS_RUN_TIMEOUT", "9.5"),
        ("AIGNOSTICS_AUTHORIZATION_BACKOFF_SECONDS", "3"),
    ];
    let settings = load(pairs).unwrap();
    assert_eq!(settings.me.timeout, Duration::from_secs(7));
    assert_eq!(settings.run.timeout, Duration::from_secs_f64(9.5));
    assert_eq!(settings.auth.retry_wait_min, Duration::from_secs(3));
    assert_eq!(settings.run.retry_wait_min, Duration::from_millis(100));
}

#[test]
fn a_blank_variable_counts_as_unset() {
    assert_eq!(load([("AIGNOSTICS_RUN_TIMEOUT", " ")]).unwrap().run.timeout, Duration::from_secs(30));
}

#[test]
fn layers_win_in_order_and_every_value_knows_its_origin() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), text.as_bytes()).unwrap();
        path
    };
    let env = file("env", "AIGNOSTICS_RUN_TIMEOUT=3\nAIGNOSTICS_ME_TIMEOUT=3\nAIGNOSTICS_HEALTH_TIMEOUT=3\n");
    let config = file(
        "config.toml",
        "profile = \"lab\"\n[profiles.lab]\nrun_timeout = 4\nme_timeout = 4\nhealth_timeout = 4\nrun_submit_timeout = 4\n",
    );
    let variables = Variables::from_iter([
        ("AIGNOSTICS_RUN_TIMEOUT", "2"),
        ("AIGNOSTICS_ME_TIMEOUT", "2"),
        ("AIGNOSTICS_ENV_FILE", env.to_str().unwrap()),
    ]);
    let sources = Sources::new(variables).overrides([("AIGNOSTICS_RUN_TIMEOUT", "1")]).config_file(config);
    let settings = Settings::load(sources).unwrap();
    for (name, value, origin) in [
        ("AIGNOSTICS_RUN_TIMEOUT", "1", Origin::Override),
        ("AIGNOSTICS_ME_TIMEOUT", "2", Origin::Process),
        ("AIGNOSTICS_HEALTH_TIMEOUT", "3", Origin::EnvFile(env)),
        ("AIGNOSTICS_RUN_SUBMIT_TIMEOUT", "4", Origin::Profile("lab".to_owned())),
        ("AIGNOSTICS_RUN_CANCEL_TIMEOUT", "30", Origin::Default),
    ] {
        let found = reading(&settings, name);
        assert_eq!((found.value.as_deref(), &found.origin), (Some(value), &origin), "{name}");
    }
}

#[test]
fn a_profile_that_is_missing_or_misspelt_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::io::Write::write_all(&mut std::fs::File::create(&path).unwrap(), b"[profiles.lab]\nrun_timeuot = 4\n")
        .unwrap();
    let sources = |name: &str| Sources::new(Variables::default()).config_file(&path).profile(name);
    let misspelt = Settings::load(sources("lab")).unwrap_err();
    assert_eq!(misspelt.problems()[0].variable, "AIGNOSTICS_RUN_TIMEUOT");
    let unknown = Settings::load(sources("lib")).unwrap_err().to_string();
    assert!(unknown.contains("no profile \"lib\"; it has: lab"), "{unknown}");
}

#[test]
fn secrets_are_masked_in_the_report_and_in_debug() {
    let settings = load([("AIGNOSTICS_REFRESH_TOKEN", "canary-refresh-token")]).unwrap();
    assert_eq!(reading(&settings, "AIGNOSTICS_REFRESH_TOKEN").value.as_deref(), Some("***MASKED(20)***"));
    assert!(!format!("{settings:?}").contains("canary"));
}
