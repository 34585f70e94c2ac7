//! Functions that ask for types: never undefined themselves.

use super::super::value::{Type, Value};
use super::{Entry, entry};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("IS_DEFINED", 1, 1, |args| Value::Bool(!args[0].is_undefined())),
    entry("IS_NULL", 1, 1, |args| is(&args[0], Type::Null)),
    entry("IS_BOOL", 1, 1, |args| is(&args[0], Type::Bool)),
    entry("IS_BOOLEAN", 1, 1, |args| is(&args[0], Type::Bool)),
    entry("IS_NUMBER", 1, 1, |args| is(&args[0], Type::Number)),
    entry("IS_FINITE_NUMBER", 1, 1, |args| is(&args[0], Type::Number)),
    entry("IS_STRING", 1, 1, |args| is(&args[0], Type::Text)),
    entry("IS_ARRAY", 1, 1, |args| is(&args[0], Type::Array)),
    entry("IS_OBJECT", 1, 1, |args| is(&args[0], Type::Object)),
    entry("IS_PRIMITIVE", 1, 1, |args| {
        Value::Bool(matches!(args[0].kind(), Type::Null | Type::Bool | Type::Number | Type::Text))
    }),
    entry("IS_INTEGER", 1, 1, |args| {
        // Whole numbers of 64 bits.
        let whole = |number: f64| {
            number.fract() == 0.0 && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number)
        };
        Value::Bool(matches!(&args[0], Value::Number(number, _) if whole(*number)))
    }),
    entry("IIF", 3, 3, |args| if matches!(args[0], Value::Bool(true)) { args[1].clone() } else { args[2].clone() }),
];

fn is<'a>(value: &Value<'_>, wanted: Type) -> Value<'a> {
    Value::Bool(value.kind() == wanted)
}
