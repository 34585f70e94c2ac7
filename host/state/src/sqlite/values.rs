//! Arguments into SQLite and rows out of it.

use std::sync::Arc;

use hearth_model::clock::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Row as _, TypeInfo, ValueRef};

use crate::operation::{Row, Step, Value};

/// Adds the arguments of a step to those of a query.
pub(super) fn bind(arguments: &mut SqliteArguments, step: &Step, now: Timestamp) -> Result<(), sqlx::Error> {
    for value in &step.args {
        match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Int(number) => arguments.add(*number),
            Value::Text(text) => arguments.add(Arc::clone(text)),
            Value::Bytes(bytes) => arguments.add(bytes.as_slice()),
            Value::Now(offset) => arguments.add(now.as_micros().saturating_add(*offset)),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(())
}

/// A row in the engine-neutral form.
pub(super) fn decode(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let mut values = Vec::with_capacity(row.len());
    for column in 0..row.len() {
        let raw = row.try_get_raw(column)?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "TEXT" => Value::Text(row.try_get::<&str, _>(column)?.into()),
                "BLOB" => Value::Bytes(Arc::new(row.try_get(column)?)),
                _ => Value::Int(row.try_get_unchecked(column)?),
            }
        };
        values.push(value);
    }
    Ok(Row(values))
}
