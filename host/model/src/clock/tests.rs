use super::*;

#[test]
fn texts() {
    for (micros, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (1_772_359_200_250_000, "2026-03-01T10:00:00.25Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ] {
        assert_eq!(Timestamp(micros).rfc3339(), text);
        assert_eq!(Timestamp::parse_rfc3339(text), Some(Timestamp(micros)));
    }
    assert_eq!(Timestamp::parse_rfc3339("2026-03-01T12:00:00.25+02:00"), Some(Timestamp(1_772_359_200_250_000)));
    assert_eq!(Timestamp::parse_rfc3339("yesterday"), None);
}

#[test]
fn extremes_have_a_text() {
    assert!(Timestamp(i64::MAX).rfc3339().starts_with("9999-12-30T"));
    assert!(Timestamp(i64::MIN).rfc3339().starts_with("-009999-"));
    assert_eq!(Timestamp(i64::MAX).plus(Duration::MAX), Timestamp(i64::MAX));
    assert_eq!(Timestamp(i64::MIN).minus(Duration::MAX), Timestamp(i64::MIN));
}

#[test]
fn differences() {
    let noon = Timestamp(1_000_000);
    assert_eq!(noon.plus(Duration::from_millis(5)).since(noon), Duration::from_millis(5));
    assert_eq!(noon.since(noon.plus(Duration::from_secs(1))), Duration::ZERO);
}

#[test]
fn a_manual_clock_moves_only_when_told() {
    let clock = ManualClock::new(Timestamp(10));
    assert_eq!(clock.now(), Timestamp(10));
    assert_eq!(clock.advance(Duration::from_micros(5)), Timestamp(15));
    clock.set(Timestamp(3));
    assert_eq!(clock.now(), Timestamp(3));
}

#[test]
fn the_system_clock_is_in_this_century() {
    assert!(SystemClock.now() > Timestamp::parse_rfc3339("2020-01-01T00:00:00Z").unwrap());
}
