//! Sends one batch and reads its whole answer.

use std::sync::Arc;

use futures_util::TryStreamExt;
use tiberius::{ColumnData, Query, QueryItem};

use super::batch::{AFFECTED, Batch, Parameter};
use super::pool::Lent;
use crate::operation::{Row, StepOutcome, Value};

/// Runs a batch; answers one outcome for each step that was reached. Whether the connection is in order afterwards is
/// for the caller to say: a transaction may be open.
pub(super) async fn batch(lent: &mut Lent, batch: &Batch<'_>) -> Result<Vec<StepOutcome>, tiberius::error::Error> {
    let mut query = Query::new(batch.text.as_str());
    for parameter in &batch.parameters {
        match parameter {
            Parameter::Int(number) => query.bind(*number),
            Parameter::Text(text) => query.bind(*text),
            Parameter::Bytes(bytes) => query.bind(*bytes),
        }
    }
    let (mut outcomes, mut rows, mut counts) = (Vec::new(), Vec::new(), false);
    let mut stream = query.query(lent.request()?).await?;
    while let Some(item) = stream.try_next().await? {
        match item {
            QueryItem::Metadata(columns) => {
                counts = matches!(columns.columns(), [only] if only.name().eq_ignore_ascii_case(AFFECTED));
            }
            QueryItem::Row(row) if counts => {
                let affected = decode(row)?.int(0).map_err(|_| unreadable())?.unsigned_abs();
                // Babelfish counts no row where OUTPUT answers them.
                let affected = affected.max(rows.len() as u64);
                outcomes.push(StepOutcome { rows: std::mem::take(&mut rows), affected });
            }
            QueryItem::Row(row) => rows.push(decode(row)?),
        }
    }
    Ok(outcomes)
}

/// Runs texts without parameters.
pub(super) async fn plain(lent: &mut Lent, text: &str) -> Result<Vec<Row>, tiberius::error::Error> {
    let rows = lent.request()?.simple_query(text).await?.into_results().await?;
    rows.into_iter().flatten().map(decode).collect()
}

fn decode(row: tiberius::Row) -> Result<Row, tiberius::error::Error> {
    row.into_iter().map(value).collect::<Result<_, _>>().map(Row)
}

fn value(data: ColumnData<'static>) -> Result<Value, tiberius::error::Error> {
    let value = match data {
        ColumnData::I64(number) => number.map(Value::Int),
        ColumnData::I32(number) => number.map(|number| Value::Int(number.into())),
        ColumnData::I16(number) => number.map(|number| Value::Int(number.into())),
        ColumnData::U8(number) => number.map(|number| Value::Int(number.into())),
        ColumnData::Bit(flag) => flag.map(Value::from),
        ColumnData::String(text) => text.map(|text| Value::Text(Arc::from(&*text))),
        ColumnData::Binary(bytes) => bytes.map(|bytes| Value::Bytes(Arc::new(bytes.into_owned()))),
        _ => return Err(unreadable()),
    };
    Ok(value.unwrap_or(Value::Null))
}

fn unreadable() -> tiberius::error::Error {
    tiberius::error::Error::Conversion("a column of a type that no statement of Hearth answers".into())
}
