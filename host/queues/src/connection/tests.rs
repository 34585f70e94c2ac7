use super::*;

const KEY: &str = "c2VjcmV0LWtleQ==";

fn find(settings: &[(&str, &str)], name: Option<&str>) -> Result<QueueTarget, String> {
    let settings: Settings = settings.iter().copied().collect();
    QueueTarget::find(&settings, name).map_err(|error| error.to_string())
}

fn endpoint(text: &str) -> QueueConnection {
    match find(&[("AzureWebJobsStorage", text)], None).unwrap() {
        QueueTarget::Endpoint(connection) => connection,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_any_setting_it_is_the_apps_own_account() {
    for name in [None, Some(""), Some("Storage"), Some("AzureWebJobsStorage"), Some("azurewebjobsstorage")] {
        assert_eq!(find(&[("Other", "x")], name), Ok(QueueTarget::Own), "{name:?}");
    }
    let error = find(&[], Some("Shop")).unwrap_err();
    assert!(error.contains("the connection 'Shop' has no app setting; set 'AzureWebJobsShop'"), "{error}");
    for name in ["AzureWebJobsStorage", "ConnectionStrings__AzureWebJobsStorage", "Storage"] {
        let error = find(&[(name, " ")], None).unwrap_err();
        assert!(error.contains(&format!("'{name}', which is empty")), "{error}");
    }
}

#[test]
fn development_storage() {
    let QueueTarget::Development(connection) =
        find(&[("AzureWebJobsStorage", "usedevelopmentstorage=TRUE;")], None).unwrap()
    else {
        panic!("not development storage")
    };
    assert_eq!(connection.endpoint, "http://127.0.0.1:10001/devstoreaccount1");
    assert_eq!(connection.account, "devstoreaccount1");
    let proxied = endpoint("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://azurite.local:9000/");
    assert_eq!(proxied.endpoint, "http://azurite.local:10001/devstoreaccount1");
    let error = find(&[("Storage", "UseDevelopmentStorage=false")], None).unwrap_err();
    assert!(error.contains("UseDevelopmentStorage must be true"), "{error}");
}

#[test]
fn connection_strings() {
    for (text, expected, account) in [
        ("AccountName=shop;AccountKey=K", "https://shop.queue.core.windows.net", "shop"),
        ("DefaultEndpointsProtocol=HTTP;accountname=shop;AccountKey=K", "http://shop.queue.core.windows.net", "shop"),
        (
            "AccountName=shop;AccountKey=K;EndpointSuffix=core.chinacloudapi.cn",
            "https://shop.queue.core.chinacloudapi.cn",
            "shop",
        ),
        (";QueueEndpoint = http://[::1]:10001/one/ ; AccountKey=K; AccountName=one", "http://[::1]:10001/one", "one"),
        ("QueueEndpoint=http://127.0.0.1:10001/two;AccountKey=K", "http://127.0.0.1:10001/two", "two"),
        (
            "QueueEndpoint=HTTPS://shop.queue.core.windows.net/;AccountKey=K",
            "https://shop.queue.core.windows.net",
            "shop",
        ),
    ] {
        let found = endpoint(&text.replace("=K", &format!("={KEY}")));
        assert_eq!((found.endpoint.as_str(), found.account.as_str()), (expected, account), "{text}");
        assert_eq!(found.credential, QueueCredential::SharedKey(b"secret-key".to_vec()));
    }
    let signed = endpoint(
        "BlobEndpoint=x;QueueEndpoint=https://shop.queue.core.windows.net;SharedAccessSignature=?sv=2020&sig=a%3D=",
    );
    assert_eq!(signed.credential, QueueCredential::SharedAccessSignature("sv=2020&sig=a%3D=".to_owned()));
    assert_eq!(signed.account, "shop");
}

#[test]
fn wrong_connection_strings_are_told_without_their_values() {
    for (text, expected) in [
        ("hidden", "it is no connection string"),
        ("AccountName=shop;hidden", "it is no connection string"),
        ("AccountName=shop;accountname=hidden", "the key AccountName stands in it twice"),
        ("hidden=1;hidden=2", "the key (one that is not known here) stands in it twice"),
        ("AccountKey=aGlkZGVu", "neither AccountName nor QueueEndpoint"),
        ("AccountName=shop", "neither AccountKey nor SharedAccessSignature"),
        ("AccountName=shop;AccountKey=hidden!", "AccountKey is not base64"),
        ("AccountName=hid/den;AccountKey=aGlkZGVu", "AccountName must be the name of a storage account"),
        ("AccountName=shop;AccountKey=aGlkZGVu;EndpointSuffix=a b", "EndpointSuffix must be"),
        (
            "AccountName=shop;AccountKey=aGlkZGVu;DefaultEndpointsProtocol=ftp",
            "DefaultEndpointsProtocol must be https or http",
        ),
        ("QueueEndpoint=hidden;AccountKey=aGlkZGVu", "QueueEndpoint must be a URL"),
        ("QueueEndpoint=https://hidden/?sig=1;AccountKey=aGlkZGVu", "QueueEndpoint must be a URL"),
        ("QueueEndpoint=https://user:hidden@host/;AccountKey=aGlkZGVu", "QueueEndpoint must be a URL"),
        ("AccountName=shop;SharedAccessSignature=hidden", "SharedAccessSignature has no sig="),
        ("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=hidden", "DevelopmentStorageProxyUri must be a URL"),
    ] {
        let error = find(&[("Shop", text)], Some("Shop")).unwrap_err();
        assert!(error.contains(expected) && error.contains("the app setting 'Shop'"), "{text} gave {error}");
        assert!(!error.to_lowercase().contains("hidden"), "{error}");
    }
}

#[test]
fn identities() {
    let of = |settings: &[(&str, &str)]| -> Result<QueueConnection, String> {
        match find(settings, Some("Shop"))? {
            QueueTarget::Endpoint(connection) => Ok(connection),
            other => panic!("{other:?}"),
        }
    };
    let managed = of(&[("Shop__accountName", "shop")]).unwrap();
    assert_eq!((managed.endpoint.as_str(), managed.account.as_str()), ("https://shop.queue.core.windows.net", "shop"));
    let none = QueueCredential::Identity(Identity { kind: IdentityKind::Managed { client_id: None } });
    assert_eq!(managed.credential, none);
    let environment = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"), ("AZURE_CLIENT_SECRET", "hidden")];
    let mut settings = vec![("Shop__queueServiceUri", "https://shop.queue.core.windows.net/")];
    settings.extend(environment);
    let QueueCredential::Identity(Identity { kind: IdentityKind::ClientSecret { tenant, client_id, authority, .. } }) =
        of(&settings).unwrap().credential
    else {
        panic!("no client secret")
    };
    assert_eq!(
        (tenant.as_str(), client_id.as_str(), authority.as_str()),
        ("t", "c", "https://login.microsoftonline.com")
    );
    settings.extend([("Shop__credential", "ManagedIdentity"), ("Shop__clientId", "mine")]);
    let kind = IdentityKind::Managed { client_id: Some("mine".to_owned()) };
    assert_eq!(of(&settings).unwrap().credential, QueueCredential::Identity(Identity { kind }));
    for (settings, expected) in [
        (
            [("Shop__clientId", "c"), ("x", "")],
            "the settings 'Shop__...') can't be used: it has neither accountName nor queueServiceUri",
        ),
        ([("Shop__queueServiceUri", "http://shop.example"), ("x", "")], "queueServiceUri must begin with https://"),
        ([("Shop__accountName", "shop"), ("Shop__credential", "hidden")], "credential must be managedidentity"),
        ([("Shop__accountName", "shop"), ("Shop__clientSecret", "hidden")], "clientSecret needs tenantId and clientId"),
    ] {
        let error = of(&settings).unwrap_err();
        assert!(error.contains(expected) && !error.contains("hidden"), "{error}");
    }
}

#[test]
fn no_secret_is_shown_for_debugging() {
    let settings = [
        ("Shop__accountName", "shop"),
        ("Shop__tenantId", "t"),
        ("Shop__clientId", "c"),
        ("Shop__clientSecret", "hidden"),
    ];
    for shown in [
        format!("{:?}", find(&settings, Some("Shop"))),
        format!("{:?}", endpoint("AccountName=shop;AccountKey=aGlkZGVu")),
        format!("{:?}", endpoint("AccountName=shop;SharedAccessSignature=sig=hidden")),
    ] {
        assert!(!shown.contains("hidden") && !shown.contains("aGlk") && shown.contains("shop"), "{shown}");
    }
}
