//! Knows what changed in a body: whether there is one, in which media types, with which schema.

use std::collections::BTreeMap;

use crate::codegen::node::{Node, Problem};

use super::{
    super::{
        change::{Pointers, Rule},
        document::Flaw,
        schema::Schema,
        verdict::{Need, Position, Verdict},
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn request_body(&mut self, site: &Site, old: &Node<'d>, new: &Node<'d>) -> Result<(), Flaw> {
        let site = site.part("the request body", Position::Input);
        let old_body =
            self.old.read(|document| old.get("requestBody").map(|node| document.resolved(node)).transpose())?;
        let new_body =
            self.new.read(|document| new.get("requestBody").map(|node| document.resolved(node)).transpose())?;
        match (old_body, new_body) {
            (None, None) => {}
            (None, Some(body)) => {
                let need = self.new.read(|_| need(&body))?;
                let pointers = Pointers::new(old.pointer.as_str(), body.pointer);
                let detail = if need == Need::Required { "is new and required" } else { "is new" };
                self.report(
                    &site,
                    Rule::BodyAdded,
                    Verdict::addition(Position::Input, need),
                    pointers,
                    detail.to_owned(),
                );
            }
            (Some(body), None) => {
                let verdict = Verdict::addition(Position::Input, self.old.read(|_| need(&body))?).mirrored();
                let pointers = Pointers::new(body.pointer, new.pointer.as_str());
                self.report(&site, Rule::BodyRemoved, verdict, pointers, "is gone".to_owned());
            }
            (Some(old), Some(new)) => {
                let pointers = Pointers::new(old.pointer.as_str(), new.pointer.as_str());
                let (old_need, new_need) = (self.old.read(|_| need(&old))?, self.new.read(|_| need(&new))?);
                self.need(&site, [Rule::BodyRequired, Rule::BodyOptional], old_need, new_need, &pointers);
                self.content(&site, &old, &new)?;
            }
        }
        Ok(())
    }

    /// Compares the media types of a body, and the schemas of those that stay.
    pub(super) fn content(&mut self, site: &Site, old: &Node<'d>, new: &Node<'d>) -> Result<(), Flaw> {
        let old_types = self.old.read(|_| media_types(old))?;
        let new_types = self.new.read(|_| media_types(new))?;
        for (name, media) in &old_types {
            let Some(counterpart) = new_types.get(name) else {
                let pointers = Pointers::new(media.pointer.as_str(), new.pointer.as_str());
                self.report(
                    site,
                    Rule::MediaTypeRemoved,
                    Verdict::WITHDRAWN,
                    pointers,
                    format!("has no form `{name}` any more"),
                );
                continue;
            };
            self.schemas(&schema_of(media), &schema_of(counterpart), site)?;
        }
        for (name, media) in new_types.iter().filter(|(name, _)| !old_types.contains_key(*name)) {
            let pointers = Pointers::new(old.pointer.as_str(), media.pointer.as_str());
            self.report(site, Rule::MediaTypeAdded, Verdict::OFFERED, pointers, format!("has the form `{name}`, new"));
        }
        Ok(())
    }
}

fn need(body: &Node<'_>) -> Result<Need, Problem> {
    body.flag("required").map(Need::from)
}

/// By their essence: `application/json; charset=utf-8` is `application/json`.
fn media_types<'d>(body: &Node<'d>) -> Result<BTreeMap<String, Node<'d>>, Problem> {
    let essence = |name: &str| name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(body.members_of("content")?.into_iter().map(|(name, node)| (essence(name), node)).collect())
}

fn schema_of<'d>(media: &Node<'d>) -> Schema<'d> {
    media.get("schema").map_or_else(|| Schema::anything(&media.pointer), Schema::of)
}
