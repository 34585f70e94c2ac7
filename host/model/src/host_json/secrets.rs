//! What came from a setting may be a secret: no message about host.json repeats the value of an override.

use proptest::prelude::*;

use super::known::KNOWN;
use super::{HostJson, OVERRIDES};
use crate::settings::Settings;

const MARKER: &str = "hunter2";
/// Keys below those that [`KNOWN`] leaves to [`HostJson`].
const DEEPER: [&str; 12] = [
    "functions.0",
    "retry.strategy",
    "retry.maxRetryCount",
    "logging.logLevel.default",
    "extensions.http.customHeaders.x-own",
    "extensions.http.hsts.isEnabled",
    "extensions.http.hsts.maxAge",
    "extensions.http.hsts.excludedHosts.0",
    "extensions.http.hsts.excludedHosts.first",
    "extensions.http.routePrefix.deeper",
    "wasm.instanceReuse",
    "wasm.memoryLimitMiB",
];
const FILES: [&str; 3] = [
    "{}",
    r#"{"version": "2.0", "functions": ["F"], "retry": {"strategy": "fixedDelay", "maxRetryCount": 1}}"#,
    r#"{"version": "2.0", "extensions": {"http": {"routePrefix": "api", "hsts": {"isEnabled": true}}}}"#,
];

fn told(file: &str, key: &str, value: &str) -> String {
    let name = format!("{OVERRIDES}__{}", key.replace('.', "__"));
    let settings: Settings = [(name, value.to_owned())].into_iter().collect();
    match HostJson::parse(file.as_bytes(), &settings) {
        Ok(host) => format!("{:?}", host.warnings),
        Err(error) => format!("{error} {error:?}"),
    }
}

fn value() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec!["", "-", "/", "{", "99", "00:00:", "true", "\n"]);
    (before, "[ -~]{0,5}").prop_map(|(before, behind)| format!("{before}{MARKER}{behind}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_about_host_json_repeats_a_setting(value in value()) {
        for key in KNOWN.iter().map(|(path, _)| *path).chain(DEEPER).chain(["unknown.key"]) {
            for file in FILES {
                let told = told(file, key, &value);
                prop_assert!(!told.to_lowercase().contains(MARKER), "{key}: {told}");
            }
        }
    }
}

#[test]
fn the_setting_is_named_in_place_of_its_value() {
    let timeout = told("{}", "functionTimeout", MARKER);
    assert!(
        timeout.contains("no limit, not the value of the setting AzureFunctionsJobHost__functionTimeout"),
        "{timeout}"
    );
}
