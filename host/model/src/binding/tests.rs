use super::*;

fn read(bindings: &str) -> Result<FunctionDefinition, String> {
    FunctionDefinition::from_metadata("Hello", "app.wasm", Some("handle"), &[bindings.to_owned()], &Settings::new())
}

fn http(bindings: &str) -> HttpTrigger {
    let Trigger::Http(http) = read(bindings).unwrap().trigger else { panic!("no HTTP trigger") };
    http
}

#[test]
fn an_http_function_with_defaults() {
    let function =
        read(r#"{"type": "httptrigger", "name": "req"}, {"type": "HTTP", "direction": "OUT", "name": "$return"}"#);
    let function = function.unwrap();
    assert_eq!(function.name.as_str(), "Hello");
    assert_eq!((function.script_file.as_str(), function.entry_point.as_deref()), ("app.wasm", Some("handle")));
    assert_eq!(function.bindings.len(), 2);
    assert_eq!(function.bindings[0].binding_type, "httpTrigger");
    assert_eq!((function.bindings[0].direction, function.bindings[1].direction), (Direction::In, Direction::Out));
    assert_eq!(function.trigger.type_name(), "httpTrigger");
    let Trigger::Http(http) = function.trigger else { panic!("no HTTP trigger") };
    assert_eq!(http.binding_name, "req");
    assert_eq!(http.route.to_string(), "Hello");
    assert_eq!(http.auth_level, AuthLevel::Function);
    assert!(http.methods.is_empty());
    assert_eq!(http.output.as_deref(), Some("$return"));
}

#[test]
fn an_http_function_with_everything() {
    let trigger = http(
        r#"{"type": "httpTrigger", "name": "req", "direction": "in", "authLevel": "Anonymous", "methods": ["get", "POST", "Get"],
            "route": "/products/{id:int?}", "dataType": "string", "webHookType": "ignored", "unknown": {"a": 1}}"#,
    );
    assert_eq!(trigger.auth_level, AuthLevel::Anonymous);
    assert_eq!(trigger.methods, [Method::GET, Method::POST]);
    assert_eq!(trigger.route.to_string(), "products/{id:int?}");
    assert_eq!(trigger.output, None);
    let binding = read(r#"{"type": "httpTrigger", "name": "req", "Unknown": {"a": 1}}"#).unwrap().bindings.remove(0);
    assert_eq!(binding.properties["Unknown"], serde_json::json!({"a": 1}));
}

#[test]
fn routes_by_default() {
    assert_eq!(http(r#"{"type": "httpTrigger", "name": "req", "route": ""}"#).route.to_string(), "Hello");
    assert_eq!(http(r#"{"type": "httpTrigger", "name": "req", "route": null}"#).route.to_string(), "Hello");
    assert_eq!(http(r#"{"type": "httpTrigger", "name": "req", "route": "/"}"#).route.to_string(), "");
    let trigger = r#"{"type": "httpTrigger", "name": "req"}"#.to_owned();
    let error =
        FunctionDefinition::from_metadata("AdminPage", "a.wasm", None, &[trigger], &Settings::new()).unwrap_err();
    assert!(error.contains("needs a \"route\" of its own") && error.contains("reserved"), "{error}");
}

#[test]
fn wrong_bindings() {
    for (bindings, expected) in [
        ("", "bindings is empty; it needs a trigger"),
        ("5", "bindings[0] must be an object, not a number"),
        (r#"{"name": "req"}"#, "bindings[0] has no \"type\""),
        (r#"{"type": "httpTrigger"}"#, "bindings[0] has no \"name\""),
        (r#"{"type": 1}"#, "bindings[0].type must be a string"),
        (
            r#"{"type": "carTrigger", "name": "x"}"#,
            "'carTrigger' is not a known binding type; supported are httpTrigger, http",
        ),
        (
            r#"{"type": "BLOBtrigger", "name": "x", "path": "in/{name}", "connection": "Shop"}"#,
            "blobTrigger is not supported by this version; supported now are httpTrigger, http, timerTrigger",
        ),
        (r#"{"type": "httpTrigger", "name": "my_req"}"#, "'my_req' is not a valid binding name"),
        (r#"{"type": "httpTrigger", "name": "1req"}"#, "'1req' is not a valid binding name"),
        (r#"{"type": "httpTrigger", "name": ""}"#, "'' is not a valid binding name"),
        (
            r#"{"type": "httpTrigger", "name": "req", "direction": "sideways"}"#,
            "must be \"in\", \"out\" or \"inout\", not \"sideways\"",
        ),
        (r#"{"type": "httpTrigger", "name": "req", "direction": "out"}"#, "its direction must be \"in\""),
        (r#"{"type": "http", "name": "res"}"#, "write \"direction\": \"out\""),
        (r#"{"type": "http", "name": "res", "direction": "out"}"#, "bindings has no trigger"),
        (
            r#"{"type": "httpTrigger", "name": "a"}, {"type": "httpTrigger", "name": "b"}"#,
            "bindings[1] is a second trigger (httpTrigger) beside httpTrigger",
        ),
        (
            r#"{"type": "httpTrigger", "name": "req"}, {"type": "http", "name": "REQ", "direction": "out"}"#,
            "bindings[1] has the name 'REQ', which another binding has ('req')",
        ),
        (
            r#"{"type": "httpTrigger", "name": "req", "authLevel": "root"}"#,
            "bindings[0].authLevel must be anonymous, user,",
        ),
        (r#"{"type": "httpTrigger", "name": "req", "authLevel": 1}"#, "authLevel must be a string"),
        (r#"{"type": "httpTrigger", "name": "req", "methods": "get"}"#, "methods must be an array, not a string"),
        (
            r#"{"type": "httpTrigger", "name": "req", "methods": ["g t"]}"#,
            "methods[0] 'G T' is not an HTTP method|'g t' is not",
        ),
        (
            r#"{"type": "httpTrigger", "name": "req", "route": "a//b"}"#,
            "bindings[0].route is refused: the route 'a//b' is not valid",
        ),
        (r#"{"type": "httpTrigger", "name": "req", "route": 5}"#, "route must be a string"),
        (
            r#"{"type": "httpTrigger", "name": "req", "dataType": "xml"}"#,
            "dataType must be one of string, binary, stream",
        ),
        (r#"{"type": "httpTrigger""#, "not valid JSON"),
    ] {
        let error = read(bindings).unwrap_err();
        assert!(expected.split('|').any(|part| error.contains(part)), "{bindings} gave {error}");
    }
}

#[test]
fn metadata_names_are_checked() {
    let trigger = [r#"{"type": "httpTrigger", "name": "req"}"#.to_owned()];
    for name in ["", "host", "1st", "a b", "\u{fc}ber"] {
        assert!(
            FunctionDefinition::from_metadata(name, "a.wasm", None, &trigger, &Settings::new())
                .unwrap_err()
                .contains("function name")
        );
    }
    let error = FunctionDefinition::from_metadata("F", "a.wasm", None, &[], &Settings::new()).unwrap_err();
    assert!(error.contains("bindings is empty"), "{error}");
    assert_eq!(
        FunctionDefinition::from_metadata("F", "a.wasm", Some(""), &trigger, &Settings::new()).unwrap().entry_point,
        None
    );
}

/// What is wrong with one binding in an otherwise right function.
fn wrong(binding: &str) -> String {
    match read(binding) {
        Ok(_) => "it is right".to_owned(),
        Err(error) => error,
    }
}

#[test]
fn bindings_that_do_not_run_here_are_checked_too() {
    for (binding, expected) in [
        (r#""type": "timerTrigger""#, "bindings[0] has no \"schedule\""),
        (r#""type": "timerTrigger", "schedule": """#, "bindings[0].schedule is empty"),
        (
            r#""type": "timerTrigger", "schedule": "often""#,
            "bindings[0].schedule is no schedule: 'often' cannot be read: an NCRONTAB expression has six fields",
        ),
        (
            r#""type": "timerTrigger", "schedule": "00:00:00""#,
            "schedule is no schedule: a time between two runs must be longer than nothing",
        ),
        (
            r#""type": "timerTrigger", "schedule": "-1""#,
            "schedule is no schedule: a time between two runs must be longer than nothing",
        ),
        (
            r#""type": "timerTrigger", "schedule": "* * * * *", "runOnStartup": "yes""#,
            "bindings[0].runOnStartup must be true or false, not a string",
        ),
        (r#""type": "timerTrigger", "schedule": "00:05:00""#, "it is right"),
        (r#""type": "queueTrigger""#, "has no \"queueName\""),
        (r#""type": "queueTrigger", "queueName": "a_b""#, "queueName must be 3 to 63 lower-case letters"),
        (r#""type": "queueTrigger", "queueName": "a--b""#, "queueName must be 3 to 63"),
        (r#""type": "queueTrigger", "queueName": "ab""#, "queueName must be 3 to 63"),
        (r#""type": "queueTrigger", "queueName": "orders", "connection": 5"#, "connection must be a string"),
        (r#""type": "queueTrigger", "queueName": "orders", "direction": "out""#, "its direction must be \"in\""),
        (r#""type": "queueTrigger", "queueName": "orders""#, "it is right"),
        (r#""type": "queue", "queueName": "orders""#, "has no input form (queue); write \"direction\": \"out\""),
        (r#""type": "cosmosDBTrigger", "containerName": "c""#, "has no \"databaseName\""),
        (r#""type": "cosmosDBTrigger", "databaseName": "d""#, "has no \"containerName\""),
        (
            r#""type": "cosmosDBTrigger", "databaseName": "d", "collectionName": 5"#,
            "bindings[0].collectionName must be a string",
        ),
        (
            r#""type": "cosmosDBTrigger", "databaseName": "d", "containerName": "c", "feedPollDelay": -1"#,
            "feedPollDelay must be a whole number from 0 to",
        ),
        (
            r#""type": "cosmosDBTrigger", "databaseName": "d", "containerName": "c", "startFromTime": "now""#,
            "startFromTime must be a time in UTC such as",
        ),
        (
            r#""type": "cosmosDBTrigger", "databaseName": "d", "containerName": "c", "startFromBeginning": true, "startFromTime": "2026-01-31T12:00:00Z""#,
            "startFromTime can't stand beside startFromBeginning",
        ),
        (
            r#""type": "cosmosDBTrigger", "databaseName": "d", "collectionName": "c", "createLeaseCollectionIfNotExists": 1"#,
            "createLeaseCollectionIfNotExists must be true or false",
        ),
        (
            r#""type": "cosmosDB", "databaseName": "d", "containerName": "c", "id": "1", "sqlQuery": "select""#,
            "sqlQuery can't stand beside id",
        ),
        (
            r#""type": "cosmosDB", "databaseName": "d", "containerName": "c", "direction": "inout""#,
            "can't be both ways (cosmosDB)",
        ),
        (r#""type": "durableClient", "direction": "out""#, "has no output form (durableClient)"),
        (r#""type": "activityTrigger", "activity": 5"#, "activity must be a string"),
        (r#""type": "orchestrationTrigger""#, "orchestrationTrigger is not supported"),
        (r#""type": "serviceBusTrigger""#, "has neither \"queueName\" nor \"topicName\""),
        (r#""type": "serviceBusTrigger", "topicName": "t""#, "topicName needs a subscriptionName"),
        (r#""type": "eventHubTrigger", "cardinality": "several""#, "cardinality must be one of one, many"),
        (r#""type": "blobTrigger", "path": " ""#, "bindings[0].path is empty"),
    ] {
        let error = wrong(&format!("{{{binding}, \"name\": \"x\"}}"));
        assert!(error.contains(expected), "{binding} gave {error}");
    }
}

#[test]
fn settings_are_put_in_for_names() {
    let settings: Settings = [("Route", "a/{id}"), ("Shop__Level", "admin"), ("Queue", "orders")].into_iter().collect();
    let read = |binding: &str| FunctionDefinition::from_metadata("F", "a.wasm", None, &[binding.to_owned()], &settings);
    let function = read(
        r#"{"type": "httpTrigger", "name": "req", "route": "v1/%route%/%QUEUE%", "authLevel": "%shop:level%", "connection": "100%"}"#,
    )
    .unwrap();
    let Trigger::Http(http) = function.trigger else { panic!("no HTTP trigger") };
    assert_eq!((http.route.to_string().as_str(), http.auth_level), ("v1/a/{id}/orders", AuthLevel::Admin));
    assert_eq!(function.bindings[0].properties["route"], "v1/a/{id}/orders");
    assert_eq!(function.bindings[0].properties["connection"], "100%");
    for (route, expected) in [
        (
            "%Missing%",
            "bindings[0].route can't be resolved: '%Missing%', character 1: the app has no setting 'Missing'",
        ),
        ("a%", "bindings[0].route can't be resolved: 'a%', character 2: "),
    ] {
        let error = read(&format!(r#"{{"type": "httpTrigger", "name": "req", "route": "{route}"}}"#)).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
    // The name that is put in is checked like one that is written.
    let error = read(r#"{"type": "queueTrigger", "name": "q", "queueName": "%Route%s"}"#).unwrap_err();
    assert!(error.contains("must be the name of one queue, not the value of the setting Route"), "{error}");
}

/// The function of one binding, where timers run.
fn timer(binding: &str, settings: &Settings) -> Result<TimerTrigger, String> {
    let text = format!("{{\"bindings\": [{{\"type\": \"timerTrigger\", \"name\": \"t\", {binding}}}]}}");
    let document = Document::parse("F/function.json", text.as_bytes()).map_err(|e| e.to_string())?;
    let document = document.resolve("bindings", is_verbatim, settings).map_err(|e| e.to_string())?;
    let name = FunctionName::parse("F").unwrap();
    let read = read::read_supported(&document.root(), &name, settings, &mut Vec::new(), &["timerTrigger"]);
    match read.map_err(|e| e.to_string())?.trigger {
        Trigger::Timer(timer) => Ok(timer),
        other => panic!("{other:?}"),
    }
}

#[test]
fn timers_with_their_zone() {
    let settings: Settings =
        [("Every", "0 */5 9-17 * * mon-fri"), ("WEBSITE_TIME_ZONE", "Tokyo Standard Time")].into_iter().collect();
    let read = timer(r#""schedule": "%every%", "runOnStartup": true, "useMonitor": false"#, &settings).unwrap();
    assert_eq!(read.schedule.canonical(), "0 0,5,10,15,20,25,30,35,40,45,50,55 9-17 * * 1-5 Asia/Tokyo");
    assert!(read.run_on_startup && !read.use_monitor);
    let read = timer(r#""schedule": " 00:05:00 ""#, &Settings::new()).unwrap();
    assert_eq!((read.run_on_startup, read.use_monitor, read.schedule.follows_clocks()), (false, true, false));
}

#[test]
fn timers_that_cannot_run_say_why() {
    let settings: Settings = [("Bad", "0 0 secret * * *"), ("TZ", "Mars")].into_iter().collect();
    for (binding, expected) in [
        (
            r#""schedule": "0 0 25 * * *""#,
            "bindings[0].schedule is no schedule: the hour field '25' has '25'; write a whole number from 0 to 23",
        ),
        (
            r#""schedule": "%Bad%""#,
            "bindings[0].schedule is no schedule (the value of the setting Bad): the hour field cannot be read; write whole numbers",
        ),
        (
            r#""schedule": "0 0 * * * *""#,
            "bindings[0] has no time zone: the app setting TZ is 'Mars', which is no time zone; write an IANA name",
        ),
    ] {
        let error = timer(binding, &settings).unwrap_err();
        assert!(error.starts_with("F/function.json:1:") && error.contains(expected), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}
