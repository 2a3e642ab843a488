//! Knows formats: which of them typed clients parse, and which contain which.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, keywords},
        verdict::{Effect, Grip},
    },
    Comparison, Site,
};

/// Formats that code is generated for: another one does not decode.
const PARSED: &[&str] = &[
    "binary",
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "float",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "time",
    "uuid",
];

/// Every value of the first format has the second.
const WITHIN: &[(&str, &str)] = &[
    ("email", "idn-email"),
    ("float", "double"),
    ("hostname", "idn-hostname"),
    ("int32", "int64"),
    ("iri", "iri-reference"),
    ("uri", "iri"),
    ("uri", "iri-reference"),
    ("uri", "uri-reference"),
    ("uri-reference", "iri-reference"),
];

fn grip(format: &str) -> Grip {
    if PARSED.contains(&format) { Grip::Shape } else { Grip::Value }
}

fn effect(old: Option<&str>, new: Option<&str>) -> Option<Effect> {
    Some(match (old, new) {
        (old, new) if old == new => return None,
        (Some(old), None) => Effect::Widens(grip(old)),
        (None, Some(new)) => Effect::Narrows(grip(new)),
        (Some(old), Some(new)) if WITHIN.contains(&(old, new)) => Effect::Widens(grip(old)),
        (Some(old), Some(new)) if WITHIN.contains(&(new, old)) => Effect::Narrows(grip(new)),
        _ => Effect::Replaces,
    })
}

impl<'d> Comparison<'d> {
    pub(super) fn formats(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        let old_format = self.old.read(|_| old.format())?;
        let new_format = self.new.read(|_| new.format())?;
        let Some(effect) = effect(old_format.as_deref(), new_format.as_deref()) else { return Ok(()) };
        let words =
            |format: Option<String>| format.map_or("no format".to_owned(), |format| format!("the format `{format}`"));
        let detail = format!("has {}, had {}", words(new_format), words(old_format));
        let pointers = Pointers::new(old.place_of("format"), new.place_of("format"));
        self.schema_report(site, Rule::FormatChanged, effect, pointers, detail);
        Ok(())
    }

    /// Compares the keywords of which nobody can tell which of two allows more.
    pub(super) fn keywords(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        let old_keywords = self.old.read(|document| keywords(document, old))?;
        let new_keywords = self.new.read(|document| keywords(document, new))?;
        let mut names: Vec<_> = old_keywords.keys().chain(new_keywords.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (one, other) = (old_keywords.get(name), new_keywords.get(name));
            if one.map(|entry| &entry.text) == other.map(|entry| &entry.text) {
                continue;
            }
            let detail = match (one, other) {
                (None, _) => format!("has the keyword `{name}`, had none"),
                (_, None) => format!("has no keyword `{name}`, had one"),
                _ => format!("has another `{name}`"),
            };
            let pointers = Pointers::new(old.place_of(name), new.place_of(name));
            self.schema_report(site, Rule::KeywordChanged, Effect::Unclear, pointers, detail);
        }
        Ok(())
    }
}
