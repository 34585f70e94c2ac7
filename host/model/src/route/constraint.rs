//! Constraints of route parameters, with the meaning they have in ASP.NET Core.

use regex::{Regex, RegexBuilder};

/// What a parameter's value must be.
#[derive(Clone, Debug)]
pub(super) enum Constraint {
    Int,
    Long,
    Decimal,
    Double,
    Bool,
    Guid,
    DateTime,
    Alpha,
    /// Least and greatest length in UTF-16 units.
    Length(usize, usize),
    /// Least and greatest number.
    Range(i64, i64),
    /// Matches anywhere in the value, ignoring case.
    Regex(Box<Regex>),
    Required,
    File,
    NonFile,
}

impl Constraint {
    /// Reads `name` or `name(arguments)`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (name, arguments) = match text.split_once('(') {
            Some((name, rest)) => {
                let inner = rest.strip_suffix(')').ok_or_else(|| format!("the constraint '{text}' lacks its ')'"))?;
                (name, Some(inner))
            }
            None => (text, None),
        };
        let numbers =
            || -> Vec<&str> { arguments.map_or(Vec::new(), |inner| inner.split(',').map(str::trim).collect()) };
        let bad = || format!("the constraint '{text}' has wrong arguments");
        let length = |text: &str| text.parse::<u32>().map(|n| n as usize).map_err(|_| bad());
        let number = |text: &str| text.parse::<i64>().map_err(|_| bad());
        let constraint = match (name.to_ascii_lowercase().as_str(), numbers().as_slice()) {
            ("int", []) => Self::Int,
            ("long", []) => Self::Long,
            ("decimal", []) => Self::Decimal,
            ("double" | "float", []) => Self::Double,
            ("bool", []) => Self::Bool,
            ("guid", []) => Self::Guid,
            ("datetime", []) => Self::DateTime,
            ("alpha", []) => Self::Alpha,
            ("required", []) => Self::Required,
            ("file", []) => Self::File,
            ("nonfile", []) => Self::NonFile,
            ("length", [exact]) => Self::Length(length(exact)?, length(exact)?),
            ("length", [least, greatest]) => Self::Length(length(least)?, length(greatest)?),
            ("minlength", [least]) => Self::Length(length(least)?, usize::MAX),
            ("maxlength", [greatest]) => Self::Length(0, length(greatest)?),
            ("min", [least]) => Self::Range(number(least)?, i64::MAX),
            ("max", [greatest]) => Self::Range(i64::MIN, number(greatest)?),
            ("range", [least, greatest]) => Self::Range(number(least)?, number(greatest)?),
            ("regex", _) => return arguments.ok_or_else(bad).and_then(regex),
            (
                "int" | "long" | "decimal" | "double" | "float" | "bool" | "guid" | "datetime" | "alpha" | "required"
                | "file" | "nonfile" | "length" | "minlength" | "maxlength" | "min" | "max" | "range",
                _,
            ) => return Err(bad()),
            _ => return Err(format!("the constraint '{name}' is unknown")),
        };
        match constraint {
            Self::Length(least, greatest) if least > greatest => Err(bad()),
            Self::Range(least, greatest) if least > greatest => Err(bad()),
            constraint => Ok(constraint),
        }
    }

    /// Whether a decoded value satisfies it.
    pub(super) fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Int => integer(value).is_some_and(|n| i32::try_from(n).is_ok()),
            Self::Long => integer(value).is_some(),
            Self::Decimal => decimal(value),
            Self::Double => double(value),
            Self::Bool => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value.trim())),
            Self::Guid => guid(value.trim()),
            Self::DateTime => date_time(value.trim()),
            Self::Alpha => value.bytes().all(|b| b.is_ascii_alphabetic()),
            Self::Length(least, greatest) => (*least..=*greatest).contains(&value.encode_utf16().count()),
            Self::Range(least, greatest) => integer(value).is_some_and(|n| (*least..=*greatest).contains(&n)),
            Self::Regex(regex) => regex.is_match(value),
            Self::Required => !value.is_empty(),
            Self::File => is_file(value),
            Self::NonFile => !is_file(value),
        }
    }
}

fn regex(pattern: &str) -> Result<Constraint, String> {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(1 << 20)
        .build()
        .map(|regex| Constraint::Regex(Box::new(regex)))
        .map_err(|e| {
            let detail = e.to_string();
            let last = detail.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
            format!("the pattern '{pattern}' can't be used: {last} (look-around and back-references are not supported)")
        })
}

/// .NET's `NumberStyles.Integer`: white space around, one sign before.
fn integer(value: &str) -> Option<i64> {
    let value = value.trim();
    let digits = value.strip_prefix(['+', '-']).unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    value.parse().ok()
}

/// .NET's `NumberStyles.Number` within the range of `decimal`.
fn decimal(value: &str) -> bool {
    let value = value.trim();
    let unsigned = value.strip_prefix(['+', '-']).or_else(|| value.strip_suffix(['+', '-'])).unwrap_or(value);
    plain_number(unsigned).is_some_and(|n| n <= 7.922_816_251_426_434e28)
}

/// .NET's `NumberStyles.Float | AllowThousands`, and the names of the values that are no numbers.
fn double(value: &str) -> bool {
    let value = value.trim();
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    if ["nan", "infinity", "\u{221e}"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (unsigned, "0"),
    };
    plain_number(mantissa).is_some() && integer(exponent).is_some() && !exponent.contains(char::is_whitespace)
}

/// Digits with thousands separators and at most one point.
fn plain_number(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = whole.chars().filter(|c| *c != ',').collect();
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.starts_with(',') || !is_number(&digits) || !is_number(fraction) || digits.len() + fraction.len() == 0 {
        return None;
    }
    format!("{digits}.{fraction}").parse().ok()
}

/// .NET's formats N, D, B and P.
fn guid(value: &str) -> bool {
    let bare = value
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .or_else(|| value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')));
    match bare {
        Some(inner) => inner.len() == 36 && uuid::Uuid::try_parse(inner).is_ok(),
        None => matches!(value.len(), 32 | 36) && uuid::Uuid::try_parse(value).is_ok(),
    }
}

/// Dates and times that .NET reads in the invariant culture: ISO 8601 and the common American forms.
fn date_time(value: &str) -> bool {
    use jiff::civil::{Date, DateTime, Time};
    if value.parse::<jiff::Timestamp>().is_ok() || value.parse::<DateTime>().is_ok() || value.parse::<Date>().is_ok() {
        return true;
    }
    let (date, time) = value.split_once([' ', 'T']).unwrap_or((value, ""));
    let dated = ["%Y-%m-%d", "%Y/%m/%d", "%m-%d-%Y", "%m/%d/%Y"].iter().any(|form| Date::strptime(form, date).is_ok());
    let time = time.trim().to_ascii_lowercase();
    let timed = ["%H:%M", "%H:%M:%S", "%I:%M%p", "%I:%M %p", "%I:%M:%S%p", "%I:%M:%S %p"]
        .iter()
        .any(|form| Time::strptime(form, &time).is_ok());
    dated && (time.is_empty() || timed)
}

/// Whether the last segment has a dot that something follows.
fn is_file(value: &str) -> bool {
    let last = value.rsplit('/').next().unwrap_or(value);
    last.rsplit_once('.').is_some_and(|(_, extension)| !extension.is_empty())
}
