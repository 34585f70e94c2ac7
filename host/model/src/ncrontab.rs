//! NCRONTAB: the cron dialect of timer triggers (reference: section 3.2), as the original's parser reads it.
//!
//! Pure calendar: zones and their changes are for [`crate::timer_schedule`].

mod calendar;
mod field;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::json::shortened;
use field::{Field, Kind};

/// When to run: second, minute, hour, day, month and day of the week, all of which must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ncrontab {
    second: Field,
    minute: Field,
    hour: Field,
    day: Field,
    month: Field,
    weekday: Field,
}

/// Why a text is no NCRONTAB expression: which field, what is wrong with it, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct NcrontabError {
    text: String,
    plain: String,
}

impl NcrontabError {
    /// The same without any part of the expression, which may come from a setting.
    pub fn plain(&self) -> &str {
        &self.plain
    }
}

/// Longest expression, in bytes; one that names every value singly has fewer.
const MAX_BYTES: usize = 1024;

impl Ncrontab {
    /// Reads five fields (seconds are then 0) or six, separated by spaces or tabs.
    ///
    /// # Errors
    /// A text for people that names the field.
    pub fn parse(text: &str) -> Result<Self, NcrontabError> {
        if text.len() > MAX_BYTES {
            let text = format!("the expression has {} bytes and may have {MAX_BYTES}", text.len());
            return Err(NcrontabError { plain: text.clone(), text });
        }
        let parts: Vec<&str> = text.split([' ', '\t']).filter(|part| !part.is_empty()).collect();
        let read = |kind: Kind, part: &str| Field::parse(kind, part);
        let (second, rest) = match parts.as_slice() {
            [second, rest @ ..] if rest.len() == 5 => (read(Kind::Second, second)?, rest),
            rest if rest.len() == 5 => (Field::single(0), rest),
            _ => return Err(wrong_count(text, parts.len())),
        };
        match rest {
            [minute, hour, day, month, weekday] => Ok(Self {
                second,
                minute: read(Kind::Minute, minute)?,
                hour: read(Kind::Hour, hour)?,
                day: read(Kind::Day, day)?,
                month: read(Kind::Month, month)?,
                weekday: read(Kind::Weekday, weekday)?,
            }),
            _ => Err(wrong_count(text, parts.len())),
        }
    }

    /// Whether it counts as an interval when clocks are set back: second, minute or hour is complete or has two values in a row,
    /// which is where the canonical form has `*` or `-` (reference: section 3.6).
    pub fn is_interval(&self) -> bool {
        [self.second, self.minute, self.hour].into_iter().any(Field::has_neighbours)
    }

    fn fields(&self) -> [(Field, Kind); 6] {
        [
            (self.second, Kind::Second),
            (self.minute, Kind::Minute),
            (self.hour, Kind::Hour),
            (self.day, Kind::Day),
            (self.month, Kind::Month),
            (self.weekday, Kind::Weekday),
        ]
    }
}

/// The canonical form with six fields: each `*` if complete, else a list of values and of ranges of values in a row.
impl fmt::Display for Ncrontab {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (field, kind)) in self.fields().iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            field.write(*kind, f)?;
        }
        Ok(())
    }
}

fn wrong_count(text: &str, count: usize) -> NcrontabError {
    let six = "six fields (second, minute, hour, day, month, day of the week), for example \"0 */5 * * * *\", or five \
               without the second";
    let plain = if text.trim_start().starts_with('@') {
        format!("a word such as @daily is not known in NCRONTAB; write {six}")
    } else {
        format!("an NCRONTAB expression has {six}; this has {count}")
    };
    NcrontabError { text: format!("'{}' cannot be read: {plain}", shortened(text)), plain }
}
