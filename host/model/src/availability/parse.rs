//! From an operator's text to windows.

use std::str::FromStr;

use super::{Availability, DAY_MINUTES, Window};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: u8 = 0b111_1111;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AvailabilityError {
    /// A window is missing: nothing was written, or nothing between two commas.
    #[error("a window is missing; write for example 22:00-06:00, or leave the setting out to take work always")]
    Empty,
    /// Not two times of day.
    #[error("'{0}' is not a time span such as 22:00-06:00 (00:00 to 24:00)")]
    Span(String),
    /// Begins when it ends.
    #[error("'{0}' begins when it ends; write 00:00-24:00 for the whole day")]
    Nothing(String),
    /// Not a day of the week.
    #[error("'{0}' is not a day or a range of days such as Mon or Mon-Fri")]
    Day(String),
}

impl FromStr for Availability {
    type Err = AvailabilityError;

    fn from_str(text: &str) -> Result<Self, AvailabilityError> {
        let windows = text.split(',').map(window).collect::<Result<_, _>>()?;
        Ok(Self { text: text.split(',').map(words).collect::<Vec<_>>().join(", "), windows })
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn window(text: &str) -> Result<Window, AvailabilityError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (span, days) = words.split_last().ok_or(AvailabilityError::Empty)?;
    let wrong = || AvailabilityError::Span((*span).to_owned());
    let (begin, end) = span.split_once('-').ok_or_else(wrong)?;
    let begin = minutes(begin).filter(|begin| *begin < DAY_MINUTES).ok_or_else(wrong)?;
    let end = minutes(end).ok_or_else(wrong)?;
    if begin == end {
        return Err(AvailabilityError::Nothing((*span).to_owned()));
    }
    // An end at midnight is that of the day, not that of the next.
    let end = if end == 0 { DAY_MINUTES } else { end };
    let days = days.iter().try_fold(0, |all, word| Ok(all | range(word)?))?;
    Ok(Window { days: if days == 0 { EVERY_DAY } else { days }, begin, end })
}

/// Minutes since midnight of `HH:MM`, at most those of a day.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str, most: usize| {
        let plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2).filter(|_| minutes.len() == 2)?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= DAY_MINUTES).then_some(total)
}

/// The days of `Mon` or `Fri-Mon`.
fn range(word: &str) -> Result<u8, AvailabilityError> {
    let wrong = || AvailabilityError::Day(word.to_owned());
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let (first, last) = (day(first).ok_or_else(wrong)?, day(last).ok_or_else(wrong)?);
    let length = (last + 7 - first) % 7;
    Ok((0..=length).fold(0, |days, offset| days | 1 << ((first + offset) % 7)))
}

/// A day by its English name or the first three letters of it; Monday is 0.
fn day(name: &str) -> Option<usize> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let name = name.to_ascii_lowercase();
    DAYS.iter().position(|short| *short == name).or_else(|| NAMES.iter().position(|long| *long == name))
}
