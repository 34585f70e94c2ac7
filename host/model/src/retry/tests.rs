use super::*;
use crate::json::Document;

fn read(text: &str) -> Result<RetryPolicy, String> {
    let document = Document::parse("f/function.json", text.as_bytes()).unwrap();
    let root = document.root();
    RetryPolicy::read(&root.get("retry").unwrap().unwrap()).map_err(|e| e.to_string())
}

#[test]
fn policies() {
    let seconds = Duration::from_secs;
    for (text, max_retries, delay) in [
        (
            r#""strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:10""#,
            Some(4),
            RetryDelay::Fixed(seconds(10)),
        ),
        (
            r#""Strategy": "FIXEDDELAY", "maxretrycount": -1, "delayInterval": "00:00:00""#,
            None,
            RetryDelay::Fixed(Duration::ZERO),
        ),
        (
            r#""strategy": "exponentialBackoff", "maxRetryCount": 0, "minimumInterval": "00:00:10", "maximumInterval": "00:15:00""#,
            Some(0),
            RetryDelay::Exponential { minimum: seconds(10), maximum: seconds(900) },
        ),
    ] {
        assert_eq!(read(&format!("{{\"retry\": {{{text}}}}}")), Ok(RetryPolicy { max_retries, delay }), "{text}");
    }
}

#[test]
fn wrong_policies() {
    for (text, expected) in [
        ("5", "must be an object, not a number"),
        ("{}", "has no \"strategy\""),
        (r#"{"strategy": "never"}"#, ".strategy must be one of fixedDelay, exponentialBackoff, not \"never\""),
        (r#"{"strategy": "fixedDelay"}"#, "has no \"maxRetryCount\""),
        (r#"{"strategy": "fixedDelay", "maxRetryCount": -2}"#, ".maxRetryCount must be a whole number from -1 to"),
        (r#"{"strategy": "fixedDelay", "maxRetryCount": 1}"#, "has no \"delayInterval\""),
        (
            r#"{"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": 5}"#,
            ".delayInterval must be a time such as \"00:00:30\", not the number 5",
        ),
        (
            r#"{"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "-00:00:01"}"#,
            ".delayInterval must be at least 0 s, not \"-00:00:01\"",
        ),
        (
            r#"{"strategy": "exponentialBackoff", "maxRetryCount": 1, "minimumInterval": "00:00:01"}"#,
            "has no \"maximumInterval\"",
        ),
        (
            r#"{"strategy": "exponentialBackoff", "maxRetryCount": 1, "minimumInterval": "00:00:02", "maximumInterval": "00:00:01"}"#,
            ".minimumInterval must not be longer than maximumInterval",
        ),
    ] {
        let error = read(&format!("{{\"retry\": {text}}}")).unwrap_err();
        assert!(
            error.starts_with("f/function.json:1:")
                && error.contains(&format!("retry{}{expected}", if expected.starts_with('.') { "" } else { " " })),
            "{text} gave {error}"
        );
    }
}

#[test]
fn waits_grow_between_their_bounds() {
    let seconds = Duration::from_secs;
    let growing = RetryDelay::Exponential { minimum: seconds(10), maximum: seconds(120) };
    let waits = |random: f64| (1..=7).map(|retry| growing.before(retry, random).as_secs()).collect::<Vec<_>>();
    assert_eq!(waits(0.5), [10, 20, 30, 50, 90, 120, 120]);
    assert_eq!(waits(0.0), [10, 18, 26, 42, 74, 120, 120]);
    assert_eq!(waits(1.0), [10, 22, 34, 58, 106, 120, 120]);
    assert_eq!(growing.before(u32::MAX, 0.5), seconds(120));
    assert_eq!(growing.before(0, 0.5), seconds(10));
    assert_eq!(RetryDelay::Fixed(seconds(7)).before(50, 0.9), seconds(7));
    let nothing = RetryDelay::Exponential { minimum: Duration::ZERO, maximum: seconds(1) };
    assert_eq!(nothing.before(2_000, 0.5), Duration::ZERO);
}

#[test]
fn how_many_attempts_there_are() {
    let policy = |max_retries| RetryPolicy { max_retries, delay: RetryDelay::Fixed(Duration::ZERO) };
    assert_eq!((0..4).map(|failures| policy(Some(2)).allows(failures)).collect::<Vec<_>>(), [true, true, true, false]);
    assert!(!policy(Some(0)).allows(1) && policy(None).allows(u32::MAX));
}
