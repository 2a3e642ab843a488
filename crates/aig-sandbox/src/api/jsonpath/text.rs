//! Texts in quotes, with the escapes of PostgreSQL: those of JavaScript, and any other character stands for itself.

use std::{iter::Peekable, str::Chars};

/// The text at the beginning, and how many bytes it takes with its quotes.
pub(super) fn text(rest: &str) -> Option<(String, usize)> {
    let mut characters = rest.strip_prefix('"')?.chars().peekable();
    let mut text = String::new();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => text.push(escaped(&mut characters)?),
            plain => text.push(plain),
        }
    }
    let left: usize = characters.map(char::len_utf8).sum();
    Some((text, rest.len() - left))
}

fn escaped(characters: &mut Peekable<Chars<'_>>) -> Option<char> {
    Some(match characters.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => char::from_u32(hexadecimal(characters, 2)?)?,
        'u' if characters.next_if_eq(&'{').is_some() => braced(characters)?,
        'u' => sixteen_bits(characters)?,
        other => other,
    })
}

/// `\u{1F600}`
fn braced(characters: &mut Peekable<Chars<'_>>) -> Option<char> {
    let digits: String = std::iter::from_fn(|| characters.next_if(char::is_ascii_hexdigit)).take(6).collect();
    characters.next_if_eq(&'}')?;
    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
}

/// `\u00e9`, or two of them for what lies beyond.
fn sixteen_bits(characters: &mut Peekable<Chars<'_>>) -> Option<char> {
    let first = hexadecimal(characters, 4)?;
    if !(0xD800..0xDC00).contains(&first) {
        return char::from_u32(first);
    }
    characters.next_if_eq(&'\\')?;
    characters.next_if_eq(&'u')?;
    let second = hexadecimal(characters, 4)?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
    char::from_u32(0x10000 + ((first - 0xD800) << 10) + second)
}

fn hexadecimal(characters: &mut Peekable<Chars<'_>>, digits: usize) -> Option<u32> {
    (0..digits).try_fold(0, |number, _| Some(number * 16 + characters.next()?.to_digit(16)?))
}
