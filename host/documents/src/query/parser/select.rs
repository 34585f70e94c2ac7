//! The clauses of a query.

use super::super::ast::{Count, Expr, From, Kind, Order, Select, SelectList, Source};
use super::super::error::{QueryError, Span};
use super::super::lexer::Token;
use super::super::value::{Value, whole};
use super::Parser;

impl Parser<'_> {
    pub(super) fn select(&mut self) -> Result<Select, QueryError> {
        self.expect_keyword("SELECT")?;
        let distinct = self.take_keyword("DISTINCT");
        let top = if self.is_keyword("TOP") && !matches!(self.peek_at(1), Token::Symbol(_)) {
            self.at += 1;
            Some(self.count()?)
        } else {
            None
        };
        let begin = self.here();
        let list = self.select_list()?;
        let list_span = begin.to(self.before());
        let from = if self.take_keyword("FROM") { Some(self.from()?) } else { None };
        let filter = if self.take_keyword("WHERE") { Some(self.expression()?) } else { None };
        if self.is_keyword("GROUP") {
            return Err(QueryError::not_supported(self.here(), "GROUP BY"));
        }
        let order = if self.is_keyword("ORDER") { Some(self.order()?) } else { None };
        let page = if self.take_keyword("OFFSET") {
            let offset = self.count()?;
            self.expect_keyword("LIMIT")?;
            Some((offset, self.count()?))
        } else {
            None
        };
        Ok(Select { distinct, top, list, list_span, from, filter, order, page })
    }

    /// `from c where …`.
    pub(super) fn condition(&mut self) -> Result<Select, QueryError> {
        let span = self.here();
        self.expect_keyword("FROM")?;
        let from = Some(self.from()?);
        self.expect_keyword("WHERE")?;
        let filter = Some(self.expression()?);
        let list = SelectList::Everything;
        Ok(Select { distinct: false, top: None, list, list_span: span, from, filter, order: None, page: None })
    }

    fn count(&mut self) -> Result<Count, QueryError> {
        let span = self.here();
        match self.peek().clone() {
            Token::Number(number) => match whole(number) {
                Some(count) => {
                    self.at += 1;
                    Ok(Count::Literal(count as u64))
                }
                None => Err(self.unexpected()),
            },
            Token::Parameter(name) => {
                self.at += 1;
                Ok(Count::Parameter(name.to_owned(), span))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn select_list(&mut self) -> Result<SelectList, QueryError> {
        if self.take_symbol("*") {
            return Ok(SelectList::Everything);
        }
        if self.take_keyword("VALUE") {
            return Ok(SelectList::Value(self.expression()?));
        }
        let mut list = Vec::new();
        loop {
            let expression = self.expression()?;
            let name = if self.take_keyword("AS") {
                match self.advance() {
                    Token::Word(word) => Some(word.to_owned()),
                    _ => {
                        self.at -= 1;
                        return Err(self.unexpected());
                    }
                }
            } else if matches!(self.peek(), Token::Word(word) if !super::is_reserved(word)) {
                Some(self.name()?)
            } else {
                None
            };
            list.push((expression, name));
            if !self.take_symbol(",") {
                return Ok(SelectList::Named(list));
            }
        }
    }

    fn from(&mut self) -> Result<From, QueryError> {
        let begin = self.here();
        let mut sources = vec![self.source()?];
        while self.take_keyword("JOIN") {
            sources.push(self.source()?);
        }
        Ok(From { sources, span: begin.to(self.before()) })
    }

    fn source(&mut self) -> Result<Source, QueryError> {
        let begin = self.here();
        if self.is_symbol("(") {
            return Err(QueryError::not_supported(begin, "A subquery in FROM"));
        }
        let first = self.name()?;
        if self.take_keyword("IN") {
            if self.is_symbol("(") {
                return Err(QueryError::not_supported(self.here(), "A subquery in FROM"));
            }
            let name = self.name()?;
            let path = self.source_path()?;
            return Ok(Source { name, path, alias: Some(first), each: true, span: begin.to(self.before()) });
        }
        let path = self.source_path()?;
        let span = begin.to(self.before());
        let named = self.take_keyword("AS") || matches!(self.peek(), Token::Word(word) if !super::is_reserved(word));
        let alias = if named { Some(self.name()?) } else { last_name(&path) };
        Ok(Source { name: first, path, alias, each: false, span })
    }

    /// `.name`, `["name"]` and `[0]`, as expressions of the names and numbers.
    fn source_path(&mut self) -> Result<Vec<Expr>, QueryError> {
        let mut path = Vec::new();
        loop {
            let span = self.here();
            let kind = if self.take_symbol(".") {
                match self.advance() {
                    Token::Word(word) => Value::text(word),
                    _ => {
                        self.at -= 1;
                        return Err(self.unexpected());
                    }
                }
            } else if self.take_symbol("[") {
                let value = match self.peek().clone() {
                    Token::Text(text) => Value::text(text),
                    Token::Number(number) => Value::Number(number, None),
                    _ => return Err(self.unexpected()),
                };
                self.at += 1;
                self.expect_symbol("]")?;
                value
            } else {
                return Ok(path);
            };
            path.push(Expr {
                kind: Kind::Literal(kind),
                span: Span { start: span.start, end: self.before().end },
                depth: 1,
            });
        }
    }

    fn order(&mut self) -> Result<Order, QueryError> {
        let begin = self.here();
        self.expect_keyword("ORDER")?;
        self.expect_keyword("BY")?;
        if self.is_keyword("RANK") {
            return Err(QueryError::not_supported(self.here(), "ORDER BY RANK"));
        }
        let by = self.expression()?;
        let descending = self.take_keyword("DESC");
        if !descending {
            self.take_keyword("ASC");
        }
        if self.is_symbol(",") {
            return Err(QueryError::not_supported(self.here(), "ORDER BY more than one path"));
        }
        Ok(Order { by, descending, span: begin.to(self.before()) })
    }
}

/// What a source without an alias is called: the last name of its path.
fn last_name(path: &[Expr]) -> Option<String> {
    match path.last().map(|last| &last.kind) {
        Some(Kind::Literal(Value::Text(name))) => Some(name.to_string()),
        _ => None,
    }
}
