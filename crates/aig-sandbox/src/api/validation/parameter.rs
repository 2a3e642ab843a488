//! Parameters of the path and of the query. Of one that is given twice the last counts, unless it is a list.

use aig_codegen::{Location, ParameterInfo, ValueKind};
use serde_json::{Value, json};

use super::{Mistake, Mistakes, Sent, scalar};

pub(super) fn check(parameter: &ParameterInfo, sent: Sent<'_>, mistakes: &mut Mistakes) {
    let texts = texts(parameter, sent);
    if !parameter.repeated {
        let Some(text) = texts.last() else { return missing(parameter, mistakes) };
        return note(parameter, place(parameter), text, mistakes);
    }
    for (index, text) in texts.iter().enumerate() {
        let mut place = place(parameter);
        place.push(json!(index));
        note(parameter, place, text, mistakes);
    }
}

fn place(parameter: &ParameterInfo) -> Vec<Value> {
    vec![json!(parameter.location.as_str()), json!(parameter.name)]
}

fn missing(parameter: &ParameterInfo, mistakes: &mut Mistakes) {
    if parameter.required {
        mistakes.note(place(parameter), Mistake::missing(), Some(Value::Null));
    }
}

fn note(parameter: &ParameterInfo, place: Vec<Value>, text: &str, mistakes: &mut Mistakes) {
    if let Err(mistake) = value(parameter, text) {
        mistakes.note(place, mistake, (!parameter.sensitive).then(|| json!(text)));
    }
}

fn value(parameter: &ParameterInfo, text: &str) -> Result<(), Mistake> {
    match parameter.kind {
        ValueKind::Integer => scalar::integer(text, &parameter.limits),
        ValueKind::Boolean => scalar::boolean(text),
        ValueKind::Uuid => scalar::uuid(text),
        ValueKind::Timestamp => scalar::instant(text),
        ValueKind::OneOf(words) => scalar::one_of(Some(text), words),
        ValueKind::Text => scalar::length(text, parameter.limits.min_length, parameter.limits.max_length),
        // No parameter of the document is of another kind; reading it would tell.
        _ => Ok(()),
    }
}

fn texts<'r>(parameter: &ParameterInfo, sent: Sent<'r>) -> Vec<&'r str> {
    match parameter.location {
        Location::Path => named(sent.path.iter().map(|(key, value)| (*key, value.as_str())), parameter.name),
        Location::Query => named(sent.query.iter().map(|(key, value)| (key.as_str(), value.as_str())), parameter.name),
        _ => Vec::new(),
    }
}

fn named<'r>(pairs: impl Iterator<Item = (&'r str, &'r str)>, name: &str) -> Vec<&'r str> {
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).collect()
}
