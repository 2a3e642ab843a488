//! Reading one variable: its type, its range, its default, and a note of all that for the report.

use std::{collections::BTreeSet, fmt::Display, ops::RangeInclusive, path::PathBuf, time::Duration};

use aig_auth::Secret;
use url::Url;

use crate::settings::{Origin, Problem, sources::Resolved};

/// One variable as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The name of the variable.
    pub name: String,
    /// What it means.
    pub meaning: String,
    /// The value in force; secrets masked.
    pub value: Option<String>,
    /// Where the value came from.
    pub origin: Origin,
    /// The default.
    pub default: Option<String>,
    /// What values it may have.
    pub range: String,
}

/// Reads variables from the layers and keeps book.
pub(crate) struct Reader<'a> {
    sources: &'a Resolved,
    readings: Vec<Reading>,
    problems: Vec<Problem>,
}

/// What is noted about a variable whatever its value is.
struct Note<'a> {
    name: &'a str,
    meaning: &'a str,
    range: String,
    default: Option<String>,
    default_origin: Origin,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sources: &'a Resolved) -> Self {
        Self { sources, readings: Vec::new(), problems: sources.problems.clone() }
    }

    pub(crate) fn finish(mut self) -> (Vec<Reading>, Vec<Problem>) {
        self.refuse_unknown_profile_keys();
        (self.readings, self.problems)
    }

    /// Notes that the value of `name` cannot be used.
    pub(crate) fn refuse(&mut self, name: &str, message: String) {
        let origin = self.sources.lookup(name).map_or(Origin::Unset, |(_, origin)| origin.clone());
        self.problems.push(Problem::new(name, origin, message));
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.sources.lookup(name).is_some()
    }

    pub(crate) fn seconds(&mut self, name: &str, default: f64, range: RangeInclusive<f64>, meaning: &str) -> Duration {
        let read = self.number(name, Some(default), range, "seconds", meaning);
        Duration::from_secs_f64(read.unwrap_or(default))
    }

    pub(crate) fn optional_seconds(
        &mut self,
        name: &str,
        range: RangeInclusive<f64>,
        meaning: &str,
    ) -> Option<Duration> {
        self.number(name, None, range, "seconds", meaning).map(Duration::from_secs_f64)
    }

    pub(crate) fn count(&mut self, name: &str, default: u32, range: RangeInclusive<u32>, meaning: &str) -> u32 {
        self.number(name, Some(default), range, "a whole number", meaning).unwrap_or(default)
    }

    fn number<N: std::str::FromStr + PartialOrd + Display + Copy>(
        &mut self,
        name: &str,
        default: Option<N>,
        range: RangeInclusive<N>,
        unit: &str,
        meaning: &str,
    ) -> Option<N> {
        let limits = format!("{unit}, {} to {}", range.start(), range.end());
        let wrong = format!("must be {limits}");
        let note = Note {
            name,
            meaning,
            range: limits,
            default: default.map(|value| value.to_string()),
            default_origin: Origin::Default,
        };
        self.value(note, |text| match text.trim().parse::<N>() {
            Ok(number) if range.contains(&number) => Ok(number),
            _ => Err(wrong),
        })
        .or(default)
    }

    pub(crate) fn text(
        &mut self,
        name: &str,
        default: Option<&str>,
        length: RangeInclusive<usize>,
        meaning: &str,
    ) -> Option<String> {
        self.text_from(name, default.map(|text| (text, Origin::Default)), length, meaning)
    }

    /// A text whose default has an origin of its own.
    pub(crate) fn text_from(
        &mut self,
        name: &str,
        default: Option<(&str, Origin)>,
        length: RangeInclusive<usize>,
        meaning: &str,
    ) -> Option<String> {
        let note = Note::new(name, meaning, characters(&length), &default);
        let read = self.value(note, |text| within(text, &length).map(str::to_owned));
        read.or_else(|| default.map(|(text, _)| text.to_owned()))
    }

    pub(crate) fn secret(&mut self, name: &str, length: RangeInclusive<usize>, meaning: &str) -> Option<Secret> {
        let note = Note::new(name, meaning, characters(&length), &None);
        let read = self.value(note, |text| within(text, &length).map(Secret::new));
        if read.is_some() {
            self.mask_last();
        }
        read
    }

    pub(crate) fn path(&mut self, name: &str, meaning: &str) -> Option<PathBuf> {
        self.value(Note::new(name, meaning, "path".to_owned(), &None), |text| Ok(PathBuf::from(text)))
    }

    pub(crate) fn url(&mut self, name: &str, default: Option<&str>, meaning: &str) -> Option<Url> {
        self.url_from(name, default.map(|text| (text, Origin::Default)), meaning)
    }

    /// A URL whose default has an origin of its own.
    pub(crate) fn url_from(&mut self, name: &str, default: Option<(&str, Origin)>, meaning: &str) -> Option<Url> {
        let note = Note::new(name, meaning, "https URL, or http on loopback".to_owned(), &default);
        let read = self.value(note, web_address);
        read.or_else(|| default.and_then(|(text, _)| Url::parse(text).ok()))
    }

    /// A value of any type.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &str,
        default: &str,
        range: &str,
        meaning: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let note = Note::new(name, meaning, range.to_owned(), &Some((default, Origin::Default)));
        let set = self.is_set(name);
        if set { self.value(note, parse) } else { self.value(note, |_| Err(String::new())).or(parse(default).ok()) }
    }

    fn value<T>(&mut self, note: Note<'_>, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let found = self.sources.lookup(note.name);
        let (value, origin) = match (&found, &note.default) {
            (Some((text, origin)), _) => (Some((*text).to_owned()), (*origin).clone()),
            (None, Some(default)) => (Some(default.clone()), note.default_origin),
            (None, None) => (None, Origin::Unset),
        };
        self.readings.push(Reading {
            name: note.name.to_owned(),
            meaning: note.meaning.to_owned(),
            value,
            origin: origin.clone(),
            default: note.default,
            range: note.range,
        });
        let (text, _) = found?;
        parse(text).map_err(|message| self.problems.push(Problem::new(note.name, origin, message))).ok()
    }

    fn mask_last(&mut self) {
        if let Some(value) = self.readings.last_mut().and_then(|reading| reading.value.as_mut()) {
            *value = crate::text::masked(value);
        }
    }

    /// A misspelt key of a profile would otherwise be dropped in silence.
    fn refuse_unknown_profile_keys(&mut self) {
        let known: BTreeSet<&str> = self.readings.iter().map(|reading| reading.name.as_str()).collect();
        for (origin, values) in &self.sources.layers {
            if !matches!(origin, Origin::Profile(_)) {
                continue;
            }
            let unknown = values.names().filter(|name| !known.contains(name));
            self.problems.extend(unknown.map(|name| Problem::new(name, origin.clone(), "is no setting".to_owned())));
        }
    }
}

