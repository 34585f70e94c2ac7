//! Tables of occurrences, and what holds for every schedule.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap_or_else(|| panic!("{text} is no time"))
}

fn in_zone(schedule: &str, zone: &str) -> TimerSchedule {
    TimerSchedule::new(Schedule::parse(schedule).unwrap(), TimeZone::named(zone).unwrap())
}

#[test]
fn every_line_of_the_table() {
    let (mut lines, mut zones) = (0, std::collections::BTreeSet::new());
    let table = include_str!("occurrences.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in table {
        let [expression, zone, after, next] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let schedule = in_zone(expression, zone);
        let expected: Vec<Timestamp> = next.split(' ').filter(|next| *next != "never").map(at).collect();
        let found: Vec<Timestamp> = schedule.following(at(after)).take(expected.len().max(1)).collect();
        assert_eq!(found, expected, "{line}");
        zones.insert(zone);
        lines += 1;
    }
    assert!(lines >= 390 && zones.len() >= 15, "{lines} lines, {zones:?}");
}

#[test]
fn spans_of_time_know_no_clock() {
    for (text, after, next) in [
        ("00:05:00", "2025-03-30T01:58:00+01:00", "2025-03-30T03:03:00+02:00"),
        ("00:00:00.5", "2025-01-01T00:00:00.25Z", "2025-01-01T00:00:00.75Z"),
        ("01:00:00", "2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00"),
        ("24:00:00", "2025-01-01T00:00:00Z", "2025-01-25T00:00:00Z"),
        ("1.00:00:00", "2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z"),
        ("7", "2025-01-01T00:00:00Z", "2025-01-08T00:00:00Z"),
        (" 00:30 ", "2025-01-01T00:00:00Z", "2025-01-01T00:30:00Z"),
    ] {
        assert_eq!(in_zone(text, "Europe/Berlin").next_after(at(after)), Some(at(next)), "{text}");
    }
    let schedule = in_zone("10675199", "UTC");
    assert_eq!(schedule.next_after(Timestamp(i64::MAX)), None);
}

#[test]
fn what_is_no_schedule() {
    for (text, expected) in [
        ("00:00:00", "longer than nothing"),
        ("-00:05:00", "longer than nothing"),
        ("0", "longer than nothing"),
        ("-1", "longer than nothing"),
        ("", "has six fields"),
        ("often", "'often' cannot be read: an NCRONTAB expression has six fields"),
        ("@daily", "a word such as @daily is not known"),
        ("00:61:00", "this has 1"),
    ] {
        let error = Schedule::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text} gave {error}");
    }
}

#[test]
fn schedules_that_mean_the_same_have_one_text() {
    let text = |schedule, zone| in_zone(schedule, zone).canonical();
    assert_eq!(
        text("*/5 * * * *", "W. Europe Standard Time"),
        "0 0,5,10,15,20,25,30,35,40,45,50,55 * * * * Europe/Berlin"
    );
    assert_eq!(text("0 */5 * * * *", "europe/berlin"), text("*/5 * * * *", "Europe/Berlin"));
    assert_ne!(text("0 */5 * * * *", "UTC"), text("0 */5 * * * *", "Europe/Berlin"));
    assert_eq!(text("00:05:00", "UTC"), text("0.00:05:00.0", "Europe/Berlin"));
}

#[test]
fn schedules_faster_than_a_minute() {
    let faster = |text: &str| in_zone(text, "UTC").is_faster_than_a_minute(at("2025-01-01T00:00:00Z"));
    assert!(
        ["* * * * * *", "*/30 * * * * *", "0,59 * * * * *", "00:00:59", "00:00:00.1"].iter().all(|text| faster(text))
    );
    assert!(["* * * * *", "5 * * * * *", "00:01:00", "0 0 0 31 2 *", "0 0 0 29 2 *"].iter().all(|text| !faster(text)));
}

#[test]
fn the_ends_of_time_are_no_panic() {
    for zone in ["UTC", "Europe/Berlin", "Pacific/Apia", "Asia/Kolkata"] {
        for text in ["* * * * * *", "0 0 0 31 12 *", "0 30 2 29 2 MON", "0 0 0 31 2 *"] {
            let schedule = in_zone(text, zone);
            for after in [i64::MIN, i64::MIN + 1, -377_705_116_800_000_000, -1, 0, 253_402_300_799_000_000, i64::MAX] {
                let next = schedule.next_after(Timestamp(after));
                assert!(next.is_none_or(|next| next > Timestamp(after)), "{text} {zone} {after}");
            }
        }
    }
}

