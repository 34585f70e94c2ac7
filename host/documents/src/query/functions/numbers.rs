//! Functions over numbers. What is not finite is undefined, since JSON cannot carry it.

use super::super::value::Value;
use super::{Entry, entry};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("ABS", 1, 1, |args| one(args, f64::abs)),
    entry("CEILING", 1, 1, |args| one(args, f64::ceil)),
    entry("FLOOR", 1, 1, |args| one(args, f64::floor)),
    // Halves go away from zero.
    entry("ROUND", 1, 1, |args| one(args, f64::round)),
    entry("TRUNC", 1, 1, |args| one(args, f64::trunc)),
    entry("SQRT", 1, 1, |args| one(args, f64::sqrt)),
    entry("SQUARE", 1, 1, |args| one(args, |number| number * number)),
    entry("SIGN", 1, 1, |args| one(args, |number| if number == 0.0 { 0.0 } else { number.signum() })),
    entry("PI", 0, 0, |_| Value::Number(std::f64::consts::PI, None)),
    entry("POWER", 2, 2, |args| match (&args[0], &args[1]) {
        (Value::Number(base, _), Value::Number(exponent, _)) => Value::number(base.powf(*exponent)),
        _ => Value::Undefined,
    }),
];

fn one<'a>(args: &[Value<'a>], make: fn(f64) -> f64) -> Value<'a> {
    match &args[0] {
        Value::Number(number, _) => Value::number(make(*number)),
        _ => Value::Undefined,
    }
}
