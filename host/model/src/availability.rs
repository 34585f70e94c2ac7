//! When a worker takes work: windows such as `22:00-06:00` or `Mon-Fri 18:00-08:00, Sat Sun 00:00-24:00`, in a time zone.
//!
//! A window belongs to the day on which it begins, and may end on the next. Its ends are moments: where the clocks are put
//! forward over an end it lies as much later, and where they are put back an end that comes twice is the first of the two.

mod parse;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use crate::clock::Timestamp;

pub use parse::AvailabilityError;

const DAY_MINUTES: u16 = 24 * 60;
/// Days looked ahead for the next change: windows repeat by the week, and one may begin the day before.
const HORIZON_DAYS: i64 = 9;

/// Windows as an operator wrote them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Availability {
    text: String,
    windows: Vec<Window>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    /// Days on which it begins; bit 0 is Monday.
    days: u8,
    /// Minutes since midnight, below 1,440.
    begin: u16,
    /// Minutes since midnight, 1 to 1,440; not after `begin` when it is on the next day.
    end: u16,
}

/// A time zone of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// That of the machine; UTC where it has none.
    pub fn of_machine() -> Self {
        Self(TimeZone::system())
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|_| "no such time zone is known here; write an IANA name such as Europe/Berlin or UTC".to_owned())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.iana_name().unwrap_or("local time"))
    }
}

/// How things stand at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowState {
    /// Whether a window is open.
    pub open: bool,
    /// When that changes; none when it never does.
    pub until: Option<Timestamp>,
}

impl Availability {
    /// Whether a window is open at a moment, and until when that is so.
    pub fn at(&self, now: Timestamp, zone: &Zone) -> WindowState {
        let spans = self.spans(now, zone);
        let begins_later = |(begin, _): &&(Timestamp, Timestamp)| *begin > now;
        let Some(mut end) = spans.iter().filter(|(begin, end)| *begin <= now && now < *end).map(|(_, end)| *end).max()
        else {
            return WindowState {
                open: false,
                until: spans.iter().filter(begins_later).map(|(begin, _)| *begin).min(),
            };
        };
        // Windows that touch are one.
        while let Some(later) =
            spans.iter().filter(|(begin, later)| *begin <= end && *later > end).map(|(_, end)| *end).max()
        {
            end = later;
        }
        let last = spans.iter().map(|(_, end)| *end).max();
        let beyond = now.plus(std::time::Duration::from_secs(7 * 24 * 3600));
        WindowState { open: true, until: (Some(end) != last || end < beyond).then_some(end) }
    }

    /// The windows around a moment, each from its first moment to the one after its last.
    fn spans(&self, now: Timestamp, zone: &Zone) -> Vec<(Timestamp, Timestamp)> {
        let Ok(now) = jiff::Timestamp::from_microsecond(now.as_micros()) else { return Vec::new() };
        let today = zone.0.to_datetime(now).date();
        let days = (-2..=HORIZON_DAYS).filter_map(|offset| today.checked_add(Span::new().days(offset)).ok());
        let spans = days.flat_map(|day| {
            let weekday = day.weekday().to_monday_zero_offset();
            let begun = self.windows.iter().filter(move |window| window.days & (1 << weekday) != 0);
            begun.filter_map(move |window| {
                let end_day = if window.end > window.begin { day } else { day.checked_add(1.day()).ok()? };
                Some((moment(day, window.begin, zone)?, moment(end_day, window.end, zone)?))
            })
        });
        // Clocks that are put forward over the whole of a short window leave nothing of it.
        spans.filter(|(begin, end)| begin < end).collect()
    }
}

fn moment(day: Date, minutes: u16, zone: &Zone) -> Option<Timestamp> {
    let (day, minutes) = if minutes == DAY_MINUTES { (day.checked_add(1.day()).ok()?, 0) } else { (day, minutes) };
    let hour = i8::try_from(minutes / 60).ok()?;
    let minute = i8::try_from(minutes % 60).ok()?;
    let moment = day.at(hour, minute, 0, 0).to_zoned(zone.0.clone()).ok()?;
    Some(Timestamp::from_micros(moment.timestamp().as_microsecond()))
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
