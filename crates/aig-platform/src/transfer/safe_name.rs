//! From any text a server sends to the name of one file or directory: nowhere else, on no system, and no two alike.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Longer names are shortened: 255 bytes are allowed nearly everywhere, and an extension and `.part` follow.
const LONGEST: usize = 120;

/// Letters of the mark that a changed name ends with: 60 bits, so that two of a million names meet once in a million
/// runs.
const MARK: usize = 10;

/// The name under which something called `text` is kept: one path component, the same on every system.
///
/// Names of ASCII letters, digits and a few signs stay as they are. Any other is made readable, letters of all scripts
/// kept, and gets a mark that depends on the whole text, so different texts have different names, also where a file
/// system takes two spellings for one.
///
/// ```
/// use aig_platform::transfer::safe_name;
///
/// assert_eq!(safe_name("slide-1 (HE).svs"), "slide-1 (HE).svs");
/// assert!(safe_name("../../etc/passwd").starts_with("etc_passwd~"));
/// assert!(safe_name("切片 1").starts_with("切片 1~"));
/// assert_ne!(safe_name("a/b"), safe_name("a:b"));
/// ```
pub fn safe_name(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { marked(text) }
}

/// The same in ASCII alone: for names that travel in URLs.
pub(crate) fn safe_ascii_name(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { with_mark(&shortened(text, is_allowed), text) }
}

/// The readable part of `text` with its mark, whether it needs one or not.
pub(crate) fn marked(text: &str) -> String {
    with_mark(&readable(text), text)
}

/// The readable part of `text` alone: for names that are unique by other means.
pub(crate) fn readable(text: &str) -> String {
    shortened(text, |character| is_allowed(character) || character.is_alphanumeric())
}

fn with_mark(readable: &str, text: &str) -> String {
    let separator = if readable.is_empty() { "_~" } else { "~" };
    format!("{readable}{separator}{}", mark(text))
}

fn shortened(text: &str, is_kept: fn(char) -> bool) -> String {
    let mapped: String = text.chars().map(|character| if is_kept(character) { character } else { '_' }).collect();
    let edge = |character: char| "._- ".contains(character);
    let trimmed = mapped.trim_matches(edge);
    // What tells long names apart is more often at their end.
    let from = trimmed.len().saturating_sub(LONGEST - MARK - 2);
    let start = (from..=trimmed.len()).find(|place| trimmed.is_char_boundary(*place)).unwrap_or_default();
    let readable = trimmed.get(start..).unwrap_or_default().trim_matches(edge);
    match readable {
        device if is_reserved(device) => format!("_{device}"),
        unfinished if ends_as_part(unfinished) => format!("{unfinished}_"),
        fine => fine.to_owned(),
    }
}

/// Whether the text can be a name as it is.
pub(crate) fn is_plain(text: &str) -> bool {
    let ends_well = !text.ends_with(['.', ' ']);
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric() || "_(".contains(first));
    let fits = text.len() <= LONGEST && text.chars().all(is_allowed);
    starts_well && ends_well && fits && !is_reserved(text) && !ends_as_part(text)
}

/// Characters that mean nothing to any file system or shell glob. `~` is missing on purpose: it leads in the mark.
fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._- ()+,=@".contains(character)
}

/// Names that are devices on Windows, whatever extension follows (Naming Files, Paths, and Namespaces).
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" => true,
        _ => ["com", "lpt"].iter().any(|device| {
            stem.strip_prefix(device).is_some_and(|number| {
                let mut digits = number.chars();
                // The superscript digits count as digits there.
                digits.next().is_some_and(|digit| digit.is_ascii_digit() || "¹²³".contains(digit))
                    && digits.next().is_none()
            })
        }),
    }
}

/// Unfinished files are called so.
fn ends_as_part(name: &str) -> bool {
    name.len() >= 5 && name.as_bytes()[name.len() - 5..].eq_ignore_ascii_case(b".part")
}

fn mark(text: &str) -> String {
    let digest = <sha2::Sha256 as sha2::Digest>::digest(text.as_bytes());
    let letters: String = URL_SAFE_NO_PAD.encode(digest).chars().filter(char::is_ascii_alphanumeric).collect();
    // One case, because some file systems know no other.
    letters.to_ascii_lowercase().chars().take(MARK).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    const HOSTILE: [&str; 44] = [
        "",
        ".",
        "..",
        "../x",
        "..\\x",
        "/",
        "/etc/passwd",
        "C:\\x",
        "C:x",
        "\\\\server\\share",
        "//server/share",
        "a/b",
        "a\\b",
        "a:b",
        "CON",
        "con.txt",
        "aux",
        "NUL.tar.gz",
        "COM1",
        "com9.txt",
        "LPT0",
        "COM¹",
        "a.",
        "a ",
        " a",
        ".hidden",
        "-rf",
        "~",
        "~root",
        "a\0b",
        "a\u{1b}[2Jb",
        "a\nb",
        "\u{202e}fdp",
        "é",
        "e\u{301}",
        "ａ",
        "x.part",
        "X.PART",
        "a*b",
        "a?b",
        "a|b",
        "a\"b",
        "a<b",
        "a%2fb",
    ];

    fn is_one_component(name: &str) -> bool {
        let windows = !name.contains(|character: char| "/\\:*?\"<>|".contains(character) || character.is_control());
        let alone = std::path::Path::new(name).components().count() == 1;
        windows && alone && !name.ends_with(['.', ' ']) && !name.starts_with(['.', '-', ' ']) && name.len() <= 140
    }

    #[test]
    fn hostile_names_stay_inside_and_apart() {
        let names: HashSet<_> = HOSTILE.iter().map(|text| safe_name(text).to_lowercase()).collect();
        assert_eq!(names.len(), HOSTILE.len(), "{names:?}");
        for text in HOSTILE {
            let name = safe_name(text);
            assert!(is_one_component(&name), "{text:?} became {name:?}");
            assert!(!is_reserved(&name), "{text:?} became {name:?}");
        }
    }

    #[test]
    fn letters_of_every_script_stay_readable_and_spellings_stay_apart() {
        assert!(safe_name("ünï 切片").starts_with("ünï 切片~"));
        assert_ne!(safe_name("切片-1"), safe_name("玻片-1"));
        assert_ne!(safe_name("\u{e9}").to_lowercase(), safe_name("e\u{301}").to_lowercase());
        assert!(safe_ascii_name("切片-1.tiff").is_ascii());
    }

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for text in ["slide-1", "TCGA-02-0001-01Z-00-DX1.svs", "Slide 7 (HE).tiff", "a_b.c", "console", "company"] {
            assert_eq!(safe_name(text), text);
        }
    }

    #[test]
    fn a_long_name_keeps_its_end_and_its_identity() {
        let (one, other) = ("x".repeat(500) + "-a.svs", "y".repeat(500) + "-a.svs");
        assert!(safe_name(&one).contains("-a.svs~"));
        assert_ne!(safe_name(&one)[100..], safe_name(&other)[100..]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_text_is_one_component_and_no_name_maps_to_another(text in "\\PC{0,40}|[a-zA-Z0-9._ /\\\\:~-]{0,12}") {
            let name = safe_name(&text);
            prop_assert!(is_one_component(&name), "{:?} became {:?}", text, name);
            if name != text {
                prop_assert!(!is_plain(&name), "{:?} is the plain name of another text", name);
            }
        }
    }
}
