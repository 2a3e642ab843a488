//! Knows what an operation asks of its caller: which credentials, with which scopes.

use std::collections::BTreeSet;

use crate::codegen::node::{Node, Problem};

use super::{
    super::{
        change::{Pointers, Rule},
        document::{Document, Flaw},
        verdict::{Effect, Grip, Position},
    },
    Comparison, Site,
    matching::Operation,
};

/// What a caller who shows nothing has.
const NOTHING: &str = "nothing";

impl<'d> Comparison<'d> {
    pub(super) fn security(&mut self, site: &Site, old: &Operation<'d>, new: &Operation<'d>) -> Result<(), Flaw> {
        let (old_node, new_node) = (&old.node, &new.node);
        let old = self.old.read(|document| Demands::of(document, old_node))?;
        let new = self.new.read(|document| Demands::of(document, new_node))?;
        let gone: Vec<_> = old.ways.difference(&new.ways).collect();
        let come: Vec<_> = new.ways.difference(&old.ways).collect();
        let effect = match (gone.is_empty(), come.is_empty()) {
            (true, true) => return Ok(()),
            _ if old.ways.contains(NOTHING) && !new.ways.contains(NOTHING) => Effect::Narrows(Grip::Shape),
            _ if new.ways.contains(NOTHING) && !old.ways.contains(NOTHING) => Effect::Widens(Grip::Shape),
            (true, false) => Effect::Widens(Grip::Shape),
            (false, true) => Effect::Narrows(Grip::Shape),
            (false, false) => Effect::Replaces,
        };
        let detail = format!("asks its callers for {}, asked for {}", new.in_words(), old.in_words());
        let pointers = Pointers::new(old.place(&new, old_node), new.place(&old, new_node));
        self.report(site, Rule::SecurityChanged, effect.judged(Position::Input), pointers, detail);
        Ok(())
    }
}

/// The ways to be let in, each as what is on the wire.
struct Demands {
    at: Option<String>,
    ways: BTreeSet<String>,
}

impl Demands {
    fn of(document: &Document, operation: &Node<'_>) -> Result<Self, Problem> {
        let root = document.root();
        let Some(security) = operation.get("security").or_else(|| root.get("security")) else {
            return Ok(Self { at: None, ways: [NOTHING.to_owned()].into() });
        };
        let mut ways = BTreeSet::new();
        for requirement in security.items()? {
            ways.insert(way(document, &requirement)?);
        }
        if ways.is_empty() {
            ways.insert(NOTHING.to_owned());
        }
        Ok(Self { at: Some(security.pointer), ways })
    }

    /// Where it is said, or would be said if it were like the other.
    fn place(&self, other: &Self, operation: &Node<'_>) -> String {
        let would_be = if other.at.as_deref() == Some("/security") { "" } else { operation.pointer.as_str() };
        self.at.clone().unwrap_or_else(|| would_be.to_owned())
    }

    fn in_words(&self) -> String {
        self.ways.iter().map(String::as_str).collect::<Vec<_>>().join(" or ")
    }
}

fn way(document: &Document, requirement: &Node<'_>) -> Result<String, Problem> {
    let mut parts = Vec::new();
    for (name, scopes) in requirement.members()? {
        let mut scopes = scopes.items()?.iter().map(|scope| scope.text()).collect::<Result<Vec<_>, _>>()?;
        scopes.sort_unstable();
        let scheme = credential(document, name)?;
        parts.push(if scopes.is_empty() { scheme } else { format!("{scheme} with {}", scopes.join(", ")) });
    }
    parts.sort();
    Ok(if parts.is_empty() { NOTHING.to_owned() } else { parts.join(" and ") })
}

/// A credential as it is sent: the name of its scheme in the document is not.
fn credential(document: &Document, name: &str) -> Result<String, Problem> {
    let schemes = document.root().get("components").and_then(|components| components.get("securitySchemes"));
    let Some(scheme) = schemes.and_then(|schemes| schemes.get(name)) else {
        return Ok(format!("the credential `{name}`"));
    };
    let scheme = document.resolved(scheme)?;
    Ok(match scheme.require("type")?.text()? {
        "oauth2" | "openIdConnect" => "a bearer token".to_owned(),
        "http" => match scheme.require("scheme")?.text()?.to_ascii_lowercase().as_str() {
            "bearer" => "a bearer token".to_owned(),
            other => format!("{other} credentials"),
        },
        "apiKey" => format!("the {} `{}`", scheme.require("in")?.text()?, scheme.require("name")?.text()?),
        other => format!("{other} credentials"),
    })
}
