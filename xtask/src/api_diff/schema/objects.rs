//! Knows the fields of objects and the items of arrays, in the position in which they are met.

use std::collections::BTreeMap;

use crate::codegen::{
    json::Json,
    node::{Node, Problem},
};

use super::{
    super::{
        document::Document,
        verdict::{Need, Position},
    },
    Alternative, Schema,
};

/// A field that all parts of an object describe together.
#[derive(Debug)]
pub(crate) struct Field<'d> {
    pub(crate) schema: Schema<'d>,
    pub(crate) need: Need,
}

/// What becomes of members that no field names.
#[derive(Debug)]
pub(crate) enum Rest<'d> {
    Refused,
    Allowed(Schema<'d>),
}

impl<'d> Alternative<'d> {
    /// The fields by name. A field that is read-only is no part of inputs, nor one that is write-only of outputs.
    pub(crate) fn fields(
        &self,
        document: &'d Document,
        position: Position,
    ) -> Result<BTreeMap<String, Field<'d>>, Problem> {
        let mut fields: BTreeMap<String, Field<'d>> = BTreeMap::new();
        for properties in self.all("properties") {
            for (name, node) in properties.members()? {
                let optional = || Field { schema: Schema::of(node.clone()), need: Need::Optional };
                fields
                    .entry(name.to_owned())
                    .and_modify(|field| field.schema.nodes.push(node.clone()))
                    .or_insert_with(optional);
            }
        }
        for name in self.required()? {
            let unnamed = || Field { schema: Schema::anything(&self.at), need: Need::Required };
            fields.entry(name).or_insert_with(unnamed).need = Need::Required;
        }
        let mut hidden = Vec::new();
        for (name, field) in &fields {
            if is_hidden(document, &field.schema, position)? {
                hidden.push(name.clone());
            }
        }
        fields.retain(|name, _| !hidden.contains(name));
        Ok(fields)
    }

    fn required(&self) -> Result<Vec<String>, Problem> {
        let mut names = Vec::new();
        for node in self.all("required") {
            // A boolean is what JSON Schema draft 3 wrote into the field itself; it says nothing of this object.
            if matches!(node.json, Json::Array(_)) {
                for item in node.items()? {
                    names.push(item.text()?.to_owned());
                }
            }
        }
        Ok(names)
    }

    pub(crate) fn rest(&self) -> Rest<'d> {
        let said = ["additionalProperties", "unevaluatedProperties"].into_iter().flat_map(|keyword| self.all(keyword));
        let mut schema = Schema::anything(&self.at);
        for node in said {
            match node.json {
                Json::Bool(false) => return Rest::Refused,
                Json::Bool(true) => {}
                _ => schema.nodes.push(node),
            }
        }
        Rest::Allowed(schema)
    }

    /// What every item must be.
    pub(crate) fn items(&self) -> Schema<'d> {
        Schema { at: self.at.clone(), nodes: self.all("items").collect() }
    }

    /// What the first items must be, one by one.
    pub(crate) fn first_items(&self) -> Result<Vec<Node<'d>>, Problem> {
        self.first("prefixItems").map_or_else(|| Ok(Vec::new()), |node| node.items())
    }

    pub(crate) fn has_unique_items(&self) -> bool {
        self.all("uniqueItems").any(|node| *node.json == Json::Bool(true))
    }
}

fn is_hidden<'d>(document: &'d Document, schema: &Schema<'d>, position: Position) -> Result<bool, Problem> {
    let keyword = match position {
        Position::Input => "readOnly",
        Position::Output => "writeOnly",
    };
    schema.keyword(document, keyword)?.map_or(Ok(false), |node| node.boolean())
}
