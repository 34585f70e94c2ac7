use super::*;

fn parse(text: &str) -> HostJson {
    HostJson::parse(text.as_bytes(), &Settings::new()).unwrap()
}

#[test]
fn defaults() {
    for text in ["{}", "{\"version\": \"2.0\"}", "// note\n{ \"version\": \"2.0\", /* more */ }"] {
        assert_eq!(parse(text), HostJson::default(), "{text}");
    }
    let host = HostJson::default();
    assert_eq!(host.function_timeout, Some(Duration::from_secs(1800)));
    assert_eq!(host.route_prefix, "api");
    assert_eq!(host.wasm, WasmOptions { instance_reuse: 0, memory_limit_mib: 128 });
    assert_eq!(host.log_level.minimum("Function.X"), LogLevel::Information);
}

#[test]
fn every_setting_is_read() {
    let host = parse(
        r#"{
            "version": "2.0",
            "functionTimeout": "00:10:00",
            "functions": ["Hello", "bye"],
            "logging": { "logLevel": { "default": "Warning", "Function": "Error", "Function.Hello": "trace", "Host.*": "None" } },
            "extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" },
            "extensions": { "http": {
                "routePrefix": "/v1/api/", "maxConcurrentRequests": 10, "maxOutstandingRequests": -1,
                "customHeaders": { "X-Frame-Options": "DENY", "x-number": 5 },
                "somethingNew": { "a": [1, 2, 3] } } },
            "wasm": { "instanceReuse": 1000000, "memoryLimitMiB": 4096 },
            "customHandler": { "description": { "defaultExecutablePath": "handler" } },
            "unknown": true
        }"#,
    );
    assert_eq!(host.function_timeout, Some(Duration::from_secs(600)));
    assert_eq!(host.functions, Some(vec!["Hello".to_owned(), "bye".to_owned()]));
    assert!(host.allows("HELLO") && host.allows("Bye") && !host.allows("other"));
    assert_eq!(host.route_prefix, "v1/api");
    assert_eq!((host.max_concurrent_requests, host.max_outstanding_requests), (Some(10), None));
    assert_eq!(host.custom_headers["X-Frame-Options"], "DENY");
    assert_eq!(host.custom_headers["x-number"], "5");
    assert_eq!(host.wasm, WasmOptions { instance_reuse: 1_000_000, memory_limit_mib: 4096 });
    assert!(host.custom_handler);
    for (category, level) in [
        ("Function.Hello.User", LogLevel::Trace),
        ("function.HELLO", LogLevel::Trace),
        ("Function.Bye", LogLevel::Error),
        ("Host.Startup", LogLevel::None),
        ("Worker", LogLevel::Warning),
        ("", LogLevel::Warning),
    ] {
        assert_eq!(host.log_level.minimum(category), level, "{category}");
    }
    assert!(host.log_level.enabled("Function.Bye", LogLevel::Critical));
    assert!(!host.log_level.enabled("Function.Bye", LogLevel::Warning));
    assert!(!host.log_level.enabled("Host.Startup", LogLevel::Critical));
    assert!(!host.log_level.enabled("Function.Hello", LogLevel::None));
}

#[test]
fn timeouts() {
    for (text, expected) in
        [("-1", None), ("00:00:01", Some(1)), ("1.00:00:00", Some(86_400)), ("24:00:00", Some(24 * 86_400))]
    {
        let host = parse(&format!(r#"{{"version":"2.0","functionTimeout":"{text}"}}"#));
        assert_eq!(host.function_timeout, expected.map(Duration::from_secs), "{text}");
    }
}

#[test]
fn wrong_values_are_told_with_their_place() {
    for (rest, expected) in [
        (r#""functionTimeout": 5"#, "1:38: functionTimeout must be a string, not a number"),
        (r#""functionTimeout": "soon""#, "functionTimeout must be a time such as \"00:05:00\""),
        (r#""functionTimeout": "00:00:00""#, "functionTimeout must be at least one second"),
        (r#""functionTimeout": "-00:00:05""#, "functionTimeout must be a time such as"),
        (r#""functions": "Hello""#, "functions must be an array, not a string"),
        (r#""functions": [1]"#, "functions[0] must be a string, not a number"),
        (r#""extensions": []"#, "extensions must be an object, not an array"),
        (r#""extensions": {"http": {"routePrefix": true}}"#, "extensions.http.routePrefix must be a string"),
        (r#""extensions": {"http": {"routePrefix": "api/{x}"}}"#, "extensions.http.routePrefix must be literal"),
        (r#""extensions": {"http": {"maxConcurrentRequests": 0}}"#, "maxConcurrentRequests must be at least 1"),
        (r#""extensions": {"http": {"maxOutstandingRequests": -2}}"#, "must be a whole number from -1 to"),
        (r#""extensions": {"http": {"maxOutstandingRequests": 1.5}}"#, "must be a whole number from -1 to"),
        (r#""extensions": {"http": {"customHeaders": {"a b": "1"}}}"#, "customHeaders.a b is not a valid header name"),
        (r#""extensions": {"http": {"customHeaders": {"a": "1\n"}}}"#, "customHeaders.a is not a valid header value"),
        (r#""extensions": {"http": {"hsts": {"isEnabled": "yes"}}}"#, "hsts.isEnabled must be true or false"),
        (r#""extensions": {"queues": {"batchSize": 33}}"#, "batchSize must be a whole number from 1 to 32, not 33"),
        (r#""singleton": {"lockPeriod": "00:02:00"}"#, "singleton.lockPeriod must be from 15 s to 60 s"),
        (r#""telemetryMode": "Fax""#, "telemetryMode must be one of ApplicationInsights, OpenTelemetry, not \"Fax\""),
        (r#""customHandler": "x""#, "customHandler must be an object"),
        (r#""logging": {"logLevel": "Debug"}"#, "logging.logLevel must be an object, not a string"),
        (r#""logging": {"logLevel": {"Host": "Loud"}}"#, "logging.logLevel.Host must be one of Trace,"),
        (r#""wasm": {"instanceReuse": 1000001}"#, "wasm.instanceReuse must be a whole number from 0 to 1000000"),
        (r#""wasm": {"instanceReuse": -1}"#, "wasm.instanceReuse must be a whole number from 0 to 1000000, not -1"),
        (r#""wasm": {"memoryLimitMiB": 0}"#, "wasm.memoryLimitMiB must be a whole number from 1 to 4096, not 0"),
        (r#""wasm": {"memoryLimitMiB": "128"}"#, "wasm.memoryLimitMiB must be a whole number, not a string"),
    ] {
        let error = HostJson::parse(format!(r#"{{"version":"2.0", {rest}}}"#).as_bytes(), &Settings::new())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("host.json:1:") && error.contains(expected), "{rest} gave {error}");
    }
}

#[test]
fn the_version_must_be_right() {
    for (text, expected) in [
        (r#"{"functions": []}"#, "host.json:1:1: \"version\" is missing; add \"version\": \"2.0\""),
        ("{\n  \"version\": \"1.0\"}", "host.json:2:14: version must be the text \"2.0\", not 1.0"),
        (r#"{"version": 2.0}"#, "host.json:1:13: version must be the text \"2.0\", not 2.0"),
        (r#"{"version": {}}"#, "host.json:1:13: version must be a string, not an object"),
        ("[]", "host.json:1:1: must be an object, not an array"),
        ("", "host.json:1:1: the file is empty; it must hold a JSON object"),
    ] {
        assert_eq!(HostJson::parse(text.as_bytes(), &Settings::new()).unwrap_err().to_string(), expected, "{text}");
    }
}
