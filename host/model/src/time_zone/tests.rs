use super::*;

fn of(setting: &str, value: &str) -> Result<String, String> {
    TimeZone::of_app(&[(setting, value)].into_iter().collect()).map(|zone| zone.name().to_owned())
}

#[test]
fn every_windows_name_is_a_zone() {
    for (windows, iana) in windows::ZONES {
        assert_eq!(TimeZone::named(windows).unwrap().name(), *iana, "{windows}");
    }
    assert!(windows::ZONES.len() > 135);
    let mut names: Vec<_> = windows::ZONES.iter().map(|(windows, _)| windows.to_lowercase()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), windows::ZONES.len());
}

#[test]
fn names_of_zones() {
    for (value, name) in [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" America/New_York ", "America/New_York"),
        ("Eastern Standard Time", "America/New_York"),
        ("eastern standard time", "America/New_York"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("India Standard Time", "Asia/Calcutta"),
        ("UTC", "Etc/UTC"),
        (":Europe/Paris", "Europe/Paris"),
        ("Asia/Kolkata", "Asia/Kolkata"),
    ] {
        for setting in SETTINGS {
            assert_eq!(of(setting, value).as_deref(), Ok(name), "{setting}={value}");
        }
    }
    assert_eq!(TimeZone::of_app(&Settings::new()), Ok(TimeZone::utc()));
    assert_eq!(of("WEBSITE_TIME_ZONE", "").as_deref(), Ok("UTC"));
    let both: Settings = [("TZ", "Asia/Tokyo"), ("website_time_zone", "Europe/Berlin")].into_iter().collect();
    assert_eq!(TimeZone::of_app(&both).unwrap().name(), "Europe/Berlin", "the platform's own setting counts first");
}

#[test]
fn an_unknown_zone_says_what_to_write() {
    for value in ["Europe/Berlim", "CEST+1", "../../etc/passwd", "+02:00", "W Europe Standard Time", "\u{0}", "é"] {
        let error = of("WEBSITE_TIME_ZONE", value).unwrap_err();
        assert!(error.starts_with("the app setting WEBSITE_TIME_ZONE is '"), "{error}");
        assert!(
            error.contains("is no time zone; write an IANA name such as Europe/Berlin or a Windows name"),
            "{error}"
        );
    }
    assert!(of("TZ", "nowhere").unwrap_err().starts_with("the app setting TZ is 'nowhere', which is no time zone"));
}

#[test]
fn times_as_clocks_show_them() {
    let berlin = TimeZone::named("Europe/Berlin").unwrap();
    let at = |text| Timestamp::parse_rfc3339(text).unwrap();
    for (time, local, round_trip) in [
        ("2024-05-01T08:00:00.0012Z", "2024-05-01T10:00:00.0012+02:00", "2024-05-01T10:00:00.0012000+02:00"),
        ("2024-01-01T08:00:00Z", "2024-01-01T09:00:00+01:00", "2024-01-01T09:00:00.0000000+01:00"),
    ] {
        assert_eq!((berlin.local(at(time)).as_str(), berlin.round_trip(at(time)).as_str()), (local, round_trip));
    }
    assert_eq!(TimeZone::utc().local(Timestamp(0)), "1970-01-01T00:00:00+00:00");
    assert_eq!(TimeZone::named("America/St_Johns").unwrap().local(Timestamp(0)), "1969-12-31T20:30:00-03:30");
    assert!(TimeZone::utc().local(Timestamp(i64::MAX)).starts_with("9999-12-3"));
}