impl<'a> Note<'a> {
    fn new(name: &'a str, meaning: &'a str, range: String, default: &Option<(&str, Origin)>) -> Self {
        let (default, default_origin) = match default {
            Some((text, origin)) => (Some((*text).to_owned()), origin.clone()),
            None => (None, Origin::Unset),
        };
        Self { name, meaning, range, default, default_origin }
    }
}

fn characters(length: &RangeInclusive<usize>) -> String {
    format!("{} to {} characters", length.start(), length.end())
}

fn within<'t>(text: &'t str, length: &RangeInclusive<usize>) -> Result<&'t str, String> {
    let text = text.trim();
    if length.contains(&text.chars().count()) { Ok(text) } else { Err(format!("must have {}", characters(length))) }
}

/// A URL that may be called: https, or http where the traffic does not leave the machine.
pub(crate) fn web_address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|_| "must be a URL".to_owned())?;
    let loopback = crate::transport::is_loopback(&url);
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => return Err("must be https: only addresses of this machine may be http".to_owned()),
        _ => return Err("must be an https URL".to_owned()),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("must name a host".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password".to_owned());
    }
    if text.contains(['"', '\'', '<', '>', '\\']) || text.trim().contains(char::is_whitespace) {
        return Err("must not hold quotes, angle brackets or white space".to_owned());
    }
    Ok(url)
}
