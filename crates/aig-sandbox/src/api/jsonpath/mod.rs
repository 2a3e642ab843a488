//! JSON path as PostgreSQL has it (SQL/JSON, lax mode), as far as filters on custom metadata use it: steps, subscripts,
//! `? (…)` with comparisons, `exists`, `like_regex`, `starts with`, `&&`, `||`, `!`.
//! <https://www.postgresql.org/docs/current/functions-json.html#FUNCTIONS-SQLJSON-PATH>

mod eval;
mod parse;
mod token;

use regex::Regex;
use serde_json::Value;

/// A path that can be held against values.
#[derive(Debug)]
pub(super) struct JsonPath(Expression);

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at character {position}")]
pub(super) struct PathError {
    message: String,
    position: usize,
}

impl JsonPath {
    pub(super) fn parse(text: &str) -> Result<Self, PathError> {
        parse::parse(text).map(Self)
    }

    /// Whether the path finds anything, as `@?` does; a predicate finds something when it is true, as `@@` does.
    pub(super) fn matches(&self, value: &Value) -> bool {
        eval::exists(&self.0, value)
    }
}

/// What is found, or whether something holds.
#[derive(Debug)]
enum Expression {
    Path(Path),
    Predicate(Predicate),
}

/// Steps from a beginning.
#[derive(Debug)]
struct Path {
    from: Origin,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Origin {
    Root,
    Current,
    Literal(Value),
}

#[derive(Debug)]
enum Step {
    Member(String),
    AnyMember,
    Elements,
    Element(Index),
    Filter(Predicate),
    Size,
    Type,
}

/// From the beginning, or `last` and so many before it.
#[derive(Clone, Copy, Debug)]
enum Index {
    FromStart(usize),
    FromEnd(usize),
}

#[derive(Debug)]
enum Predicate {
    Compare(Path, Comparison, Path),
    Like(Path, Regex),
    StartsWith(Path, String),
    Exists(Path),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> Value {
        json!({
            "study": "liver-07", "batch": 3, "ok": true, "none": null,
            "sdk": {"tags": ["alpha", "be\"ta", "γ"], "note": "Second Try", "n": [{"v": 1}, {"v": 5}]},
            "key with space": {"a.b": 1},
        })
    }

    #[test]
    fn paths_find_what_postgresql_finds() {
        let table = [
            ("$", true),
            ("$.study", true),
            ("$.absent", false),
            ("$.none", true),
            ("$.sdk.tags[*]", true),
            ("$.sdk.tags[2]", true),
            ("$.sdk.tags[3]", false),
            ("$.sdk.tags[last]", true),
            ("$.study[*]", true),
            ("$.\"key with space\".\"a.b\"", true),
            ("$.*", true),
            ("$.study ? (@ == \"liver-07\")", true),
            ("$.study ? (@ != \"liver-07\")", false),
            ("$.batch ? (@ >= 3 && @ < 4)", true),
            ("$.batch ? (@ == \"3\")", false),
            ("$.ok ? (@ == true)", true),
            ("$.none ? (@ == null)", true),
            ("$.sdk.tags[*] ? (@ == \"alpha\")", true),
            ("$.sdk.tags ? (@ == \"alpha\")", true),
            (r#"$.sdk.tags[*] ? (@ == "be\"ta" || @ == "x")"#, true),
            (r#"$.sdk.tags[*] ? (@ == "\u03b3")"#, true),
            ("$.sdk.tags[*] ? (@ == \"alpha\" && @ == \"be\")", false),
            ("$.sdk.note ? (@ like_regex \"second\" flag \"i\")", true),
            ("$.sdk.note ? (@ like_regex \"second\")", false),
            ("$.sdk.tags ? (@ like_regex \"^al\" flag \"i\")", true),
            ("$.sdk.note ? (@ starts with \"Sec\")", true),
            ("$.sdk.n[*] ? (@.v > 4)", true),
            ("$.sdk.n[*] ? (@.v > 5)", false),
            ("$.sdk.n ? (exists(@.v))", true),
            ("$ ? (exists(@.sdk.note) && !(@.batch == 4))", true),
            ("$ ? (!(exists(@.sdk.absent)))", true),
            ("$.sdk ? (@.note == \"Second Try\").tags[0]", true),
            ("$.batch == 3", true),
            ("$.batch > 3 || $.ok == false", false),
            ("exists($.study)", true),
            ("$.sdk.tags.size() ? (@ == 3)", true),
            ("$.study.type() ? (@ == \"string\")", true),
            ("strict $.study", true),
        ];
        for (text, expected) in table {
            let path = JsonPath::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(path.matches(&sample()), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_with_its_place() {
        let texts = [
            "",
            "study",
            "$.",
            "$.a ? (@ ==)",
            "$.a ? (@ == \"x)",
            "$.a[",
            "$.a ? (@ like_regex \"(\")",
            "$.a b",
            "$..a",
            "$.a ? (@ = 1)",
        ];
        for text in texts {
            assert!(JsonPath::parse(text).is_err(), "{text}");
        }
        assert_eq!(JsonPath::parse("$.a ? (@ == )").unwrap_err().position, 12);
    }

    #[test]
    fn deep_nesting_is_refused_instead_of_overflowing_the_stack() {
        let text = format!("$ ? ({}@ == 1{})", "(".repeat(5_000), ")".repeat(5_000));
        assert!(JsonPath::parse(&text).is_err());
        let text = format!("$ ? ({}(@ == 1))", "!".repeat(5_000));
        assert!(JsonPath::parse(&text).is_err());
    }
}
