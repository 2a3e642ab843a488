//! Knows how the names of a document become names of Rust, each once.

use std::collections::BTreeSet;

/// Names that generated code uses itself: a type of the document must not hide them.
const RESERVED_TYPES: &[&str] = &[
    "Answer",
    "Body",
    "Bound",
    "Box",
    "BTreeMap",
    "Checker",
    "Clone",
    "Date",
    "DecodeError",
    "Debug",
    "Default",
    "EncodeError",
    "Eq",
    "Err",
    "From",
    "Into",
    "IntoIterator",
    "InvalidParameter",
    "Limits",
    "Location",
    "Map",
    "Method",
    "None",
    "Nullable",
    "Number",
    "Ok",
    "Operation",
    "OperationInfo",
    "Option",
    "ParameterInfo",
    "ParameterValue",
    "PartialEq",
    "Parts",
    "Reader",
    "Result",
    "Self",
    "Send",
    "Sensitive",
    "Some",
    "String",
    "Sync",
    "Target",
    "Timestamp",
    "UnknownValue",
    "Uuid",
    "Validate",
    "Value",
    "ValueKind",
    "Vec",
    "Violations",
];

/// Keywords that cannot be written as `r#…`.
const NEVER_RAW: &[&str] = &["self", "super", "crate", "_"];

/// A set of names in which each is given once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    pub(crate) fn with_reserved(names: &[&str]) -> Self {
        Self { taken: names.iter().map(ToString::to_string).collect() }
    }

    /// The name itself, or with the lowest free number behind it.
    pub(crate) fn claim(&mut self, wanted: &str) -> String {
        let free = self.free(wanted);
        self.taken.insert(free.clone());
        free
    }

    /// Claims exactly this name.
    pub(crate) fn claim_exactly(&mut self, wanted: &str) -> bool {
        self.taken.insert(wanted.to_owned())
    }

    fn free(&self, wanted: &str) -> String {
        if !self.taken.contains(wanted) {
            return wanted.to_owned();
        }
        // A digit at the end is set apart, so that `a1` + 2 is not `a12`.
        let separator = if wanted.ends_with(|last: char| last.is_ascii_digit()) { "_" } else { "" };
        (2..).map(|n| format!("{wanted}{separator}{n}")).find(|name| !self.taken.contains(name)).unwrap_or_default()
    }
}

/// A type's name: `Body_upload` is `BodyUpload`, `HTTPValidationError` stays.
pub(crate) fn type_name(text: &str) -> String {
    let name = guarded(words(text).map(capitalized).collect(), "Type");
    if RESERVED_TYPES.contains(&name.as_str()) { format!("{name}Model") } else { name }
}

/// A variant's name: `ALL_ITEMS_PROCESSED` is `AllItemsProcessed`.
pub(crate) fn variant_name(text: &str) -> String {
    let spelled = spelled_out(text);
    let name: String = words(&spelled).map(|word| capitalized(quieted(word))).collect();
    let name = guarded(name, "Value");
    if name == "Self" { "SelfValue".to_owned() } else { name }
}

/// A field's name: `fooBar`, `foo-bar` and `foo_bar` are all `foo_bar`.
pub(crate) fn field_name(text: &str) -> String {
    let mut name = String::new();
    for word in words(text) {
        let word = snake(word);
        name = if name.is_empty() { word } else { format!("{name}_{word}") };
    }
    let name = if name.is_empty() { "field".to_owned() } else { name };
    if NEVER_RAW.contains(&name.as_str()) {
        return format!("{name}_");
    }
    if is_identifier(&name) || is_raw_identifier(&name) { name } else { format!("field_{name}") }
}

/// Whether the word is an identifier only as `r#word`.
pub(crate) fn is_keyword(name: &str) -> bool {
    !is_identifier(name)
}

fn is_identifier(name: &str) -> bool {
    // Reserved since the edition of 2024, which syn does not know.
    name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok()
}

fn is_raw_identifier(name: &str) -> bool {
    !NEVER_RAW.contains(&name) && syn::parse_str::<syn::Ident>(&format!("r#{name}")).is_ok()
}

