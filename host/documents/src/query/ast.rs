//! A query as it was written: clauses and expressions with their places in the text.

use super::error::Span;
use super::value::Value;

/// A whole query.
#[derive(Debug)]
pub(super) struct Select {
    pub(super) distinct: bool,
    pub(super) top: Option<Count>,
    pub(super) list: SelectList,
    /// From the first to the last token after SELECT, DISTINCT and TOP.
    pub(super) list_span: Span,
    pub(super) from: Option<From>,
    pub(super) filter: Option<Expr>,
    pub(super) order: Option<Order>,
    pub(super) page: Option<(Count, Count)>,
}

/// What stands between SELECT and FROM.
#[derive(Debug)]
pub(super) enum SelectList {
    Everything,
    Value(Expr),
    Named(Vec<(Expr, Option<String>)>),
}

/// A number of rows.
#[derive(Debug)]
pub(super) enum Count {
    Literal(u64),
    Parameter(String, Span),
}

/// What rows are made of.
#[derive(Debug)]
pub(super) struct From {
    pub(super) sources: Vec<Source>,
    pub(super) span: Span,
}

/// One source; the first begins with a free name for the item, the others with a name of an earlier one.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) path: Vec<Expr>,
    pub(super) alias: Option<String>,
    /// `alias IN path`: a row for each element.
    pub(super) each: bool,
    pub(super) span: Span,
}

/// ORDER BY.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) by: Expr,
    pub(super) descending: bool,
    pub(super) span: Span,
}

/// An expression.
#[derive(Debug)]
pub(super) struct Expr {
    pub(super) kind: Kind,
    pub(super) span: Span,
    /// Levels below, which a limit keeps from the end of the stack.
    pub(super) depth: u16,
}

/// What an expression is.
#[derive(Debug)]
pub(super) enum Kind {
    Literal(Value<'static>),
    Parameter(String),
    Name(String),
    /// A property by its name, or by what is in brackets.
    Member(Box<Expr>, Box<Expr>),
    Array(Vec<Expr>),
    Object(Vec<(String, Expr)>),
    Call(String, Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Plus(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Conditional(Box<[Expr; 3]>),
    In(Box<Expr>, Vec<Expr>),
    Between(Box<[Expr; 3]>),
    /// A value, a pattern and the character that escapes in it.
    Like(Box<Expr>, Box<Expr>, Option<char>),
}

/// Operators with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Compare(Comparison),
    Arithmetic(Arithmetic),
    Concat,
    Coalesce,
}

/// Comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
