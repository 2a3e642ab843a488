//! Knows which alternative of one schema is which of the other.

use super::{
    super::{
        change::{Pointers, Rule},
        document::{Document, Flaw},
        schema::{Alternative, Kind, Schema, Shape},
        verdict::{Effect, Grip},
    },
    Comparison, Site,
};

/// Nameless unions within nameless unions, at most; below, alternatives are told apart by their types alone.
const DEEPEST_TRIAL: usize = 24;

/// Alternatives of the old and of the new schema.
type Pair<'d> = (Alternative<'d>, Alternative<'d>);

/// Those that found no counterpart yet.
struct Left<'d> {
    old: Vec<Alternative<'d>>,
    new: Vec<Alternative<'d>>,
}

impl<'d> Left<'d> {
    /// Takes out the pairs that belong together, each alternative once.
    fn take<E>(
        &mut self,
        mut belong: impl FnMut(&Alternative<'d>, &Alternative<'d>) -> Result<bool, E>,
    ) -> Result<Vec<Pair<'d>>, E> {
        let mut pairs = Vec::new();
        let mut lonely = Vec::new();
        for old in self.old.drain(..) {
            let mut found = None;
            for (index, new) in self.new.iter().enumerate() {
                if found.is_none() && belong(&old, new)? {
                    found = Some(index);
                }
            }
            match found {
                Some(index) => pairs.push((old, self.new.remove(index))),
                None => lonely.push(old),
            }
        }
        self.old = lonely;
        Ok(pairs)
    }

    fn take_all(&mut self) -> Vec<Pair<'d>> {
        self.old.drain(..).zip(self.new.drain(..)).collect()
    }
}

impl<'d> Comparison<'d> {
    pub(super) fn alternatives(&mut self, old: &Shape<'d>, new: &Shape<'d>, site: &Site) -> Result<(), Flaw> {
        let mut left = Left { old: old.alternatives.clone(), new: new.alternatives.clone() };
        let pairs = self.pairs(&mut left, site)?;
        for (old_one, new_one) in &pairs {
            self.tags((old, old_one), (new, new_one), site)?;
            self.alternative(old_one, new_one, site)?;
        }
        for alternative in &left.old {
            let pointers = Pointers::new(alternative.at.as_str(), new.at.as_str());
            let detail = format!("can no longer be {}", in_words(alternative));
            self.schema_report(site, Rule::AlternativeRemoved, Effect::Narrows(Grip::Shape), pointers, detail);
        }
        for alternative in &left.new {
            let pointers = Pointers::new(old.at.as_str(), alternative.at.as_str());
            let detail = format!("can be {}, new", in_words(alternative));
            self.schema_report(site, Rule::AlternativeAdded, Effect::Widens(Grip::Shape), pointers, detail);
        }
        Ok(())
    }

