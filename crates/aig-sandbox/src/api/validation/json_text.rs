//! Text that is no JSON: where it goes wrong, and why, in the words of Python's decoder.

use http::StatusCode;
use serde_json::json;

use super::{Mistake, Mistakes};
use crate::api::problem::Problem;

/// As deep as values are read.
const DEEPEST: usize = 127;

/// What to say about a body that could not be read, and why it could not.
pub(super) fn problem(body: &[u8], error: &serde_json::Error) -> Problem {
    let Ok(text) = std::str::from_utf8(body) else {
        return Problem::new(StatusCode::BAD_REQUEST, "There was an error parsing the body");
    };
    let (place, why) = match Scanner::new(text).whole() {
        Err(Wrong { place, why }) => (place, why.to_owned()),
        // JSON by its grammar: half of a surrogate pair, or a number beyond all that is counted with.
        Ok(()) => (place_of(text, error), format!("SANDBOX cannot hold this value: {error}")),
    };
    let mistake = Mistake::new("json_invalid", "JSON decode error").with(json!({"error": why}));
    let mut mistakes = Mistakes::default();
    mistakes.note(vec![json!("body"), json!(place)], mistake, Some(json!({})));
    mistakes.finish().err().unwrap_or_else(|| Problem::refused("JSON decode error"))
}

/// Before how many characters reading ended; the error counts lines and bytes.
fn place_of(text: &str, error: &serde_json::Error) -> usize {
    let mut lines = text.split_inclusive('\n');
    let above: usize = lines.by_ref().take(error.line().saturating_sub(1)).map(|line| line.chars().count()).sum();
    let column = error.column().saturating_sub(1);
    let line = lines.next().and_then(|line| line.get(..column));
    above + line.map_or(column, |line| line.chars().count())
}

/// Why the text is no JSON, and before how many characters.
#[derive(Debug)]
struct Wrong {
    place: usize,
    why: &'static str,
}

struct Scanner {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

impl Scanner {
    fn new(text: &str) -> Self {
        Self { text: text.chars().collect(), at: 0, depth: 0 }
    }

    fn whole(&mut self) -> Result<(), Wrong> {
        self.space();
        self.value()?;
        self.space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.wrong("Extra data")) }
    }

    fn value(&mut self) -> Result<(), Wrong> {
        match self.peek() {
            Some('"') => self.string(),
            Some('{') => self.deeper(Self::object),
            Some('[') => self.deeper(Self::array),
            Some('-' | '0'..='9') => self.number(),
            _ if ["true", "false", "null"].into_iter().any(|word| self.word(word)) => Ok(()),
            _ => Err(self.wrong("Expecting value")),
        }
    }

    fn deeper(&mut self, read: fn(&mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        if self.depth == DEEPEST {
            return Err(self.wrong("Nested too deep"));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn object(&mut self) -> Result<(), Wrong> {
        if self.word("}") {
            return Ok(());
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.wrong("Expecting property name enclosed in double quotes"));
            }
            self.string()?;
            self.space();
            if !self.word(":") {
                return Err(self.wrong("Expecting ':' delimiter"));
            }
            self.space();
            self.value()?;
            if self.ends("}")? {
                return Ok(());
            }
        }
    }

    fn array(&mut self) -> Result<(), Wrong> {
        if self.word("]") {
            return Ok(());
        }
        loop {
            self.value()?;
            if self.ends("]")? {
                return Ok(());
            }
        }
    }

    /// After a value: the end, or a comma and more.
    fn ends(&mut self, end: &str) -> Result<bool, Wrong> {
        self.space();
        if self.word(end) {
            return Ok(true);
        }
        if !self.word(",") {
            return Err(self.wrong("Expecting ',' delimiter"));
        }
        self.space();
        Ok(false)
    }

    fn string(&mut self) -> Result<(), Wrong> {
        let begin = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Wrong { place: begin, why: "Unterminated string starting at" }),
                Some('"') => break,
                Some('\\') => self.escape(begin)?,
                Some('\0'..='\u{1f}') => return Err(self.wrong("Invalid control character at")),
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn escape(&mut self, begin: usize) -> Result<(), Wrong> {
        match self.text.get(self.at + 1) {
            None => Err(Wrong { place: begin, why: "Unterminated string starting at" }),
            Some('u') if !(2..6).all(|ahead| self.text.get(self.at + ahead).is_some_and(char::is_ascii_hexdigit)) => {
                Err(Wrong { place: self.at + 1, why: "Invalid \\uXXXX escape" })
            }
            Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {
                self.at += 2;
                Ok(())
            }
            Some(_) => Err(self.wrong("Invalid \\escape")),
        }
    }

    /// What follows a number that is too short is wrong by itself.
    fn number(&mut self) -> Result<(), Wrong> {
        let begin = self.at;
        self.word("-");
        if !self.word("0") && self.digits() == 0 {
            self.at = begin;
            return Err(self.wrong("Expecting value"));
        }
        let whole = self.at;
        if self.word(".") && self.digits() == 0 {
            self.at = whole;
            return Ok(());
        }
        let before = self.at;
        if self.word("e") || self.word("E") {
            if !self.word("+") {
                self.word("-");
            }
            if self.digits() == 0 {
                self.at = before;
            }
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let begin = self.at;
        while self.peek().is_some_and(|character| character.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - begin
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn word(&mut self, word: &str) -> bool {
        let ahead = self.text.get(self.at..).unwrap_or_default();
        let found = word.chars().count() <= ahead.len() && word.chars().zip(ahead).all(|(a, b)| a == *b);
        self.at += if found { word.chars().count() } else { 0 };
        found
    }

    fn wrong(&self, why: &'static str) -> Wrong {
        Wrong { place: self.at, why }
    }
}
