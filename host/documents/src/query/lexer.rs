//! From the text of a query to tokens. Comments begin with `--` and end with the line; strings have either quote and the escapes
//! of JavaScript (reference: Cosmos DB, section 5.2).

use super::error::{QueryCode, QueryError, Span};

/// What clients put a filter for: on a fresh start they put `true`, and so it is read where they left it.
pub(super) const FILTER_PLACEHOLDER: &str = "{documentdb-formattableorderbyquery-filter}";

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'t> {
    /// A keyword or a name.
    Word(&'t str),
    /// A parameter, with its `@`.
    Parameter(&'t str),
    /// A number.
    Number(f64),
    /// A string, without its quotes and escapes.
    Text(String),
    /// An operator or a bracket.
    Symbol(&'static str),
    /// The end of the text.
    End,
}

/// Longer ones first.
const SYMBOLS: [&str; 32] = [
    ">>>", "<<", ">>", "||", "??", "!=", "<>", "<=", ">=", "(", ")", "[", "]", "{", "}", ",", ".", ":", "?", "*", "+",
    "-", "/", "%", "&", "|", "^", "~", "=", "<", ">", "!",
];

/// All tokens of a text with their places; the last one is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Span)>, QueryError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_space();
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        tokens.push((token, Span { start, end: lexer.at }));
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn error(&self, start: usize, message: &str) -> QueryError {
        QueryError::new(QueryCode::Syntax, Span { start, end: self.at }, format!("Syntax error, {message}."))
    }

    fn skip_space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with("--") {
                return;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn token(&mut self) -> Result<Token<'t>, QueryError> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if rest.starts_with(FILTER_PLACEHOLDER) {
            self.at += FILTER_PLACEHOLDER.len();
            return Ok(Token::Word("true"));
        }
        if first == '"' || first == '\'' {
            return self.string(first).map(Token::Text);
        }
        if first.is_ascii_digit() || first == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit()) {
            return self.number().map(Token::Number);
        }
        if first == '@' {
            let length = 1 + word_length(&rest[1..]);
            self.at += length;
            if length == 1 {
                return Err(self.error(self.at - 1, "a parameter has a name after the '@'"));
            }
            return Ok(Token::Parameter(&rest[..length]));
        }
        if first.is_alphabetic() || first == '_' {
            let length = word_length(rest);
            self.at += length;
            return Ok(Token::Word(&rest[..length]));
        }
        match SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            Some(symbol) => {
                self.at += symbol.len();
                Ok(Token::Symbol(symbol))
            }
            None => {
                let start = self.at;
                self.at += first.len_utf8();
                Err(self.error(start, &format!("incorrect syntax near '{first}'")))
            }
        }
    }

    fn number(&mut self) -> Result<f64, QueryError> {
        let start = self.at;
        let bytes = self.rest().as_bytes();
        let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let mut length = digits(0);
        if bytes.get(length) == Some(&b'.') {
            length += 1 + digits(length + 1);
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            let exponent = digits(length + 1 + sign);
            if exponent > 0 {
                length += 1 + sign + exponent;
            }
        }
        let text = &self.rest()[..length];
        self.at += length;
        if self.rest().starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            return Err(self.error(start, "invalid number"));
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.error(start, "the number is out of range")),
        }
    }

    fn string(&mut self, quote: char) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                return Err(self.error(start, "the string has no end"));
            };
            self.at += next.len_utf8();
            match next {
                '\\' => {
                    let escaped = self.escape().ok_or_else(|| self.error(start, "invalid escape in a string"))?;
                    string.push(escaped);
                }
                _ if next == quote => return Ok(string),
                _ => string.push(next),
            }
        }
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(match next {
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '\\' | '/' | '"' | '\'' => next,
            'u' => {
                let high = self.four_digits()?;
                if !(0xD800..0xDC00).contains(&high) {
                    return char::from_u32(high);
                }
                self.at += self.rest().starts_with("\\u").then_some(2)?;
                let low = self.four_digits()?.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
                return char::from_u32(0x10000 + ((high - 0xD800) << 10) + low);
            }
            _ => return None,
        })
    }

    fn four_digits(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }
}

fn word_length(text: &str) -> usize {
    text.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(text.len())
}
