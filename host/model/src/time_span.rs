//! .NET TimeSpan texts, as host.json and function.json write durations.

use std::time::Duration;

use crate::json::{FileError, Node};

#[cfg(test)]
mod tests;

const SECOND: i128 = 1_000_000;
const DAY: i128 = 24 * 60 * 60 * SECOND;

/// No upper bound for a duration, in milliseconds.
pub(crate) const UNBOUNDED: i64 = i64::MAX;

/// Reads a duration between two bounds in milliseconds, both included, from a file.
pub(crate) fn read(node: &Node<'_>, least: i64, greatest: i64) -> Result<Duration, FileError> {
    let Ok(text) = node.string() else {
        let found = node.scalar_text().map_or_else(|_| "that".to_owned(), |text| format!("the number {text}"));
        return Err(node.error(format_args!("must be a time such as \"00:00:30\", not {found}")));
    };
    let bound = |millis: i64| match millis % 1000 {
        0 => format!("{} s", millis / 1000),
        _ => format!("{millis} ms"),
    };
    match parse_micros(text) {
        Some(micros) if micros >= least * 1000 && micros <= greatest.saturating_mul(1000) => {
            Ok(Duration::from_micros(micros.unsigned_abs()))
        }
        Some(_) if greatest == UNBOUNDED => {
            Err(node.error(format_args!("must be at least {}, not {}", bound(least), node.shown(text))))
        }
        Some(_) => Err(node.error(format_args!(
            "must be from {} to {}, not {}",
            bound(least),
            bound(greatest),
            node.shown(text)
        ))),
        None => Err(node.error(format_args!("must be a time such as \"00:00:30\", not {}", node.shown(text)))),
    }
}

/// Reads `[-][d.]hh:mm[:ss[.fffffff]]` or a whole number of days; the answer is in microseconds, `None` if it is no such
/// text. As in .NET, `hh:mm:ss` with 24 hours or more is read as days, hours and minutes: `"24:00:00"` is 24 days.
pub fn parse_micros(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let micros = magnitude(text)?;
    i64::try_from(if negative { -micros } else { micros }).ok()
}

fn magnitude(text: &str) -> Option<i128> {
    if !text.contains(':') {
        return Some(i128::from(number(text, 10_675_199)?) * DAY);
    }
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if !days.contains(':') => (Some(number(days, 10_675_199)?), clock),
        _ => (None, text),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let (days, hours, minutes, seconds) = match (days, parts.as_slice()) {
        (Some(days), [hours, minutes]) => (days, number(hours, 23)?, number(minutes, 59)?, 0),
        (Some(days), [hours, minutes, seconds]) => {
            return total(days, number(hours, 23)?, number(minutes, 59)?, seconds);
        }
        (None, [hours, minutes]) => (0, number(hours, 23)?, number(minutes, 59)?, 0),
        (None, [first, second, third]) => match number(first, 10_675_199)? {
            hours @ 0..=23 => return total(0, hours, number(second, 59)?, third),
            days => (days, number(second, 23)?, number(third, 59)?, 0),
        },
        (None, [days, hours, minutes, seconds]) => {
            return total(number(days, 10_675_199)?, number(hours, 23)?, number(minutes, 59)?, seconds);
        }
        _ => return None,
    };
    Some(i128::from(days) * DAY + i128::from((hours * 60 + minutes) * 60 + seconds) * SECOND)
}

fn total(days: u32, hours: u32, minutes: u32, seconds: &str) -> Option<i128> {
    let (whole, fraction) = match seconds.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (seconds, "0"),
    };
    let whole = number(whole, 59)?;
    if !(1..=7).contains(&fraction.len()) {
        return None;
    }
    let ticks = i128::from(number(&format!("{fraction:0<7}"), 9_999_999)?);
    Some(i128::from(days) * DAY + i128::from((hours * 60 + minutes) * 60 + whole) * SECOND + ticks / 10)
}

fn number(text: &str, greatest: u32) -> Option<u32> {
    if text.is_empty() || text.len() > 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|value| *value <= greatest)
}
