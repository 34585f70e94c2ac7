use super::*;

#[test]
fn everything_is_read() {
    let read = LocalSettings::parse(
        FILE_NAME,
        br#"{
            // for development
            "IsEncrypted": false,
            "Values": { "FUNCTIONS_WORKER_RUNTIME": "custom", "Count": 5, "Flag": true, "A__B": "nested", "Empty": "" },
            "Host": { "LocalHttpPort": 7071, "LocalHttpAddress": "127.0.0.1", "CORS": "https://a.test, https://b.test", "CORSCredentials": true },
            "ConnectionStrings": { "Db": "Server=a;", "Old": { "ConnectionString": "b", "ProviderName": "c" } },
            "Unknown": []
        }"#,
    )
    .unwrap();
    let settings: Vec<_> = read.settings.iter().collect();
    assert_eq!(
        settings,
        [
            ("A__B", "nested"),
            ("ConnectionStrings:Db", "Server=a;"),
            ("ConnectionStrings:Old", "b"),
            ("Count", "5"),
            ("Empty", ""),
            ("Flag", "true"),
            ("FUNCTIONS_WORKER_RUNTIME", "custom"),
        ]
    );
    assert_eq!((read.host.port, read.host.address.as_deref()), (Some(7071), Some("127.0.0.1")));
    assert_eq!(read.host.cors, ["https://a.test", "https://b.test"]);
    assert!(read.host.cors_credentials);
    assert_eq!(read.warnings, Vec::<String>::new());
    assert_eq!(LocalSettings::parse(FILE_NAME, b"{}"), Ok(LocalSettings::default()));
}

#[test]
fn odd_keys_are_warned_about() {
    let read = LocalSettings::parse(
        FILE_NAME,
        b"{\n\"Values\": {\"\": \"x\", \"None\": null, \"A:B\": \"1\", \"a__b\": \"2\"}}",
    )
    .unwrap();
    assert_eq!(read.settings.iter().collect::<Vec<_>>(), [("a__b", "2")]);
    for (warning, expected) in read.warnings.iter().zip([
        "local.settings.json:2:16: Values. has a key without a name",
        "local.settings.json:2:29: Values.None has no value and is left out",
        "local.settings.json:2:42: Values.A:B has a ':' in its key; write '__' instead",
        "local.settings.json:2:55: Values.a__b is there twice",
    ]) {
        assert!(warning.starts_with(expected), "{warning}");
    }
    assert_eq!(read.warnings.len(), 4);
}

#[test]
fn wrong_files_are_told_with_their_place() {
    for (text, expected) in [
        ("", "1:1: the file is empty"),
        ("[]", "1:1: must be an object"),
        (r#"{"IsEncrypted": true}"#, "1:17: IsEncrypted is true: the values can only be read on the machine"),
        (r#"{"IsEncrypted": "no"}"#, "1:17: IsEncrypted must be true or false"),
        (r#"{"Values": []}"#, "1:12: Values must be an object, not an array"),
        (r#"{"Values": {"A": {"B": "c"}}}"#, "1:18: Values.A must be a text: Values is a flat list"),
        (r#"{"Values": {"A": ["b"]}}"#, "1:18: Values.A must be a text"),
        (r#"{"Values": {"A=B": "c"}}"#, "1:20: Values.A=B can't be taken: the setting name 'A=B' is not valid"),
        (r#"{"ConnectionStrings": {"Db": {}}}"#, "1:30: ConnectionStrings.Db has no \"ConnectionString\""),
        (
            r#"{"Host": {"LocalHttpPort": 70000}}"#,
            "Host.LocalHttpPort must be a whole number from 1 to 65535, not 70000",
        ),
        (r#"{"Host": {"CORS": ["*"]}}"#, "Host.CORS must be a string, not an array"),
        (r#"{"Host": {"CORS": "*", "CORSCredentials": true}}"#, "Host.CORSCredentials can't be true while CORS"),
    ] {
        let error = LocalSettings::parse(FILE_NAME, text.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("local.settings.json:1:") && error.contains(expected), "{text} gave {error}");
    }
}

#[test]
fn what_is_written_is_read_again() {
    let settings: Settings = [
        ("AzureWebJobsStorage", "UseDevelopmentStorage=true"),
        ("connectionstrings__Db", "x"),
        ("ConnectionStrings:Deep:er", "y"),
        ("A__B", "with \"quotes\" and \n lines"),
    ]
    .into_iter()
    .collect();
    let text = write(&settings);
    assert!(text.contains("\"Db\": \"x\"") && text.contains("\"IsEncrypted\": false"), "{text}");
    let read = LocalSettings::parse(FILE_NAME, text.as_bytes()).unwrap();
    let pairs = |settings: &Settings| -> Vec<(String, String)> {
        settings.iter().map(|(name, value)| (name.to_lowercase().replace("__", ":"), value.to_owned())).collect()
    };
    assert_eq!(pairs(&read.settings), pairs(&settings));
    assert_eq!(write(&Settings::new()), "{\n  \"IsEncrypted\": false,\n  \"Values\": {}\n}\n");
}
