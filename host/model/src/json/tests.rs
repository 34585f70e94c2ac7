use super::*;

fn reason(text: &str, read: impl Fn(&Node<'_>) -> Result<(), FileError>) -> String {
    let document = Document::parse("host.json", text.as_bytes()).unwrap();
    read(&document.root()).unwrap_err().to_string()
}

#[test]
fn syntax_errors_have_a_position() {
    for (text, expected) in [
        ("", "host.json:1:1: the file is empty"),
        ("// nothing\n", "host.json:1:1: the file is empty"),
        ("{\n  \"a\": }", "host.json:2:8: the file is not valid JSON"),
        ("{\"a\": 1 \"b\": 2}", "host.json:1:8: the file is not valid JSON: Expected comma"),
        ("{} {}", "host.json:1:4: the file is not valid JSON"),
        ("{\"a\": \"open", "host.json:1:7: the file is not valid JSON"),
    ] {
        let error = Document::parse("host.json", text.as_bytes()).err().unwrap().to_string();
        assert!(error.starts_with(expected), "{text:?} gave {error}");
    }
    let error = Document::parse("host.json", b"{\n \"\xff\": 1}").err().unwrap().to_string();
    assert!(error.starts_with("host.json:2:3: the file is not UTF-8"), "{error}");
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let text = "[".repeat(100_000);
    assert!(Document::parse("host.json", text.as_bytes()).is_err());
}

#[test]
fn type_errors_name_path_and_position() {
    let text = "{ // settings\n  'extensions': { http: { \"ROUTEPREFIX\": 5, } } }";
    let error = reason(text, |root| root.at(&["extensions", "http", "routePrefix"])?.unwrap().string().map(drop));
    assert_eq!(error, "host.json:2:42: extensions.http.routePrefix must be a string, not a number");
    let error = reason("{\"list\": [1, {}]}", |root| root.at(&["list"])?.unwrap().elements()?[1].string().map(drop));
    assert_eq!(error, "host.json:1:14: list[1] must be a string, not an object");
    let error = reason("{\"n\": 5000000000}", |root| root.get("n")?.unwrap().integer(0, 10).map(drop));
    assert_eq!(error, "host.json:1:7: n must be a whole number from 0 to 10, not 5000000000");
}

#[test]
fn keys_ignore_case_and_the_last_counts() {
    let document = Document::parse("f", b"\xef\xbb\xbf{\"a\": 1, \"A\": 2, \"b\": null}").unwrap();
    assert_eq!(document.root().get("a").unwrap().unwrap().integer(0, 9), Ok(2));
    assert!(document.root().get("b").unwrap().is_none());
    assert!(document.root().get("c").unwrap().is_none());
}
