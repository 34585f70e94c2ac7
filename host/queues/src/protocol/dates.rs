//! Times as they travel: RFC 1123 text in headers and XML, ISO 8601 text in shared access signatures and policies.

use hearth_model::clock::Timestamp;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

/// `Sun, 06 Nov 1994 08:49:37 GMT`. A moment beyond the year 9999 is shown as the end of it, as the service shows a message
/// that never expires.
pub fn http_date(at: Timestamp) -> String {
    let seconds = at.as_micros().div_euclid(1_000_000).max(0);
    jiff::Timestamp::from_second(seconds)
        .ok()
        .and_then(|at| rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok())
        .unwrap_or_else(|| "Fri, 31 Dec 9999 23:59:59 GMT".to_owned())
}

/// Reads a date of a header; none if it is not one. The end of the year 9999, which the service shows for never, is the end of
/// time.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    match rfc2822::parse(text.trim()) {
        Ok(at) => Some(Timestamp::from_micros(at.timestamp().as_microsecond())),
        Err(_) if text.contains(" Dec 9999 ") => Some(Timestamp::from_micros(i64::MAX)),
        Err(_) => None,
    }
}

/// Reads a time of a shared access signature or a policy: `2026-03-01`, `2026-03-01T10:00Z`, with seconds, with up to seven
/// digits after them. None if it is not one.
pub fn sas_time(text: &str) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse_rfc3339(text) {
        return Some(at);
    }
    let local = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
    let at = match local.parse::<jiff::civil::DateTime>() {
        Ok(at) => at,
        Err(_) => local.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0),
    };
    let at = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        let at = Timestamp::from_micros(784_111_777_000_000);
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(at));
        assert_eq!(http_date(Timestamp::from_micros(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(http_date(Timestamp::from_micros(-1)), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(parse_http_date("yesterday"), None);
    }

    #[test]
    fn times_of_signatures_have_many_forms() {
        let at = |text| sas_time(text).map(Timestamp::rfc3339);
        let noon = Some("2026-03-01T12:30:00Z".to_owned());
        for text in [
            "2026-03-01T12:30:00Z",
            "2026-03-01T12:30Z",
            "2026-03-01T12:30:00.0000000Z",
            "2026-03-01T12:30:00+00:00",
            "2026-03-01T13:30:00+01:00",
        ] {
            assert_eq!(at(text), noon, "{text}");
        }
        assert_eq!(at("2026-03-01"), Some("2026-03-01T00:00:00Z".to_owned()));
        assert_eq!((at("soon"), at("")), (None, None));
    }
}
