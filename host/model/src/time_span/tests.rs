use super::parse_micros;

#[test]
fn texts() {
    const S: i64 = 1_000_000;
    const D: i64 = 86_400 * S;
    for (text, expected) in [
        ("00:05:00", Some(300 * S)),
        ("00:00:01", Some(S)),
        (" 01:00 ", Some(3600 * S)),
        ("1.00:00:00", Some(D)),
        ("1.02:03", Some(D + 7380 * S)),
        ("00:00:00.5", Some(S / 2)),
        ("00:00:00.1234567", Some(123_456)),
        ("-00:00:01", Some(-S)),
        ("-1", Some(-D)),
        ("24:00:00", Some(24 * D)),
        ("1:00:00:30", Some(D + 30 * S)),
        ("3", Some(3 * D)),
        ("", None),
        ("-", None),
        ("00:60:00", None),
        ("00:00:60", None),
        ("24:00", None),
        ("1.24:00:00", None),
        ("00:00:00.", None),
        ("00:00:00.12345678", None),
        ("five minutes", None),
        ("00:05:00Z", None),
        ("+1", None),
        ("1e3", None),
        ("99999999999", None),
    ] {
        assert_eq!(parse_micros(text), expected, "{text:?}");
    }
}
