//! The body of a query request (reference 5.1).

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::value::Value;
use super::{Query, QueryError, owned};
use crate::protocol::DocumentError;
use crate::protocol::json::Scanner;

/// A query and its parameters as they came.
#[derive(Debug, Deserialize)]
pub struct QueryRequest {
    query: String,
    #[serde(default)]
    parameters: Option<Vec<Parameter>>,
}

#[derive(Debug, Deserialize)]
struct Parameter {
    name: String,
    /// Missing where a client had nothing to say: undefined, which null is not.
    #[serde(default, deserialize_with = "there")]
    value: Option<Box<RawValue>>,
}

fn there<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<RawValue>>, D::Error> {
    Box::deserialize(deserializer).map(Some)
}

impl QueryRequest {
    /// Reads a body: `{"query": …, "parameters": […]}`, or the text of a query alone.
    ///
    /// # Errors
    ///
    /// 400 where it is neither.
    pub fn parse(body: &[u8]) -> Result<Self, DocumentError> {
        match body.trim_ascii_start().first() {
            Some(b'{') => {
                let request: Self = serde_json::from_slice(body).map_err(|error| {
                    DocumentError::bad_request(format!("The body is no query with parameters: {error}."))
                })?;
                // Their text is taken as it is, however deep: what is too deep for an item ends the stack later.
                for value in request.parameters.iter().flatten().filter_map(|parameter| parameter.value.as_ref()) {
                    Scanner::new(value.get()).value()?;
                }
                Ok(request)
            }
            _ => match std::str::from_utf8(body) {
                Ok(query) => Ok(Self { query: query.to_owned(), parameters: None }),
                Err(_) => Err(DocumentError::bad_request("The body is no text in UTF-8.")),
            },
        }
    }

    /// The query, ready to be evaluated.
    ///
    /// # Errors
    ///
    /// As [`Query::parse`].
    pub fn query(&self) -> Result<Arc<Query>, QueryError> {
        let parameters: Vec<_> = self
            .parameters
            .iter()
            .flatten()
            .map(|parameter| {
                let value = parameter.value.as_ref().map_or(Value::Undefined, |value| owned(value.get()));
                (parameter.name.clone(), value)
            })
            .collect();
        Query::with_values(&self.query, &parameters).map(Arc::new)
    }
}
