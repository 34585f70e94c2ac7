//! The engine-neutral form of work: named statements, their arguments, and operations made of steps.
//!
//! An operation is data, not code, so that an engine may batch it with others, repeat it alone after a failed batch, and
//! run it to its end although its caller has gone. No statement may fail on data: conditions stand in its WHERE clause
//! and the count of rows is the answer.

use std::sync::Arc;

use hearth_model::clock::Timestamp;

use crate::StateError;

/// One statement: its name (in faults, logs and tests) and its text per engine.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) name: &'static str,
    /// Whether its answer is rows; otherwise the answer is how many rows it changed (and any it returns).
    pub(crate) query: bool,
    /// Whether it finds its few rows at once, so that several that wait are read together.
    pub(crate) point: bool,
    /// Text for SQLite. Parameters are plain `?`, because runs of one statement are sent together.
    pub(crate) sqlite: &'static str,
    /// Text for SQL Server: one or more T-SQL statements. `@1` is the first argument, usable any number of times; `$.`
    /// stands before each table and becomes the schema. The answer is every row that is returned, and the row count of
    /// the last statement, or what the text puts into `@n`; where a step is required OUTPUT does not do, because Babelfish
    /// counts none of its rows. `@r` (bigint) and `@u` (nvarchar) are free for its own use.
    pub(crate) mssql: &'static str,
}

impl Statement {
    /// A statement that changes rows.
    pub(crate) const fn change(name: &'static str, sqlite: &'static str, mssql: &'static str) -> Self {
        assert!(arguments_fit(sqlite, mssql), "the T-SQL text names an argument that the SQLite text does not take");
        Self { name, query: false, point: false, sqlite, mssql }
    }

    /// A statement that only reads.
    pub(crate) const fn query(name: &'static str, sqlite: &'static str, mssql: &'static str) -> Self {
        assert!(arguments_fit(sqlite, mssql), "the T-SQL text names an argument that the SQLite text does not take");
        Self { name, query: true, point: false, sqlite, mssql }
    }

    /// A statement that only reads, a row or two that an index leads to. Many of them come at once.
    pub(crate) const fn point(name: &'static str, sqlite: &'static str, mssql: &'static str) -> Self {
        Self { point: true, ..Self::query(name, sqlite, mssql) }
    }
}

/// Whether no `@N` is greater than the number of `?`. Both stand in constants, so a slip does not compile.
const fn arguments_fit(sqlite: &str, mssql: &str) -> bool {
    let (sqlite, mssql) = (sqlite.as_bytes(), mssql.as_bytes());
    let (mut count, mut at) = (0, 0);
    while at < sqlite.len() {
        count += (sqlite[at] == b'?') as usize;
        at += 1;
    }
    at = 0;
    while at < mssql.len() {
        let (mut number, mut digit) = (0, at + 1);
        while mssql[at] == b'@' && digit < mssql.len() && mssql[digit].is_ascii_digit() {
            number = number * 10 + (mssql[digit] - b'0') as usize;
            digit += 1;
        }
        if number > count {
            return false;
        }
        at += 1;
    }
    true
}

/// An argument or a column of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(Arc<str>),
    Bytes(Arc<Vec<u8>>),
    /// The database's time plus so many microseconds, decided when the statement runs and not when it was queued.
    Now(i64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Arc::new(bytes.to_vec()))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}

impl From<u64> for Value {
    /// Counters and sizes; none comes near the sign bit, and one that did would be stored as the largest number.
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// A statement with its arguments.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) statement: &'static Statement,
    pub(crate) args: Vec<Value>,
    /// When it affects (or, for a query, finds) no row, the whole operation is undone and stops here.
    pub(crate) required: bool,
}

impl Step {
    pub(crate) fn new(statement: &'static Statement, args: Vec<Value>) -> Self {
        Self { statement, args, required: false }
    }

    pub(crate) fn required(statement: &'static Statement, args: Vec<Value>) -> Self {
        Self { statement, args, required: true }
    }
}

/// What an acknowledged operation survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Loss of power: the commit reached the disk.
    Full,
    /// Kill of any process, but not loss of power. For what is renewed anyway: leases, heartbeats.
    Normal,
}

/// Steps that happen all or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) steps: Vec<Step>,
    pub(crate) durability: Durability,
}

impl Operation {
    pub(crate) fn full(steps: Vec<Step>) -> Self {
        Self { steps, durability: Durability::Full }
    }

    pub(crate) fn normal(steps: Vec<Step>) -> Self {
        Self { steps, durability: Durability::Normal }
    }

    /// Whether the answer of one step decides about another.
    pub(crate) fn decides(&self) -> bool {
        self.steps.len() > 1 && self.steps.iter().any(|step| step.required)
    }

