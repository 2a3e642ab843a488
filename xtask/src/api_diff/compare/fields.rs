//! Knows what changed in the fields of an object.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, Field, Rest},
        verdict::{Effect, Grip, Impact, Need, Position, Verdict},
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn fields(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        let position = site.position.unwrap_or(Position::Output);
        let old_fields = self.old.read(|document| old.fields(document, position))?;
        let new_fields = self.new.read(|document| new.fields(document, position))?;
        for (name, field) in &old_fields {
            let site = site.field(name);
            let Some(counterpart) = new_fields.get(name) else {
                let pointers = Pointers::new(field.schema.at.as_str(), new.place_of("properties"));
                let verdict = added(position, field, reader_of(&new.rest())).mirrored();
                self.report(&site, Rule::FieldRemoved, verdict, pointers, "is gone".to_owned());
                continue;
            };
            let pointers = Pointers::new(field.schema.at.as_str(), counterpart.schema.at.as_str());
            self.need(&site, [Rule::FieldRequired, Rule::FieldOptional], field.need, counterpart.need, &pointers);
            self.schema(&field.schema, &counterpart.schema, &site);
        }
        for (name, field) in new_fields.iter().filter(|(name, _)| !old_fields.contains_key(*name)) {
            let pointers = Pointers::new(old.place_of("properties"), field.schema.at.as_str());
            let verdict = added(position, field, reader_of(&old.rest()));
            let detail = if field.need == Need::Required { "is new and required" } else { "is new" };
            self.report(&site.field(name), Rule::FieldAdded, verdict, pointers, detail.to_owned());
        }
        self.rest(old, new, site);
        Ok(())
    }

    /// Compares what becomes of members that no field names.
    fn rest(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) {
        let (rule, effect, detail) = match (old.rest(), new.rest()) {
            (Rest::Refused, Rest::Refused) => return,
            (Rest::Allowed(old), Rest::Allowed(new)) => return self.schema(&old, &new, &site.rest()),
            (Rest::Refused, Rest::Allowed(_)) => {
                (Rule::FieldsOpened, Effect::Widens(Grip::Value), "may have fields that are not named")
            }
            (Rest::Allowed(_), Rest::Refused) => {
                (Rule::FieldsClosed, Effect::Narrows(Grip::Value), "may have no fields but those that are named")
            }
        };
        let pointers = Pointers::new(old.place_of("additionalProperties"), new.place_of("additionalProperties"));
        self.schema_report(site, rule, effect, pointers, detail.to_owned());
    }
}

/// Whether a reader takes a member that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Lenient,
    Strict,
}

fn reader_of(rest: &Rest<'_>) -> Reader {
    match rest {
        Rest::Refused => Reader::Strict,
        Rest::Allowed(_) => Reader::Lenient,
    }
}

/// A field more in an answer hurts no reader, except one that was told that there are no more.
fn added(position: Position, field: &Field<'_>, reader: Reader) -> Verdict {
    let verdict = Verdict::addition(position, field.need);
    if position == Position::Output && reader == Reader::Strict {
        return Verdict::new(Impact::Risky, verdict.servers);
    }
    verdict
}
