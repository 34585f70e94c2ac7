//! From an item to rows.

use std::ops::ControlFlow;

use super::Query;
use super::code::{Code, Row, Step};
use super::compile::Projection;
use super::effort;
use super::order::OrderKey;
use super::value::Value;

/// Most rows that joins may make of one item before the filter sees them.
pub(super) const MOST_ROWS_OF_AN_ITEM: u32 = 1_000_000;

/// Whoever takes rows; it may have enough.
pub(super) type Visit<'v, 'a> = &'v mut dyn FnMut(Row<'_, 'a>) -> ControlFlow<Stop>;

/// Why no further row of an item was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The visitor had enough.
    Enough,
    /// The item has too many.
    TooMany,
    /// The item costs more than one may.
    TooMuch,
}

impl Query {
    /// Whether the item has a row.
    pub fn matches(&self, item: &str) -> bool {
        self.each_row(item, &mut |_| ControlFlow::Break(Stop::Enough)) == ControlFlow::Break(Stop::Enough)
    }

    /// The rows of an item as JSON texts, in order; for queries without aggregates.
    pub fn project(&self, item: &str) -> Vec<String> {
        let mut rows = Vec::new();
        let _ = self.each_row(item, &mut |row| {
            let mut text = String::new();
            if self.write(row, &mut text) {
                rows.push(text);
            }
            ControlFlow::Continue(())
        });
        rows
    }

    pub(super) fn key(&self, row: Row<'_, '_>) -> OrderKey {
        self.program.order.as_ref().map_or(OrderKey::Undefined, |(by, _)| OrderKey::of(&by.eval(row)))
    }

    /// Hands over every row of an item that the filter keeps.
    pub(super) fn each_row<'a>(&'a self, item: &'a str, visit: Visit<'_, 'a>) -> ControlFlow<Stop> {
        let _account = effort::begin();
        let item = Value::read(item);
        if let [source] = self.program.sources.as_slice()
            && source.steps.is_empty()
            && !source.each
        {
            return self.filtered(&[item], visit);
        }
        let mut slots = Vec::with_capacity(self.program.sources.len());
        let mut made = 0;
        self.joined(&item, &mut slots, &mut made, visit)
    }

    /// Takes the next source for every value of the ones before.
    fn joined<'a>(
        &'a self,
        item: &Value<'a>,
        slots: &mut Vec<Value<'a>>,
        made: &mut u32,
        visit: Visit<'_, 'a>,
    ) -> ControlFlow<Stop> {
        let Some(source) = self.program.sources.get(slots.len()) else {
            return self.filtered(slots, visit);
        };
        let begin = source.from.and_then(|slot| slots.get(slot)).unwrap_or(item).clone();
        let value = source.steps.iter().fold(begin, |value, step| match step {
            Step::Name(name) => value.member(name),
            Step::Index(index) => value.element(*index),
        });
        let values = if source.each { value.elements() } else { vec![value] };
        for value in values.into_iter().filter(|value| !value.is_undefined()) {
            *made += 1;
            if *made > MOST_ROWS_OF_AN_ITEM {
                return ControlFlow::Break(Stop::TooMany);
            }
            slots.push(value);
            let flow = self.joined(item, slots, made, visit);
            slots.pop();
            flow?;
        }
        ControlFlow::Continue(())
    }

    fn filtered<'a>(&'a self, slots: &[Value<'a>], visit: Visit<'_, 'a>) -> ControlFlow<Stop> {
        let row = Row { slots, aggregates: &[] };
        let flow = match &self.program.filter {
            Some(filter) if filter.truth(row) != Some(true) => ControlFlow::Continue(()),
            // What it says then means nothing.
            _ if effort::is_spent() => ControlFlow::Continue(()),
            _ => visit(row),
        };
        if effort::is_spent() { ControlFlow::Break(Stop::TooMuch) } else { flow }
    }

    /// Writes a row; false, and nothing written, where it is undefined.
    pub(super) fn write(&self, row: Row<'_, '_>, out: &mut String) -> bool {
        let value = match &self.program.projection {
            Projection::Everything => row.slots.first().cloned().unwrap_or(Value::Undefined),
            Projection::Value(code) => code.eval(row),
            Projection::Object(members) => {
                write_object(members, row, out);
                return true;
            }
        };
        value.write(out);
        !value.is_undefined()
    }
}

fn write_object(members: &[(String, Code)], row: Row<'_, '_>, out: &mut String) {
    out.push('{');
    let mut first = true;
    for (name, code) in members {
        let value = code.eval(row);
        if value.is_undefined() {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        super::json::write_string(out, name);
        out.push(':');
        value.write(out);
    }
    out.push('}');
}
