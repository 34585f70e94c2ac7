//! Who may call: this machine, by its own names, without keys unless it is told otherwise.

use hearth_tests::{Hearth, Zip, sample};
use http::Method;
use serde_json::json;

use crate::hello;

#[test]
fn only_names_that_are_this_machine_are_answered() {
    let project = hello(&json!({}));
    let started = project.start(&[]);
    let port = started.address().port();
    let with = |host: &str| started.call(Method::GET, "/api/hello").host(host).send();
    for local in ["localhost", "127.0.0.1", "[::1]", "shop.localhost"] {
        let answer = with(&format!("{local}:{port}"));
        assert_ne!(answer.status, 421, "{local}: {}", answer.text());
    }
    assert_eq!(with(&format!("127.0.0.1:{port}")).text(), "Hello, WASI!\n");
    for foreign in [format!("evil.test:{port}"), "localhost".to_owned(), format!("localhost.evil.test:{port}")] {
        let answer = with(&foreign);
        assert_eq!(answer.status, 421, "{foreign}");
        assert_eq!(answer.json()["error"]["code"], "HostNotLocal");
    }
    // The admin API is no way around.
    let answer = started.call(Method::GET, "/admin/host/status").host("evil.test").send();
    assert_eq!(answer.status, 421);
}

#[test]
fn keys_are_off_unless_they_are_asked_for() {
    let project = hello(&json!({ "authLevel": "admin" }));
    let started = project.start(&[]);
    started.get("/api/hello").expect(200);
    assert_eq!(started.get("/admin/host/status").expect(200).json()["state"], "Running");
    drop(started);

    let started = project.start(&["--enable-auth"]);
    started.get("/api/hello").expect(401);
    started.get("/admin/host/status").expect(401);
}

#[test]
fn pages_of_other_machines_do_not_reach_the_admin_api() {
    let project = hello(&json!({}));
    let started = project.start(&[]);
    let with = |name: &str, value: &str| {
        started.call(Method::PUT, "/admin/host/state").header(name, value).body("\"offline\"").send()
    };
    for (name, value) in [("origin", "https://evil.test"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let answer = with(name, value).expect(403);
        assert_eq!(answer.json()["error"]["code"], "OriginNotLocal", "{name}: {value}");
    }
    started.get("/api/hello").expect(200);
    started.call(Method::GET, "/admin/host/status").header("origin", "http://localhost:3000").send().expect(200);
}

#[test]
fn a_disabled_function_is_not_open() {
    for level in ["anonymous", "function"] {
        let project = hello(&json!({ "authLevel": level }));
        project.write("local.settings.json", r#"{ "Values": { "AzureWebJobs.hello.Disabled": "true" } }"#);
        let started = project.start(&[]);
        let answer = started.get("/api/hello").expect(404);
        assert_eq!(answer.json()["error"]["code"], "FunctionDisabled", "{level}");
        started.output().with(0, &["Function hello is disabled."]);
    }
}

#[test]
fn a_published_app_still_wants_its_keys() {
    let hearth = Hearth::start();
    let closed = json!({ "authLevel": "function" });
    let package = Zip::folder(&sample("hello-http")).json("hello/function.json", &hearth_tests::http_function(&closed));
    hearth.publish_zip("shop", &package);
    hearth.app("shop").get("/api/hello").expect(401);
}

#[test]
fn browsers_may_call_from_the_origins_that_are_named() {
    let project = hello(&json!({}));
    project.write("local.settings.json", r#"{ "Host": { "CORS": "https://a.test" } }"#);
    let allowed = |started: &hearth_tests::Started, origin: &str| {
        let answer = started.call(Method::GET, "/api/hello").header("origin", origin).send().expect(200);
        answer.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap().to_owned())
    };
    let started = project.start(&[]);
    assert_eq!(allowed(&started, "https://a.test").as_deref(), Some("https://a.test"));
    assert_eq!(allowed(&started, "https://b.test"), None);
    drop(started);
    let started = project.start(&["--cors", "https://b.test"]);
    assert_eq!(allowed(&started, "https://a.test"), None);
    assert_eq!(allowed(&started, "https://b.test").as_deref(), Some("https://b.test"));
}
