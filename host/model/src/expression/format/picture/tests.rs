//! Expected texts are those .NET gives in the invariant culture.

use super::*;

fn text(value: f64, picture: &str) -> String {
    format(Digits::significant(value, 15), picture).unwrap()
}

#[test]
fn digits_and_groups() {
    for (value, picture, expected) in [
        (7.0, "0000", "0007"),
        (123_456.0, "00", "123456"),
        (1234.5678, "0.00", "1234.57"),
        (0.5, "#.##", ".5"),
        (0.0, "#.##", ""),
        (0.0, "0.##", "0"),
        (12.0, "0.##", "12"),
        (1_234_567.891, "#,##0.00", "1,234,567.89"),
        (12.0, "#,##0", "12"),
        (1_234_567.0, "0,0", "1,234,567"),
        (1_234_567.0, "0,,", "1"),
        (1_234_567_890.0, "#,##0,,", "1,235"),
        (1_234_567_890.0, "#,##0,.0", "1,234,567.9"),
        (12.0, "00,000", "00,012"),
        (-5.0, "0", "-5"),
        (-0.4, "0", "0"),
        (0.12, "0%", "12%"),
        (0.0012, "0.0\u{2030}", "1.2\u{2030}"),
        (987_654.0, "0.###E+0", "9.877E+5"),
        (987_654.0, "0.0e-000", "9.9e005"),
        (0.00012, "0.0E0", "1.2E-4"),
        (5_551_234_567.0, "(###) ###-####", "(555) 123-4567"),
        (3.0, "'no.' 0", "no. 3"),
        (3.0, "\\#0", "#3"),
        (3.0, "0 pcs.", "3 pcs"),
    ] {
        assert_eq!(text(value, picture), expected, "{value} {picture}");
    }
}

#[test]
fn sections() {
    for (value, expected) in [(1.0, "1 plus"), (-2.0, "2 minus"), (0.0, "nothing"), (0.2, "nothing")] {
        assert_eq!(text(value, "0 plus;0 minus;'nothing'"), expected, "{value}");
    }
    assert_eq!(text(-2.0, "0;;x"), "-2");
    assert_eq!(text(0.0, "0;(0)"), "0");
    assert_eq!(text(-2.0, "0;(0)"), "(2)");
    assert!(format(Digits::of_integer(1), "0;0;0;0").unwrap_err().contains("at most three sections"));
}
