//! Knows what changed in the parameters of an operation.

use crate::codegen::node::{Node, Problem};

use super::{
    super::{
        change::{Pointers, Rule},
        document::{Document, Flaw},
        schema::Schema,
        verdict::{Effect, Grip, Need, Position, Verdict},
    },
    Comparison, Site,
    matching::{Operation, Pairs},
    site::{Encoding, Repeat},
};

impl<'d> Comparison<'d> {
    pub(super) fn parameters(&mut self, site: &Site, old: &Operation<'d>, new: &Operation<'d>) -> Result<(), Flaw> {
        let old_parameters = self.old.read(|document| Parameter::all(document, old))?;
        let new_parameters = self.new.read(|document| Parameter::all(document, new))?;
        let mut pairs = Pairs::none(old_parameters, new_parameters);
        pairs.match_by(|parameter| Some((parameter.location.clone(), parameter.key.clone())));
        // What is left of a path belongs to operations that moved, and was told with the move.
        pairs.gone.retain(|parameter| parameter.location != "path");
        pairs.come.retain(|parameter| parameter.location != "path");
        let same = pairs.both.len();
        pairs.match_by(|parameter| Some(parameter.key.clone()));
        let relocated = pairs.both.len();
        pairs.match_by(|parameter| Some((parameter.location.clone(), folded(&parameter.key))));
        for (index, (old, new)) in pairs.both.iter().enumerate() {
            match index {
                _ if index < same => {}
                _ if index < relocated => self.replaced(site, Rule::ParameterRelocated, old, new),
                _ => self.replaced(site, Rule::ParameterRenamed, old, new),
            }
            self.parameter(site, old, new)?;
        }
        self.one_sided(site, &pairs, &old.node, &new.node);
        Ok(())
    }

    fn one_sided(&mut self, site: &Site, pairs: &Pairs<Parameter<'d>>, old: &Node<'d>, new: &Node<'d>) {
        for parameter in &pairs.gone {
            let pointers = Pointers::new(parameter.node.pointer.as_str(), new.pointer.as_str());
            let verdict = Verdict::addition(Position::Input, parameter.need).mirrored();
            self.report(&parameter.site(site), Rule::ParameterRemoved, verdict, pointers, "is gone".to_owned());
        }
        for parameter in &pairs.come {
            let pointers = Pointers::new(old.pointer.as_str(), parameter.node.pointer.as_str());
            let verdict = Verdict::addition(Position::Input, parameter.need);
            let detail = if parameter.need == Need::Required { "is new and required" } else { "is new" };
            self.report(&parameter.site(site), Rule::ParameterAdded, verdict, pointers, detail.to_owned());
        }
    }

    fn replaced(&mut self, site: &Site, rule: Rule, old: &Parameter<'d>, new: &Parameter<'d>) {
        let pointers = Pointers::new(old.node.pointer.as_str(), new.node.pointer.as_str());
        self.report(&new.site(site), rule, Verdict::BREAKING, pointers, format!("was the {}", old.in_words()));
    }

    fn parameter(&mut self, site: &Site, old: &Parameter<'d>, new: &Parameter<'d>) -> Result<(), Flaw> {
        let site = new.site(site);
        let pointers = Pointers::new(old.node.pointer.as_str(), new.node.pointer.as_str());
        self.need(&site, [Rule::ParameterRequired, Rule::ParameterOptional], old.need, new.need, &pointers);
        if old.location == new.location && old.style() != new.style() {
            let detail = format!("is written as {}, was written as {}", new.style(), old.style());
            self.report(&site, Rule::ParameterStyle, Verdict::BREAKING, pointers, detail);
        }
        self.schemas(&old.schema, &new.schema, &site)
    }

    /// Tells whether a thing became required or optional.
    pub(super) fn need(&mut self, site: &Site, rules: [Rule; 2], old: Need, new: Need, pointers: &Pointers) {
        let [required, optional] = rules;
        let (rule, effect, detail) = match (old, new) {
            (Need::Optional, Need::Required) => (required, Effect::Narrows(Grip::Shape), "is required now"),
            (Need::Required, Need::Optional) => (optional, Effect::Widens(Grip::Shape), "is no longer required"),
            _ => return,
        };
        self.schema_report(site, rule, effect, pointers.clone(), detail.to_owned());
    }
}

