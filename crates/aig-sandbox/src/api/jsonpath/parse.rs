//! Reads tokens into a JSON path, by recursive descent.

use regex::RegexBuilder;
use serde_json::Value;

use super::{
    Comparison, Expression, Index, Mode, Origin, Path, PathError, Predicate, Step, Subscript,
    token::{Token, tokens},
};

/// Filters of people and programs nest two or three deep.
const DEEPEST: usize = 32;

pub(super) fn parse(text: &str) -> Result<(Mode, Expression), PathError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.chars().count(), depth: 0 };
    let mode = if parser.take_word("strict") { Mode::Strict } else { Mode::Lax };
    if mode == Mode::Lax {
        // The default may be said.
        parser.take_word("lax");
    }
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok((mode, expression)),
        Some(_) => Err(parser.wrong("nothing more is expected")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(_, token)| token)
    }

    fn wrong(&self, message: &str) -> PathError {
        let position = self.tokens.get(self.at).map_or(self.end, |(position, _)| *position);
        PathError { message: message.to_owned(), position }
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), PathError> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong(&format!("`{sign}` is expected"))) }
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word == wanted);
        self.at += usize::from(found);
        found
    }

    fn text(&mut self) -> Result<String, PathError> {
        let Some(Token::Text(text)) = self.peek() else { return Err(self.wrong("a text in quotes is expected")) };
        let text = text.clone();
        self.at += 1;
        Ok(text)
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, PathError>) -> Result<T, PathError> {
        if self.depth == DEEPEST {
            return Err(self.wrong("the path is nested too deep"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// A path alone, or a predicate over paths.
    fn expression(&mut self) -> Result<Expression, PathError> {
        let start = self.at;
        if matches!(self.peek(), Some(Token::Sign("$")))
            && let Ok(path) = self.path()
            && self.peek().is_none()
        {
            return Ok(Expression::Path(path));
        }
        self.at = start;
        match self.predicate() {
            Ok(predicate) => Ok(Expression::Predicate(predicate)),
            Err(error) => {
                self.at = start;
                // A path with a mistake in it is explained as a path.
                self.path().and(Err(error)).map(Expression::Path)
            }
        }
    }

    fn predicate(&mut self) -> Result<Predicate, PathError> {
        let mut left = self.conjunction()?;
        while self.take("||") {
            left = Predicate::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Predicate, PathError> {
        let mut left = self.term()?;
        while self.take("&&") {
            left = Predicate::And(Box::new(left), Box::new(self.term()?));
        }
        Ok(left)
    }

    fn term(&mut self) -> Result<Predicate, PathError> {
        self.deeper(|parser| {
            if parser.take("!") {
                return Ok(Predicate::Not(Box::new(parser.term()?)));
            }
            if parser.take("(") {
                let inner = parser.predicate()?;
                parser.expect(")")?;
                return parser.perhaps_unknown(inner);
            }
            if parser.take_word("exists") {
                parser.expect("(")?;
                let path = parser.path()?;
                parser.expect(")")?;
                return Ok(Predicate::Exists(path));
            }
            parser.comparison()
        })
    }

    /// `(…) is unknown`
    fn perhaps_unknown(&mut self, inner: Predicate) -> Result<Predicate, PathError> {
        if !self.take_word("is") {
            return Ok(inner);
        }
        if self.take_word("unknown") {
            return Ok(Predicate::IsUnknown(Box::new(inner)));
        }
        Err(self.wrong("`unknown` is expected"))
    }

    fn comparison(&mut self) -> Result<Predicate, PathError> {
        let left = self.operand()?;
        if self.take_word("like_regex") {
            return self.like(left);
        }
        if self.take_word("starts") {
            if !self.take_word("with") {
                return Err(self.wrong("`with` is expected"));
            }
            return Ok(Predicate::StartsWith(left, self.text()?));
        }
        let comparison = self.comparison_sign()?;
        Ok(Predicate::Compare(left, comparison, self.operand()?))
    }

    fn comparison_sign(&mut self) -> Result<Comparison, PathError> {
        let signs = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<>", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let found = signs.into_iter().find(|(sign, _)| self.take(sign));
        found.map(|(_, comparison)| comparison).ok_or_else(|| self.wrong("a comparison is expected"))
    }

    /// `like_regex "…" [flag "…"]`; flags `i`, `s`, `m` and `q` as in XQuery; PostgreSQL has no `x` either.
    fn like(&mut self, path: Path) -> Result<Predicate, PathError> {
        let place = self.wrong("the regular expression is not valid");
        let pattern = self.text()?;
        let flags = if self.take_word("flag") { self.text()? } else { String::new() };
        if let Some(flag) = flags.chars().find(|flag| !"ismq".contains(*flag)) {
            return Err(self.wrong(&format!("`{flag}` is no flag")));
        }
        let has = |flag| flags.contains(flag);
        let pattern = if has('q') { regex::escape(&pattern) } else { pattern };
        let regex = RegexBuilder::new(&pattern)
            .case_insensitive(has('i'))
            .dot_matches_new_line(has('s'))
            .multi_line(has('m'))
            .build();
        regex.map(|regex| Predicate::Like(path, regex)).map_err(|_| place)
    }

    /// A path, or a literal.
    fn operand(&mut self) -> Result<Path, PathError> {
        if matches!(self.peek(), Some(Token::Sign("$" | "@"))) {
            return self.path();
        }
        let negative = self.take("-");
        let literal = match self.peek() {
            Some(Token::Number(number)) if negative => negated(number),
            Some(Token::Number(number)) => number.clone(),
            Some(Token::Text(text)) => Value::from(text.as_str()),
            Some(Token::Word(word)) if word == "true" => Value::Bool(true),
            Some(Token::Word(word)) if word == "false" => Value::Bool(false),
            Some(Token::Word(word)) if word == "null" => Value::Null,
            _ => return Err(self.wrong("a path or a value is expected")),
        };
        self.at += 1;
        Ok(Path { from: Origin::Literal(literal), steps: Vec::new() })
    }

    fn path(&mut self) -> Result<Path, PathError> {
        let from = match () {
            () if self.take("$") => Origin::Root,
            () if self.take("@") => Origin::Current,
            () => return Err(self.wrong("a path begins with `$`, in a filter also with `@`")),
        };
        let mut steps = Vec::new();
        loop {
            let step = match () {
                () if self.take(".") => self.member()?,
                () if self.take("[") => self.subscript()?,
                () if self.take("?") => self.filter()?,
                () => return Ok(Path { from, steps }),
            };
            steps.push(step);
        }
    }

    fn member(&mut self) -> Result<Step, PathError> {
        if self.take("**") {
            return Ok(Step::Everything);
        }
        if self.take("*") {
            return Ok(Step::AnyMember);
        }
        let name = match self.peek() {
            Some(Token::Word(name)) => name.clone(),
            Some(Token::Text(name)) => {
                let name = name.clone();
                self.at += 1;
                return Ok(Step::Member(name));
            }
            _ => return Err(self.wrong("the name of a member is expected")),
        };
        self.at += 1;
        if !self.take("(") {
            return Ok(Step::Member(name));
        }
        self.expect(")")?;
        match name.as_str() {
            "size" => Ok(Step::Size),
            "type" => Ok(Step::Type),
            _ => Err(self.wrong("of the methods, `size()` and `type()` are known here")),
        }
    }

    fn subscript(&mut self) -> Result<Step, PathError> {
        if self.take("*") {
            self.expect("]")?;
            return Ok(Step::Elements);
        }
        let mut subscripts = vec![self.range()?];
        while self.take(",") {
            subscripts.push(self.range()?);
        }
        self.expect("]")?;
        Ok(Step::Element(subscripts))
    }

    /// `2`, `last - 1`, `0 to last`
    fn range(&mut self) -> Result<Subscript, PathError> {
        let first = self.index()?;
        let last = if self.take_word("to") { self.index()? } else { first };
        Ok(Subscript { first, last })
    }

    fn index(&mut self) -> Result<Index, PathError> {
        if !self.take_word("last") {
            return self.whole().map(Index::FromStart);
        }
        if self.take("-") { self.whole().map(Index::FromEnd) } else { Ok(Index::FromEnd(0)) }
    }

    fn whole(&mut self) -> Result<usize, PathError> {
        let number = match self.peek() {
            Some(Token::Number(number)) => number.as_u64().and_then(|number| usize::try_from(number).ok()),
            _ => None,
        };
        let number = number.ok_or_else(|| self.wrong("a whole number is expected"))?;
        self.at += 1;
        Ok(number)
    }

    fn filter(&mut self) -> Result<Step, PathError> {
        self.deeper(|parser| {
            parser.expect("(")?;
            let predicate = parser.predicate()?;
            parser.expect(")")?;
            Ok(Step::Filter(predicate))
        })
    }
}

fn negated(number: &Value) -> Value {
    number.as_i64().map_or_else(|| Value::from(-number.as_f64().unwrap_or_default()), |number| Value::from(-number))
}
