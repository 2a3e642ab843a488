//! Knows which operation of one document is which of the other, also when it moved.

use crate::codegen::node::{Node, Problem};

use super::super::{
    document::{Document, Flaw},
    schema::shallow_text,
};

/// The methods that a path item can have.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

#[derive(Debug, Clone)]
pub(super) struct Operation<'d> {
    pub(super) method: String,
    pub(super) path: String,
    /// The path item that it stands in.
    pub(super) item: Node<'d>,
    pub(super) node: Node<'d>,
    /// All of it but its place.
    text: String,
}

impl<'d> Operation<'d> {
    /// Every operation, in the document's order.
    pub(super) fn all(document: &'d Document) -> Result<Vec<Self>, Problem> {
        let mut operations = Vec::new();
        for (path, item) in document.root().members_of("paths")? {
            if path.starts_with('/') {
                let item = document.resolved(item)?;
                for method in METHODS {
                    operations.extend(item.get(method).map(|node| Self::of(path, method, &item, node)).transpose()?);
                }
            }
        }
        Ok(operations)
    }

    fn of(path: &str, method: &str, item: &Node<'d>, node: Node<'d>) -> Result<Self, Problem> {
        let text = shallow_text(&node)?;
        Ok(Self { method: method.to_ascii_uppercase(), path: path.to_owned(), item: item.clone(), node, text })
    }

    pub(super) fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with nameless parameters: their names are not on the wire.
    fn template(&self) -> String {
        let mut template = String::new();
        for (index, piece) in self.path.split('{').enumerate() {
            let rest = piece.split_once('}').filter(|_| index > 0).map(|(_, rest)| format!("{{}}{rest}"));
            template.push_str(rest.as_deref().unwrap_or(piece));
        }
        template
    }

    /// The names in the template, in their order.
    pub(super) fn placeholders(&self) -> Vec<&str> {
        self.path.split('{').skip(1).filter_map(|piece| piece.split_once('}')).map(|(name, _)| name).collect()
    }

    fn address(&self) -> (String, String) {
        (self.method.clone(), self.template())
    }

    /// Whether both are reached in the same way.
    pub(super) fn is_at_the_place_of(&self, other: &Self) -> bool {
        self.address() == other.address()
    }

    /// Its id, without the path and method that FastAPI appends to the name of the function.
    fn name(&self) -> Option<String> {
        let id = self.node.get("operationId")?.text().ok()?;
        let path: String = self.path.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        let suffix = format!("{path}_{}", self.method.to_ascii_lowercase());
        Some(id.strip_suffix(&suffix).unwrap_or(id).to_owned())
    }
}

/// What is in both documents, only in the old one, only in the new one.
#[derive(Debug)]
pub(super) struct Pairs<T> {
    pub(super) both: Vec<(T, T)>,
    pub(super) gone: Vec<T>,
    pub(super) come: Vec<T>,
}

impl<T: Clone> Pairs<T> {
    pub(super) const fn none(gone: Vec<T>, come: Vec<T>) -> Self {
        Self { both: Vec::new(), gone, come }
    }

    /// Pairs those that have one key, if nobody else has it.
    pub(super) fn match_by<K: PartialEq>(&mut self, key: impl Fn(&T) -> Option<K>) {
        let old_keys: Vec<_> = self.gone.iter().map(&key).collect();
        let new_keys: Vec<_> = self.come.iter().map(&key).collect();
        let mut taken = Vec::new();
        let mut gone = Vec::new();
        for (item, wanted) in self.gone.drain(..).zip(&old_keys) {
            let is_unique = old_keys.iter().filter(|other| *other == wanted).count() == 1;
            let found: Vec<_> =
                new_keys.iter().enumerate().filter(|(_, other)| *other == wanted).map(|(i, _)| i).collect();
            match (wanted, found.as_slice()) {
                (Some(_), [index]) if is_unique => taken.push((item, *index)),
                _ => gone.push(item),
            }
        }
        self.gone = gone;
        self.take(taken);
    }

    fn take(&mut self, taken: Vec<(T, usize)>) {
        let is_taken = |index: &usize| taken.iter().any(|(_, other)| other == index);
        let left =
            self.come.iter().enumerate().filter(|(index, _)| !is_taken(index)).map(|(_, item)| item.clone()).collect();
        let come = std::mem::replace(&mut self.come, left);
        self.both.extend(taken.into_iter().filter_map(|(item, index)| Some((item, come.get(index)?.clone()))));
    }
}

/// Finds each operation's counterpart: at the same place, else of the same name, else the same in everything but its place.
pub(super) fn operations<'d>(old: &'d Document, new: &'d Document) -> Result<Pairs<Operation<'d>>, Flaw> {
    let mut pairs = Pairs::none(old.read(Operation::all)?, new.read(Operation::all)?);
    pairs.match_by(|operation| Some(operation.address()));
    pairs.match_by(Operation::name);
    pairs.match_by(|operation| Some((operation.method.clone(), operation.text.clone())));
    pairs.match_by(|operation| Some((operation.template(), operation.text.clone())));
    Ok(pairs)
}
