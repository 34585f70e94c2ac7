use super::*;

fn value(text: &str) -> Result<(), JsonError> {
    let mut scanner = Scanner::new(text);
    scanner.value()?;
    scanner.end()
}

#[test]
fn what_is_json_is_decided_as_a_parser_would() {
    let texts = [
        "null",
        "true",
        "false",
        "tru",
        "nul",
        "01",
        "-",
        "-0",
        "1.",
        "1.5e",
        "1e+5",
        "1E-5",
        ".5",
        "+1",
        "NaN",
        "1e400",
        "[]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{}",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":}",
        "{'a':1}",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\n\"",
        "\"a\nb\"",
        "\"a",
        "  { \"a\" : [ 1 , { } ] } ",
        "1 2",
        "",
        " ",
        "\"\\/\\b\\f\\u0000\"",
        "-1.25e-3",
        "[[[]]]",
        "]",
        "{]}",
    ];
    for text in texts {
        let parsed = serde_json::from_str::<serde_json::Value>(text);
        assert_eq!(value(text).is_ok(), parsed.is_ok(), "{text}: {:?} {parsed:?}", value(text));
    }
}

#[test]
fn nesting_ends_at_128() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    value(&nested(128)).unwrap();
    assert!(value(&nested(129)).unwrap_err().what.contains("128"));
    // A body of nothing but brackets must not end the process.
    assert!(value(&"[".repeat(2_000_000)).is_err());
}

#[test]
fn the_last_of_several_properties_counts_and_the_others_go() {
    let object = Object::parse(r#" {"a":1, "b" : {"a":1,"a":2}, "\u0061": 1.50 } "#).unwrap();
    assert_eq!(object.get("a"), Some("1.50"));
    assert_eq!(object.text(), r#"{"b" : {"a":1,"a":2},"\u0061": 1.50}"#);
    let many: Vec<String> = (0..60).map(|n| format!("\"p{}\":{n}", n % 50)).collect();
    let many = format!("{{{}}}", many.join(","));
    let object = Object::parse(&many).unwrap();
    assert_eq!((object.properties().len(), object.get("p3"), object.get("p30")), (50, Some("53"), Some("30")));
}

#[test]
fn what_is_not_touched_stays_as_it_was_written() {
    let mut object = Object::parse(" {\"z\" : 10000000000000000001 , \"a\":1.0}\n").unwrap();
    assert_eq!(object.text(), "{\"z\" : 10000000000000000001 , \"a\":1.0}");
    object.remove(|name| name == "none");
    assert!(matches!(object.text(), Cow::Borrowed(_)));
    object.remove(|name| name == "a");
    assert_eq!(object.text(), "{\"z\" : 10000000000000000001}");
    object.remove(|_| true);
    assert_eq!(object.text(), "{}");
    assert!(Object::parse("[]").is_err() && Object::parse("{} {}").is_err());
}

#[test]
fn strings_are_written_so_that_they_read_the_same() {
    for text in ["", "a", "\"\\\n\r\t\u{1}\u{1f}", "é😀/", "\u{7f}"] {
        let mut out = String::new();
        write_string(&mut out, text);
        assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        assert_eq!(string(&out).unwrap(), text);
    }
    assert_eq!(array(" [1, \"a\" ,{}] ").unwrap(), ["1", "\"a\"", "{}"]);
    assert!(array("{}").is_err() && array("[1").is_err());
}
