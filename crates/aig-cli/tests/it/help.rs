//! The command line as it is published: any change of it shows in `golden/help.txt`.

use crate::common::Home;

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["sandbox"],
    &["sandbox", "up"],
    &["sandbox", "exec"],
    &["sandbox", "status"],
    &["sandbox", "faults"],
    &["sandbox", "faults", "list"],
    &["sandbox", "faults", "add"],
    &["sandbox", "faults", "remove"],
    &["sandbox", "faults", "clear"],
    &["sandbox", "faults", "scenarios"],
    &["sandbox", "faults", "play"],
    &["sandbox", "clock"],
    &["sandbox", "clock", "show"],
    &["sandbox", "clock", "advance"],
    &["sandbox", "clock", "set"],
    &["sandbox", "clock", "freeze"],
    &["sandbox", "clock", "unfreeze"],
    &["sandbox", "requests"],
    &["sandbox", "snapshot"],
    &["sandbox", "snapshot", "save"],
    &["sandbox", "snapshot", "load"],
    &["sandbox", "snapshot", "list"],
    &["sandbox", "snapshot", "delete"],
    &["login"],
    &["logout"],
    &["whoami"],
    &["application"],
    &["application", "list"],
    &["application", "show"],
    &["application", "schema"],
    &["run"],
    &["run", "submit"],
    &["run", "list"],
    &["run", "show"],
    &["run", "watch"],
    &["run", "cancel"],
    &["run", "download"],
    &["health"],
];

#[test]
fn the_help_is_the_one_that_is_published() {
    let home = Home::new();
    let mut help = String::new();
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let finished = home.run(&arguments);
        assert_eq!(finished.code, Some(0), "{finished:#?}");
        assert_eq!(finished.stderr, "");
        help.push_str(&format!("$ aig {}\n{}\n", arguments.join(" "), finished.stdout));
    }
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/help.txt");
    if updates_golden_files() {
        use std::io::Write;
        std::fs::File::create(&golden).unwrap().write_all(help.as_bytes()).unwrap();
    }
    let published = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(help, published, "run the test with UPDATE_GOLDEN=1 when the change is meant");
}

#[expect(clippy::disallowed_methods, reason = "the one variable that a person sets for this test")]
fn updates_golden_files() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[test]
fn no_line_of_help_is_wider_than_a_terminal() {
    let home = Home::new();
    for command in COMMANDS {
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let finished = home.run(&arguments);
        let widest = finished.stdout.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        assert!(widest <= 100, "{command:?}: {widest}");
    }
}

#[test]
fn the_version_is_printed() {
    let finished = Home::new().run(&["--version"]);
    assert_eq!(finished.stdout, format!("aig {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(finished.code, Some(0));
}

#[test]
fn wrong_arguments_are_usage_errors_on_stderr() {
    let home = Home::new();
    for arguments in [
        &["nonsense"][..],
        &["run"],
        &["run", "submit"],
        &["run", "submit", "--application", "a"],
        &["run", "watch", "4f1c7a52-0d4e-4c8e-9a53-2f0a3f2f0b6e", "--timeout", "soon"],
        &["login", "--device", "--browser"],
        &["demo", "--quiet", "--verbose"],
        &["run", "list", "--limit", "0"],
        &["--output", "yaml", "whoami"],
    ] {
        let finished = home.run(arguments);
        assert_eq!(finished.code, Some(2), "{arguments:?}: {finished:#?}");
        assert_eq!(finished.stdout, "", "{arguments:?}");
        assert!(!finished.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn wrong_arguments_are_json_where_json_was_asked_for() {
    let home = Home::new();
    for arguments in [&["nonsense", "--output", "json"][..], &["-ojsonl", "run"], &["run", "submit", "--output=json"]] {
        let finished = home.run(arguments);
        assert_eq!((finished.code, finished.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        let error = finished.error();
        assert_eq!((error["schema"].as_str(), error["error"]["code"].as_str()), (Some("aig.error/1"), Some("usage")));
        assert_eq!(finished.stderr.lines().count(), 1, "{finished:#?}");
        assert!(error["error"]["hint"].is_string());
    }
}

#[test]
fn a_typo_gets_a_suggestion() {
    let finished = Home::new().run(&["applicaton", "list"]);
    assert!(finished.stderr.contains("application"), "{finished:#?}");
}
