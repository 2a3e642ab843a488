//! Knows what belongs to no single operation: servers, webhooks, and where tokens come from.

use std::collections::BTreeSet;

use crate::codegen::node::{Node, Problem};

use super::{
    super::{
        change::{Pointers, Rule},
        document::{Document, Flaw},
        schema::wire_text,
        verdict::Verdict,
    },
    Comparison, Site,
};

impl<'d> Comparison<'d> {
    pub(super) fn document(&mut self) -> Result<(), Flaw> {
        self.servers()?;
        self.schemes()?;
        let (old, new) = (self.old.root(), self.new.root());
        let webhooks = |root: &Node<'d>| root.get("webhooks");
        self.whole(&Site::document(), Rule::WebhooksChanged, [&old, &new], webhooks)
    }

    /// Compares what is told of as a whole, such as the servers of a single operation: `part` finds it in its holder.
    pub(super) fn whole(
        &mut self,
        site: &Site,
        rule: Rule,
        [old, new]: [&Node<'d>; 2],
        part: impl Fn(&Node<'d>) -> Option<Node<'d>>,
    ) -> Result<(), Flaw> {
        let (old_part, new_part) = (part(old), part(new));
        let text = |document, part: &Option<Node<'d>>| part.as_ref().map(|node| wire_text(document, node)).transpose();
        if self.old.read(|document| text(document, &old_part))?
            == self.new.read(|document| text(document, &new_part))?
        {
            return Ok(());
        }
        let detail = match (&old_part, &new_part) {
            (None, _) => "of its own where there were none",
            (_, None) => "no longer of its own",
            _ => "other than it had; look at both documents",
        };
        let at = |part: Option<Node<'d>>, holder: &Node<'d>| {
            part.map_or_else(|| holder.pointer.clone(), |node| node.pointer)
        };
        let pointers = Pointers::new(at(old_part, old), at(new_part, new));
        self.report(site, rule, Verdict::RISKY, pointers, format!("has {} {detail}", thing(rule)));
        Ok(())
    }

    fn servers(&mut self) -> Result<(), Flaw> {
        let old = self.old.read(prefixes)?;
        let new = self.new.read(prefixes)?;
        let site = Site::document();
        let pointers = Pointers::new(server_place(self.old), server_place(self.new));
        for prefix in old.difference(&new) {
            let detail = format!("has no server with the path prefix `{prefix}` any more");
            self.report(&site, Rule::ServerRemoved, Verdict::WITHDRAWN, pointers.clone(), detail);
        }
        for prefix in new.difference(&old) {
            let detail = format!("has a server with the path prefix `{prefix}`, new");
            self.report(&site, Rule::ServerAdded, Verdict::OFFERED, pointers.clone(), detail);
        }
        Ok(())
    }

    /// Where tokens are asked for is of no operation, but on the wire.
    fn schemes(&mut self) -> Result<(), Flaw> {
        let old = self.old.read(|document| {
            document.root().get("components").map_or(Ok(Vec::new()), |node| node.members_of("securitySchemes"))
        })?;
        let new = self.new.root().get("components").and_then(|node| node.get("securitySchemes"));
        for (name, old) in old {
            if let Some(new) = new.as_ref().and_then(|node| node.get(name)) {
                self.scheme(name, old, new)?;
            }
        }
        Ok(())
    }

    fn scheme(&mut self, name: &str, old: Node<'d>, new: Node<'d>) -> Result<(), Flaw> {
        let (old, new) =
            (self.old.read(|document| document.resolved(old))?, self.new.read(|document| document.resolved(new))?);
        let old_urls = self.old.read(|document| token_urls(document, &old))?;
        let new_urls = self.new.read(|document| token_urls(document, &new))?;
        if old_urls != new_urls {
            let detail = format!("gets the tokens of `{name}` elsewhere or in another way");
            let pointers = Pointers::new(old.pointer, new.pointer);
            self.report(&Site::document(), Rule::SchemeChanged, Verdict::RISKY, pointers, detail);
        }
        Ok(())
    }
}

const fn thing(rule: Rule) -> &'static str {
    match rule {
        Rule::CallbacksChanged => "callbacks",
        Rule::WebhooksChanged => "webhooks",
        _ => "servers",
    }
}

fn pointer(node: Option<&Node<'_>>) -> String {
    node.map(|node| node.pointer.clone()).unwrap_or_default()
}

fn server_place(document: &Document) -> String {
    pointer(document.root().get("servers").as_ref())
}

/// The flows of OAuth and the place of discovery, without the words for their scopes.
fn token_urls(document: &Document, scheme: &Node<'_>) -> Result<Vec<String>, Problem> {
    let mut urls = Vec::new();
    urls.extend(scheme.get("openIdConnectUrl").map(|node| wire_text(document, &node)).transpose()?);
    for (flow, node) in scheme.members_of("flows")? {
        for key in ["authorizationUrl", "deviceAuthorizationUrl", "refreshUrl", "tokenUrl"] {
            urls.extend(node.text_of(key)?.map(|url| format!("{flow} {key} {url}")));
        }
    }
    urls.sort();
    Ok(urls)
}

/// The paths below which the operations are. Hosts are not compared: who calls an API chooses its deployment.
fn prefixes(document: &Document) -> Result<BTreeSet<String>, Problem> {
    let servers = document.root().items_of("servers")?;
    let mut prefixes = BTreeSet::new();
    for server in &servers {
        prefixes.insert(path_of(&with_defaults(server)?));
    }
    if prefixes.is_empty() {
        prefixes.insert("/".to_owned());
    }
    Ok(prefixes)
}

fn with_defaults(server: &Node<'_>) -> Result<String, Problem> {
    let mut url = server.require("url")?.text()?.to_owned();
    for (name, variable) in server.members_of("variables")? {
        url = url.replace(&format!("{{{name}}}"), variable.require("default")?.text()?);
    }
    Ok(url)
}

fn path_of(url: &str) -> String {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    format!("/{}", after_scheme.trim_matches('/'))
}
