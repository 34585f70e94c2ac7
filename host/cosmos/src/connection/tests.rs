use super::*;

const KEY: &str = "c2VjcmV0LWtleQ==";

fn find(settings: &[(&str, &str)], name: Option<&str>) -> Result<CosmosTarget, String> {
    let settings: Settings = settings.iter().copied().collect();
    CosmosTarget::find(&settings, name).map_err(|error| error.to_string())
}

fn endpoint(text: &str) -> CosmosConnection {
    match find(&[("CosmosDB", text)], None).unwrap() {
        CosmosTarget::Endpoint(connection) => connection,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_any_setting_it_is_the_apps_own_account() {
    for name in [None, Some(""), Some("CosmosDB"), Some("cosmosdb")] {
        assert_eq!(find(&[("Other", "x")], name), Ok(CosmosTarget::Own), "{name:?}");
    }
    let error = find(&[], Some("Shop")).unwrap_err();
    assert!(error.contains("the connection 'Shop' has no app setting; set 'AzureWebJobsShop'"), "{error}");
    for name in ["AzureWebJobsCosmosDB", "ConnectionStrings__CosmosDB", "CosmosDB"] {
        let error = find(&[(name, " ")], None).unwrap_err();
        assert!(error.contains(&format!("'{name}', which is empty")), "{error}");
    }
}

#[test]
fn connection_strings() {
    for (text, expected, host) in [
        (
            "AccountEndpoint=https://shop.documents.azure.com:443/;AccountKey={};",
            "https://shop.documents.azure.com:443",
            "shop.documents.azure.com",
        ),
        (" accountkey = {} ; ACCOUNTENDPOINT = HTTP://127.0.0.1:8081 ", "http://127.0.0.1:8081", "127.0.0.1"),
        ("AccountEndpoint=https://[::1]:8081//;AccountKey={};ApiKind=Sql", "https://[::1]:8081", "[::1]"),
        ("AccountEndpoint=https://shop.example/cosmos/;AccountKey={}", "https://shop.example/cosmos", "shop.example"),
        ("AccountEndpoint=\"https://shop.example\";AccountKey=\"{}\"", "https://shop.example", "shop.example"),
    ] {
        let found = endpoint(&text.replace("{}", KEY));
        assert_eq!((found.endpoint.as_str(), found.host()), (expected, host), "{text}");
        assert_eq!((found.key.as_slice(), found.accepts_any_certificate), (b"secret-key".as_slice(), false));
    }
}

#[test]
fn a_certificate_that_nobody_vouches_for_will_do_on_this_machine_only() {
    let of = |host: &str, word: &str| {
        format!("AccountEndpoint=https://{host}/;AccountKey={KEY};DisableServerCertificateValidation={word}")
            .parse::<CosmosConnection>()
    };
    for host in ["localhost:8081", "LOCALHOST", "127.0.0.1:8081", "127.3.2.1", "[::1]:8081"] {
        assert!(of(host, "True").unwrap().accepts_any_certificate, "{host}");
        assert!(!of(host, "false").unwrap().accepts_any_certificate, "{host}");
    }
    for host in ["shop.documents.azure.com", "localhost.example", "10.0.0.1:8081", "0.0.0.0", "[::2]"] {
        let error = of(host, "true").unwrap_err().to_string();
        assert!(error.contains("only for endpoints on this machine"), "{host}: {error}");
        assert!(!of(host, "false").unwrap().accepts_any_certificate, "{host}");
    }
    assert!(of("localhost", "yes").unwrap_err().to_string().contains("must be true or false"));
}

#[test]
fn wrong_connection_strings_are_told_without_their_values() {
    for (text, expected) in [
        ("hidden", "it is no connection string"),
        ("AccountEndpoint=https://shop;hidden", "it is no connection string"),
        ("AccountEndpoint=https://shop;accountendpoint=hidden", "the key AccountEndpoint stands in it twice"),
        ("hidden=1;hidden=2", "the key (one that is not known here) stands in it twice"),
        ("AccountKey=aGlkZGVu", "it has no AccountEndpoint"),
        ("AccountEndpoint=;AccountKey=aGlkZGVu", "it has no AccountEndpoint"),
        ("AccountEndpoint=https://shop", "it has no AccountKey"),
        ("AccountEndpoint=https://shop;AccountKey=hidden!", "AccountKey is not base64"),
        ("AccountEndpoint=hidden;AccountKey=aGlkZGVu", "AccountEndpoint must be a URL"),
        ("AccountEndpoint=ftp://hidden;AccountKey=aGlkZGVu", "AccountEndpoint must be a URL"),
        ("AccountEndpoint=https://;AccountKey=aGlkZGVu", "AccountEndpoint must be a URL"),
        ("AccountEndpoint=https://hidden/?a=b;AccountKey=aGlkZGVu", "AccountEndpoint must be a URL"),
        ("AccountEndpoint=https://user:hidden@host/;AccountKey=aGlkZGVu", "AccountEndpoint must be a URL"),
    ] {
        let error = find(&[("Shop", text)], Some("Shop")).unwrap_err();
        assert!(error.contains(expected) && error.contains("the app setting 'Shop'"), "{text} gave {error}");
        assert!(!error.contains("hidden"), "{error}");
    }
    let error = find(&[("Shop__accountEndpoint", "https://hidden")], Some("Shop")).unwrap_err();
    assert!(error.contains("the settings 'Shop__...'") && error.contains("identities do not open"), "{error}");
}

#[test]
fn no_secret_is_shown_for_debugging() {
    let shown = format!("{:?}", endpoint("AccountEndpoint=https://shop;AccountKey=aGlkZGVu"));
    assert!(shown.contains("https://shop") && !shown.contains("104") && !shown.contains("hidden"), "{shown}");
}
