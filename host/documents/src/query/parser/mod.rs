//! From tokens to a query: clauses by hand, expressions by climbing precedences. What the language has and this store does not do
//! yet is recognised and refused by name.

mod expression;
mod select;

use super::ast::{Expr, Select};
use super::error::{QueryCode, QueryError, Span};
use super::lexer::{Token, tokens};

/// Longest text of a query, in bytes (reference, section 13).
const LONGEST_TEXT: usize = 512 * 1024;
/// Most brackets within brackets.
const DEEPEST_NESTING: usize = 100;

/// Words that name nothing.
const RESERVED: [&str; 26] = [
    "SELECT", "DISTINCT", "TOP", "VALUE", "FROM", "AS", "JOIN", "IN", "WHERE", "GROUP", "BY", "ORDER", "ASC", "DESC",
    "OFFSET", "LIMIT", "AND", "OR", "NOT", "BETWEEN", "LIKE", "ESCAPE", "EXISTS", "HAVING", "UNION", "RANK",
];

/// Reads a whole query.
pub(super) fn parse_query(text: &str) -> Result<Select, QueryError> {
    let mut parser = Parser::new(text)?;
    let select = parser.select()?;
    parser.end()?;
    Ok(select)
}

/// Reads what a patch has for a condition: a query without SELECT.
pub(super) fn parse_condition(text: &str) -> Result<Select, QueryError> {
    let mut parser = Parser::new(text)?;
    let select = parser.condition()?;
    parser.end()?;
    Ok(select)
}

/// Tokens and a place among them.
struct Parser<'t> {
    text: &'t str,
    tokens: Vec<(Token<'t>, Span)>,
    at: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Result<Self, QueryError> {
        if text.len() > LONGEST_TEXT {
            let span = Span { start: 0, end: text.len() };
            return Err(QueryError::new(QueryCode::Limit, span, "A query has at most 512 KB of text."));
        }
        Ok(Self { text, tokens: tokens(text)?, at: 0, nesting: 0 })
    }

    /// The token at some distance; past the end, the end.
    fn peek_at(&self, distance: usize) -> &Token<'t> {
        self.tokens.get(self.at + distance).map_or(&Token::End, |(token, _)| token)
    }

    fn peek(&self) -> &Token<'t> {
        self.peek_at(0)
    }

    /// Where the next token stands.
    fn here(&self) -> Span {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).map_or(end, |(_, span)| *span)
    }

    /// Where the token before stands.
    fn before(&self) -> Span {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(Span::default(), |(_, span)| *span)
    }

    fn advance(&mut self) -> Token<'t> {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(next) if *next == symbol)
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let there = self.is_symbol(symbol);
        self.at += usize::from(there);
        there
    }

    fn expect_symbol(&mut self, symbol: &str) -> Result<(), QueryError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_keyword(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let there = self.is_keyword(keyword);
        self.at += usize::from(there);
        there
    }

    fn expect_keyword(&mut self, keyword: &str) -> Result<(), QueryError> {
        if self.take_keyword(keyword) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// A name that is not a keyword.
    fn name(&mut self) -> Result<String, QueryError> {
        match self.peek() {
            Token::Word(word) if !is_reserved(word) => {
                let name = (*word).to_owned();
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// The end, and nothing before it.
    fn end(&self) -> Result<(), QueryError> {
        if matches!(self.peek(), Token::End) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// What is said of a token that cannot stand where it stands.
    fn unexpected(&self) -> QueryError {
        let span = self.here();
        let near = self.text.get(span.start..span.end).unwrap_or_default();
        let message = if near.is_empty() {
            "Syntax error, the query ends too early.".to_owned()
        } else {
            format!("Syntax error, incorrect syntax near '{}'.", near.chars().take(40).collect::<String>())
        };
        QueryError::new(QueryCode::Syntax, span, message)
    }

    /// Something in brackets, not deeper than is allowed.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, QueryError>) -> Result<T, QueryError> {
        if self.nesting >= DEEPEST_NESTING {
            let message = format!("Expressions may be nested at most {DEEPEST_NESTING} levels deep.");
            return Err(QueryError::new(QueryCode::Limit, self.here(), message));
        }
        self.nesting += 1;
        let result = read(self);
        self.nesting -= 1;
        result
    }

    /// Expressions with commas between them.
    fn list(&mut self) -> Result<Vec<Expr>, QueryError> {
        let mut list = vec![self.expression()?];
        while self.take_symbol(",") {
            list.push(self.expression()?);
        }
        Ok(list)
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(word))
        || matches!(word, "null" | "true" | "false" | "undefined" | "udf")
}