/// A name without its case and punctuation: `page_size`, `page-size` and `pageSize` are one thing renamed.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[derive(Debug, Clone)]
struct Parameter<'d> {
    name: String,
    /// What it is known by on the wire: a place in the path, a header in any case.
    key: String,
    location: String,
    need: Need,
    node: Node<'d>,
    schema: Schema<'d>,
    encoding: Encoding,
}

impl<'d> Parameter<'d> {
    /// The parameters of the operation and those of its path that it does not say anew.
    fn all(document: &'d Document, operation: &Operation<'d>) -> Result<Vec<Self>, Problem> {
        let mut parameters: Vec<Self> = Vec::new();
        for holder in [&operation.node, &operation.item] {
            for node in holder.items_of("parameters")? {
                let parameter = Self::of(document.resolved(node)?, operation)?;
                let is_known = parameters.iter().any(|known| known.is(&parameter));
                if !is_known && !parameter.is_ignored() {
                    parameters.push(parameter);
                }
            }
        }
        Ok(parameters)
    }

    fn of(node: Node<'d>, operation: &Operation<'d>) -> Result<Self, Problem> {
        let name = node.require("name")?.text()?.to_owned();
        let location = node.require("in")?.text()?.to_owned();
        let key = match location.as_str() {
            "path" => operation
                .placeholders()
                .iter()
                .position(|placeholder| *placeholder == name)
                .map_or(name.clone(), |index| index.to_string()),
            "header" => name.to_ascii_lowercase(),
            _ => name.clone(),
        };
        let need = Need::from(location == "path" || node.flag("required")?);
        let encoding = encoding(&node, &location)?;
        Ok(Self { schema: schema_of(&node)?, name, key, location, need, node, encoding })
    }

    fn is(&self, other: &Self) -> bool {
        self.location == other.location && self.key == other.key
    }

    /// These headers are described elsewhere (OpenAPI 3.1, Parameter Object).
    fn is_ignored(&self) -> bool {
        self.location == "header" && matches!(self.key.as_str(), "accept" | "authorization" | "content-type")
    }

    fn in_words(&self) -> String {
        format!("{} parameter `{}`", self.location, self.name)
    }

    fn site(&self, operation: &Site) -> Site {
        Site { encoding: self.encoding, ..operation.part(&self.in_words(), Position::Input) }
    }

    /// How lists and objects are written.
    fn style(&self) -> String {
        let style =
            self.node.get("style").and_then(|node| node.text().ok()).unwrap_or_else(|| default_style(&self.location));
        match self.encoding {
            Encoding::Json => "JSON".to_owned(),
            Encoding::Text(Repeat::Key) => format!("`{style}` with repeated keys"),
            Encoding::Text(Repeat::Never) => format!("`{style}`"),
        }
    }
}

fn default_style(location: &str) -> &'static str {
    if matches!(location, "query" | "cookie") { "form" } else { "simple" }
}

fn encoding(node: &Node<'_>, location: &str) -> Result<Encoding, Problem> {
    if node.has("content") {
        return Ok(Encoding::Json);
    }
    let style = node.text_of("style")?.unwrap_or_else(|| default_style(location));
    let is_exploded = node.get("explode").map_or(Ok(style == "form"), |node| node.boolean())?;
    let repeats = is_exploded && style == "form";
    Ok(Encoding::Text(if repeats { Repeat::Key } else { Repeat::Never }))
}

/// A parameter has a schema, or one media type with a schema.
fn schema_of<'d>(node: &Node<'d>) -> Result<Schema<'d>, Problem> {
    if let Some(schema) = node.get("schema") {
        return Ok(Schema::of(schema));
    }
    let content = node.members_of("content")?.into_iter().next();
    let schema = content.and_then(|(_, media)| media.get("schema"));
    Ok(schema.map_or_else(|| Schema::anything(&node.pointer), Schema::of))
}
