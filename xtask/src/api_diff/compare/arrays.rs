//! Knows what changed in the items of an array.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::{Alternative, Schema},
        verdict::Effect,
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn items(&mut self, old: &Alternative<'d>, new: &Alternative<'d>, site: &Site) -> Result<(), Flaw> {
        let old_first = self.old.read(|_| old.first_items())?;
        let new_first = self.new.read(|_| new.first_items())?;
        if old_first.len() != new_first.len() {
            let pointers = Pointers::new(old.place_of("prefixItems"), new.place_of("prefixItems"));
            let detail = format!("is a tuple of {}, was one of {}", new_first.len(), old_first.len());
            self.schema_report(site, Rule::TupleChanged, Effect::Replaces, pointers, detail);
            return Ok(());
        }
        for (index, (old, new)) in old_first.into_iter().zip(new_first).enumerate() {
            self.schema(&Schema::of(old), &Schema::of(new), &site.item(index));
        }
        self.schema(&old.items(), &new.items(), &site.items());
        Ok(())
    }
}
