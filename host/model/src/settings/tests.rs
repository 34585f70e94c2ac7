use super::*;

fn settings(pairs: &[(&str, &str)]) -> Settings {
    pairs.iter().copied().collect()
}

#[test]
fn names_compare_as_in_dotnet_configuration() {
    let mut all = settings(&[("A__b", "1"), ("Plain", "2"), ("c:D__e", "3")]);
    for (name, expected) in [
        ("a:B", Some("1")),
        ("A__B", Some("1")),
        ("a_b", None),
        ("PLAIN", Some("2")),
        ("C__d:E", Some("3")),
        ("x", None),
        ("", None),
    ] {
        assert_eq!(all.get(name), expected, "{name}");
    }
    all.insert("a:B", "4");
    assert_eq!(all.iter().collect::<Vec<_>>(), [("a:B", "4"), ("c:D__e", "3"), ("Plain", "2")]);
    assert_eq!((all.remove("A__B"), all.remove("A__B"), all.len()), (Some("4".to_owned()), None, 2));
    assert_eq!(format!("{all:?}"), r#"{"c:D__e", "Plain"}"#);
}

#[test]
fn valid_and_invalid_names() {
    for name in ["A", "AzureWebJobs.my-fn.Disabled", "ConnectionStrings:Db", "a__b", "My Db", "_x"] {
        assert_eq!(check_name(name), Ok(()), "{name}");
    }
    for (name, expected) in [
        ("", "is empty"),
        ("a=b", "'a=b' is not valid: '=' and '%'"),
        ("%a%", "'=' and '%'"),
        (" a", "begins or ends with a space"),
        ("a\n", "'a\\n' is not valid: only printable ASCII"),
        ("gr\u{fc}n", "only printable ASCII"),
        (&"x".repeat(257), "longer than 256 bytes"),
    ] {
        let error = check_name(name).unwrap_err();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn connections_are_looked_up_in_the_originals_order() {
    let text = |setting: &str, value: &str| Ok((setting.to_owned(), value.to_owned()));
    for (pairs, name, expected) in [
        (&[("AzureWebJobsStorage", "s")][..], None, text("AzureWebJobsStorage", "s")),
        (&[("AzureWebJobsStorage", "s")], Some(""), text("AzureWebJobsStorage", "s")),
        (&[("AzureWebJobsStorage", "s")], Some("storage"), text("AzureWebJobsStorage", "s")),
        (&[("AzureWebJobsStorage", "s")], Some("AzureWebJobsStorage"), text("AzureWebJobsStorage", "s")),
        (&[("N", "4"), ("ConnectionStrings:N", "3")], Some("n"), text("ConnectionStrings:N", "3")),
        (&[("N", "4"), ("ConnectionStrings:N", "3"), ("azurewebjobsn", "2")], Some("N"), text("azurewebjobsn", "2")),
        (
            &[("AzureWebJobsN", "2"), ("ConnectionStrings__AzureWebJobsN", "1")],
            Some("N"),
            text("ConnectionStrings__AzureWebJobsN", "1"),
        ),
        (&[("N__accountName", "a"), ("N", "text")], Some("N"), text("N", "text")),
        (&[("a__b", "deep")], Some("a:b"), text("a__b", "deep")),
        (&[("AzureWebJobsN", " "), ("N", "4")], Some("N"), Err("the app setting 'AzureWebJobsN', which is empty")),
        (&[], Some("N"), Err("the connection 'N' has no app setting; set 'AzureWebJobsN' or 'N'")),
    ] {
        let found = connection(&settings(pairs), name, "Storage");
        match (&found, &expected) {
            (Ok(Connection::Text { setting, value }), Ok((expected, text))) => {
                assert_eq!((setting, value), (expected, text), "{pairs:?}");
                assert!(!format!("{found:?}").contains("value"), "{found:?}");
            }
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{error}"),
            _ => panic!("{pairs:?} with {name:?} gave {found:?}"),
        }
    }
}

#[test]
fn a_section_is_a_connection_by_identity() {
    let all = settings(&[
        ("AzureWebJobsOrders__accountName", "shop"),
        ("AzureWebJobsOrders:Credential", "managedidentity"),
        ("Orders", "later in the order"),
    ]);
    let found = connection(&all, Some("orders"), "Storage").unwrap();
    assert_eq!(found.property("ACCOUNTNAME"), Some("shop"));
    assert_eq!(found.property("credential"), Some("managedidentity"));
    assert_eq!(found.property("clientId"), None);
    assert!(matches!(&found, Connection::Identity { section, .. } if section == "AzureWebJobsorders"), "{found:?}");
    assert!(!format!("{found:?}").contains("shop"));
}

#[test]
fn functions_are_disabled_by_settings() {
    for (name, value, expected) in [
        ("AzureWebJobs.My-Fn.Disabled", "true", true),
        ("azurewebjobs.my-fn.disabled", "TRUE", true),
        ("AzureWebJobs_My-Fn_Disabled", "1", true),
        ("AzureWebJobs.My-Fn.Disabled", "false", false),
        ("AzureWebJobs.My-Fn.Disabled", "0", false),
        ("AzureWebJobs.My-Fn.Disabled", "yes", false),
        ("AzureWebJobs.My-Fn.Disabled", "", false),
        ("AzureWebJobs.Other.Disabled", "true", false),
        ("AzureWebJobs_My-Fn.Disabled", "true", false),
    ] {
        assert_eq!(is_disabled(&settings(&[(name, value)]), "my-fn"), expected, "{name}={value}");
    }
    let both = [("AzureWebJobs.f.Disabled", "false"), ("AzureWebJobs_f_Disabled", "true")];
    assert!(is_disabled(&settings(&both), "F"));
}