    /// The surest pairs first: those of one name, without a difference, of one type.
    fn pairs(&mut self, left: &mut Left<'d>, site: &Site) -> Result<Vec<Pair<'d>>, Flaw> {
        if left.old.len() == 1 && left.new.len() == 1 {
            return Ok(left.take_all());
        }
        let mut pairs = left.take(|old, new| Ok::<_, Flaw>(old.name.is_some() && old.name == new.name))?;
        pairs.extend(left.take(|old, new| self.is_same(old, new, site))?);
        pairs.extend(left.take(|old, new| Ok::<_, Flaw>(old.kind == new.kind && !are_two_things(old, new)))?);
        pairs.extend(left.take(|old, new| Ok::<_, Flaw>(are_akin(old.kind, new.kind, site)))?);
        Ok(pairs)
    }

    /// Whether there is no change at all from one to the other. While this is being found out, it is assumed: that is
    /// what equality of recursive schemas means.
    fn is_same(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<bool, Flaw> {
        if old.kind != new.kind || self.trials >= DEEPEST_TRIAL {
            return Ok(false);
        }
        let key = format!("{:?} {:?} {} / {}", site.position, site.encoding, old.key(), new.key());
        if let Some(known) = self.same.get(&key) {
            return Ok(*known);
        }
        self.same.insert(key.clone(), true);
        let is_same = self.tried(old, new, site)?;
        self.same.insert(key, is_same);
        Ok(is_same)
    }

    /// Compares two alternatives on the side, and tells whether nothing came of it.
    fn tried(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<bool, Flaw> {
        let walk = std::mem::take(&mut self.walk);
        self.trials += 1;
        self.alternative(old, new, site)?;
        self.work_off()?;
        let is_same = std::mem::replace(&mut self.walk, walk).is_without_changes();
        self.trials -= 1;
        Ok(is_same)
    }

    /// Compares the values that tell one alternative from the others.
    fn tags(
        &mut self,
        old: (&Shape<'d>, &Alternative<'d>),
        new: (&Shape<'d>, &Alternative<'d>),
        site: &Site,
    ) -> Result<(), Flaw> {
        let old_tags = self.old.read(|_| Tags::of(old.1))?;
        let new_tags = self.new.read(|_| Tags::of(new.1))?;
        let (Some(old_tags), Some(new_tags)) = (old_tags, new_tags) else { return Ok(()) };
        let effect =
            match (old_tags.property == new_tags.property, old_tags.within(&new_tags), new_tags.within(&old_tags)) {
                (true, true, true) => return Ok(()),
                (true, true, false) => Effect::Widens(Grip::Value),
                (true, false, true) => Effect::Narrows(Grip::Value),
                _ => Effect::Replaces,
            };
        let detail =
            format!("is told to be {} by {}, was by {}", in_words(new.1), new_tags.in_words(), old_tags.in_words());
        self.schema_report(site, Rule::DiscriminatorChanged, effect, Pointers::new(old_tags.at, new_tags.at), detail);
        Ok(())
    }

    /// Compares a single value with a list, where a key that is repeated makes a list. Tells whether to go on with the
    /// alternatives themselves, or `None` if this is another matter.
    pub(super) fn repetition(
        &mut self,
        old: &Alternative<'d>,
        new: &Alternative<'d>,
        site: &Site,
    ) -> Result<Option<bool>, Flaw> {
        if !site.repeats_keys() {
            return Ok(None);
        }
        let pointers = Pointers::new(old.at.as_str(), new.at.as_str());
        let (rule, effect, detail) = match (old.kind, new.kind) {
            (one, Kind::Array) if one.is_scalar() => {
                (Rule::ParameterRepeated, Effect::Widens(Grip::Shape), "may be given several times now")
            }
            (Kind::Array, one) if one.is_scalar() => {
                (Rule::ParameterSingle, Effect::Narrows(Grip::Shape), "can be given only once now")
            }
            _ => return Ok(None),
        };
        self.schema_report(site, rule, effect, pointers, detail.to_owned());
        let old = single(self.old, old)?;
        let new = single(self.new, new)?;
        if let (Some(old), Some(new)) = (old, new) {
            self.alternative(&old, &new, site)?;
        }
        Ok(Some(false))
    }
}

/// The alternative itself, or the only one that its items have.
fn single<'d>(document: &'d Document, alternative: &Alternative<'d>) -> Result<Option<Alternative<'d>>, Flaw> {
    if alternative.kind != Kind::Array {
        return Ok(Some(alternative.clone()));
    }
    let items: Schema<'d> = alternative.items();
    let shape = document.read(|document| items.shape(document))?;
    Ok(<[_; 1]>::try_from(shape.alternatives).ok().map(|[only]| only))
}

/// Objects of different names are different things, not one that was edited.
fn are_two_things(old: &Alternative<'_>, new: &Alternative<'_>) -> bool {
    old.kind == Kind::Object && old.name.is_some() && new.name.is_some() && old.name != new.name
}

fn are_akin(old: Kind, new: Kind, site: &Site) -> bool {
    let is_number = |kind| matches!(kind, Kind::Integer | Kind::Number);
    let is_repeated = |one: Kind, other: Kind| site.repeats_keys() && one.is_scalar() && other == Kind::Array;
    (is_number(old) && is_number(new))
        || site.may_stand_for(old, new)
        || site.may_stand_for(new, old)
        || is_repeated(old, new)
        || is_repeated(new, old)
}

fn in_words(alternative: &Alternative<'_>) -> String {
    let noun = alternative.kind.noun().to_owned();
    alternative.name.as_ref().map_or(noun, |name| format!("`{name}`"))
}

/// The values of a discriminator that stand for one alternative.
struct Tags {
    at: String,
    property: String,
    values: Vec<String>,
}

impl Tags {
    /// By the mapping; without one, the name of the component is the value (OpenAPI 3.1, Discriminator Object).
    fn of(alternative: &Alternative<'_>) -> Result<Option<Self>, crate::codegen::node::Problem> {
        let (Some(node), Some(name)) = (alternative.first("discriminator"), &alternative.name) else { return Ok(None) };
        let mut values = Vec::new();
        for (value, target) in node.members_of("mapping")? {
            if target.text()?.rsplit('/').next() == Some(name.as_str()) {
                values.push(value.to_owned());
            }
        }
        if values.is_empty() {
            values.push(name.clone());
        }
        Ok(Some(Self { at: node.pointer.clone(), property: node.require("propertyName")?.text()?.to_owned(), values }))
    }

    fn within(&self, other: &Self) -> bool {
        self.values.iter().all(|value| other.values.contains(value))
    }

    fn in_words(&self) -> String {
        format!("`{}` = `{}`", self.property, self.values.join("`, `"))
    }
}
