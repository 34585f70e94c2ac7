//! The query language: a text and its parameters become a [`Query`], which says of each item whether and as what it comes out.
//! An [`Execution`] makes pages of that, a [`Plan`] tells clients how to ask several ranges. Pure: items are given, nothing is read
//! (reference: Cosmos DB, section 5).
//!
//! Items are given as JSON text with their system properties; what comes out keeps the order of properties and the digits of
//! numbers.

mod aggregate;
mod ast;
mod code;
mod compile;
mod continuation;
mod effort;
mod error;
mod execution;
mod functions;
mod json;
mod keys;
mod lexer;
mod like;
mod order;
mod parser;
mod plan;
mod request;
mod rows;
mod value;

#[cfg(test)]
mod tests;

pub use continuation::{Continuation, Position};
pub use error::{QueryCode, QueryError};
pub use execution::{Answer, Execution, Flow, Next};
pub use keys::KeyScope;
pub use order::OrderKey;
pub use plan::{Plan, QueryRange};
pub use request::QueryRequest;

use ast::Select;
use compile::Program;
use value::Value;

/// A query that is right and that this store can answer.
#[derive(Debug)]
pub struct Query {
    text: String,
    select: Select,
    program: Program,
    /// Of text and parameters, without what clients substitute when they resume.
    fingerprint: [u8; 8],
}

impl Query {
    /// Reads a query. Parameters have their `@`.
    ///
    /// # Errors
    ///
    /// A mistake in the text, or something of the language that is not done here yet: both with their place.
    pub fn parse(text: &str, parameters: &[(String, serde_json::Value)]) -> Result<Self, QueryError> {
        let parameters: Vec<_> =
            parameters.iter().map(|(name, value)| (name.clone(), owned(&value.to_string()))).collect();
        Self::with_values(text, &parameters)
    }

    /// Reads the condition of a patch: `from c where c.n = 3`.
    ///
    /// # Errors
    ///
    /// As [`Query::parse`].
    pub fn parse_condition(text: &str) -> Result<Self, QueryError> {
        let _account = effort::begin();
        let select = parser::parse_condition(text)?;
        let program = compile::compile(&select, &[])?;
        Ok(Self { text: text.to_owned(), select, program, fingerprint: [0; 8] })
    }

    fn with_values(text: &str, parameters: &[(String, Value<'static>)]) -> Result<Self, QueryError> {
        let account = effort::begin();
        let select = parser::parse_query(text)?;
        let program = compile::compile(&select, parameters)?;
        if effort::is_spent() {
            let span = error::Span { start: 0, end: text.len() };
            return Err(QueryError::new(QueryCode::Limit, span, "The query makes more of its own texts than one may."));
        }
        drop(account);
        let fingerprint = continuation::fingerprint(text, &select, parameters);
        Ok(Self { text: text.to_owned(), select, program, fingerprint })
    }

    /// Whether the answer needs no items: a query without FROM.
    pub fn needs_no_items(&self) -> bool {
        self.program.sources.is_empty()
    }

    /// Whether rows come out in another order than items go in, so that every item has to be seen for each page.
    pub fn needs_sort(&self) -> bool {
        self.program.order.is_some()
    }

    /// Whether one row comes out after every item was seen.
    pub fn aggregates(&self) -> bool {
        !self.program.aggregates.is_empty()
    }

    /// The path that rows are ordered by as names, where there is one of names alone.
    pub fn order_path(&self) -> Option<Vec<&str>> {
        match self.program.order.as_ref()? {
            (code::Code::Path(0, steps), _) => steps
                .iter()
                .map(|step| match step {
                    code::Step::Name(name) => Some(name.as_str()),
                    code::Step::Index(_) => None,
                })
                .collect(),
            _ => None,
        }
    }

    /// Whether clients have to work together what several ranges answer: it cannot be done by putting the answers after each other.
    pub fn needs_plan_over_ranges(&self) -> bool {
        let program = &self.program;
        program.order.is_some()
            || !program.aggregates.is_empty()
            || program.distinct
            || program.skip > 0
            || program.take.is_some()
    }
}

fn owned(json: &str) -> Value<'static> {
    Value::read(json).into_owned()
}
