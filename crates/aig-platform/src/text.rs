//! Texts made fit to be shown: a server's escaped and short, a secret's masked.

/// The longest excerpt of a server's text in a message.
const EXCERPT: usize = 300;

/// `text` with control and direction-changing characters escaped, cut to a length fit for a message.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        if shown.len() >= EXCERPT {
            shown.push('…');
            break;
        }
        if is_unsafe(character) { shown.extend(character.escape_default()) } else { shown.push(character) }
    }
    shown
}

/// What is shown instead of a secret: its length, as in the Python SDK.
pub(crate) fn masked(text: &str) -> String {
    format!("***MASKED({})***", text.chars().count())
}

/// Characters that a terminal or a log would act on: controls, and the marks that change the direction of text
/// (Unicode Standard Annex 9, explicit directional formatting).
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn controls_and_direction_marks_are_escaped_and_the_rest_is_kept() {
        assert_eq!(escaped("Gewebe ü 組織"), "Gewebe ü 組織");
        assert_eq!(escaped("a\u{1b}[31m\r\n\u{202e}b\u{9b}"), "a\\u{1b}[31m\\r\\n\\u{202e}b\\u{9b}");
    }

    #[test]
    fn a_flood_is_cut() {
        assert!(escaped(&"x".repeat(1_000_000)).len() < 400);
    }
}
