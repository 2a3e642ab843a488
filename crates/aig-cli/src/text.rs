//! Sizes, times and states in words for people.

use std::time::Duration;

use jiff::Timestamp;

/// Bytes in decimal units, as disks and networks count them.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut value = count as f64 / 1000.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while value >= 999.95 {
        let Some(next) = units.next() else { break };
        value /= 1000.0;
        unit = Some(next);
    }
    format!("{value:.1} {}", unit.unwrap_or(&""))
}

/// A span of time, as exact as anybody wants to know it.
pub(crate) fn duration(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        1..=9 => format!("{:.1} s", span.as_secs_f64()),
        10..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// A point in time: UTC, to the second, the same everywhere.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// `1 slide`, `2 slides`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A state or a reason of the API as a word in a sentence: `USER_ERROR` becomes `user error`.
pub(crate) fn state(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}

/// Text from a server or a file name as it may go to a terminal: without control characters, escape sequences above all.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|symbol| if symbol.is_control() { ' ' } else { symbol }).collect()
}

/// Breaks text between words so that no line is wider than `width`; a word that is wider stands alone. Every line starts
/// with `indent` blanks.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let margin = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for paragraph in text.split('\n') {
        let start = paragraph.len() - paragraph.trim_start().len();
        let mut line = format!("{margin}{}", " ".repeat(start));
        let mut is_empty = true;
        for word in paragraph.trim_start().split(' ') {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::replace(&mut line, format!("{margin}  ")));
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_between_words_and_keeps_its_columns() {
        assert_eq!(wrapped("aa  bb cc dd", 2, 10), "  aa  bb\n    cc dd");
        assert_eq!(wrapped("short", 2, 80), "  short");
        assert_eq!(wrapped("  in a column", 2, 10), "    in a\n    column");
        assert_eq!(wrapped("a wordthatiswiderthanall b", 0, 8), "a\n  wordthatiswiderthanall\n  b");
    }

    #[test]
    fn sizes_are_short() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (3_200_000, "3.2 MB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn spans_are_short() {
        for (milliseconds, text) in
            [(0, "0 ms"), (999, "999 ms"), (1500, "1.5 s"), (59_900, "59 s"), (125_000, "2 min"), (86_400_000, "24 h")]
        {
            assert_eq!(duration(Duration::from_millis(milliseconds)), text);
        }
    }

    #[test]
    fn words_follow_the_api() {
        assert_eq!(state("USER_ERROR"), "user error");
        assert_eq!((count(1, "slide"), count(2, "slide")), ("1 slide".into(), "2 slides".into()));
        assert_eq!(plain("a\u{1b}[31mb\nc"), "a [31mb c");
    }
}
