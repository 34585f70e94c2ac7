//! Moments: .NET's standard formats (one letter) and pictures of `y M d H h m s f F t K z`.

use jiff::Timestamp as Instant;
use jiff::civil::{DateTime, Weekday};
use jiff::tz::Offset;

use crate::clock::Timestamp;

#[cfg(test)]
mod tests;

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

/// A moment as its clock shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    local: DateTime,
    /// Seconds east of UTC; `None` for UTC itself, which is written `Z`.
    offset: Option<i32>,
}

impl Moment {
    /// In UTC. A moment outside the years of four digits becomes the outermost.
    pub(super) fn utc(at: Timestamp) -> Self {
        let outermost = if at.as_micros() < 0 { Instant::MIN } else { Instant::MAX };
        let instant = Instant::from_microsecond(at.as_micros()).unwrap_or(outermost);
        Self { local: Offset::UTC.to_datetime(instant), offset: None }
    }

    /// From an RFC 3339 text, keeping its offset.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // `2026-03-01T10:00:00Z` is the shortest; the zone comes behind the time.
        let zone = text.get(19..)?.find(['Z', 'z', '+', '-']).map(|found| &text[19 + found..])?;
        let instant: Instant = text.parse().ok()?;
        if zone.eq_ignore_ascii_case("z") {
            return Some(Self { local: Offset::UTC.to_datetime(instant), offset: None });
        }
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
        let seconds = if zone.starts_with('-') { -seconds } else { seconds };
        let offset = Offset::from_seconds(seconds).ok()?;
        Some(Self { local: offset.to_datetime(instant), offset: Some(seconds) })
    }

    fn in_utc(self) -> Self {
        let seconds = i64::from(self.offset.unwrap_or(0));
        let local = self.local.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap_or(self.local);
        Self { local, offset: None }
    }

    /// `+02:00` in one of the lengths of `z`, `zz` and `zzz`.
    fn offset_text(self, length: usize) -> String {
        let seconds = self.offset.unwrap_or(0);
        let sign = if seconds < 0 { '-' } else { '+' };
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        match length {
            1 => format!("{sign}{hours}"),
            2 => format!("{sign}{hours:02}"),
            _ => format!("{sign}{hours:02}:{minutes:02}"),
        }
    }
}

pub(super) fn format(moment: &Moment, format: &str) -> Result<String, String> {
    let mut chars = format.chars();
    let (Some(letter), None) = (chars.next(), chars.next()) else {
        return write(moment, format);
    };
    let picture = match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'm' | 'M' => "MMMM dd",
        'o' | 'O' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        's' => "yyyy-MM-ddTHH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'y' | 'Y' => "yyyy MMMM",
        // These are always in UTC.
        'r' | 'R' => return write(&moment.in_utc(), "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
        'u' => return write(&moment.in_utc(), "yyyy-MM-dd HH:mm:ss'Z'"),
        'U' => return write(&moment.in_utc(), "dddd, dd MMMM yyyy HH:mm:ss"),
        _ => {
            return Err(
                "a date has the formats d, D, f, F, g, G, m, o, r, s, t, T, u, U and y, or a picture such as yyyy-MM-dd"
                    .to_owned(),
            );
        }
    };
    write(moment, picture)
}

/// Writes by a picture: letters in runs, everything else as it stands.
fn write(moment: &Moment, picture: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = picture;
    while let Some(c) = rest.chars().next() {
        let run = rest.len() - rest.trim_start_matches(c).len();
        let length = run / c.len_utf8();
        let mut used = run;
        match c {
            '\'' | '"' => {
                let end = rest[1..].find(c).ok_or_else(|| format!("a {c} is not closed in it"))?;
                text.push_str(&rest[1..=end]);
                used = end + 2;
            }
            '\\' => {
                let escaped = rest.chars().nth(1).ok_or("a \\ stands at its end")?;
                text.push(escaped);
                used = 1 + escaped.len_utf8();
            }
            // `%d` is the day alone, where `d` would be the standard format.
            '%' => match rest.chars().nth(1) {
                None | Some('%') => return Err("a % in it is not followed by one letter".to_owned()),
                Some(_) => used = 1,
            },
            'f' | 'F' if length > 7 => return Err(format!("it has {length} digits of a second; there are 7")),
            'f' => text.push_str(&fraction(moment)[..length]),
            'F' => {
                let digits = fraction(moment);
                let kept = digits[..length].trim_end_matches('0');
                if kept.is_empty() && text.ends_with('.') {
                    text.pop();
                }
                text.push_str(kept);
            }
            letter if letter.is_ascii_alphabetic() => match field(moment, letter, length) {
                Some(field) => text.push_str(&field),
                None => text.push_str(&rest[..run]),
            },
            _ => text.push_str(&rest[..run]),
        }
        rest = &rest[used..];
    }
    Ok(text)
}

/// Ten millionths of a second.
fn fraction(moment: &Moment) -> String {
    format!("{:07}", moment.local.subsec_nanosecond() / 100)
}

/// What a run of a letter stands for; `None` if the letter means nothing.
fn field(moment: &Moment, letter: char, length: usize) -> Option<String> {
    let local = moment.local;
    let number = |value: i32| if length == 1 { value.to_string() } else { format!("{value:02}") };
    let named = |name: &str| if length == 3 { name.chars().take(3).collect() } else { name.to_owned() };
    let year = i32::from(local.year());
    Some(match (letter, length) {
        ('y', 1) => (year % 100).to_string(),
        ('y', 2) => format!("{:02}", year % 100),
        ('y', _) => format!("{year:0width$}", width = length.min(16)),
        ('M', 3..) => named(MONTHS.get(usize::from(local.month().unsigned_abs()).wrapping_sub(1)).copied()?),
        ('M', _) => number(i32::from(local.month())),
        ('d', 3..) => named(weekday(local.weekday())),
        ('d', _) => number(i32::from(local.day())),
        ('H', _) => number(i32::from(local.hour())),
        ('h', _) => number((i32::from(local.hour()) + 11) % 12 + 1),
        ('m', _) => number(i32::from(local.minute())),
        ('s', _) => number(i32::from(local.second())),
        ('t', 1) => if local.hour() < 12 { "A" } else { "P" }.to_owned(),
        ('t', _) => if local.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        ('K', _) => match moment.offset {
            None => "Z".repeat(length),
            Some(_) => moment.offset_text(3).repeat(length),
        },
        ('z', _) => moment.offset_text(length),
        ('g', _) => "A.D.".to_owned(),
        _ => return None,
    })
}

fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
