//! Schedules of timer triggers in a time zone: when a function runs next (reference: sections 3.2, 3.3 and 3.6).
//!
//! Where clocks are set back, a schedule for points in time runs at the first of two equal times, and one that is an interval
//! at both. Where clocks are set forward, what falls into the gap runs later by the gap. Spans of time know no clock.

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::tz::Offset;

use crate::clock::Timestamp;
use crate::ncrontab::{Ncrontab, NcrontabError};
use crate::time_span;
use crate::time_zone::TimeZone;

/// No zone jumps further, the date line included.
const FURTHEST_JUMP: i64 = 26 * 60 * 60;

const SECOND: i64 = 1_000_000;

/// When a function runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At times of the calendar.
    Calendar(Ncrontab),
    /// So long after the start of the run before.
    Every(Duration),
}

impl Schedule {
    /// Reads NCRONTAB text or a time span such as `00:05:00`.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        match time_span::parse_micros(text) {
            Some(micros) if micros > 0 => Ok(Self::Every(Duration::from_micros(micros.unsigned_abs()))),
            Some(_) => Err(ScheduleError::Nothing),
            None => Ok(Self::Calendar(Ncrontab::parse(text)?)),
        }
    }
}

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// A time span of zero or less.
    #[error("a time between two runs must be longer than nothing; write for example \"00:05:00\"")]
    Nothing,
    /// Neither.
    #[error("{0}")]
    Ncrontab(#[from] NcrontabError),
}

/// A schedule with the zone whose clocks it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerSchedule {
    schedule: Schedule,
    zone: TimeZone,
}

/// For logs: the schedule in its canonical form, and the zone.
impl std::fmt::Display for TimerSchedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.schedule {
            Schedule::Calendar(ncrontab) => write!(f, "Cron: '{ncrontab}', {}", self.zone.name()),
            Schedule::Every(span) => write!(f, "every {span:?}"),
        }
    }
}

/// A stretch of time between two changes of a zone's clocks; times in seconds since 1970.
struct Stretch {
    /// Its first second; none if it has no beginning.
    begins: Option<i64>,
    /// The first second after it; none if it has no end.
    ends: Option<i64>,
    /// What its clocks show more than those of UTC.
    offset: i64,
    /// The same before it.
    offset_before: i64,
}

impl TimerSchedule {
    /// A schedule in a zone.
    pub fn new(schedule: Schedule, zone: TimeZone) -> Self {
        Self { schedule, zone }
    }

    /// The schedule without its zone.
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    /// The zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Whether it follows the clocks of its zone.
    pub fn follows_clocks(&self) -> bool {
        matches!(self.schedule, Schedule::Calendar(_))
    }

    /// A text that is the same for schedules that mean the same.
    pub fn canonical(&self) -> String {
        match &self.schedule {
            Schedule::Calendar(ncrontab) => format!("{ncrontab} {}", self.zone.name()),
            Schedule::Every(span) => format!("every {} us", span.as_micros()),
        }
    }

    /// The first occurrence after a time (for a time span: after a run that began then); none if there is none.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.schedule {
            Schedule::Every(span) => {
                after.as_micros().checked_add(i64::try_from(span.as_micros()).ok()?).map(Timestamp)
            }
            Schedule::Calendar(ncrontab) => {
                let first = after.as_micros().div_euclid(SECOND).checked_add(1)?;
                self.first_from(ncrontab, first)?.checked_mul(SECOND).map(Timestamp)
            }
        }
    }

    /// The occurrences after a time, in order.
    pub fn following(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(after), |at| self.next_after(*at))
    }

    /// Whether two occurrences after a time may be less than a minute apart, judged as the original does by the next few.
    pub fn is_faster_than_a_minute(&self, now: Timestamp) -> bool {
        let next: Vec<Timestamp> = self.following(now).take(6).collect();
        next.windows(2).any(|pair| matches!(pair, [first, second] if second.since(*first) < Duration::from_secs(60)))
    }

    fn first_from(&self, ncrontab: &Ncrontab, first: i64) -> Option<i64> {
        let mut from = first;
        loop {
            // Where the calendar has nothing for long, all changes of clocks until then are passed over.
            let calendar = ncrontab.first_from(from.saturating_sub(FURTHEST_JUMP))?;
            from = from.max(calendar.saturating_sub(FURTHEST_JUMP));
            let stretch = self.stretch(from)?;
            if let Some(found) = stretch.first_from(ncrontab, from) {
                return Some(found);
            }
            from = stretch.ends?;
        }
    }

    /// The stretch that holds a second.
    fn stretch(&self, at: i64) -> Option<Stretch> {
        let zone = &self.zone.zone;
        let at = jiff::Timestamp::from_second(at).ok()?;
        // A change at this very second is behind it.
        let behind = at.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(at);
        let begins = zone.preceding(behind).next().map(|change| change.timestamp());
        let before = begins.and_then(|begins| begins.checked_sub(jiff::SignedDuration::from_secs(1)).ok());
        let seconds = |offset: Offset| i64::from(offset.seconds());
        let offset = seconds(zone.to_offset(at));
        Some(Stretch {
            begins: begins.map(jiff::Timestamp::as_second),
            ends: zone.following(at).next().map(|change| change.timestamp().as_second()),
            offset,
            offset_before: before.map_or(offset, |before| seconds(zone.to_offset(before))),
        })
    }
}

impl Stretch {
    /// The first occurrence within the stretch from a second on.
    fn first_from(&self, ncrontab: &Ncrontab, from: i64) -> Option<i64> {
        let within = |at: &i64| self.ends.is_none_or(|ends| *at < ends);
        let mut shown = from.saturating_add(self.offset);
        let Some(begins) = self.begins else {
            return ncrontab.first_from(shown).map(|shown| shown - self.offset).filter(within);
        };
        let seen_before = begins.saturating_add(self.offset_before);
        if !ncrontab.is_interval() {
            // What the clocks showed before they were set back has had its turn.
            shown = shown.max(seen_before);
        }
        let regular = ncrontab.first_from(shown).map(|shown| shown - self.offset).filter(within);
        // What the clocks passed over when they were set forward, later by the gap.
        let skipped = from.saturating_add(self.offset_before).max(seen_before);
        let gap_ends = begins.saturating_add(self.offset);
        let late = (skipped < gap_ends).then(|| ncrontab.first_from(skipped)).flatten();
        let late = late.filter(|shown| *shown < gap_ends).map(|shown| shown - self.offset_before).filter(within);
        match (regular, late) {
            (Some(regular), Some(late)) => Some(regular.min(late)),
            (regular, late) => regular.or(late),
        }
    }
}
