use super::*;

#[test]
fn canonical_forms() {
    let mut lines = 0;
    for line in include_str!("canonical.txt").lines().filter(|line| !line.starts_with('#')) {
        let [expression, kind, canonical] = line.split(" | ").collect::<Vec<_>>()[..] else { panic!("{line}") };
        let ncrontab = Ncrontab::parse(expression).unwrap();
        assert_eq!(ncrontab.to_string(), canonical, "{expression}");
        assert_eq!(ncrontab.is_interval(), kind == "interval", "{expression}");
        lines += 1;
    }
    assert!(lines > 120);
}

/// Expression and what its error must tell.
const REFUSED: &[(&str, &str)] = &[
    ("", "has six fields"),
    ("   ", "this has 0"),
    ("*", "this has 1"),
    ("* * * *", "this has 4"),
    ("* * * * * * *", "this has 7"),
    ("0 0 0 1 1 * 2026", "this has 7"),
    ("@daily", "a word such as @daily is not known in NCRONTAB"),
    ("@every 5m", "a word such as @daily"),
    ("60 * * * * *", "the second field '60' has '60'; write a whole number from 0 to 59"),
    ("* 60 * * * *", "the minute field '60' has '60'"),
    ("* * 24 * * *", "the hour field '24' has '24'; write a whole number from 0 to 23"),
    ("* * * 0 * *", "the day field '0' has '0'; write a whole number from 1 to 31"),
    ("* * * 32 * *", "the day field '32'"),
    ("* * * * 0 *", "the month field '0' has '0'; write a whole number from 1 to 12"),
    ("* * * * 13 *", "the month field '13'"),
    ("* * * * * 7", "the day of the week field '7' has 7, which is no day here; Sunday is 0"),
    ("* * * * * 1-7", "the day of the week field '1-7' has 7"),
    ("* * * * * 8", "the day of the week field '8' has '8'; write a whole number from 0 to 6"),
    ("* * * * 7", "the day of the week field '7'"),
    ("* * * ? * *", "the day field '?' is not known in NCRONTAB; write * instead of ?"),
    ("* * * * * ?", "the day of the week field '?' is not known"),
    ("* * * L * *", "the day field 'L' has 'L'; write whole numbers from 1 to 31"),
    ("* * * 15W * *", "the day field '15W' has '15W'"),
    ("* * * LW * *", "the day field"),
    ("* * * * * 5L", "the day of the week field '5L'"),
    ("* * * * * 5#3", "the day of the week field '5#3' has '5#3'"),
    ("* * * * * MON#1", "the day of the week field 'MON#1' has 'MON#1'"),
    ("* * * * * Mondays", "has 'Mondays'; write whole numbers from 0 to 6 or English names from Sunday to Saturday"),
    ("* * * * * Montag", "English names"),
    ("* * * * Foo *", "English names from January to December"),
    ("* * * * Mai *", "the month field 'Mai'"),
    ("* * * * januaryy *", "the month field"),
    ("mon * * * * *", "the second field 'mon' has 'mon'; write whole numbers from 0 to 59"),
    ("* jan * * * *", "the minute field"),
    (", * * * * *", "the second field ',' has an empty member"),
    ("1,,2 * * * * *", "the second field '1,,2' has an empty member; put a value on each side"),
    ("1, * * * * *", "the second field '1,' has an empty member"),
    (",1 * * * * *", "the second field ',1' has an empty member"),
    ("1- * * * * *", "the second field '1-' lacks a value"),
    ("-1 * * * * *", "the second field '-1' has '-1'"),
    ("-1-5 * * * * *", "the second field"),
    ("1-5-9 * * * * *", "the second field '1-5-9' has '5-9'"),
    ("*/ * * * * *", "the second field '*/' has the step ''; write a whole number behind the slash"),
    ("*/x * * * * *", "has the step 'x'"),
    ("*/1.5 * * * * *", "has the step '1.5'"),
    ("*/2/3 * * * * *", "has the step '2/3'"),
    ("/5 * * * * *", "the second field '/5' has '/5'"),
    ("*/99999999999 * * * * *", "has the step '99999999999'"),
    ("** * * * * *", "the second field '**' has a * beside something else"),
    ("*-5 * * * * *", "the second field '*-5' has a * beside something else"),
    ("5-* * * * * *", "the second field '5-*' has a * beside something else"),
    ("*5 * * * * *", "has a * beside something else"),
    ("5* * * * * *", "the second field '5*' has '5*'"),
    ("1.5 * * * * *", "the second field '1.5'"),
    ("0x5 * * * * *", "the second field '0x5'"),
    ("99999999999999999999 * * * * *", "the second field"),
    ("10-70 * * * * *", "the second field '10-70' has '70'"),
    ("70-10 * * * * *", "the second field '70-10' has '70'"),
    ("* 5-61/2 * * * *", "the minute field '5-61/2' has '61'"),
    ("* 61/2 * * * *", "the minute field '61/2' has '61'"),
    ("* * * * * MON-7", "the day of the week field 'MON-7' has 7"),
    ("* * 1;2 * * *", "the hour field '1;2'"),
    ("é * * * * *", "the second field 'é' has 'é'"),
    ("* * * * * é", "the day of the week field"),
    ("* * * * * Su\u{0301}n", "the day of the week field"),
    ("0\u{a0}0 0 0 * * *", "the second field"),
];

#[test]
fn what_is_refused_says_where_and_what_to_do() {
    for (expression, expected) in REFUSED {
        let error = Ncrontab::parse(expression).unwrap_err();
        assert!(error.to_string().contains(expected), "'{expression}' gave {error}");
        assert!(error.plain().contains("field"), "{}", error.plain());
    }
    assert!(REFUSED.len() >= 60);
    let long = format!("{}0 * * * * *", "0,".repeat(600));
    assert!(Ncrontab::parse(&long).unwrap_err().to_string().contains("has 1211 bytes and may have 1024"));
}

#[test]
fn separators_are_spaces_and_tabs() {
    let plain = Ncrontab::parse("0 5 * * * *");
    assert_eq!(Ncrontab::parse("  0\t5   * *\t\t* * "), plain);
    assert_eq!(Ncrontab::parse("5 * * * *"), plain);
    assert!(Ncrontab::parse("0 5 *\n* * *").is_err());
}
