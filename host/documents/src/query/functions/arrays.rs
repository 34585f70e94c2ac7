//! Functions over arrays.

use super::super::effort;
use super::super::value::{Type, Value};
use super::{Entry, MANY, entry};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("ARRAY_LENGTH", 1, 1, |args| match args[0].kind() {
        Type::Array => count(args[0].elements().len()),
        _ => Value::Undefined,
    }),
    entry("ARRAY_CONTAINS", 2, 3, contains),
    entry("ARRAY_CONCAT", 2, MANY, |args| {
        if args.iter().any(|arg| arg.kind() != Type::Array) {
            return Value::Undefined;
        }
        let elements: Vec<_> = args.iter().flat_map(Value::elements).collect();
        if effort::make(elements.len()) { Value::Array(elements) } else { Value::Undefined }
    }),
    entry("ARRAY_SLICE", 2, 3, slice),
];

#[expect(clippy::cast_precision_loss, reason = "an item has fewer elements than a double has whole numbers")]
fn count<'a>(count: usize) -> Value<'a> {
    Value::Number(count as f64, None)
}

/// Whether an element is equal to a value or, with a third argument of true, an object has all of the value's members.
fn contains<'a>(args: &[Value<'a>]) -> Value<'a> {
    if args[0].kind() != Type::Array || args[1].is_undefined() {
        return Value::Undefined;
    }
    let partly = match args.get(2) {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(_) => return Value::Undefined,
    };
    let fits = |element: &Value<'a>| element.equal(&args[1]) == Some(true) || partly && has_all(element, &args[1]);
    let elements = args[0].elements();
    // What is looked for is read again for each element.
    if let Value::ArrayText(text) | Value::ObjectText(text) = &args[1]
        && !effort::look(text.len().saturating_mul(elements.len()))
    {
        return Value::Undefined;
    }
    Value::Bool(elements.iter().any(fits))
}

fn has_all(element: &Value<'_>, wanted: &Value<'_>) -> bool {
    let both = element.kind() == Type::Object && wanted.kind() == Type::Object;
    both && wanted.members().iter().all(|(name, value)| {
        let own = element.member(name);
        own.equal(value) == Some(true) || has_all(&own, value)
    })
}

/// Part of an array; a negative start counts from the end.
fn slice<'a>(args: &[Value<'a>]) -> Value<'a> {
    let (Type::Array, Value::Number(start, _)) = (args[0].kind(), &args[1]) else { return Value::Undefined };
    let length = match args.get(2) {
        None => f64::INFINITY,
        Some(Value::Number(length, _)) => *length,
        Some(_) => return Value::Undefined,
    };
    let elements = args[0].elements();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "kept between nothing and the number of elements"
    )]
    let (skip, take) = {
        let all = elements.len() as f64;
        let begin = if *start < 0.0 { (all + start.trunc()).max(0.0) } else { start.trunc().min(all) };
        (begin as usize, length.trunc().clamp(0.0, all) as usize)
    };
    Value::Array(elements.into_iter().skip(skip).take(take).collect())
}
