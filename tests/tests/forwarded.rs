//! What functions are told about their caller, directly and behind a proxy with a path of its own.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use hearth_tests::{Answer, Call, Hearth, test_guest};
use http::Method;

/// What a proxy tells, or a caller makes up.
const TOLD: [(&str, &str); 4] = [
    ("x-forwarded-for", "192.0.2.7"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-host", "example.org"),
    ("x-forwarded-prefix", "/fn"),
];

fn inspect(hearth: &Hearth, told: &[(&str, &str)]) -> Answer {
    let call = Call::new(hearth.http_address(), Method::GET, "/apps/faults/api/inspect?a=1").host("127.0.0.1");
    told.iter().fold(call, |call, (name, value)| call.header(name, value)).send().expect(200)
}

/// The values of a header as the function got them.
fn header(seen: &serde_json::Value, name: &str) -> Vec<String> {
    let headers = seen["headers"].as_array().unwrap().iter();
    headers.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_caller_without_a_trusted_proxy_is_seen_as_it_is() {
    let hearth = Hearth::start();
    hearth.publish("faults", &test_guest("faults"));
    for told in [&[][..], &TOLD[..]] {
        let seen = inspect(&hearth, told).json();
        assert_eq!(seen["url"], "http://127.0.0.1/apps/faults/api/inspect?a=1");
        assert_eq!(header(&seen, "x-forwarded-for"), ["127.0.0.1"]);
        assert_eq!(header(&seen, "x-forwarded-proto"), ["http"]);
        assert_eq!(header(&seen, "x-forwarded-host"), ["127.0.0.1"]);
        assert_eq!(header(&seen, "x-forwarded-prefix"), ["/apps/faults"]);
    }
}

#[test]
fn a_trusted_proxy_speaks_for_its_caller() {
    let hearth = Hearth::with().flag("--trusted-proxies", "127.0.0.0/8").start();
    hearth.publish("faults", &test_guest("faults"));
    let seen = inspect(&hearth, &TOLD).json();
    assert_eq!(seen["url"], "https://example.org/fn/apps/faults/api/inspect?a=1");
    assert_eq!(header(&seen, "host"), ["example.org"]);
    assert_eq!(header(&seen, "x-forwarded-for"), ["192.0.2.7, 127.0.0.1"]);
    assert_eq!(header(&seen, "x-forwarded-prefix"), ["/fn/apps/faults"]);
}

#[test]
fn the_public_url_has_its_path_without_a_word_of_the_proxy() {
    let hearth = Hearth::with().flag("--functions-url", "https://example.org/fn").start();
    hearth.publish("faults", &test_guest("faults"));
    let call = |host: &str| {
        let call = Call::new(hearth.http_address(), Method::GET, "/apps/faults/api/inspect").host(host);
        call.send().expect(200).json()["url"].as_str().unwrap().to_owned()
    };
    assert_eq!(call("example.org"), "https://example.org/fn/apps/faults/api/inspect");
    assert_eq!(call("127.0.0.1"), "http://127.0.0.1/apps/faults/api/inspect", "past the proxy");
}
