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
    assert_eq!(host.wasm, WasmOptions { instance_reuse: None, memory_limit_mib: 128 });
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
    assert_eq!(host.wasm, WasmOptions { instance_reuse: Some(1_000_000), memory_limit_mib: 4096 });
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
        (r#""functions": "Hello""#, "functions must be an array, not \"Hello\""),
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
        (r#""customHandler": "x""#, "customHandler must be an object, not \"x\""),
        (r#""logging": {"logLevel": "Debug"}"#, "logging.logLevel must be an object, not \"Debug\""),
        (r#""logging": {"logLevel": {"Host": "Loud"}}"#, "logging.logLevel.Host must be one of Trace,"),
        (r#""wasm": {"instanceReuse": 1000001}"#, "wasm.instanceReuse must be a whole number from 0 to 1000000"),
        (r#""wasm": {"instanceReuse": -1}"#, "wasm.instanceReuse must be a whole number from 0 to 1000000, not -1"),
        (r#""wasm": {"memoryLimitMiB": 0}"#, "wasm.memoryLimitMiB must be a whole number from 1 to 4096, not 0"),
        (
            r#""wasm": {"memoryLimitMiB": "0x80"}"#,
            "wasm.memoryLimitMiB must be a whole number from 1 to 4096, not 0x80",
        ),
        (r#""wasm": {"memoryLimitMiB": true}"#, "wasm.memoryLimitMiB must be a whole number, not true or false"),
        (r#""retry": {"strategy": "fixedDelay"}"#, "retry has no \"maxRetryCount\""),
        (
            r#""extensions": {"http": {"hsts": {"maxAge": 10}}}"#,
            "hsts.maxAge must be a time such as \"00:00:30\", not the number 10",
        ),
        (r#""extensions": {"http": {"hsts": {"maxAge": "-1"}}}"#, "hsts.maxAge must be at least 0 s, not \"-1\""),
        (r#""extensions": {"http": {"hsts": {"excludedHosts": [1]}}}"#, "hsts.excludedHosts[0] must be a string"),
        (
            r#""extensions": {"queues": {"maxPollingInterval": 2000}}"#,
            "maxPollingInterval must be a time such as \"00:00:30\", not the number 2000",
        ),
        (
            r#""extensions": {"queues": {"maxPollingInterval": "00:00:00.05"}}"#,
            "maxPollingInterval must be at least 100 ms",
        ),
        (r#""extensions": {"queues": {"newBatchThreshold": -1}}"#, "newBatchThreshold must be a whole number from 0"),
        (
            r#""extensions": {"cosmosDB": {"connectionMode": "Tcp"}}"#,
            "cosmosDB.connectionMode must be one of Gateway, Direct, not \"Tcp\"",
        ),
        (r#""extensionBundle": {"id": 5}"#, "extensionBundle.id must be a string, not a number"),
        (r#""concurrency": {"cpuThreshold": 80}"#, "concurrency.cpuThreshold must be a number from 0 to 1, not 80"),
        (r#""healthMonitor": {"counterThreshold": "high"}"#, "counterThreshold must be a number from 0 to 1, not high"),
        (r#""singleton": {"lockAcquisitionTimeout": "00:00:00"}"#, "lockAcquisitionTimeout must be at least 1 ms"),
        (
            r#""singleton": {"lockAcquisitionPollingInterval": "00:00:00.1"}"#,
            "lockAcquisitionPollingInterval must be at least 500 ms",
        ),
        (
            r#""customHandler": {"description": {"arguments": "--x"}}"#,
            "customHandler.description.arguments must be an array, not \"--x\"",
        ),
        (
            r#""logging": {"applicationInsights": {"samplingSettings": {"isEnabled": 1}}}"#,
            "logging.applicationInsights.samplingSettings.isEnabled must be true or false, not a number",
        ),
        (
            r#""logging": {"applicationInsights": {"samplingSettings": {"excludedTypes": ["Request"]}}}"#,
            "samplingSettings.excludedTypes must be a string, not an array",
        ),
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

#[test]
fn the_rest_of_the_known_keys_is_read() {
    let host = parse(
        r#"{
            "version": "2.0",
            "retry": { "strategy": "fixedDelay", "maxRetryCount": 4, "delayInterval": "00:00:10" },
            "extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" },
            "extensions": { "http": { "hsts": {
                "isEnabled": "True", "maxAge": "10", "preload": true, "excludedHosts": ["example.org"] } },
                "durableTask": { "hubName": 5 }, "queues": { "maxPollingInterval": "00:00:02", "batchSize": "8" } },
            "Extensions": { "HTTP": { "routePrefix": "v1", "maxConcurrentRequests": " 7 " } },
            "singleton": { "lockAcquisitionTimeout": "-00:00:00.0010000" },
            "httpWorker": { "description": { "defaultExecutablePath": "handler" } }
        }"#,
    );
    let days = |days: u64| Duration::from_secs(days * 24 * 60 * 60);
    assert_eq!(
        host.hsts,
        Hsts {
            enabled: true,
            max_age: days(10),
            include_sub_domains: false,
            preload: true,
            excluded_hosts: ["localhost", "127.0.0.1", "[::1]", "example.org"].map(str::to_owned).into(),
        }
    );
    assert_eq!(host.retry.unwrap().max_retries, Some(4));
    assert_eq!(host.extension_bundle.unwrap().version, "[4.*, 5.0.0)");
    assert_eq!((host.route_prefix.as_str(), host.max_concurrent_requests), ("v1", Some(7)));
    assert!(host.custom_handler);
    assert_eq!(HostJson::default().hsts.max_age, days(30));
}

fn with(text: &str, settings: &[(&str, &str)]) -> Result<HostJson, String> {
    HostJson::parse(text.as_bytes(), &settings.iter().copied().collect()).map_err(|e| e.to_string())
}

#[test]
fn settings_override_the_file() {
    let file = r#"{"version": "2.0", "functions": ["a", "b"], "extensions": {"http": {"routePrefix": "file",
        "hsts": null}}, "wasm": {"instanceReuse": 5}}"#;
    let host = with(
        file,
        &[
            ("AzureFunctionsJobHost__extensions__http__routePrefix", "setting"),
            ("azurefunctionsjobhost:Extensions:HTTP:MaxConcurrentRequests", "9"),
            ("AzureFunctionsJobHost__extensions__http__hsts__isEnabled", "TRUE"),
            ("AzureFunctionsJobHost__extensions__http__hsts__excludedHosts__0", "a.test"),
            ("AzureFunctionsJobHost__extensions__http__customHeaders__X-A", "1"),
            ("AzureFunctionsJobHost__functionTimeout", "-1"),
            ("AzureFunctionsJobHost__functions__10", "e"),
            ("AzureFunctionsJobHost__functions__1", "c"),
            ("AzureFunctionsJobHost__functions__2", "d"),
            ("AzureFunctionsJobHost__logging__logLevel__Function.Hello", "Error"),
            ("AzureFunctionsJobHost__logging__logLevel__default", "Debug"),
            ("AzureFunctionsJobHost__wasm__memoryLimitMiB", "256"),
            ("AzureFunctionsJobHost__something__new", "1"),
            ("AzureFunctionsJobHost__extensions__http__routePrefx", "typo"),
            ("AzureFunctionsJobHost__extensions__durableTask__hubName", "x"),
            ("AzureFunctionsJobHost", "ignored"),
        ],
    )
    .unwrap();
    assert_eq!((host.route_prefix.as_str(), host.max_concurrent_requests), ("setting", Some(9)));
    assert!(host.hsts.enabled && host.hsts.excluded_hosts.contains(&"a.test".to_owned()));
    assert_eq!(host.custom_headers["X-A"], "1");
    assert_eq!(host.function_timeout, None);
    assert_eq!(host.functions.unwrap(), ["a", "c", "d", "e"]);
    assert_eq!(host.log_level.minimum("Function.Hello"), LogLevel::Error);
    assert_eq!(host.log_level.minimum("Host"), LogLevel::Debug);
    assert_eq!(host.wasm, WasmOptions { instance_reuse: Some(5), memory_limit_mib: 256 });
    assert_eq!(
        host.warnings,
        [
            "app setting 'AzureFunctionsJobHost__extensions__http__routePrefx' has no effect: host.json has no key extensions.http.routePrefx that is known",
            "app setting 'AzureFunctionsJobHost__something__new' has no effect: host.json has no key something.new that is known",
        ]
    );
    let empty = with("{}", &[("AzureFunctionsJobHost__functions__0", "only")]).unwrap();
    assert_eq!(empty.functions.unwrap(), ["only"]);
}

#[test]
fn wrong_overrides_name_the_setting() {
    let file = r#"{"version": "2.0", "functions": ["a"], "extensions": {"http": {}}, "functionTimeout": "00:01:00"}"#;
    for (name, value, expected) in [
        ("functionTimeout", "soon", "functionTimeout must be a time such as"),
        ("functionTimeout__x", "1", "functionTimeout has a value, which is not an object, so its key 'x' can't be set"),
        (
            "extensions",
            "x",
            "extensions is an object; set its keys one by one, as in AzureFunctionsJobHost__extensions__<key>",
        ),
        ("extensions__http", "x", "extensions.http is an object"),
        ("logging", "x", "logging must be an object, not the value of the setting AzureFunctionsJobHost__logging"),
        (
            "extensions__queues__batchSize",
            "33",
            "extensions.queues.batchSize must be a whole number from 1 to 32, not the value of the setting",
        ),
        (
            "extensions__http__hsts__isEnabled",
            "1",
            "hsts.isEnabled must be true or false, not the value of the setting",
        ),
        (
            "functions",
            "a",
            "functions is an array; set its elements one by one, as in AzureFunctionsJobHost__functions__0",
        ),
        ("functions__first", "a", "functions is an array, whose elements are set by number, not by 'first'"),
        ("watchFiles__first", "a", "watchFiles must be an array, not an object"),
        ("version", "3.0", "version must be the text \"2.0\", not the value of the setting"),
    ] {
        let name = format!("AzureFunctionsJobHost__{name}");
        let error = with(file, &[(&name, value)]).unwrap_err();
        assert!(error.starts_with(&format!("app setting '{name}': ")) && error.contains(expected), "{error}");
    }
}