fn guarded(name: String, prefix: &str) -> String {
    if is_identifier(&name) || name == "Self" { name } else { format!("{prefix}{name}") }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty())
}

/// Whether a character may stand in an identifier, other than the underscore.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() && syn::parse_str::<syn::Ident>(&format!("a_{c}")).is_ok()
}

fn capitalized(word: impl AsRef<str>) -> String {
    let mut letters = word.as_ref().chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `PENDING` is no louder than `Pending`.
fn quieted(word: &str) -> String {
    if word.chars().any(char::is_lowercase) { word.to_owned() } else { word.to_lowercase() }
}

/// Signs that tell values apart, as words.
fn spelled_out(text: &str) -> String {
    if text.is_empty() {
        return "empty".to_owned();
    }
    let mut spelled = String::new();
    for c in text.chars() {
        match c {
            '+' => spelled.push_str(" plus "),
            '*' => spelled.push_str(" star "),
            '<' => spelled.push_str(" less "),
            '>' => spelled.push_str(" greater "),
            '=' => spelled.push_str(" equal "),
            '!' => spelled.push_str(" not "),
            '-' if spelled.trim().is_empty() => spelled.push_str(" minus "),
            other => spelled.push(other),
        }
    }
    spelled
}

/// `HTTPServer2Go` is `http_server2_go`.
fn snake(word: &str) -> String {
    let letters: Vec<char> = word.chars().collect();
    let mut name = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|i| letters.get(i));
        let after = letters.get(index + 1);
        let starts = letter.is_uppercase()
            && before.is_some_and(|b| !b.is_uppercase() || after.is_some_and(|a| a.is_lowercase()));
        if starts {
            name.push('_');
        }
        name.extend(letter.to_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_keep_their_acronyms() {
        let cases = [
            ("HTTPValidationError", "HTTPValidationError"),
            ("Body_upload_file__post", "BodyUploadFilePost"),
            ("Item-Input", "ItemInput"),
            ("app__models__Item", "AppModelsItem"),
            ("Page[Item]", "PageItem"),
            ("2fa", "Type2fa"),
            ("Option", "OptionModel"),
            ("self", "SelfModel"),
            ("größe", "Größe"),
            ("🦀", "Type"),
        ];
        for (text, name) in cases {
            assert_eq!(type_name(text), name, "{text}");
        }
    }

    #[test]
    fn names_of_fields_are_identifiers() {
        let cases = [
            ("page-size", "page_size"),
            ("item_id__in", "item_id_in"),
            ("createdAt", "created_at"),
            ("HTTPServer", "http_server"),
            ("type", "type"),
            ("gen", "gen"),
            ("self", "self_"),
            ("1st", "field_1st"),
            ("$ref", "ref"),
            ("", "field"),
            ("@", "field"),
        ];
        for (text, name) in cases {
            assert_eq!(field_name(text), name, "{text}");
        }
    }

    #[test]
    fn words_of_every_edition_are_keywords() {
        for name in ["type", "async", "await", "try", "gen", "box", "yield"] {
            assert!(is_keyword(name), "{name}");
        }
        assert!(!is_keyword("union") && !is_keyword("generic"));
    }

    #[test]
    fn names_of_variants_tell_signs_apart() {
        let cases = [
            ("ALL_ITEMS_PROCESSED", "AllItemsProcessed"),
            ("organization_admin", "OrganizationAdmin"),
            ("GeoJSON", "GeoJSON"),
            ("", "Empty"),
            ("-1", "Minus1"),
            ("+1", "Plus1"),
            ("1", "Value1"),
            ("<=", "LessEqual"),
            ("Self", "SelfValue"),
        ];
        for (text, name) in cases {
            assert_eq!(variant_name(text), name, "{text}");
        }
    }

    #[test]
    fn a_name_is_given_once() {
        let mut names = Names::default();
        assert_eq!(names.claim("a"), "a");
        assert_eq!(names.claim("a"), "a2");
        assert_eq!(names.claim("a"), "a3");
        assert_eq!(names.claim("a1"), "a1");
        assert_eq!(names.claim("a1"), "a1_2");
    }
}
