//! Knows what changed from one operation to another.

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        verdict::Verdict,
    },
    Comparison, Site,
    matching::{self, Operation},
};

impl<'d> Comparison<'d> {
    pub(super) fn operations(&mut self) -> Result<(), Flaw> {
        let pairs = matching::operations(self.old, self.new)?;
        for operation in &pairs.gone {
            let pointers = Pointers::new(operation.node.pointer.as_str(), "/paths");
            let site = Site::operation(&operation.label());
            self.report(&site, Rule::OperationRemoved, Verdict::WITHDRAWN, pointers, "is gone".to_owned());
        }
        for operation in &pairs.come {
            let pointers = Pointers::new("/paths", operation.node.pointer.as_str());
            let site = Site::operation(&operation.label());
            self.report(&site, Rule::OperationAdded, Verdict::OFFERED, pointers, "is new".to_owned());
        }
        for (old, new) in &pairs.both {
            self.operation(old, new)?;
        }
        Ok(())
    }

    fn operation(&mut self, old: &Operation<'d>, new: &Operation<'d>) -> Result<(), Flaw> {
        let site = Site::operation(&new.label());
        if !old.is_at_the_place_of(new) {
            let pointers = Pointers::new(old.node.pointer.as_str(), new.node.pointer.as_str());
            let detail = format!("was {}", old.label());
            self.report(&site, Rule::OperationMoved, Verdict::BREAKING, pointers, detail);
        }
        self.parameters(&site, old, new)?;
        self.request_body(&site, &old.node, &new.node)?;
        self.responses(&site, &old.node, &new.node)?;
        self.security(&site, old, new)?;
        let nodes = [&old.node, &new.node];
        self.whole(&site, Rule::CallbacksChanged, nodes, |node| node.get("callbacks"))?;
        self.whole(&site, Rule::ServersChanged, nodes, |node| node.get("servers"))?;
        self.whole(&site, Rule::ServersChanged, [&old.item, &new.item], |node| node.get("servers"))
    }
}