    /// Whether a step may have to be undone because a later one finds no row.
    pub(crate) fn can_be_undone(&self) -> bool {
        self.steps.iter().skip(1).any(|step| step.required)
    }
}

/// Answer of one step.
#[derive(Debug, Default)]
pub(crate) struct StepOutcome {
    pub(crate) rows: Vec<Row>,
    /// Rows changed; for a query, rows found.
    pub(crate) affected: u64,
}

/// Answer of an operation that was committed.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// False when a required step found no row: then nothing was changed, and `steps` ends with that step.
    pub(crate) done: bool,
    pub(crate) steps: Vec<StepOutcome>,
}

impl Outcome {
    /// Rows that the step changed or found; 0 for a step that was not reached.
    pub(crate) fn affected(&self, step: usize) -> u64 {
        self.steps.get(step).map_or(0, |outcome| outcome.affected)
    }

    /// The first row of a step.
    pub(crate) fn row(&self, step: usize) -> Option<&Row> {
        self.steps.get(step).and_then(|outcome| outcome.rows.first())
    }
}

/// One row of an answer, by column position.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row(pub(crate) Vec<Value>);

impl Row {
    pub(crate) fn int(&self, column: usize) -> Result<i64, StateError> {
        match self.0.get(column) {
            Some(Value::Int(number)) => Ok(*number),
            _ => Err(self.unexpected(column)),
        }
    }

    pub(crate) fn unsigned(&self, column: usize) -> Result<u64, StateError> {
        u64::try_from(self.int(column)?).map_err(|_| self.unexpected(column))
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, StateError> {
        self.int(column).map(Timestamp)
    }

    /// A time that may not have come yet, stored as NULL.
    pub(crate) fn optional_time(&self, column: usize) -> Result<Option<Timestamp>, StateError> {
        match self.0.get(column) {
            Some(Value::Null) => Ok(None),
            _ => self.time(column).map(Some),
        }
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool, StateError> {
        Ok(self.int(column)? != 0)
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, StateError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(text),
            _ => Err(self.unexpected(column)),
        }
    }

    /// A text that others may hold too.
    pub(crate) fn shared_text(&self, column: usize) -> Result<Arc<str>, StateError> {
        match self.0.get(column) {
            Some(Value::Text(text)) => Ok(Arc::clone(text)),
            _ => Err(self.unexpected(column)),
        }
    }

    /// Whether the column is NULL, as the columns of a row are that was joined and not found.
    pub(crate) fn is_null(&self, column: usize) -> bool {
        matches!(self.0.get(column), Some(Value::Null))
    }

    pub(crate) fn bytes(&self, column: usize) -> Result<&[u8], StateError> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(self.unexpected(column)),
        }
    }

    /// Bytes that others may hold too.
    pub(crate) fn shared_bytes(&self, column: usize) -> Result<Arc<Vec<u8>>, StateError> {
        match self.0.get(column) {
            Some(Value::Bytes(bytes)) => Ok(Arc::clone(bytes)),
            _ => Err(self.unexpected(column)),
        }
    }

    /// A name or identity; what does not parse was not written by Hearth.
    pub(crate) fn id<T: std::str::FromStr>(&self, column: usize) -> Result<T, StateError> {
        self.text(column)?.parse().map_err(|_| self.unexpected(column))
    }

    /// An identity that may be absent, stored as the empty text.
    pub(crate) fn optional_id<T: std::str::FromStr>(&self, column: usize) -> Result<Option<T>, StateError> {
        if self.text(column)?.is_empty() { Ok(None) } else { self.id(column).map(Some) }
    }

    pub(crate) fn unexpected(&self, column: usize) -> StateError {
        let found = match self.0.get(column) {
            None => "nothing",
            Some(Value::Null) => "NULL",
            Some(Value::Int(_)) | Some(Value::Now(_)) => "another number",
            Some(Value::Text(_)) => "another text",
            Some(Value::Bytes(_)) => "other bytes",
        };
        StateError::Corrupt(format!(
            "the state database holds {found} where Hearth did not write it (column {column}): restore it from a backup"
        ))
    }
}

/// Microseconds of a lease or time span; spans of more than 290,000 years count as that.
pub(crate) fn micros(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 2)
}

#[cfg(test)]
mod tests {
    use super::arguments_fit;

    #[test]
    fn an_argument_beyond_the_last_is_noticed() {
        assert!(arguments_fit("a ? b ?", "@2 @1 @2 @n @@ROWCOUNT"));
        assert!(arguments_fit("", "") && arguments_fit(&"?".repeat(12), "x = @12"));
        assert!(!arguments_fit("a ?", "@1, @2") && !arguments_fit(&"?".repeat(11), "@12"));
    }
}
