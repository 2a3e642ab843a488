//! Knows one change, its name, and the order in which changes are told.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use super::verdict::{Position, Verdict};

/// The kinds of changes. Their names are part of the JSON report: add, never rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rule {
    AlternativeAdded,
    AlternativeRemoved,
    BodyAdded,
    BodyOptional,
    BodyRemoved,
    BodyRequired,
    CallbacksChanged,
    DefaultChanged,
    DiscriminatorChanged,
    FieldAdded,
    FieldOptional,
    FieldRemoved,
    FieldRequired,
    FieldsClosed,
    FieldsOpened,
    FormatChanged,
    HeaderAdded,
    HeaderOptional,
    HeaderRemoved,
    HeaderRequired,
    KeywordChanged,
    LimitLoosened,
    LimitTightened,
    MediaTypeAdded,
    MediaTypeRemoved,
    NullAllowed,
    NullForbidden,
    OperationAdded,
    OperationMoved,
    OperationRemoved,
    ParameterAdded,
    ParameterOptional,
    ParameterRelocated,
    ParameterRemoved,
    ParameterRenamed,
    ParameterRepeated,
    ParameterRequired,
    ParameterSingle,
    ParameterStyle,
    PatternChanged,
    SchemeChanged,
    SecurityChanged,
    ServerAdded,
    ServerRemoved,
    ServersChanged,
    StatusAdded,
    StatusChanged,
    StatusRemoved,
    TupleChanged,
    TypeChanged,
    TypeNarrowed,
    TypeWidened,
    ValueAdded,
    ValueRemoved,
    ValuesClosed,
    ValuesOpened,
    ValuesReplaced,
    WebhooksChanged,
}

/// The name, as the JSON report writes it.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) rule: Rule,
    pub(crate) verdict: Verdict,
    /// Empty where the change is neither in what is sent nor in what comes back.
    pub(crate) positions: BTreeSet<Position>,
    /// Its place in either document (RFC 6901); of what is in one document only, the place it would have in the other.
    pub(crate) pointers: Pointers,
    /// One sentence: the thing, and what happened to it.
    pub(crate) message: String,
    /// The operations that it reaches, as `GET /v1/runs`; empty for the document as a whole.
    pub(crate) operations: BTreeSet<String>,
}

/// A place in both documents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pointers {
    pub(crate) old: String,
    pub(crate) new: String,
}

impl Pointers {
    pub(super) fn new(old: impl Into<String>, new: impl Into<String>) -> Self {
        Self { old: old.into(), new: new.into() }
    }
}

/// What makes two findings one: a schema that many operations share is told of once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pointers: Pointers,
    rule: Rule,
    detail: String,
}

/// The changes found so far.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<Key, Change>);

impl Changes {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a finding in; `detail` tells findings of one rule at one place apart.
    pub(super) fn add(&mut self, change: Change, detail: String) -> Key {
        let key = Key { pointers: change.pointers.clone(), rule: change.rule, detail };
        let known = self.0.entry(key.clone()).or_insert_with(|| change.clone());
        known.verdict = known.verdict.worst(change.verdict);
        known.positions.extend(change.positions);
        known.operations.extend(change.operations);
        key
    }

    /// Adds operations that a change reaches.
    pub(super) fn reaches(&mut self, key: &Key, operations: &BTreeSet<String>) {
        if let Some(change) = self.0.get_mut(key) {
            change.operations.extend(operations.iter().cloned());
        }
    }

    /// Operations first, then schemas and the rest, by their places.
    pub(super) fn in_order(self) -> Vec<Change> {
        let mut changes: Vec<_> = self.0.into_values().collect();
        changes.sort_by_cached_key(|change| {
            let pointers = &change.pointers;
            (tokens(&pointers.new), tokens(&pointers.old), change.rule, change.message.clone())
        });
        changes
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    Paths,
    Index(usize),
    Name(String),
}

fn tokens(pointer: &str) -> Vec<Token> {
    pointer.split('/').skip(1).map(token).collect()
}

fn token(text: &str) -> Token {
    match text.parse() {
        Ok(index) => Token::Index(index),
        Err(_) if text == "paths" => Token::Paths,
        Err(_) => Token::Name(text.to_owned()),
    }
}
