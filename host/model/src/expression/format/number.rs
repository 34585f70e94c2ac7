//! Numbers: the standard formats `B C D E F G N P R X`; the rest are pictures.

use serde_json::Number;

use super::digits::Digits;
use super::{MAX_PRECISION, picture, standard};

#[cfg(test)]
mod tests;

/// A number of JSON. .NET has whole ones as 64-bit integers, and the rest as doubles.
#[derive(Clone, Copy)]
enum Kind {
    Integer(i128),
    Double(f64),
}

pub(super) fn format(number: &Number, format: &str) -> Result<String, String> {
    let kind = match (number.as_i64(), number.as_u64()) {
        (Some(value), _) => Kind::Integer(i128::from(value)),
        (None, Some(value)) => Kind::Integer(i128::from(value)),
        (None, None) => Kind::Double(number.as_f64().unwrap_or(f64::NAN)),
    };
    let Some((letter, precision)) = standard(format) else {
        let digits = match kind {
            Kind::Integer(value) => Digits::of_integer(value),
            // As many as .NET takes for pictures.
            Kind::Double(value) => Digits::significant(value, 15),
        };
        return picture::format(digits, format);
    };
    if precision.is_some_and(|precision| precision > MAX_PRECISION) {
        return Err(format!("more than {MAX_PRECISION} digits are asked for"));
    }
    match (letter.to_ascii_uppercase(), kind) {
        ('D' | 'R', Kind::Integer(value)) => {
            let precision = if letter.eq_ignore_ascii_case(&'d') { precision } else { None };
            Ok(format!("{}{:0>width$}", sign(value < 0), value.unsigned_abs(), width = precision.unwrap_or(0)))
        }
        ('X', Kind::Integer(value)) => Ok(radix(value, precision, |bits, width| match letter {
            'X' => format!("{bits:0>width$X}"),
            _ => format!("{bits:0>width$x}"),
        })),
        ('B', Kind::Integer(value)) => Ok(radix(value, precision, |bits, width| format!("{bits:0>width$b}"))),
        ('D' | 'X' | 'B', Kind::Double(_)) => Err(format!("{letter} is for whole numbers")),
        ('E', kind) => Ok(exponential(kind, precision.unwrap_or(6), letter)),
        ('G', kind) => Ok(general(kind, precision.unwrap_or(0), if letter == 'g' { 'e' } else { 'E' })),
        ('R', Kind::Double(_)) => Ok(general(kind, 0, 'E')),
        ('F', kind) => Ok(fixed(kind, precision.unwrap_or(2), false)),
        ('N', kind) => Ok(fixed(kind, precision.unwrap_or(2), true)),
        ('P', kind) => Ok(percent(kind, precision.unwrap_or(2))),
        ('C', kind) => Ok(currency(kind, precision.unwrap_or(2))),
        _ => Err(
            "a number has the formats B, C, D, E, F, G, N, P, R and X with a number of digits, or a picture such as 0000 or #,##0.00"
                .to_owned(),
        ),
    }
}

fn sign(negative: bool) -> &'static str {
    if negative { "-" } else { "" }
}

/// Two's complement of 64 bits, as .NET's `long`.
fn radix(value: i128, precision: Option<usize>, write: impl Fn(i128, usize) -> String) -> String {
    write(value & i128::from(u64::MAX), precision.unwrap_or(0))
}

fn exact(kind: Kind) -> Digits {
    match kind {
        Kind::Integer(value) => Digits::of_integer(value),
        Kind::Double(value) => Digits::exact(value),
    }
}

fn fixed(kind: Kind, places: usize, grouped: bool) -> String {
    let digits = exact(kind).rounded_behind_point(places);
    format!("{}{}", sign(digits.negative), digits.plain(places, grouped))
}

fn percent(kind: Kind, places: usize) -> String {
    let mut digits = exact(kind);
    if !digits.is_zero() {
        digits.point += 2;
    }
    let digits = digits.rounded_behind_point(places);
    format!("{}{} %", sign(digits.negative), digits.plain(places, true))
}

fn currency(kind: Kind, places: usize) -> String {
    let digits = exact(kind).rounded_behind_point(places);
    let text = digits.plain(places, true);
    if digits.negative { format!("(\u{a4}{text})") } else { format!("\u{a4}{text}") }
}

fn exponential(kind: Kind, places: usize, letter: char) -> String {
    let kept = i32::try_from(places).unwrap_or(0) + 1;
    let digits = exact(kind).rounded(kept);
    let exponent = if digits.is_zero() { 0 } else { digits.point - 1 };
    format!("{}{}{}", sign(digits.negative), mantissa(&digits, places), exponent_text(letter, exponent, 3))
}

/// The shortest text, or that many digits; scientific where the number is very large or very small.
fn general(kind: Kind, precision: usize, letter: char) -> String {
    let digits = match (kind, precision) {
        (Kind::Integer(value), 0) => return value.to_string(),
        (Kind::Double(value), 0) => Digits::shortest(value),
        (kind, precision) => exact(kind).rounded(i32::try_from(precision).unwrap_or(i32::MAX)),
    };
    // A double of more than 15 digits before the point shows those it has.
    let most = if precision == 0 { digits.len().max(15) } else { precision };
    let start = sign(digits.negative);
    if digits.point < -3 || digits.point > i32::try_from(most).unwrap_or(i32::MAX) {
        let places = digits.len().saturating_sub(1);
        return format!("{start}{}{}", mantissa(&digits, places), exponent_text(letter, digits.point - 1, 2));
    }
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let places = usize::try_from(length - digits.point).unwrap_or(0);
    format!("{start}{}", digits.plain(if digits.is_zero() { 0 } else { places }, false))
}

fn mantissa(digits: &Digits, places: usize) -> String {
    let mut text = String::from(digits.get(0).unwrap_or('0'));
    if places > 0 {
        text.push('.');
        text.extend((1..=places).map(|at| digits.get(at).unwrap_or('0')));
    }
    text
}

fn exponent_text(letter: char, exponent: i32, width: usize) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{letter}{sign}{:0>width$}", exponent.unsigned_abs())
}
