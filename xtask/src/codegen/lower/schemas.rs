//! Knows how a schema becomes a type in use, and a type of its own where it needs a name.

use std::collections::BTreeSet;

use super::form::{Choice, Form, Formed, typed};
use super::{Lowering, keywords, notes};
use crate::codegen::api::{Format, Limits, Schema, Ty, TypeDef, TypeKind, Variant};
use crate::codegen::json::Json;
use crate::codegen::names::{Names, type_name, variant_name};
use crate::codegen::node::{Node, Problem};

impl<'d> Lowering<'d> {
    /// A schema where it is used. What needs a name gets `hint` or the like.
    pub(super) fn schema(&mut self, node: &Node<'d>, hint: &str) -> Result<Schema, Problem> {
        if let Json::Bool(_) = node.json {
            return self.boolean_schema(node);
        }
        let Formed { form, nullable } = self.form(node)?;
        let mut schema = self.formed(node, form, hint)?;
        annotate(&mut schema, node)?;
        self.keep_readable_pattern(&mut schema, node);
        schema.nullable |= nullable;
        Ok(schema)
    }

    /// A pattern beyond the regular expressions that are checked (look-around, say) is told and left out.
    fn keep_readable_pattern(&mut self, schema: &mut Schema, node: &Node<'d>) {
        let Some(pattern) = &schema.limits.pattern else { return };
        if let Err(error) = regex_lite::Regex::new(pattern) {
            self.remarks.push(node.problem(format!("the pattern is not checked before sending: {error}")));
            schema.limits.pattern = None;
        }
    }

    /// `true` allows anything; nothing can be generated for `false`.
    fn boolean_schema(&self, node: &Node<'d>) -> Result<Schema, Problem> {
        if node.boolean()? {
            return Ok(Schema::of(Ty::Any, &node.pointer));
        }
        Err(node.problem("a schema that allows nothing is not supported"))
    }

    fn formed(&mut self, node: &Node<'d>, form: Form<'d>, hint: &str) -> Result<Schema, Problem> {
        let ty = match form {
            Form::Plain(ty) => ty,
            Form::Same(inner) => return self.schema(&inner, hint),
            Form::Reference(reference) => Ty::Named(self.referred(&reference)?),
            Form::Integers(numbers) => return Ok(integers(node, numbers)),
            Form::Array(items) => Ty::Array(Box::new(self.items(node, items, hint)?)),
            Form::Tuple(items) => Ty::Tuple(self.tuple(&items, hint)?),
            Form::Map(values) => Ty::Map(Box::new(self.schema(&values, &format!("{hint}Value"))?)),
            form @ (Form::Struct(_) | Form::Enum(_) | Form::Union(_)) => self.inline(node, form, hint)?,
        };
        Ok(Schema::of(ty, &node.pointer))
    }

    fn items(&mut self, node: &Node<'d>, items: Option<Node<'d>>, hint: &str) -> Result<Schema, Problem> {
        match items {
            Some(items) => self.schema(&items, &format!("{hint}Item")),
            None => Ok(Schema::of(Ty::Any, &node.pointer)),
        }
    }

