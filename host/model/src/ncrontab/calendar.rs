//! The search for the next time that matches, on the calendar alone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use super::Ncrontab;

/// The calendar repeats itself after so many years, so what does not match within them never does.
const YEARS: i16 = 400;

/// A second of the calendar from seconds since 1970; none outside of the years that the calendar has.
fn civil(seconds: i64) -> Option<DateTime> {
    Some(Offset::UTC.to_datetime(Timestamp::from_second(seconds).ok()?))
}

/// Parts of a date and time are never negative.
fn narrow(number: i8) -> u8 {
    u8::try_from(number).unwrap_or(0)
}

impl Ncrontab {
    /// The first matching second of the calendar at or after one, both in seconds since 1970; none if there is none.
    pub(crate) fn first_from(&self, seconds: i64) -> Option<i64> {
        let base = civil(seconds)?;
        let (year, date) = (base.year(), base.date());
        let clock = self.time_from(narrow(base.hour()), narrow(base.minute()), narrow(base.second()));
        if let Some(clock) = clock.filter(|_| self.day_matches(date)) {
            return joined(date, clock);
        }
        let clock = self.time_from(0, 0, 0)?;
        let (mut from_month, mut from_day) = (date.month(), date.day().checked_add(1)?);
        for year in year..=year.checked_add(YEARS)? {
            for month in from_month..=12 {
                if self.month.has(narrow(month))
                    && let Some(date) = self.day_from(year, month, from_day)
                {
                    return joined(date, clock);
                }
                from_day = 1;
            }
            from_month = 1;
        }
        None
    }

    /// Whether a second of the calendar matches; tests compare the search with it.
    #[cfg(test)]
    pub(crate) fn matches(&self, seconds: i64) -> bool {
        let at = civil(seconds).unwrap();
        let [hour, minute, second] = [at.hour(), at.minute(), at.second()].map(narrow);
        self.hour.has(hour) && self.minute.has(minute) && self.second.has(second) && self.day_matches(at.date())
    }

    fn day_matches(&self, date: Date) -> bool {
        self.month.has(narrow(date.month()))
            && self.day.has(narrow(date.day()))
            && self.weekday.has(narrow(date.weekday().to_sunday_zero_offset()))
    }

    /// The first day of a month that matches, from a day on.
    fn day_from(&self, year: i16, month: i8, from: i8) -> Option<Date> {
        let mut from = self.day.from(u8::try_from(from).ok()?)?;
        loop {
            // A day that the month does not have, or the end of all calendars.
            let date = Date::new(year, month, i8::try_from(from).ok()?).ok()?;
            if self.day_matches(date) {
                return Some(date);
            }
            from = self.day.from(from + 1)?;
        }
    }

    /// The first time of a day that matches, from a time on: hour, minute, second.
    fn time_from(&self, hour: u8, minute: u8, second: u8) -> Option<(u8, u8, u8)> {
        let (first_minute, first_second) = (self.minute.from(0)?, self.second.from(0)?);
        if self.hour.has(hour) {
            if self.minute.has(minute)
                && let Some(second) = self.second.from(second)
            {
                return Some((hour, minute, second));
            }
            if let Some(minute) = self.minute.from(minute + 1) {
                return Some((hour, minute, first_second));
            }
        }
        self.hour.from(hour + 1).map(|hour| (hour, first_minute, first_second))
    }
}

fn joined(date: Date, (hour, minute, second): (u8, u8, u8)) -> Option<i64> {
    let narrow = |number: u8| i8::try_from(number).unwrap_or(0);
    let at = date.at(narrow(hour), narrow(minute), narrow(second), 0);
    Offset::UTC.to_timestamp(at).ok().map(Timestamp::as_second)
}
