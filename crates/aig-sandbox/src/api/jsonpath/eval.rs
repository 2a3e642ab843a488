//! Holds a JSON path against a value as PostgreSQL does. In lax mode arrays open by themselves and what is missing is simply
//! not found; in strict mode both are errors, and an error finds nothing.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    Expression, Index, Mode, Origin, Path, Predicate, Step, Subscript, TooCostly,
    budget::Budget,
    truth::{Truth, compare},
};

type Found<'v> = Vec<Cow<'v, Value>>;

/// What strict mode does not let pass, or the end of the budget, after which nothing is found any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Broken;

pub(super) fn exists(expression: &Expression, mode: Mode, root: &Value) -> Result<bool, TooCostly> {
    let budget = Budget::new();
    let structure = if mode == Mode::Lax { Structure::Forgiven } else { Structure::Checked };
    let search = Search { mode, structure, root, budget: &budget };
    let exists = match expression {
        Expression::Path(path) => search.find(path, root).is_ok_and(|found| !found.is_empty()),
        Expression::Predicate(predicate) => search.holds(predicate, root) == Truth::True,
    };
    if budget.is_overdrawn() { Err(TooCostly) } else { Ok(exists) }
}

/// What becomes of a step that does not fit the value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Structure {
    Checked,
    /// In lax mode, and after `.**` to the end of the path: of all that there is at any depth, most does not fit.
    Forgiven,
}

#[derive(Clone, Copy)]
struct Search<'v> {
    mode: Mode,
    structure: Structure,
    root: &'v Value,
    budget: &'v Budget,
}

impl<'v> Search<'v> {
    fn find<'c>(self, path: &'c Path, current: &'c Value) -> Result<Found<'c>, Broken>
    where
        'v: 'c,
    {
        self.budget.spend(1)?;
        let begin = match &path.from {
            Origin::Root => self.root,
            Origin::Current => current,
            Origin::Literal(value) => value,
        };
        let mut found = vec![Cow::Borrowed(begin)];
        let mut search = self;
        for step in &path.steps {
            let mut next = Vec::new();
            for value in found {
                next.extend(search.take_step(step, value)?);
            }
            found = next;
            if matches!(step, Step::Everything) {
                search.structure = Structure::Forgiven;
            }
        }
        Ok(found)
    }

