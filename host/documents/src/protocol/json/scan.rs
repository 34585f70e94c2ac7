//! A walk over JSON text that checks every byte of it once and copies nothing.

use super::JsonError;

/// Deepest nesting that is read, of arrays and objects together (reference: Cosmos DB, section 13).
pub const MAX_DEPTH: u32 = 128;

/// Where a walk over a text has come to.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Scanner<'a> {
    /// At the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// The byte that comes next after white space; none at the end.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// How many bytes are behind it.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Takes one byte of punctuation.
    pub(crate) fn take(&mut self, byte: u8, what: &'static str) -> Result<(), JsonError> {
        if self.peek() != Some(byte) {
            return Err(self.error(what));
        }
        self.at += 1;
        Ok(())
    }

    /// Nothing but white space may follow.
    pub(crate) fn end(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.error("there is more after the end of the value")),
        }
    }

    /// Goes into an array or object, whose first byte it takes.
    pub(crate) fn open(&mut self) -> Result<(), JsonError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("arrays and objects are nested more than 128 deep"));
        }
        self.at += 1;
        Ok(())
    }

    /// Goes on to the next member of an array or object that `close` ends; false when it has ended.
    pub(crate) fn next(&mut self, first: &mut bool, close: u8) -> Result<bool, JsonError> {
        if self.peek() == Some(close) {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        if std::mem::take(first) {
            return Ok(true);
        }
        self.take(b',', "a comma or the end of the array or object is missing")?;
        if self.peek() == Some(close) {
            return Err(self.error("a comma is followed by nothing"));
        }
        Ok(true)
    }

    /// Takes one value of any kind: its text.
    pub(crate) fn value(&mut self) -> Result<&'a str, JsonError> {
        let first = self.peek();
        let begin = self.at;
        match first {
            Some(b'{') => {
                self.open()?;
                let mut first = true;
                while self.next(&mut first, b'}')? {
                    self.string()?;
                    self.take(b':', "a colon is missing after a property's name")?;
                    self.value()?;
                }
            }
            Some(b'[') => {
                self.open()?;
                let mut first = true;
                while self.next(&mut first, b']')? {
                    self.value()?;
                }
            }
            Some(b'"') => return self.string(),
            Some(b't') => self.word("true")?,
            Some(b'f') => self.word("false")?,
            Some(b'n') => self.word("null")?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => return Err(self.error("this is no JSON value")),
            None => return Err(self.error("the text ends where a value should be")),
        }
        Ok(&self.text[begin..self.at])
    }

    /// Takes a string: its text with both quotes.
    pub(crate) fn string(&mut self) -> Result<&'a str, JsonError> {
        self.take(b'"', "a string in double quotes should be here")?;
        let begin = self.at - 1;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(&self.text[begin..self.at]);
                }
                Some(b'\\') => self.escape()?,
                Some(0..=0x1f) => return Err(self.error("a control character in a string has to be escaped")),
                Some(_) => self.at += 1,
                None => return Err(self.error("the text ends inside a string")),
            }
        }
    }

    /// Takes an escape; of a pair of surrogates both.
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'u') => {
                let unit = self.unit()?;
                let alone = "half of a surrogate pair is no character";
                if (0xdc00..0xe000).contains(&unit) {
                    return Err(self.error(alone));
                }
                if (0xd800..0xdc00).contains(&unit) {
                    let pair = self.text.as_bytes()[self.at..].starts_with(b"\\u") && {
                        let low = self.unit()?;
                        (0xdc00..0xe000).contains(&low)
                    };
                    if !pair {
                        return Err(self.error(alone));
                    }
                }
            }
            _ => return Err(self.error("this escape does not exist in JSON")),
        }
        Ok(())
    }

    /// Takes `\u` with its four digits.
    fn unit(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at + 2..self.at + 6).unwrap_or_default();
        let mut unit = 0;
        for digit in digits {
            match char::from(*digit).to_digit(16) {
                Some(digit) => unit = unit << 4 | digit,
                None => return Err(self.error("\\u needs four hexadecimal digits")),
            }
        }
        if digits.len() != 4 {
            return Err(self.error("\\u needs four hexadecimal digits"));
        }
        self.at += 6;
        Ok(unit)
    }

    fn word(&mut self, word: &'static str) -> Result<(), JsonError> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("this is no JSON value"));
        }
        self.at += word.len();
        Ok(())
    }

    /// Takes a number that a double can hold.
    fn number(&mut self) -> Result<(), JsonError> {
        let begin = self.at;
        let bytes = self.text.as_bytes();
        self.at += usize::from(bytes[self.at] == b'-');
        let whole = self.digits();
        if whole == 0 || (whole > 1 && bytes[self.at - whole] == b'0') {
            return Err(self.error("this is no JSON number"));
        }
        if bytes.get(self.at) == Some(&b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(self.error("a number has digits after its point"));
            }
        }
        let exponent = matches!(bytes.get(self.at), Some(b'e' | b'E'));
        if exponent {
            self.at += 1;
            self.at += usize::from(matches!(bytes.get(self.at), Some(b'+' | b'-')));
            if self.digits() == 0 {
                return Err(self.error("a number has digits after its 'e'"));
            }
        }
        if (exponent || whole > 300) && !self.text[begin..self.at].parse::<f64>().is_ok_and(f64::is_finite) {
            return Err(self.error("this number is greater than a double can be"));
        }
        Ok(())
    }

    fn digits(&mut self) -> usize {
        let begin = self.at;
        while self.text.as_bytes().get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - begin
    }

    /// What is wrong here.
    pub(crate) fn error(&self, what: &'static str) -> JsonError {
        JsonError { at: self.at, what }
    }
}
