//! Small pieces of HTML that every page uses. Markup escapes all text; this makes text safe to read, too.

use jiff::Timestamp;
use maud::{Markup, Render, html};

/// Text from outside: controls, and marks that turn the direction of text, could make a page say something else.
pub(super) fn given(text: &str) -> String {
    let shown = |letter: char| match letter {
        '\n' | '\t' => letter,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(shown).collect()
}

/// Seconds are enough for people; the attribute has the rest.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%Y-%m-%d %H:%M:%S")) } }
}

pub(super) fn time_of_day(at: Timestamp) -> Markup {
    html! { time datetime=(at) title=(at) { (at.strftime("%H:%M:%S")) } }
}

pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let step = UNITS.len().min(bytes.ilog10() as usize / 3);
    let value = bytes as f64 / 1000_f64.powi(step as i32);
    format!("{value:.1} {}", UNITS.get(step - 1).unwrap_or(&"TB"))
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    Text(&'static str),
    /// Its cells have the class `number`.
    Number(&'static str),
}

impl Render for Column {
    fn render(&self) -> Markup {
        match self {
            Self::Text(title) => html! { th scope="col" { (title) } },
            Self::Number(title) => html! { th.number scope="col" { (title) } },
        }
    }
}

/// A table that scrolls within its box where it is too wide; the box can be reached by keyboard.
pub(super) fn table(caption: &str, head: &[Column], rows: &Markup) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                caption.unseen { (caption) }
                thead { tr { @for column in head { (column) } } }
                tbody { (rows) }
            }
        }
    }
}

/// A text to be copied; the button works where scripts do, the text can be marked in any case.
pub(super) fn copyable(what: &str, text: &str) -> Markup {
    html! {
        span.copyable {
            code { (text) }
            button.copy type="button" aria-label={ "Copy " (what) } { "Copy" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        for (text, shown) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("\"><img src=x onerror=alert(1)>", "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;"),
            ("a\u{202e}txt.exe", "a\u{fffd}txt.exe"),
            ("\u{1b}[31m\0", "\u{fffd}[31m\u{fffd}"),
            ("&amp;", "&amp;amp;"),
        ] {
            assert_eq!(html! { (given(text)) }.into_string(), shown);
            assert_eq!(html! { i title=(given(text)) {} }.into_string(), format!("<i title=\"{shown}\"></i>"));
        }
    }

    #[test]
    fn sizes_have_a_unit_that_fits() {
        let cases = [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_500_000, "1.5 MB"), (u64::MAX, "18446744.1 TB")];
        for (bytes, shown) in cases {
            assert_eq!(size(bytes), shown);
        }
    }
}