    fn take_step<'c>(self, step: &Step, value: Cow<'c, Value>) -> Result<Found<'c>, Broken> {
        match step {
            Step::Type => Ok(vec![Cow::Owned(Value::from(type_name(&value)))]),
            Step::Size => match (value.as_array(), self.mode) {
                (Some(elements), _) => Ok(vec![Cow::Owned(Value::from(elements.len()))]),
                (None, Mode::Lax) => Ok(vec![Cow::Owned(Value::from(1))]),
                (None, Mode::Strict) => self.misfit(),
            },
            Step::Elements => self.elements(value),
            Step::Element(subscripts) => {
                let elements = self.elements(value)?;
                let chosen = subscripts.iter().map(|subscript| self.chosen(*subscript, &elements));
                Ok(chosen.collect::<Result<Vec<_>, _>>()?.concat())
            }
            Step::Member(_) | Step::AnyMember => {
                let found: Result<Vec<_>, _> =
                    self.opened(value)?.into_iter().map(|value| self.members(step, value)).collect();
                Ok(found?.concat())
            }
            Step::Everything => {
                let mut found = Vec::new();
                self.everything(value, &mut found)?;
                Ok(found)
            }
            Step::Filter(predicate) => self.passing(predicate, self.opened(value)?),
        }
    }

    fn passing<'c>(self, predicate: &Predicate, candidates: Found<'c>) -> Result<Found<'c>, Broken> {
        let mut passing = Vec::new();
        for value in candidates {
            self.budget.spend(1)?;
            if self.holds(predicate, &value) == Truth::True {
                passing.push(value);
            }
        }
        Ok(passing)
    }

    /// In lax mode the elements of an array; anything else is itself.
    fn opened<'c>(self, value: Cow<'c, Value>) -> Result<Found<'c>, Broken> {
        match self.mode {
            Mode::Strict => Ok(vec![value]),
            Mode::Lax => self.elements(value),
        }
    }

    /// Of an array; in lax mode anything else is an array of itself.
    fn elements<'c>(self, value: Cow<'c, Value>) -> Result<Found<'c>, Broken> {
        self.budget.spend(value.as_array().map_or(1, Vec::len))?;
        match (elements(value), self.mode) {
            (Ok(elements), _) => Ok(elements),
            (Err(value), Mode::Lax) => Ok(vec![value]),
            (Err(_), Mode::Strict) => self.misfit(),
        }
    }

    fn chosen<'c>(self, subscript: Subscript, elements: &Found<'c>) -> Result<Found<'c>, Broken> {
        let place = |index| match index {
            Index::FromStart(at) => i64::try_from(at).unwrap_or(i64::MAX),
            Index::FromEnd(back) => elements.len() as i64 - 1 - i64::try_from(back).unwrap_or(i64::MAX),
        };
        let (first, last) = (place(subscript.first), place(subscript.last));
        let inside = first >= 0 && first <= last && last < elements.len() as i64;
        if self.structure == Structure::Checked && !inside {
            return Err(Broken);
        }
        let end = usize::try_from(last.saturating_add(1)).unwrap_or_default().min(elements.len());
        let chosen = elements.get(usize::try_from(first).unwrap_or_default()..end).unwrap_or_default();
        self.budget.spend(chosen.len())?;
        Ok(chosen.to_vec())
    }

    fn members<'c>(self, step: &Step, value: Cow<'c, Value>) -> Result<Found<'c>, Broken> {
        self.budget.spend(value.as_object().map_or(0, |members| members.len()))?;
        let wanted = |name: &str| !matches!(step, Step::Member(member) if member != name);
        let found: Found<'c> = match value {
            Cow::Borrowed(Value::Object(members)) => {
                members.iter().filter(|(name, _)| wanted(name)).map(|(_, value)| Cow::Borrowed(value)).collect()
            }
            Cow::Owned(Value::Object(members)) => {
                members.into_iter().filter(|(name, _)| wanted(name)).map(|(_, value)| Cow::Owned(value)).collect()
            }
            _ => return self.misfit(),
        };
        let is_missing = found.is_empty() && matches!(step, Step::Member(_));
        if is_missing { self.misfit() } else { Ok(found) }
    }

    fn misfit<'c>(self) -> Result<Found<'c>, Broken> {
        match self.structure {
            Structure::Checked => Err(Broken),
            Structure::Forgiven => Ok(Vec::new()),
        }
    }

    /// The value, and all that is in it at any depth.
    fn everything<'c>(self, value: Cow<'c, Value>, found: &mut Found<'c>) -> Result<(), Broken> {
        self.budget.spend(1)?;
        let inside: Found<'c> = match &value {
            Cow::Borrowed(Value::Array(elements)) => elements.iter().map(Cow::Borrowed).collect(),
            Cow::Borrowed(Value::Object(members)) => members.values().map(Cow::Borrowed).collect(),
            Cow::Owned(Value::Array(elements)) => elements.iter().cloned().map(Cow::Owned).collect(),
            Cow::Owned(Value::Object(members)) => members.values().cloned().map(Cow::Owned).collect(),
            _ => Vec::new(),
        };
        found.push(value);
        inside.into_iter().try_for_each(|value| self.everything(value, found))
    }

    fn holds(self, predicate: &Predicate, current: &Value) -> Truth {
        match predicate {
            Predicate::Compare(left, comparison, right) => match self.operand(right, current) {
                Ok(right) => self.any(left, current, |left| match self.budget.spend(right.len()) {
                    Ok(()) => self.joined(right.iter().map(|right| compare(left, *comparison, right))),
                    Err(Broken) => Truth::Unknown,
                }),
                Err(Broken) => Truth::Unknown,
            },
            Predicate::Like(path, regex) => {
                self.any(path, current, |value| Truth::of_text(value, |text| regex.is_match(text)))
            }
            Predicate::StartsWith(path, prefix) => {
                self.any(path, current, |value| Truth::of_text(value, |text| text.starts_with(prefix)))
            }
            Predicate::Exists(path) => match self.find(path, current) {
                Ok(found) => Truth::from(!found.is_empty()),
                Err(Broken) => Truth::Unknown,
            },
            Predicate::IsUnknown(inner) => Truth::from(self.holds(inner, current) == Truth::Unknown),
            Predicate::And(left, right) => self.holds(left, current).min(self.holds(right, current)),
            Predicate::Or(left, right) => self.holds(left, current).max(self.holds(right, current)),
            Predicate::Not(inner) => self.holds(inner, current).turned(),
        }
    }

    fn operand<'c>(self, path: &'c Path, current: &'c Value) -> Result<Found<'c>, Broken>
    where
        'v: 'c,
    {
        let opened: Result<Vec<_>, _> = self.find(path, current)?.into_iter().map(|value| self.opened(value)).collect();
        Ok(opened?.concat())
    }

    fn any(self, path: &Path, current: &Value, test: impl Fn(&Value) -> Truth) -> Truth {
        match self.operand(path, current) {
            Ok(values) => self.joined(values.iter().map(|value| test(value))),
            Err(Broken) => Truth::Unknown,
        }
    }

    /// One that is true is enough; in strict mode one that is unknown spoils all.
    fn joined(self, each: impl Iterator<Item = Truth>) -> Truth {
        let each: Vec<Truth> = each.collect();
        match self.mode {
            Mode::Strict if each.contains(&Truth::Unknown) => Truth::Unknown,
            _ => each.into_iter().max().unwrap_or(Truth::False),
        }
    }
}

fn elements(value: Cow<'_, Value>) -> Result<Found<'_>, Cow<'_, Value>> {
    match value {
        Cow::Borrowed(Value::Array(elements)) => Ok(elements.iter().map(Cow::Borrowed).collect()),
        Cow::Owned(Value::Array(elements)) => Ok(elements.into_iter().map(Cow::Owned).collect()),
        other => Err(other),
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
