//! Knows what changed in the values that a schema lists.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, Entry},
        verdict::{Effect, Grip},
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn values(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        let old_values = self.old.read(|_| old.values())?;
        let new_values = self.new.read(|_| new.values())?;
        let place = |alternative: &Alternative<'_>| match alternative.first("enum") {
            Some(node) => node.pointer,
            None => alternative.place_of("const"),
        };
        let pointers = Pointers::new(place(old), place(new));
        match (old_values, new_values) {
            (None, None) => {}
            (Some(values), None) => {
                let detail = format!("may have any value, had to be {}", one_of(&values));
                self.schema_report(site, Rule::ValuesOpened, Effect::Widens(Grip::Value), pointers, detail);
            }
            (None, Some(values)) => {
                let detail = format!("must be {}, might have any value", one_of(&values));
                self.schema_report(site, Rule::ValuesClosed, Effect::Narrows(Grip::Value), pointers, detail);
            }
            (Some(old), Some(new)) => self.lists(&old, &new, site, &pointers),
        }
        Ok(())
    }

    fn lists(&mut self, old: &[Entry], new: &[Entry], site: &Site, pointers: &Pointers) {
        let gone: Vec<_> = old.iter().filter(|entry| !contains(new, entry)).collect();
        let come: Vec<_> = new.iter().filter(|entry| !contains(old, entry)).collect();
        if !gone.is_empty() && gone.len() == old.len() && !come.is_empty() {
            let detail = format!("must be {}, had to be {}", one_of(new), one_of(old));
            self.schema_report(site, Rule::ValuesReplaced, Effect::Replaces, pointers.clone(), detail);
            return;
        }
        for entry in gone {
            let pointers = Pointers::new(entry.at.as_str(), pointers.new.as_str());
            let detail = format!("has the value `{}` no more", plain(entry));
            self.schema_report(site, Rule::ValueRemoved, Effect::Narrows(Grip::Value), pointers, detail);
        }
        for entry in come {
            let pointers = Pointers::new(pointers.old.as_str(), entry.at.as_str());
            let detail = format!("has the value `{}`, new", plain(entry));
            self.schema_report(site, Rule::ValueAdded, Effect::Widens(Grip::Value), pointers, detail);
        }
    }
}

fn contains(entries: &[Entry], wanted: &Entry) -> bool {
    entries.iter().any(|entry| entry.text == wanted.text)
}

fn one_of(entries: &[Entry]) -> String {
    match entries {
        [entry] => format!("`{}`", plain(entry)),
        _ => format!("one of `{}`", entries.iter().map(plain).collect::<Vec<_>>().join("`, `")),
    }
}

/// A text without its quotes, for sentences.
fn plain(entry: &Entry) -> &str {
    let inner = entry.text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|text| !text.is_empty()).unwrap_or(&entry.text)
}