    fn tuple(&mut self, items: &[Node<'d>], hint: &str) -> Result<Vec<Schema>, Problem> {
        items.iter().enumerate().map(|(index, item)| self.schema(item, &format!("{hint}Item{}", index + 1))).collect()
    }

    /// The type of a schema that has no name in the document.
    fn inline(&mut self, node: &Node<'d>, form: Form<'d>, hint: &str) -> Result<Ty, Problem> {
        let wanted = self.given_name(node)?.unwrap_or_else(|| type_name(hint));
        let name = self.names.claim(&wanted);
        let slot = self.reserve();
        let kind = self.kind(node, form, &name)?;
        self.fill(
            slot,
            TypeDef { name: name.clone(), pointer: node.pointer.clone(), notes: notes(node)?, nullable: false, kind },
        );
        Ok(Ty::Named(name))
    }

    /// The name of what a reference leads to, read now when it is no component.
    pub(super) fn referred(&mut self, reference: &Node<'d>) -> Result<String, Problem> {
        let target = self.root.follow(reference)?;
        if let Some(name) = self.named.get(&target.pointer) {
            return Ok(name.clone());
        }
        let hint: String = target.pointer.rsplit('/').take(1).collect();
        let name = self.names.claim(&type_name(&hint));
        self.named.insert(target.pointer.clone(), name.clone());
        self.define(&target, name.clone())?;
        Ok(name)
    }

    /// Reads a schema that has a name.
    pub(super) fn define(&mut self, node: &Node<'d>, name: String) -> Result<(), Problem> {
        let slot = self.reserve();
        let (kind, nullable) = self.named_kind(node, &name)?;
        let notes = if matches!(node.json, Json::Bool(_)) { Default::default() } else { notes(node)? };
        self.fill(slot, TypeDef { name, pointer: node.pointer.clone(), notes, nullable, kind });
        Ok(())
    }

    fn named_kind(&mut self, node: &Node<'d>, name: &str) -> Result<(TypeKind, bool), Problem> {
        if let Json::Bool(_) = node.json {
            return Ok((TypeKind::Alias(self.boolean_schema(node)?), false));
        }
        let Formed { form, nullable } = self.form(node)?;
        if let form @ (Form::Struct(_) | Form::Enum(_) | Form::Union(_)) = form {
            return Ok((self.kind(node, form, name)?, nullable));
        }
        if let Form::Same(inner) = &form
            && !inner.has("$ref")
        {
            let (kind, inner_nullable) = self.named_kind(inner, name)?;
            return Ok((kind, nullable || inner_nullable));
        }
        let mut schema = self.formed(node, form, name)?;
        annotate(&mut schema, node)?;
        self.keep_readable_pattern(&mut schema, node);
        let nullable = nullable || schema.nullable;
        schema.nullable = false;
        Ok((TypeKind::Alias(schema), nullable))
    }

    fn kind(&mut self, node: &Node<'d>, form: Form<'d>, name: &str) -> Result<TypeKind, Problem> {
        match form {
            Form::Struct(parts) => self.structure(&parts, name).map(TypeKind::Struct),
            Form::Enum(texts) => Ok(TypeKind::Enum(variants(&texts))),
            Form::Union(choices) => self.union(node, &choices, name),
            _ => Err(node.problem("the schema has no type of its own")),
        }
    }

    /// One of several types of a schema.
    pub(super) fn choice(&mut self, choice: &Choice<'d>, hint: &str) -> Result<Schema, Problem> {
        match choice {
            Choice::Schema(node) => self.schema(node, hint),
            Choice::Typed(node, name) => {
                let form = typed(node, Some(name))?;
                let mut schema = self.formed(node, form, hint)?;
                schema.limits = keywords::limits(node)?;
                self.keep_readable_pattern(&mut schema, node);
                Ok(schema)
            }
        }
    }

    /// Where a type that is about to be read will stand: before those inside it.
    const fn reserve(&self) -> usize {
        self.types.len()
    }

    fn fill(&mut self, slot: usize, def: TypeDef) {
        self.types.insert(slot, def);
    }
}

fn integers(node: &Node<'_>, numbers: Vec<i64>) -> Schema {
    let limits = Limits { one_of: numbers, ..Limits::default() };
    Schema { limits, ..Schema::of(Ty::Integer, &node.pointer) }
}

fn variants(texts: &[String]) -> Vec<Variant> {
    let mut names = Names::with_reserved(&["Unknown"]);
    let mut seen = BTreeSet::new();
    let distinct = texts.iter().filter(|text| seen.insert(text.as_str()));
    distinct.map(|wire| Variant { wire: wire.clone(), name: names.claim(&variant_name(wire)) }).collect()
}

/// What a schema says beside its shape.
fn annotate(schema: &mut Schema, node: &Node<'_>) -> Result<(), Problem> {
    let own = notes(node)?;
    schema.notes.title = own.title.or(schema.notes.title.take());
    schema.notes.description = own.description.or(schema.notes.description.take());
    schema.notes.deprecated |= own.deprecated;
    schema.nullable |= node.flag("nullable")?;
    schema.explicit_null |= node.flag("x-explicit-null")?;
    schema.default = node.get("default").map(|value| value.json.clone()).or(schema.default.take());
    tighten(&mut schema.limits, keywords::limits(node)?);
    let is_password = matches!(&schema.ty, Ty::Text(Format::Other(format)) if format == "password");
    if node.flag("x-sensitive")? || is_password {
        mark_sensitive(schema, node)?;
    }
    Ok(())
}

fn mark_sensitive(schema: &mut Schema, node: &Node<'_>) -> Result<(), Problem> {
    match &mut schema.ty {
        Ty::Text(Format::Plain | Format::Other(_)) => schema.sensitive = true,
        Ty::Array(items) | Ty::Map(items) => return mark_sensitive(items, node),
        _ => return Err(node.problem("`x-sensitive` is for texts and lists of texts")),
    }
    Ok(())
}

/// Adds limits to limits; those told last hold.
fn tighten(limits: &mut Limits, more: Limits) {
    limits.minimum = more.minimum.or(limits.minimum.take());
    limits.maximum = more.maximum.or(limits.maximum.take());
    limits.exclusive_minimum = more.exclusive_minimum.or(limits.exclusive_minimum.take());
    limits.exclusive_maximum = more.exclusive_maximum.or(limits.exclusive_maximum.take());
    limits.multiple_of = more.multiple_of.or(limits.multiple_of.take());
    limits.min_length = more.min_length.or(limits.min_length);
    limits.max_length = more.max_length.or(limits.max_length);
    limits.pattern = more.pattern.or(limits.pattern.take());
    limits.min_items = more.min_items.or(limits.min_items);
    limits.max_items = more.max_items.or(limits.max_items);
    limits.unique |= more.unique;
}
