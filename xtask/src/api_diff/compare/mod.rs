//! Knows how two documents are held against each other, from the outside in.

mod alternatives;
mod arrays;
mod bodies;
mod document;
mod fields;
mod formats;
mod limits;
mod matching;
mod operations;
mod parameters;
mod responses;
mod schemas;
mod security;
mod site;
mod values;
mod walk;

use std::collections::{BTreeSet, HashMap};

use super::{
    change::{Change, Pointers, Rule},
    document::{Document, Flaw},
    verdict::{Effect, Verdict},
};

use self::{site::Site, walk::Walk};

/// Everything that changed on the wire from one document to the other.
///
/// # Errors
/// When what is compared of either document cannot be read.
pub(super) fn compare(old: &Document, new: &Document) -> Result<Vec<Change>, Flaw> {
    let mut comparison = Comparison::of(old, new);
    comparison.document()?;
    comparison.operations()?;
    Ok(comparison.walk.into_changes().in_order())
}

struct Comparison<'d> {
    old: &'d Document,
    new: &'d Document,
    walk: Walk<'d>,
    /// Pairs of alternatives of which it is known whether they differ.
    same: HashMap<String, bool>,
    /// How many alternatives, one below the other, are being tried for sameness.
    trials: usize,
}

impl<'d> Comparison<'d> {
    fn of(old: &'d Document, new: &'d Document) -> Self {
        Self { old, new, walk: Walk::default(), same: HashMap::new(), trials: 0 }
    }

    /// Takes a change at a site in.
    fn report(&mut self, site: &Site, rule: Rule, verdict: Verdict, pointers: Pointers, detail: String) {
        let change = Change {
            rule,
            verdict,
            positions: site.position.into_iter().collect(),
            pointers,
            message: format!("{} {detail}", site.subject),
            operations: BTreeSet::from_iter(site.operation.clone()),
        };
        self.walk.add(change, detail);
    }

    /// Takes a change of what a schema allows in.
    fn schema_report(&mut self, site: &Site, rule: Rule, effect: Effect, pointers: Pointers, detail: String) {
        let verdict = site.position.map_or(Verdict::RISKY, |position| effect.judged(position));
        self.report(site, rule, verdict, pointers, detail);
    }
}
