//! Windows at the moments where they open and close.

use super::*;

fn windows(text: &str) -> Availability {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

/// Asserts that the window is open or not at a moment, and until when.
#[track_caller]
fn check(availability: &str, zone_name: &str, now: &str, open: bool, until: &str) {
    let state = windows(availability).at(at(now), &zone(zone_name));
    assert_eq!((state.open, state.until.map(Timestamp::rfc3339).as_deref()), (open, Some(until)), "{now}");
}

#[test]
fn a_window_within_a_day() {
    check("09:00-17:30", "UTC", "2026-03-02T08:59:59Z", false, "2026-03-02T09:00:00Z");
    check("09:00-17:30", "UTC", "2026-03-02T09:00:00Z", true, "2026-03-02T17:30:00Z");
    check("09:00-17:30", "UTC", "2026-03-02T17:29:59.999999Z", true, "2026-03-02T17:30:00Z");
    check("09:00-17:30", "UTC", "2026-03-02T17:30:00Z", false, "2026-03-03T09:00:00Z");
}

#[test]
fn a_window_over_midnight() {
    check("22:00-06:00", "UTC", "2026-03-02T21:59:59Z", false, "2026-03-02T22:00:00Z");
    check("22:00-06:00", "UTC", "2026-03-02T23:30:00Z", true, "2026-03-03T06:00:00Z");
    check("22:00-06:00", "UTC", "2026-03-03T00:00:00Z", true, "2026-03-03T06:00:00Z");
    check("22:00-06:00", "UTC", "2026-03-03T06:00:00Z", false, "2026-03-03T22:00:00Z");
    check("22:00-00:00", "UTC", "2026-03-02T23:00:00Z", true, "2026-03-03T00:00:00Z");
}

#[test]
fn a_window_belongs_to_the_day_on_which_it_begins() {
    // 2026-03-06 is a Friday.
    let night = "Mon-Fri 22:00-06:00";
    check(night, "UTC", "2026-03-07T05:00:00Z", true, "2026-03-07T06:00:00Z");
    check(night, "UTC", "2026-03-07T22:30:00Z", false, "2026-03-09T22:00:00Z");
    check(night, "UTC", "2026-03-09T03:00:00Z", false, "2026-03-09T22:00:00Z");
    check("Fri-Mon 12:00-13:00", "UTC", "2026-03-08T12:30:00Z", true, "2026-03-08T13:00:00Z");
    check("Sun 12:00-13:00", "UTC", "2026-03-08T13:00:00Z", false, "2026-03-15T12:00:00Z");
}

#[test]
fn windows_that_touch_are_one() {
    let both = "Mon-Fri 22:00-06:00, Sat Sun 00:00-24:00";
    check(both, "UTC", "2026-03-06T23:00:00Z", true, "2026-03-09T00:00:00Z");
    check(both, "UTC", "2026-03-09T00:00:00Z", false, "2026-03-09T22:00:00Z");
    let state = windows("00:00-24:00").at(at("2026-03-06T23:00:00Z"), &zone("UTC"));
    assert_eq!(state, WindowState { open: true, until: None });
    assert_eq!(windows("00:00-12:00,12:00-00:00").at(at("2026-03-06T13:00:00Z"), &zone("UTC")).until, None);
}

#[test]
fn the_zone_counts() {
    check("22:00-06:00", "America/New_York", "2026-01-10T02:59:59Z", false, "2026-01-10T03:00:00Z");
    check("22:00-06:00", "Asia/Kolkata", "2026-01-10T16:30:00Z", true, "2026-01-11T00:30:00Z");
}

#[test]
fn clocks_that_are_put_forward() {
    // Berlin, 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
    check("22:00-06:00", "Europe/Berlin", "2026-03-28T21:00:00Z", true, "2026-03-29T04:00:00Z");
    check("02:30-05:00", "Europe/Berlin", "2026-03-29T01:00:00Z", false, "2026-03-29T01:30:00Z");
    check("01:00-02:30", "Europe/Berlin", "2026-03-29T01:15:00Z", true, "2026-03-29T01:30:00Z");
    check("02:10-02:50", "Europe/Berlin", "2026-03-29T01:20:00Z", true, "2026-03-29T01:50:00Z");
}

#[test]
fn clocks_that_are_put_back() {
    // Berlin, 2026-10-25: 03:00 becomes 02:00 at 01:00Z, so 02:30 comes at 00:30Z and at 01:30Z.
    check("22:00-06:00", "Europe/Berlin", "2026-10-24T22:00:00Z", true, "2026-10-25T05:00:00Z");
    check("01:00-02:30", "Europe/Berlin", "2026-10-25T00:29:59Z", true, "2026-10-25T00:30:00Z");
    check("01:00-02:30", "Europe/Berlin", "2026-10-25T01:10:00Z", false, "2026-10-26T00:00:00Z");
    check("02:30-04:00", "Europe/Berlin", "2026-10-25T01:10:00Z", true, "2026-10-25T03:00:00Z");
}

#[test]
fn texts_are_shown_as_they_are_meant() {
    assert_eq!(windows("  mon-fri  22:00-06:00 ,sat 0:00-24:00").to_string(), "mon-fri 22:00-06:00, sat 0:00-24:00");
    assert_eq!(zone("Europe/Berlin").to_string(), "Europe/Berlin");
    assert!("Nowhere/Atlantis".parse::<Zone>().unwrap_err().contains("Europe/Berlin"));
}

#[test]
fn what_is_no_window_is_refused_by_name() {
    let error = |text: &str| text.parse::<Availability>().unwrap_err();
    for text in ["", " ", "22:00-06:00,", ",22:00-06:00"] {
        assert_eq!(error(text), AvailabilityError::Empty, "{text:?}");
    }
    for text in
        ["22:00", "22-06", "24:00-06:00", "22:60-23:00", "22:00-24:01", "+2:00-06:00", "22:0-06:00", "Mon", "Mon-Fri"]
    {
        assert!(matches!(error(text), AvailabilityError::Span(_)), "{text:?}");
    }
    assert_eq!(error("06:00-06:00"), AvailabilityError::Nothing("06:00-06:00".into()));
    for text in ["Mo 22:00-06:00", "Mon- 22:00-06:00", "Mon-Fry 22:00-06:00", "22:00-06:00 23:00-24:00"] {
        assert!(matches!(error(text), AvailabilityError::Day(_)), "{text:?}");
    }
    assert_eq!(error("00:00-00:00"), AvailabilityError::Nothing("00:00-00:00".into()));
}
