//! Expected texts are those .NET gives in the invariant culture.

use super::*;

fn number(json: &str) -> Number {
    serde_json::from_str(json).unwrap()
}

fn text(json: &str, wanted: &str) -> String {
    format(&number(json), wanted).unwrap()
}

#[test]
fn whole_numbers() {
    for (json, wanted, expected) in [
        ("7", "G", "7"),
        ("-7", "D4", "-0007"),
        ("12345", "d", "12345"),
        ("255", "X", "FF"),
        ("255", "x4", "00ff"),
        ("-1", "X", "FFFFFFFFFFFFFFFF"),
        ("5", "B8", "00000101"),
        ("1234567", "N", "1,234,567.00"),
        ("1234567", "N0", "1,234,567"),
        ("-1234567", "F1", "-1234567.0"),
        ("12345", "E", "1.234500E+004"),
        ("12345", "e2", "1.23e+004"),
        ("12345", "G2", "1.2E+04"),
        ("12345", "g9", "12345"),
        ("1", "P", "100.00 %"),
        ("-3", "P0", "-300 %"),
        ("1234", "C", "\u{a4}1,234.00"),
        ("-1234", "C0", "(\u{a4}1,234)"),
        ("12345", "R", "12345"),
        ("18446744073709551615", "D", "18446744073709551615"),
        ("0", "N2", "0.00"),
        ("0", "E", "0.000000E+000"),
    ] {
        assert_eq!(text(json, wanted), expected, "{json} {wanted}");
    }
}

#[test]
fn doubles() {
    for (json, wanted, expected) in [
        ("1.5", "G", "1.5"),
        ("1.0", "G", "1"),
        ("-0.0001", "G", "-0.0001"),
        ("0.00001", "G", "1E-05"),
        ("1e14", "G", "100000000000000"),
        ("1e15", "G", "1E+15"),
        ("1234567890123456.5", "G", "1234567890123456.5"),
        ("1.7976931348623157e308", "G", "1.7976931348623157E+308"),
        ("0.1", "R", "0.1"),
        ("3.14159", "G3", "3.14"),
        ("3.14159", "F2", "3.14"),
        ("2.5", "F0", "3"),
        ("1234.5678", "N1", "1,234.6"),
        ("0.125", "P1", "12.5 %"),
        ("0.000123", "E2", "1.23E-004"),
        ("0.0", "F3", "0.000"),
    ] {
        assert_eq!(text(json, wanted), expected, "{json} {wanted}");
    }
}

#[test]
fn pictures_are_tried_for_what_is_no_standard_format() {
    assert_eq!(text("7", "0000"), "0007");
    assert_eq!(text("1234.5", "#,##0.00"), "1,234.50");
    assert_eq!(text("0.33333333333333333", "0.00000000000000000000"), "0.33333333333333300000");
}

#[test]
fn what_is_no_format() {
    let refused = |json, wanted| format(&number(json), wanted).unwrap_err();
    assert!(refused("1", "Q").contains("a number has the formats B, C, D"));
    assert!(refused("1", "y").contains("or a picture"));
    assert_eq!(refused("1.5", "D4"), "D is for whole numbers");
    assert_eq!(refused("1", "F100"), "more than 99 digits are asked for");
    assert!(refused("1", &"0".repeat(100)).contains("99"));
}
