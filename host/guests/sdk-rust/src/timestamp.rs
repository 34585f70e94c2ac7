//! Moments as the host tells them.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use crate::Error;

/// A moment, as ISO 8601 with an offset from UTC (`2024-05-01T10:00:00+02:00`). It is shown as it came and compared by the moment.
///
/// ```
/// use hearth_sdk::Timestamp;
///
/// let noon: Timestamp = "2024-05-01T12:00:00+02:00".parse()?;
/// assert_eq!(noon.unix_seconds(), 1_714_557_600);
/// assert_eq!(noon.to_string(), "2024-05-01T12:00:00+02:00");
/// assert_eq!(noon, "2024-05-01T10:00:00Z".parse()?);
/// # Ok::<(), hearth_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct Timestamp {
    text: String,
    /// Nanoseconds since 1970, UTC.
    nanos: i128,
}

const NANOS: i128 = 1_000_000_000;

impl Timestamp {
    /// As it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whole seconds since 1970, UTC; negative before.
    #[must_use]
    pub fn unix_seconds(&self) -> i64 {
        i64::try_from(self.nanos.div_euclid(NANOS)).unwrap_or_default()
    }

    /// For arithmetic with the standard library; 1970 for what is before.
    #[must_use]
    pub fn system_time(&self) -> SystemTime {
        let nanos = u64::try_from(self.nanos.max(0)).unwrap_or(u64::MAX);
        SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
    }

    /// How .NET writes that there is no moment: the year 1.
    pub(crate) fn is_never(&self) -> bool {
        self.text.starts_with("0001-")
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let nanos = parse(text).ok_or_else(|| Error::internal(format!("'{text}' is not a time of ISO 8601")))?;
        Ok(Self { text: text.to_owned(), nanos })
    }
}

/// `YYYY-MM-DDThh:mm:ss`, an optional fraction, then `Z`, an offset, or nothing for UTC.
fn parse(text: &str) -> Option<i128> {
    let (date, time) = text.split_at_checked(10)?;
    let [year, month, day] = numbers(date, '-')?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let zone = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let [hour, minute, second] = numbers(clock, ':')?;
    let known = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    if !known || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let offset = match zone {
        "" | "Z" | "z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -60 } else { 60 };
            let [hours, minutes] = numbers(zone.get(1..)?, ':')?;
            sign * (hours * 60 + minutes)
        }
    };
    let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset;
    Some(i128::from(seconds) * NANOS + fraction.parse::<i128>().ok()?)
}

fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i64; N]> {
    let parts = text.split(separator).map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit());
        part.parse().ok().filter(|_| digits)
    });
    parts.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// Days since 1970 in the Gregorian calendar, counted from March so that a leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_years = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + (month * 153 + 2) / 5 + day - 1 - 719_468
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_host_writes_is_read() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.5Z", -1),
            ("2000-02-29T12:00:00+00:00", 951_825_600),
            ("2024-05-01T10:00:00.0012345+02:00", 1_714_550_400),
            ("2024-12-31T23:59:59-11:30", 1_735_730_999),
            ("2024-05-01T10:00:00", 1_714_557_600),
            ("0001-01-01T00:00:00", -62_135_596_800),
        ] {
            let time: Timestamp = text.parse().unwrap();
            assert_eq!(time.unix_seconds(), seconds, "{text}");
            assert_eq!(time.to_string(), text);
        }
        let time: Timestamp = "2024-05-01T10:00:00.25Z".parse().unwrap();
        assert_eq!(time.system_time(), SystemTime::UNIX_EPOCH + Duration::from_millis(1_714_557_600_250));
        assert!(time > "2024-05-01T10:00:00Z".parse().unwrap());
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "today", "2024-13-01T00:00:00Z", "2024-01-01", "2024-01-01T25:00:00Z", "2024-01-01T00:00:00+x"]
        {
            let error = text.parse::<Timestamp>().unwrap_err();
            assert!(error.to_string().contains("ISO 8601"), "{text}");
        }
    }
}
