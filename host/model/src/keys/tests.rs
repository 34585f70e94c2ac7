use super::*;

fn set(keys: &[(KeyScope, &str, &str)]) -> KeySet {
    KeySet::new(keys.iter().map(|(scope, name, value)| (scope.clone(), NamedKey::new(*name, *value))))
}

fn full() -> KeySet {
    set(&[
        (KeyScope::function("Orders"), "default", "own"),
        (KeyScope::function("Mail"), "default", "other"),
        (KeyScope::function("Orders-old"), "default", "near"),
        (KeyScope::Host, "default", "host"),
        (KeyScope::Host, "Partner", "partner"),
        (KeyScope::System, "durabletask_extension", "hook"),
        (KeyScope::Master, "master", "root"),
    ])
}

#[test]
fn each_kind_of_key_gives_its_level() {
    let keys = full();
    for (presented, function, level) in [
        (None, "Orders", CallerLevel::Anonymous),
        (Some(""), "Orders", CallerLevel::Anonymous),
        (Some("nobody"), "Orders", CallerLevel::Anonymous),
        (Some("root"), "Orders", CallerLevel::Admin),
        (Some("hook"), "Orders", CallerLevel::System),
        (Some("host"), "Orders", CallerLevel::Function),
        (Some("partner"), "orders", CallerLevel::Function),
        (Some("own"), "Orders", CallerLevel::Function),
        (Some("own"), "ORDERS", CallerLevel::Function),
        (Some("own"), "Mail", CallerLevel::Anonymous),
        (Some("near"), "Orders", CallerLevel::Anonymous),
        (Some("other"), "Mail", CallerLevel::Function),
        (Some("own"), "", CallerLevel::Anonymous),
        (Some("own"), "Unknown", CallerLevel::Anonymous),
        (Some("OWN"), "Orders", CallerLevel::Anonymous),
        (Some("own "), "Orders", CallerLevel::Anonymous),
    ] {
        assert_eq!(keys.level(presented, function), level, "{presented:?} for {function}");
    }
    assert_eq!(keys.host_level(Some("root")), CallerLevel::Admin);
    assert_eq!(keys.host_level(Some("own")), CallerLevel::Anonymous);
    assert_eq!(KeySet::default().level(Some("root"), "Orders"), CallerLevel::Anonymous);
    assert_eq!(keys.level(Some(&"x".repeat(1 << 20)), "Orders"), CallerLevel::Anonymous);
}

#[test]
fn of_equal_values_the_first_in_the_order_of_look_up_decides() {
    let scopes = [KeyScope::Master, KeyScope::System, KeyScope::Host, KeyScope::function("f")];
    for first in 0..scopes.len() {
        let keys = KeySet::new(scopes[first..].iter().rev().map(|s| (s.clone(), NamedKey::new("k", "same"))));
        let (scope, key) = keys.identify(Some("same"), "F").unwrap();
        assert_eq!((scope, key.name.as_str()), (&scopes[first], "k"));
    }
}

#[test]
fn levels_open_their_equal_and_admin_opens_everything() {
    use AuthLevel as A;
    use CallerLevel as C;
    let opened = |caller: C| {
        [A::Anonymous, A::User, A::Function, A::System, A::Admin].map(|required| u8::from(caller.satisfies(required)))
    };
    assert_eq!(opened(C::Anonymous), [1, 0, 0, 0, 0]);
    assert_eq!(opened(C::Function), [1, 0, 1, 0, 0]);
    assert_eq!(opened(C::System), [1, 0, 0, 1, 0]);
    assert_eq!(opened(C::Admin), [1, 1, 1, 1, 1]);
}

#[test]
fn names_are_found_in_any_case_and_keep_their_spelling() {
    let keys = full();
    assert_eq!(keys.get(&KeyScope::Host, "PARTNER").unwrap().name, "Partner");
    assert_eq!(keys.get(&KeyScope::System, "partner"), None);
    assert_eq!(keys.list(&KeyScope::Host).map(|key| key.name.as_str()).collect::<Vec<_>>(), ["default", "Partner"]);
    assert_eq!(keys.master(), Some("root"));
    assert_eq!((keys.len(), keys.iter().count(), keys.is_empty()), (7, 7, false));
    let twice = set(&[(KeyScope::Host, "a", "1"), (KeyScope::Host, "A", "2"), (KeyScope::Host, "b", "")]);
    assert_eq!(twice.len(), 1);
    assert_eq!(twice.level(Some("1"), "f"), CallerLevel::Anonymous);
    assert_eq!(twice.level(Some("2"), "f"), CallerLevel::Function);
}

#[test]
fn scopes_are_written_and_read() {
    for scope in [KeyScope::Master, KeyScope::System, KeyScope::Host, KeyScope::function("My-Func")] {
        assert_eq!(scope.to_string().parse::<KeyScope>().unwrap(), scope);
    }
    assert_eq!("function/My-Func".parse::<KeyScope>().unwrap(), KeyScope::Function("my-func".to_owned()));
    assert!("function/".parse::<KeyScope>().is_err() && "functions".parse::<KeyScope>().is_err());
}

#[test]
fn nothing_shows_a_value() {
    let keys = full();
    let shown = format!("{keys:?} {:?}", keys.get(&KeyScope::Host, "partner"));
    assert!(shown.contains("host/Partner") && !shown.contains("root") && !shown.contains("\"partner\""), "{shown}");
    assert!(!check_value("secret\u{7}").unwrap_err().contains("secret"));
}

#[test]
fn names_and_values_are_checked() {
    for name in ["default", "My key", "a.b-c_d", "\u{fc}", &"x".repeat(MAX_NAME)] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    for name in ["", "_master", "_MASTER", "a/b", "a?", " a", "a\n", &"x".repeat(MAX_NAME + 1)] {
        assert!(check_name(name).is_err(), "{name}");
    }
    for value in ["x", "any non-empty text", &"x".repeat(MAX_VALUE), "\u{fc}"] {
        assert_eq!(check_value(value), Ok(()));
    }
    for value in ["", " x", "x\r\n", &"x".repeat(MAX_VALUE + 1)] {
        assert!(check_value(value).is_err());
    }
}

#[test]
fn generated_values_have_the_form_that_scanners_know() {
    let form = regex::Regex::new(r"^[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==$").unwrap();
    let values: std::collections::HashSet<String> = (0..100).map(|_| generate().unwrap()).collect();
    assert_eq!(values.len(), 100);
    for value in values {
        assert!(form.is_match(&value), "{value}");
        assert_eq!((value.len(), check_value(&value)), (56, Ok(())));
    }
}