/// A field that has something in its range.
fn field(least: u8, greatest: u8) -> impl Strategy<Value = String> {
    let number = least..=greatest;
    prop_oneof![
        3 => Just("*".to_owned()),
        3 => number.clone().prop_map(|number| number.to_string()),
        2 => (number.clone(), number.clone()).prop_map(|(a, b)| format!("{a}-{b}")),
        2 => (number.clone(), 0..9_u8).prop_map(|(a, step)| format!("{a}/{step}")),
        2 => (1..40_u8).prop_map(|step| format!("*/{step}")),
        2 => proptest::collection::vec(number, 2..5)
            .prop_map(|list| list.iter().map(u8::to_string).collect::<Vec<_>>().join(",")),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    let day = prop_oneof![4 => Just("*".to_owned()), 1 => field(1, 31)];
    let month = prop_oneof![4 => Just("*".to_owned()), 1 => field(1, 12)];
    let weekday = prop_oneof![2 => Just("*".to_owned()), 1 => field(0, 6)];
    (field(0, 59), field(0, 59), field(0, 23), day, month, weekday).prop_map(
        |(second, minute, hour, day, month, weekday)| format!("{second} {minute} {hour} {day} {month} {weekday}"),
    )
}

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/Sao_Paulo",
];

/// Whether the table of rules has an occurrence at a second: what the clocks show matches, and is not seen a second time by
/// a schedule for points in time; or the clocks passed over what matches, by as much as it is late.
fn expected(schedule: &TimerSchedule, seconds: i64) -> bool {
    let Schedule::Calendar(ncrontab) = schedule.schedule() else { return false };
    let zone = &schedule.zone().zone;
    let offset = |at: i64| i64::from(zone.to_offset(jiff::Timestamp::from_second(at).unwrap()).seconds());
    let matches = |shown: i64| ncrontab.matches(shown);
    let here = offset(seconds);
    let change = zone.preceding(jiff::Timestamp::from_second(seconds + 1).unwrap()).next();
    let change = change.map(|change| change.timestamp().as_second());
    let before = change.map_or(here, |change| offset(change - 1));
    let shown = seconds + here;
    let seen = change.is_some_and(|change| before > here && shown < change + before);
    let passed = change.is_some_and(|change| here > before && seconds + before < change + here);
    (matches(shown) && (ncrontab.is_interval() || !seen)) || (passed && matches(seconds + before))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_next_occurrence_is_later_and_the_first_that_matches(
        expression in expression(),
        zone in proptest::sample::select(&ZONES[..]),
        change in 0..40_usize,
        before in -7_000..7_000_i64,
    ) {
        let schedule = in_zone(&expression, zone);
        // Near a change of clocks, where there is one.
        let begin = jiff::Timestamp::from_second(1_300_000_000).unwrap();
        let changed = schedule.zone().zone.following(begin).nth(change).map(|change| change.timestamp().as_second());
        let after = changed.unwrap_or(1_700_000_000) + before;
        let next = schedule.next_after(Timestamp(after * SECOND)).map(|next| next.0 / SECOND);
        prop_assert!(next.is_none_or(|next| next > after));
        if let Some(next) = next {
            prop_assert!(expected(&schedule, next), "{expression} {zone} after {after}: {next}");
        }
        for second in after + 1..next.unwrap_or(i64::MAX).min(after + 4_000) {
            prop_assert!(!expected(&schedule, second), "{expression} {zone} after {after}: {second} before {next:?}");
        }
    }

    #[test]
    fn no_text_panics(text in "[ -~]{0,40}", more in "[0-9*/,a-zA-Z -]{0,40}") {
        for text in [text.as_str(), more.as_str()] {
            if let Ok(schedule) = Schedule::parse(text) {
                let schedule = TimerSchedule::new(schedule, TimeZone::utc());
                let next = schedule.next_after(Timestamp(1_700_000_000_000_000));
                prop_assert!(next.is_none_or(|next| next > Timestamp(1_700_000_000_000_000)));
            }
        }
    }

    #[test]
    fn the_canonical_form_is_the_same_schedule(expression in expression()) {
        let ncrontab = Ncrontab::parse(&expression).unwrap();
        prop_assert_eq!(Ncrontab::parse(&ncrontab.to_string()), Ok(ncrontab));
    }
}
