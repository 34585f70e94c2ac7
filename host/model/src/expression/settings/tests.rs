use super::*;

fn settings() -> Settings {
    [("Queue", "orders"), ("Odd", "50%%"), ("Empty", ""), ("Section__Key", "deep")]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn resolved(text: &str) -> String {
    resolve_settings(text, &settings()).unwrap()
}

fn refused(text: &str) -> String {
    resolve_settings(text, &settings()).unwrap_err().to_string()
}

#[test]
fn settings_are_put_in_any_number_of_times() {
    assert_eq!(resolved("plain"), "plain");
    assert_eq!(resolved("%Queue%"), "orders");
    assert_eq!(resolved("a-%queue%-%QUEUE%%Empty%/{id}"), "a-orders-orders/{id}");
    assert_eq!(resolved("%Section:Key%"), "deep");
}

#[test]
fn a_value_is_not_looked_at_again() {
    assert_eq!(resolved("%Odd%x%Odd%"), "50%%x50%%");
}

#[test]
fn a_missing_setting_and_an_unclosed_sign_name_their_place() {
    assert_eq!(
        refused("ü/%Queue%/%Other%"),
        "'ü/%Queue%/%Other%', character 11: the app has no setting 'Other'; add it to the app's settings, or correct the name"
    );
    assert!(refused("100%").starts_with("'100%', character 4: this '%' has no second one"));
    assert!(refused("%Queue%%").contains("character 8: this '%'"));
    assert!(refused("a%%b").contains("character 2: there is no name between"));
}

#[test]
fn a_result_has_a_greatest_length() {
    let large: Settings = [("A".to_owned(), "x".repeat(MAX_RESULT_BYTES / 2))].into_iter().collect();
    assert!(resolve_settings("%A%%A%", &large).is_ok());
    assert!(resolve_settings("%A%%A%%A%", &large).unwrap_err().reason.contains("longer than 1048576 bytes"));
}

#[test]
fn the_settings_a_text_asks_for() {
    let names = |text| referenced_settings(text).collect::<Vec<_>>();
    assert_eq!(names("a"), [""; 0]);
    assert_eq!(names("%A%"), ["A"]);
    assert_eq!(names("x%A%%B%y%C"), ["A", "B"]);
}
