//! Knows how to walk through two schemas side by side.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, Entry, Kind, Schema, Shape},
        verdict::{Effect, Grip, Position},
    },
    Comparison, Site,
    walk::Task,
};

impl<'d> Comparison<'d> {
    /// Compares what stands at the top of a parameter, body or header, and all that is below.
    pub(super) fn schemas(&mut self, old: &Schema<'d>, new: &Schema<'d>, site: &Site) -> Result<(), Flaw> {
        self.schema(old, new, site);
        self.work_off()
    }

    /// Puts a pair of schemas down to be compared.
    pub(super) fn schema(&mut self, old: &Schema<'d>, new: &Schema<'d>, site: &Site) {
        self.walk.put(Task { old: old.clone(), new: new.clone(), site: site.clone() });
    }

    /// Compares what was put down, and what this puts down.
    pub(super) fn work_off(&mut self) -> Result<(), Flaw> {
        while let Some(Task { old, new, site }) = self.walk.next() {
            self.default_value(&old, &new, &site)?;
            let old = self.old.read(|document| old.shape(document))?;
            let new = self.new.read(|document| new.shape(document))?;
            self.nullability(&old, &new, &site);
            self.alternatives(&old, &new, &site)?;
        }
        Ok(())
    }

    /// What a server takes for what is left out; in an answer, a default says nothing.
    fn default_value(&mut self, old: &Schema<'d>, new: &Schema<'d>, site: &Site) -> Result<(), Flaw> {
        if site.position != Some(Position::Input) {
            return Ok(());
        }
        let place = (old.at.clone(), new.at.clone());
        let old = self.old.read(|document| old.keyword(document, "default"))?.map(|node| Entry::of(&node));
        let new = self.new.read(|document| new.keyword(document, "default"))?.map(|node| Entry::of(&node));
        if text(old.as_ref()) == text(new.as_ref()) {
            return Ok(());
        }
        let at = |entry: Option<&Entry>, place| entry.map_or(place, |entry| entry.at.clone());
        let pointers = Pointers::new(at(old.as_ref(), place.0), at(new.as_ref(), place.1));
        let words = |entry: Option<&Entry>| entry.map_or("none".to_owned(), |entry| format!("`{}`", entry.text));
        let detail = format!("has the default {}, had {}", words(new.as_ref()), words(old.as_ref()));
        self.schema_report(site, Rule::DefaultChanged, Effect::Unclear, pointers, detail);
        Ok(())
    }

    fn nullability(&mut self, old: &Shape<'d>, new: &Shape<'d>, site: &Site) {
        let is_told = site.is_text() || old.is_anything() || new.is_anything();
        if is_told || old.is_nullable == new.is_nullable {
            return;
        }
        let pointers = Pointers::new(old.at.as_str(), new.at.as_str());
        let (rule, effect, detail) = if new.is_nullable {
            (Rule::NullAllowed, Effect::Widens(Grip::Shape), "may be null now")
        } else {
            (Rule::NullForbidden, Effect::Narrows(Grip::Shape), "is never null now")
        };
        self.schema_report(site, rule, effect, pointers, detail.to_owned());
    }

    /// Compares two alternatives that were found to be each other's.
    pub(super) fn alternative(
        &mut self,
        old: &Alternative<'d>,
        new: &Alternative<'d>,
        site: &Site,
    ) -> Result<(), Flaw> {
        let site = site.alternative(old, new);
        if !self.kinds(old, new, &site)? {
            return Ok(());
        }
        self.values(old, new, &site)?;
        self.formats(old, new, &site)?;
        self.limits(old, new, &site)?;
        self.patterns(old, new, &site);
        self.keywords(old, new, &site)?;
        match new.kind {
            Kind::Object => self.fields(old, new, &site),
            Kind::Array => self.items(old, new, &site),
            _ => Ok(()),
        }
    }

    /// Compares the types, and tells whether what is said of values of the type can be compared too.
    fn kinds(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<bool, Flaw> {
        if old.kind == new.kind {
            return Ok(true);
        }
        if let Some(is_done) = self.repetition(old, new, site)? {
            return Ok(is_done);
        }
        let (rule, effect) = match (old.kind, new.kind) {
            (Kind::Integer, Kind::Number) | (_, Kind::Any) => (Rule::TypeWidened, Effect::Widens(Grip::Shape)),
            (Kind::Number, Kind::Integer) | (Kind::Any, _) => (Rule::TypeNarrowed, Effect::Narrows(Grip::Shape)),
            (old, new) if site.may_stand_for(old, new) => (Rule::TypeWidened, Effect::Widens(Grip::Shape)),
            (old, new) if site.may_stand_for(new, old) => (Rule::TypeNarrowed, Effect::Narrows(Grip::Shape)),
            _ => (Rule::TypeChanged, Effect::Replaces),
        };
        let pointers = Pointers::new(old.place_of("type"), new.place_of("type"));
        let detail = format!("is {}, was {}", new.kind.noun(), old.kind.noun());
        self.schema_report(site, rule, effect, pointers, detail);
        Ok(matches!((old.kind, new.kind), (Kind::Integer, Kind::Number) | (Kind::Number, Kind::Integer)))
    }
}

fn text(entry: Option<&Entry>) -> Option<&str> {
    entry.map(|entry| entry.text.as_str())
}
