//! Expressions ready to be evaluated: names are slots, parameters are values, functions are functions. Evaluation follows the
//! three-valued rules of reference 5.3: what cannot be said is undefined, never false.

use std::cmp::Ordering;

use super::ast::{Arithmetic, Comparison};
use super::effort;
use super::functions::Function;
use super::json;
use super::like::Pattern;
use super::order::compare_rids;
use super::value::Value;

/// An expression.
#[derive(Debug)]
pub(super) enum Code {
    Constant(Value<'static>),
    /// A path that begins at what a source gives.
    Path(usize, Vec<Step>),
    Member(Box<Code>, Box<Code>),
    Array(Vec<Code>),
    Object(Vec<(String, Code)>),
    Not(Box<Code>),
    Negate(Box<Code>),
    Plus(Box<Code>),
    Arithmetic(Arithmetic, Box<Code>, Box<Code>),
    Concat(Box<Code>, Box<Code>),
    Compare(Comparison, Box<Code>, Box<Code>),
    /// A comparison of `_rid`s, which come in the order of their numbers.
    CompareRids(Comparison, Box<Code>, Box<Code>),
    And(Vec<Code>),
    Or(Vec<Code>),
    In(Box<Code>, Vec<Code>),
    Between(Box<[Code; 3]>),
    Like(Box<Code>, Box<Code>, Option<char>),
    LikePattern(Box<Code>, Pattern),
    Coalesce(Box<Code>, Box<Code>),
    Conditional(Box<[Code; 3]>),
    Call(Function, Vec<Code>),
    /// What an aggregate came to.
    Aggregate(usize),
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Name(String),
    Index(usize),
}

/// What expressions are evaluated over.
#[derive(Clone, Copy)]
pub(super) struct Row<'e, 'a> {
    /// What each source gives; the first is the item where there is one.
    pub(super) slots: &'e [Value<'a>],
    /// What each aggregate came to, once all rows were seen.
    pub(super) aggregates: &'e [Value<'a>],
}

