//! What is wrong with a query, in the form that clients know: an error text that holds JSON with a code and a place
//! (reference: Cosmos DB, section 1.5).

use std::fmt;

use serde::Serialize;

use crate::protocol::DocumentError;

/// What kind of mistake it is. The text is the service's code where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryCode {
    /// The text is not a query.
    Syntax,
    /// A name that nothing in FROM introduces.
    UnknownName,
    /// A function that does not exist.
    UnknownFunction,
    /// Too few or too many arguments.
    Arguments,
    /// An aggregate where none can be.
    Aggregate,
    /// ORDER BY something that is not a path.
    OrderBy,
    /// A parameter that was not sent, or that has the wrong type for its place.
    Parameter,
    /// Right, but more than is allowed.
    Limit,
    /// Right, but not done here yet.
    NotSupported,
}

impl QueryCode {
    /// As clients see it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Syntax => "SC1001",
            Self::UnknownName => "SC2001",
            Self::UnknownFunction => "SC2005",
            Self::Arguments => "SC2050",
            Self::Aggregate => "SC2101",
            Self::OrderBy => "2206",
            Self::Parameter => "SC2061",
            Self::Limit => "SC3001",
            Self::NotSupported => "NotSupported",
        }
    }
}

/// Why a query is refused, always with 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What kind of mistake.
    pub code: QueryCode,
    /// Where it begins: bytes from the beginning of the text.
    pub start: usize,
    /// Where it ends, not included.
    pub end: usize,
    /// For people.
    pub message: String,
}

#[derive(Serialize)]
struct Entry<'a> {
    severity: &'static str,
    location: Location,
    code: &'static str,
    message: &'a str,
}

#[derive(Serialize)]
struct Location {
    start: usize,
    end: usize,
}

impl QueryError {
    pub(super) fn new(code: QueryCode, span: Span, message: impl Into<String>) -> Self {
        Self { code, start: span.start, end: span.end, message: message.into() }
    }

    pub(super) fn not_supported(span: Span, what: &str) -> Self {
        Self::new(QueryCode::NotSupported, span, format!("{what} is not supported yet by this document store."))
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {}, {})", self.message, self.start, self.code.text())
    }
}

impl std::error::Error for QueryError {}

impl From<QueryError> for DocumentError {
    fn from(error: QueryError) -> Self {
        let entry = Entry {
            severity: "Error",
            location: Location { start: error.start, end: error.end },
            code: error.code.text(),
            message: &error.message,
        };
        // A struct of texts and numbers always serializes.
        let entry = serde_json::to_string(&entry).unwrap_or_default();
        Self::bad_request(format!("{{\"errors\":[{entry}]}}"))
    }
}

/// Where something stands in the text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Span {
    pub(super) const fn to(self, end: Self) -> Self {
        Self { start: self.start, end: end.end }
    }
}
