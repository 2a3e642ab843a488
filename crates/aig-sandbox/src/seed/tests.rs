//! Seeds: what a document may say, and how it is told what is wrong with it.

use super::*;

fn refused(toml: &str) -> String {
    SeedDocument::from_toml(toml).unwrap_err()
}

#[test]
fn the_built_in_seeds_are_good() {
    for seed in [Seed::Empty, Seed::Demo] {
        let document = seed.document().unwrap();
        assert_eq!(document.people().persons.len(), 3);
        assert_eq!(document.applications().len(), 2);
        assert_eq!(seed.to_string().parse(), Ok(seed));
    }
}

#[test]
fn users_organizations_and_applications_take_the_place_of_the_built_in_ones() {
    let document = SeedDocument::from_json(
        r#"{"version": 1,
            "organizations": [{"id": "org_lab", "name": "lab"}],
            "users": [{"id": "u1", "email": "u@lab.example", "given_name": "U", "family_name": "One",
                       "organization": "org_lab", "role": "admin"}],
            "applications": [{"id": "my-app", "like": "test-app", "versions": [{"number": "3.0.0"}]}],
            "outcomes": {"user_error": 0.5}}"#,
    );
    let document = document.unwrap();
    assert_eq!(document.people().organizations[0].bucket, "aignostics-platform-lab");
    assert_eq!(document.people().person("u1").unwrap().role, "admin");
    let applications = document.applications();
    assert_eq!((applications[0].id.as_str(), applications[0].versions[0].outputs.len()), ("my-app", 3));
}

#[test]
fn mistakes_are_named_with_their_place() {
    let table = [
        ("", "/version"),
        ("version = 2", "/version"),
        ("version = 1\ncolour = 3", "colour"),
        ("version = 1\n[outcomes]\nuser_error = 2.0", "/outcomes"),
        ("version = 1\n[[organizations]]\nid = \"o\"\nname = \"A b\"", "/organizations/0/name"),
        (
            "version = 1\n[[users]]\nid = \"u\"\nemail = \"e\"\ngiven_name = \"g\"\nfamily_name = \"f\"\norganization = \"x\"",
            "/users/0/organization",
        ),
        ("version = 1\n[[applications]]\nid = \"a\"\nlike = \"b\"\nversions = []", "/applications/0/like"),
        (
            "version = 1\n[[runs]]\napplication = \"none\"\nitems = []",
            "/runs/0/application: there is no \"none\"; known: he-tme, test-app",
        ),
        ("version = 1\n[[runs]]\napplication = \"test-app\"\nage = \"soon\"\nitems = []", "/runs/0/age"),
        ("version = 1\n[[runs]]\napplication = \"test-app\"\nitems = []", "/runs/0/items"),
        (
            "version = 1\n[[runs]]\napplication = \"test-app\"\nitems = [{ external_id = \"a\", outcome = \"lost\" }]",
            "outcome",
        ),
    ];
    for (toml, place) in table {
        assert!(refused(toml).contains(place), "{toml}\n{}", refused(toml));
    }
    assert!(Seed::File("/nowhere/seed.toml".into()).document().unwrap_err().to_string().contains("/nowhere/seed.toml"));
}
