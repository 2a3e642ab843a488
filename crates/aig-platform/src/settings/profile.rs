//! Profiles: named sets of values in a TOML file.

use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike, Value};

use crate::settings::Variables;

/// What the configuration file gave.
pub(crate) enum ProfileFile {
    Absent,
    Wrong(String),
    /// The chosen profile, if one was named or the file names its default.
    Chosen(Option<(String, Variables)>),
}

/// Reads the profile `name`, else the one that the file's own `profile` names.
///
/// ```toml
/// profile = "cluster"
///
/// [profiles.cluster]
/// api_root = "staging"
/// run_timeout = 60
/// ```
pub(crate) fn read(path: &Path, name: Option<&str>) -> ProfileFile {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return ProfileFile::Absent,
        Err(error) => return ProfileFile::Wrong(format!("cannot be read: {error}")),
    };
    choose(&text, name).unwrap_or_else(ProfileFile::Wrong)
}

fn choose(text: &str, name: Option<&str>) -> Result<ProfileFile, String> {
    // The text of a parse error quotes the line, and the line may hold a secret.
    let document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| format!("is no TOML: {}", error.message()))?;
    let default = document.get("profile").and_then(Item::as_str);
    let Some(name) = name.or(default) else { return Ok(ProfileFile::Chosen(None)) };
    let profiles = document.get("profiles").and_then(Item::as_table_like);
    let profile = profiles.and_then(|profiles| profiles.get(name)).and_then(Item::as_table_like);
    let profile = profile.ok_or_else(|| format!("has no profile {name:?}; it has: {}", names(profiles)))?;
    let values = profile.iter().map(|(key, value)| Ok((variable(key), text_of(key, value)?)));
    Ok(ProfileFile::Chosen(Some((name.to_owned(), values.collect::<Result<_, String>>()?))))
}

fn names(profiles: Option<&dyn TableLike>) -> String {
    let names: Vec<&str> = profiles.map(|profiles| profiles.iter().map(|(name, _)| name).collect()).unwrap_or_default();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// `run_timeout` is `AIGNOSTICS_RUN_TIMEOUT`; the names that other programs share keep theirs.
fn variable(key: &str) -> String {
    match key {
        "requests_ca_bundle" | "ssl_cert_file" => key.to_uppercase(),
        _ => format!("AIGNOSTICS_{}", key.to_uppercase()),
    }
}

fn text_of(key: &str, item: &Item) -> Result<String, String> {
    match item.as_value() {
        Some(Value::String(text)) => Ok(text.value().clone()),
        Some(Value::Integer(number)) => Ok(number.value().to_string()),
        Some(Value::Float(number)) => Ok(number.value().to_string()),
        Some(Value::Boolean(flag)) => Ok(flag.value().to_string()),
        _ => Err(format!("has a value for {key:?} that is neither text nor number nor flag")),
    }
}
