//! Aggregates over all rows of a query: COUNT, SUM, AVG, MIN, MAX (reference 5.3).

use std::cmp::Ordering;

use super::code::Code;
use super::value::{Type, Value};

/// Which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AggregateKind {
    Count,
    Sum,
    Average,
    Least,
    Greatest,
}

/// An aggregate of a query.
#[derive(Debug)]
pub(super) struct Aggregate {
    pub(super) kind: AggregateKind,
    pub(super) argument: Code,
}

impl AggregateKind {
    /// Which one a name means, whatever its case.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "COUNT" => Some(Self::Count),
            "SUM" => Some(Self::Sum),
            "AVG" => Some(Self::Average),
            "MIN" => Some(Self::Least),
            "MAX" => Some(Self::Greatest),
            _ => None,
        }
    }

    /// As query plans call it.
    pub(super) const fn plan_name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Sum => "Sum",
            Self::Average => "Average",
            Self::Least => "Min",
            Self::Greatest => "Max",
        }
    }
}

/// What an aggregate has seen. Undefined values do not count; a value that cannot be added makes a sum undefined for good.
#[derive(Debug)]
pub(super) struct Tally {
    kind: AggregateKind,
    count: u64,
    sum: f64,
    best: Value<'static>,
    spoilt: bool,
}

impl Tally {
    pub(super) fn new(kind: AggregateKind) -> Self {
        Self { kind, count: 0, sum: 0.0, best: Value::Undefined, spoilt: false }
    }

    /// Takes the value of one row.
    pub(super) fn add(&mut self, value: Value<'_>) {
        if value.is_undefined() {
            return;
        }
        self.count += 1;
        match self.kind {
            AggregateKind::Count => {}
            AggregateKind::Sum | AggregateKind::Average => match value {
                Value::Number(number, _) => self.sum += number,
                _ => self.spoilt = true,
            },
            AggregateKind::Least | AggregateKind::Greatest => {
                if matches!(value.kind(), Type::Array | Type::Object) {
                    self.spoilt = true;
                    return;
                }
                let order = match self.best.kind().cmp(&value.kind()) {
                    Ordering::Equal => self.best.order(&value).unwrap_or(Ordering::Equal),
                    other => other,
                };
                let wanted = if self.kind == AggregateKind::Least { Ordering::Greater } else { Ordering::Less };
                if self.best.is_undefined() || order == wanted {
                    self.best = value.into_owned();
                }
            }
        }
    }

    /// What it came to.
    pub(super) fn value(&self) -> Value<'static> {
        if self.spoilt {
            return Value::Undefined;
        }
        #[expect(clippy::cast_precision_loss, reason = "JSON carries numbers as doubles")]
        let count = self.count as f64;
        match self.kind {
            AggregateKind::Count => Value::Number(count, None),
            AggregateKind::Sum => Value::number(self.sum),
            AggregateKind::Average => Value::number(self.sum / count),
            AggregateKind::Least | AggregateKind::Greatest => self.best.clone(),
        }
    }
}
