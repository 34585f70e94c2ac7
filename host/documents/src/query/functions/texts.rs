//! Functions over strings. Positions and lengths count Unicode characters.

use super::super::effort;
use super::super::value::{Value, whole};
use super::{Entry, MANY, entry};

pub(super) const FUNCTIONS: &[Entry] = &[
    entry("STARTSWITH", 2, 3, |args| two(args, |text, part| text.starts_with(part))),
    entry("ENDSWITH", 2, 3, |args| two(args, |text, part| text.ends_with(part))),
    entry("CONTAINS", 2, 3, |args| two(args, |text, part| text.contains(part))),
    entry("STRINGEQUALS", 2, 3, |args| two(args, |text, part| text == part)),
    entry("LOWER", 1, 1, |args| one(args, |text| Value::text(text.to_lowercase()))),
    entry("UPPER", 1, 1, |args| one(args, |text| Value::text(text.to_uppercase()))),
    entry("TRIM", 1, 1, |args| one(args, |text| Value::text(text.trim()))),
    entry("LTRIM", 1, 1, |args| one(args, |text| Value::text(text.trim_start()))),
    entry("RTRIM", 1, 1, |args| one(args, |text| Value::text(text.trim_end()))),
    entry("REVERSE", 1, 1, |args| one(args, |text| Value::text(text.chars().rev().collect::<String>()))),
    entry("LENGTH", 1, 1, |args| one(args, |text| count(text.chars().count()))),
    entry("CONCAT", 2, MANY, concat),
    entry("INDEX_OF", 2, 3, index_of),
    entry("SUBSTRING", 3, 3, |args| match &args[0] {
        Value::Text(text) => part(text, &args[1], &args[2]),
        _ => Value::Undefined,
    }),
    entry("LEFT", 2, 2, |args| match &args[0] {
        Value::Text(text) => part(text, &Value::Number(0.0, None), &args[1]),
        _ => Value::Undefined,
    }),
    entry("RIGHT", 2, 2, |args| match (&args[0], &args[1]) {
        (Value::Text(text), Value::Number(length, _)) if effort::make(text.len()) => {
            let length = whole(length.max(0.0)).unwrap_or(usize::MAX);
            Value::text(text.chars().skip(text.chars().count().saturating_sub(length)).collect::<String>())
        }
        _ => Value::Undefined,
    }),
    entry("REPLACE", 3, 3, |args| match (&args[0], &args[1], &args[2]) {
        (Value::Text(text), Value::Text(old), Value::Text(_)) if old.is_empty() => Value::text(text.as_ref()),
        (Value::Text(text), Value::Text(old), Value::Text(new)) => {
            // Each place may make the text much longer: it is counted before it is made.
            let longer = text.matches(old.as_ref()).count().saturating_mul(new.len());
            match effort::make(text.len().saturating_add(longer)) {
                true => Value::text(text.replace(old.as_ref(), new)),
                false => Value::Undefined,
            }
        }
        _ => Value::Undefined,
    }),
];

/// A question about two strings; a third argument asks whether case does not matter.
fn two<'a>(args: &[Value<'a>], ask: fn(&str, &str) -> bool) -> Value<'a> {
    let (Value::Text(one), Value::Text(two)) = (&args[0], &args[1]) else { return Value::Undefined };
    match args.get(2) {
        None | Some(Value::Bool(false)) if effort::look(one.len()) => Value::Bool(ask(one, two)),
        Some(Value::Bool(true)) if effort::make(one.len() + two.len()) => {
            Value::Bool(ask(&one.to_lowercase(), &two.to_lowercase()))
        }
        _ => Value::Undefined,
    }
}

fn one<'a>(args: &[Value<'a>], make: fn(&str) -> Value<'a>) -> Value<'a> {
    match &args[0] {
        Value::Text(text) if effort::make(text.len()) => make(text),
        _ => Value::Undefined,
    }
}

#[expect(clippy::cast_precision_loss, reason = "an item has fewer characters than a double has whole numbers")]
fn count<'a>(count: usize) -> Value<'a> {
    Value::Number(count as f64, None)
}

fn concat<'a>(args: &[Value<'a>]) -> Value<'a> {
    let mut whole = String::new();
    for arg in args {
        let Value::Text(text) = arg else { return Value::Undefined };
        if !effort::make(text.len()) {
            return Value::Undefined;
        }
        whole.push_str(text);
    }
    Value::text(whole)
}

/// The place of a string in another, from an optional place on; -1 where it is not.
fn index_of<'a>(args: &[Value<'a>]) -> Value<'a> {
    let (Value::Text(text), Value::Text(part)) = (&args[0], &args[1]) else { return Value::Undefined };
    let from = match args.get(2) {
        None => 0,
        Some(Value::Number(from, _)) => match whole(*from) {
            Some(from) => from,
            None => return Value::Undefined,
        },
        Some(_) => return Value::Undefined,
    };
    if !effort::look(text.len()) {
        return Value::Undefined;
    }
    let begin = text.char_indices().nth(from).map_or(text.len(), |(at, _)| at);
    match text[begin..].find(part.as_ref()) {
        Some(at) => count(text[..begin + at].chars().count()),
        None => Value::Number(-1.0, None),
    }
}

/// Part of a string; a negative length is an empty one.
fn part<'a>(text: &str, start: &Value<'_>, length: &Value<'_>) -> Value<'a> {
    let (Value::Number(start, _), Value::Number(length, _)) = (start, length) else { return Value::Undefined };
    let (Some(start), Some(length)) = (whole(start.max(0.0)), whole(length.max(0.0))) else { return Value::Undefined };
    if !effort::make(text.len()) {
        return Value::Undefined;
    }
    Value::text(text.chars().skip(start).take(length).collect::<String>())
}
