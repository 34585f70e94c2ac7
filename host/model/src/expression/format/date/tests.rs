//! Expected texts are those .NET gives in the invariant culture.

use super::*;

fn moment() -> Moment {
    Moment::parse("2026-03-05T07:08:09.1200456Z").unwrap()
}

fn text(picture: &str) -> String {
    format(&moment(), picture).unwrap()
}

#[test]
fn standard_formats() {
    for (letter, expected) in [
        ("d", "03/05/2026"),
        ("D", "Thursday, 05 March 2026"),
        ("f", "Thursday, 05 March 2026 07:08"),
        ("F", "Thursday, 05 March 2026 07:08:09"),
        ("g", "03/05/2026 07:08"),
        ("G", "03/05/2026 07:08:09"),
        ("M", "March 05"),
        ("o", "2026-03-05T07:08:09.1200456Z"),
        ("R", "Thu, 05 Mar 2026 07:08:09 GMT"),
        ("s", "2026-03-05T07:08:09"),
        ("t", "07:08"),
        ("T", "07:08:09"),
        ("u", "2026-03-05 07:08:09Z"),
        ("Y", "2026 March"),
    ] {
        assert_eq!(text(letter), expected, "{letter}");
    }
    assert!(format(&moment(), "Q").unwrap_err().starts_with("a date has the formats d, D"));
}

#[test]
fn pictures() {
    for (picture, expected) in [
        ("yyyy-MM-ddTHH-mm-ssK", "2026-03-05T07-08-09Z"),
        ("yyyyMMdd", "20260305"),
        ("yy M d H m s", "26 3 5 7 8 9"),
        ("%y", "26"),
        ("%d", "5"),
        ("yyyyy", "02026"),
        ("ddd dddd MMM MMMM", "Thu Thursday Mar March"),
        ("h:mm t", "7:08 A"),
        ("hh:mm tt", "07:08 AM"),
        ("ss.fff", "09.120"),
        ("ss.FFF", "09.12"),
        ("ss.fffffff", "09.1200456"),
        ("zzz zz %z", "+00:00 +00 +0"),
        ("yyyy'year'MM\\m\"d\"", "2026year03md"),
        ("YYYYMMdd", "YYYY0305"),
        ("gg", "A.D."),
    ] {
        assert_eq!(text(picture), expected, "{picture}");
    }
    let whole = Moment::parse("2026-03-05T23:08:09Z").unwrap();
    assert_eq!(format(&whole, "ss.FFF").unwrap(), "09");
    assert_eq!(format(&whole, "h tt").unwrap(), "11 PM");
    let midnight = Moment::parse("2026-03-05T00:00:00Z").unwrap();
    assert_eq!(format(&midnight, "h tt").unwrap(), "12 AM");
}

#[test]
fn an_offset_is_kept_except_where_the_format_is_in_utc() {
    let east = Moment::parse("2026-03-05T00:30:00+05:30").unwrap();
    assert_eq!(format(&east, "o").unwrap(), "2026-03-05T00:30:00.0000000+05:30");
    assert_eq!(format(&east, "%z").unwrap(), "+5");
    assert_eq!(format(&east, "u").unwrap(), "2026-03-04 19:00:00Z");
    let west = Moment::parse("2026-03-05T00:30:00-03:30").unwrap();
    assert_eq!(format(&west, "yyyy-MM-dd HH:mm zzz").unwrap(), "2026-03-05 00:30 -03:30");
}

#[test]
fn what_is_no_picture_or_no_moment() {
    let refused = |picture| format(&moment(), picture).unwrap_err();
    assert!(refused("yyyy'open").contains("' is not closed"));
    assert!(refused("yyyy\\").contains("at its end"));
    assert!(refused("yyyy%").contains('%'));
    assert!(refused("ffffffff").contains("8 digits of a second"));
    for no in ["", "2026-03-05", "2026-03-05T07:08:09", "07:08", "yesterday at about noon, Z", "2026-13-05T07:08:09Z"] {
        assert_eq!(Moment::parse(no), None, "{no}");
    }
    assert_eq!(format(&Moment::utc(Timestamp(i64::MAX)), "yyyy").unwrap(), "9999");
}
