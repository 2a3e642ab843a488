//! Knows what changed in the limits of numbers, texts, arrays and objects, and in patterns.

use std::cmp::Ordering;

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, Bound, Kind, Limits},
        verdict::{Effect, Grip},
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn limits(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        for limits in Limits::of(new.kind) {
            let old_bound = self.old.read(|_| limits.bound(old))?;
            let new_bound = self.new.read(|_| limits.bound(new))?;
            let pointers =
                Pointers::new(place(old, *limits, old_bound.as_ref()), place(new, *limits, new_bound.as_ref()));
            let detail = match (&old_bound, &new_bound) {
                (Some(old), Some(new)) => format!("has {new}, had {old}"),
                (None, Some(new)) => format!("has {new}, had no such limit"),
                (Some(old), None) => format!("has no `{}`, had {old}", limits.keyword()),
                (None, None) => continue,
            };
            self.limit(limits.compare(new_bound.as_ref(), old_bound.as_ref()), pointers, detail, site);
        }
        self.uniqueness(old, new, site);
        Ok(())
    }

    fn limit(&mut self, room: Ordering, pointers: Pointers, detail: String, site: &Site) {
        let (rule, effect) = match room {
            Ordering::Greater => (Rule::LimitLoosened, Effect::Widens(Grip::Value)),
            Ordering::Less => (Rule::LimitTightened, Effect::Narrows(Grip::Value)),
            Ordering::Equal => return,
        };
        self.schema_report(site, rule, effect, pointers, detail);
    }

    fn uniqueness(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) {
        let pointers = Pointers::new(old.place_of("uniqueItems"), new.place_of("uniqueItems"));
        let room = old.has_unique_items().cmp(&new.has_unique_items());
        let detail = if room.is_lt() { "must have unique items now" } else { "may have an item twice now" };
        self.limit(room, pointers, detail.to_owned(), site);
    }

    /// Compares the patterns of texts and the steps of numbers: a value must match every one.
    pub(super) fn patterns(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) {
        let keyword = match new.kind {
            Kind::Text => "pattern",
            Kind::Integer | Kind::Number => "multipleOf",
            _ => return,
        };
        let (old_texts, new_texts) = (old.texts(keyword), new.texts(keyword));
        let covers = |all: &[String], some: &[String]| some.iter().all(|text| all.contains(text));
        let effect = match (covers(&old_texts, &new_texts), covers(&new_texts, &old_texts)) {
            (true, true) => return,
            (true, false) => Effect::Widens(Grip::Value),
            (false, true) => Effect::Narrows(Grip::Value),
            (false, false) => Effect::Unclear,
        };
        let words = |texts: &[String]| {
            if texts.is_empty() { "none".to_owned() } else { format!("`{}`", texts.join("` and `")) }
        };
        let detail = format!("has the `{keyword}` {}, had {}", words(&new_texts), words(&old_texts));
        let pointers = Pointers::new(old.place_of(keyword), new.place_of(keyword));
        self.schema_report(site, Rule::PatternChanged, effect, pointers, detail);
    }
}

fn place(alternative: &Alternative<'_>, limits: Limits, bound: Option<&Bound>) -> String {
    bound.map_or_else(|| alternative.place_of(limits.keyword()), |bound| bound.at.clone())
}
