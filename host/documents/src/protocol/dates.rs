//! Times in headers: RFC 1123 text in GMT.

use hearth_model::clock::Timestamp;
use jiff::fmt::rfc2822;

/// `Sun, 06 Nov 1994 08:49:37 GMT`. A moment beyond the year 9999 is shown as the end of it.
pub fn http_date(at: Timestamp) -> String {
    let seconds = at.as_micros().div_euclid(1_000_000).max(0);
    jiff::Timestamp::from_second(seconds)
        .ok()
        .and_then(|at| rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).ok())
        .unwrap_or_else(|| "Fri, 31 Dec 9999 23:59:59 GMT".to_owned())
}

/// Reads a date of a header, with or without a zero before the day; none if it is not one.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    let at = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text.trim()).ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        let at = Timestamp::from_micros(784_111_777_000_000);
        assert_eq!(http_date(at), "Sun, 06 Nov 1994 08:49:37 GMT");
        for text in ["Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt"] {
            assert_eq!(parse_http_date(text), Some(at), "{text}");
        }
        assert_eq!(http_date(Timestamp::from_micros(i64::MAX)), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!((parse_http_date("yesterday"), parse_http_date("")), (None, None));
    }
}