impl Code {
    pub(super) fn eval<'a>(&'a self, row: Row<'_, 'a>) -> Value<'a> {
        match self {
            Self::Constant(value) => {
                effort::look(1);
                value.borrowed()
            }
            Self::Path(slot, steps) => path(row.slots.get(*slot), *slot == 0, steps),
            Self::Member(of, index) => of.eval(row).at(&index.eval(row)),
            Self::Array(elements) => Value::Array(
                elements.iter().map(|element| element.eval(row)).filter(|value| !value.is_undefined()).collect(),
            ),
            Self::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, code)| (name.as_str().into(), code.eval(row)))
                    .filter(|(_, value)| !value.is_undefined())
                    .collect(),
            ),
            Self::Not(inner) => truth_value(inner.truth(row).map(|truth| !truth)),
            Self::Negate(inner) => match inner.eval(row) {
                Value::Number(number, _) => Value::number(-number),
                _ => Value::Undefined,
            },
            Self::Plus(inner) => match inner.eval(row) {
                number @ Value::Number(..) => number,
                _ => Value::Undefined,
            },
            Self::Arithmetic(arithmetic, one, two) => match (one.eval(row), two.eval(row)) {
                (Value::Number(one, _), Value::Number(two, _)) => Value::number(match arithmetic {
                    Arithmetic::Add => one + two,
                    Arithmetic::Subtract => one - two,
                    Arithmetic::Multiply => one * two,
                    Arithmetic::Divide => one / two,
                    Arithmetic::Remainder => one % two,
                }),
                _ => Value::Undefined,
            },
            Self::Concat(one, two) => match (one.eval(row), two.eval(row)) {
                (Value::Text(one), Value::Text(two)) if effort::make(one.len() + two.len()) => {
                    Value::text(one.into_owned() + &two)
                }
                _ => Value::Undefined,
            },
            Self::Coalesce(one, two) => match one.eval(row) {
                Value::Undefined => two.eval(row),
                value => value,
            },
            Self::Conditional(three) => {
                let [condition, yes, no] = three.as_ref();
                if condition.truth(row) == Some(true) { yes.eval(row) } else { no.eval(row) }
            }
            Self::Call(function, arguments) => match arguments.as_slice() {
                [one] => function(&[one.eval(row)]),
                [one, two] => function(&[one.eval(row), two.eval(row)]),
                many => function(&many.iter().map(|argument| argument.eval(row)).collect::<Vec<_>>()),
            },
            Self::Aggregate(index) => row.aggregates.get(*index).cloned().unwrap_or(Value::Undefined),
            Self::Compare(..)
            | Self::CompareRids(..)
            | Self::And(_)
            | Self::Or(_)
            | Self::In(..)
            | Self::Between(_)
            | Self::Like(..)
            | Self::LikePattern(..) => truth_value(self.truth(row)),
        }
    }

    /// True, false, or none for undefined and for what is no boolean.
    pub(super) fn truth(&self, row: Row<'_, '_>) -> Option<bool> {
        match self {
            Self::Compare(comparison, one, two) => compare(*comparison, &one.eval(row), &two.eval(row)),
            Self::CompareRids(comparison, one, two) => {
                let (one, two) = (one.eval(row), two.eval(row));
                match (&one, &two) {
                    (Value::Text(left), Value::Text(right)) => match compare_rids(left, right) {
                        Some(order) => Some(holds(*comparison, order)),
                        None => compare(*comparison, &one, &two),
                    },
                    _ => compare(*comparison, &one, &two),
                }
            }
            Self::And(members) => {
                let mut all = Some(true);
                for member in members {
                    match member.truth(row) {
                        Some(false) => return Some(false),
                        Some(true) => {}
                        None => all = None,
                    }
                }
                all
            }
            Self::Or(members) => any(members.iter().map(|member| member.truth(row))),
            Self::In(value, list) => {
                let value = value.eval(row);
                any(list.iter().map(|entry| value.equal(&entry.eval(row))))
            }
            Self::Between(three) => {
                let [value, low, high] = three.as_ref();
                let value = value.eval(row);
                let above = compare(Comparison::GreaterOrEqual, &value, &low.eval(row));
                let below = compare(Comparison::LessOrEqual, &value, &high.eval(row));
                match (above, below) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Self::Like(value, pattern, escape) => match (value.eval(row), pattern.eval(row)) {
                (Value::Text(text), Value::Text(pattern)) => Some(Pattern::new(&pattern, *escape).matches(&text)),
                _ => None,
            },
            Self::LikePattern(value, pattern) => match value.eval(row) {
                Value::Text(text) => Some(pattern.matches(&text)),
                _ => None,
            },
            Self::Not(inner) => inner.truth(row).map(|truth| !truth),
            other => match other.eval(row) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            },
        }
    }
}

/// True if any is true; false if all are false.
fn any(members: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut any = Some(false);
    for member in members {
        match member {
            Some(true) => return Some(true),
            Some(false) => {}
            None => any = None,
        }
    }
    any
}

fn truth_value<'a>(truth: Option<bool>) -> Value<'a> {
    truth.map_or(Value::Undefined, Value::Bool)
}

/// Follows a path through the text of an item without reading more of it than is needed.
fn path<'a>(from: Option<&Value<'a>>, item: bool, steps: &[Step]) -> Value<'a> {
    let Some(from) = from else { return Value::Undefined };
    let &Value::ObjectText(mut text) = from else {
        let mut value = from.clone();
        for step in steps {
            value = match step {
                Step::Name(name) => value.member(name),
                Step::Index(index) => value.element(*index),
            };
        }
        return value;
    };
    for (depth, step) in steps.iter().enumerate() {
        let found = match step {
            // The names of an item's own properties are there once: the store has seen to it.
            Step::Name(name) if text.starts_with('{') => json::member(text, name, item && depth == 0),
            Step::Index(index) if text.starts_with('[') => json::element(text, *index),
            _ => None,
        };
        match found {
            Some(found) => text = found,
            None => return Value::Undefined,
        }
    }
    Value::read(text)
}

/// A comparison of two values: equality of any, order only within a type.
pub(super) fn compare(comparison: Comparison, one: &Value<'_>, two: &Value<'_>) -> Option<bool> {
    match comparison {
        Comparison::Equal => one.equal(two),
        Comparison::NotEqual => one.equal(two).map(|equal| !equal),
        _ => one.order(two).map(|order| holds(comparison, order)),
    }
}

fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}
