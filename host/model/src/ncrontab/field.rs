//! One field of an expression: a set of numbers.

use std::fmt;

use super::NcrontabError;
use crate::json::shortened;

/// Which field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Second,
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
            Self::Weekday => "day of the week",
        }
    }

    /// Least and greatest number.
    pub(super) fn range(self) -> (u8, u8) {
        match self {
            Self::Second | Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 6),
        }
    }

    /// English names of the numbers, from the least.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => &MONTHS,
            Self::Weekday => &WEEKDAYS,
            _ => &[],
        }
    }

    fn error(self, part: &str, reason: impl fmt::Display) -> NcrontabError {
        let (least, greatest) = self.range();
        NcrontabError {
            text: format!("the {} field '{}' {reason}", self.name(), shortened(part)),
            plain: format!(
                "the {} field cannot be read; write whole numbers from {least} to {greatest}, *, lists, ranges and steps",
                self.name()
            ),
        }
    }
}

/// The numbers that match, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field(u64);

impl Field {
    pub(super) fn single(number: u8) -> Self {
        Self(1 << number)
    }

    pub(super) fn has(self, number: u8) -> bool {
        number < 64 && self.0 & (1 << number) != 0
    }

    /// The first number from `from` on that matches.
    pub(super) fn from(self, from: u8) -> Option<u8> {
        let rest = self.0.checked_shr(from.into())?;
        (rest != 0).then(|| from + u8::try_from(rest.trailing_zeros()).unwrap_or(0))
    }

    /// Whether two numbers in a row match.
    pub(super) fn has_neighbours(self) -> bool {
        self.0 & (self.0 >> 1) != 0
    }

    pub(super) fn parse(kind: Kind, part: &str) -> Result<Self, NcrontabError> {
        // A comma at the beginning parts nothing in the original either; both ways it is an error.
        part.split(',').try_fold(Self(0), |field, member| Ok(Self(field.0 | bits(kind, part, member)?)))
    }

    pub(super) fn write(self, kind: Kind, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, greatest) = kind.range();
        let (mut next, mut first) = (self.from(least), true);
        while let Some(begin) = next {
            let mut end = begin;
            while self.has(end + 1) {
                end += 1;
            }
            if (begin, end) == (least, greatest) {
                return f.write_str("*");
            }
            if !first {
                f.write_str(",")?;
            }
            first = false;
            write!(f, "{begin}")?;
            if end > begin {
                write!(f, "-{end}")?;
            }
            next = self.from(end + 1);
        }
        Ok(())
    }
}

/// One member of a list.
fn bits(kind: Kind, part: &str, member: &str) -> Result<u64, NcrontabError> {
    if member.is_empty() {
        return Err(kind.error(part, "has an empty member; put a value on each side of every comma"));
    }
    let (values, step) = match member.split_once('/') {
        Some((values, step)) if !values.is_empty() => (values, Some(read_step(kind, part, step)?)),
        _ => (member, None),
    };
    let (least, greatest) = kind.range();
    let (begin, end) = if values == "*" {
        (least, greatest)
    } else if let Some((begin, end)) = values.split_once('-').filter(|(begin, _)| !begin.is_empty()) {
        let (begin, end) = (value(kind, part, begin)?, value(kind, part, end)?);
        (begin.min(end), begin.max(end))
    } else {
        let only = value(kind, part, values)?;
        // With a step of just 1 the original takes the one value.
        (only, if matches!(step, None | Some(1)) { only } else { greatest })
    };
    let step = usize::try_from(step.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
    Ok((begin..=end).step_by(step).fold(0, |bits, number| bits | 1 << number))
}

/// A step may have a sign; below 1 it counts as 1.
fn read_step(kind: Kind, part: &str, text: &str) -> Result<i32, NcrontabError> {
    let refused = |_| {
        let shown = shortened(text);
        kind.error(part, format_args!("has the step '{shown}'; write a whole number behind the slash, for example */5"))
    };
    text.parse().map_err(refused)
}

fn value(kind: Kind, part: &str, text: &str) -> Result<u8, NcrontabError> {
    let (least, greatest) = kind.range();
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        let number: Option<u8> = text.parse().ok().filter(|number| (least..=greatest).contains(number));
        return number.ok_or_else(|| out_of_range(kind, part, text));
    }
    let found = kind.names().iter().position(|name| {
        !text.is_empty() && name.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text))
    });
    let number = found.and_then(|index| u8::try_from(index).ok());
    number.map(|index| index + least).ok_or_else(|| unknown(kind, part, text))
}

fn out_of_range(kind: Kind, part: &str, text: &str) -> NcrontabError {
    let (least, greatest) = kind.range();
    let shown = shortened(text);
    if kind == Kind::Weekday && text == "7" {
        return kind.error(part, "has 7, which is no day here; Sunday is 0");
    }
    kind.error(part, format_args!("has '{shown}'; write a whole number from {least} to {greatest}"))
}

fn unknown(kind: Kind, part: &str, text: &str) -> NcrontabError {
    let (least, greatest) = kind.range();
    let shown = shortened(text);
    match text {
        "" => kind.error(part, "lacks a value; write for example 1-5, */2 or 1,2"),
        "?" => kind.error(part, "is not known in NCRONTAB; write * instead of ?"),
        _ if text.contains('*') => kind.error(part, "has a * beside something else; write *, or */ and a step"),
        _ if kind.names().is_empty() => kind.error(
            part,
            format_args!("has '{shown}'; write whole numbers from {least} to {greatest}, *, ranges and steps"),
        ),
        _ => {
            let (first, last) = (kind.names().first().unwrap_or(&""), kind.names().last().unwrap_or(&""));
            kind.error(part, format_args!(
                "has '{shown}'; write whole numbers from {least} to {greatest} or English names from {first} to {last}, which \
                 may be shortened"
            ))
        }
    }
}
