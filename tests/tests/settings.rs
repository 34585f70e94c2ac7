//! App settings reach functions, and a change of them restarts that app alone, without a failed call.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use hearth_tests::{Callers, Hearth, Zip, eventually, http_function, test_guest};
use http::Method;
use serde_json::{Value, json};

/// What a function of the app finds under this name.
fn seen(hearth: &Hearth, app: &str, name: &str) -> Option<String> {
    let answer = hearth.app(app).get(&format!("/api/setting_value?name={name}"));
    (answer.status == 200).then(|| answer.text())
}

fn change(hearth: &Hearth, app: &str, set: Value, unset: &[&str]) {
    let body = json!({ "set": set, "unset": unset }).to_string();
    hearth.manage(Method::PATCH, &format!("/api/apps/{app}/settings")).body(body).send().expect(200);
}

/// Waits until every call finds this value; calls reach either worker.
#[track_caller]
fn until(hearth: &Hearth, app: &str, name: &str, wanted: Option<&str>) {
    eventually(&format!("{name} to be {wanted:?}"), || {
        (0..12).all(|_| seen(hearth, app, name).as_deref() == wanted).then_some(())
    });
}

fn status(hearth: &Hearth, app: &str) -> Value {
    let keys = hearth.manage(Method::GET, &format!("/api/apps/{app}/keys")).send().expect(200).json();
    let key = keys["master"]["value"].as_str().unwrap().to_owned();
    hearth.app(app).call(Method::GET, "/admin/host/status").header("x-functions-key", &key).send().expect(200).json()
}

#[test]
fn functions_see_the_apps_settings_and_the_platforms_variables() {
    let hearth = Hearth::with().workers(2).start();
    hearth.publish("shop", &test_guest("faults"));
    let port = hearth.http_address().port();
    let of = |name: &str| seen(&hearth, "shop", name);
    assert_eq!(of("WEBSITE_SITE_NAME").as_deref(), Some("shop"));
    assert_eq!(of("WEBSITE_HOSTNAME"), Some(format!("shop.localhost:{port}")));
    assert!(of("WEBSITE_INSTANCE_ID").unwrap().starts_with("worker-"));
    assert_eq!(of("AZURE_FUNCTIONS_ENVIRONMENT").as_deref(), Some("Production"));
    assert_eq!(of("GREETING"), None);

    let set = json!({ "GREETING": "hello", "WEBSITE_SITE_NAME": "other", "AZURE_FUNCTIONS_ENVIRONMENT": "Staging" });
    change(&hearth, "shop", set, &[]);
    until(&hearth, "shop", "GREETING", Some("hello"));
    assert_eq!(of("WEBSITE_SITE_NAME").as_deref(), Some("shop"), "who it is stays");
    assert_eq!(of("AZURE_FUNCTIONS_ENVIRONMENT").as_deref(), Some("Staging"), "a default gives way");
    change(&hearth, "shop", json!({}), &["greeting"]);
    until(&hearth, "shop", "GREETING", None);
    hearth.publish("other", &test_guest("faults"));
    assert_eq!(seen(&hearth, "other", "AZURE_FUNCTIONS_ENVIRONMENT").as_deref(), Some("Production"));
}

#[test]
fn a_change_restarts_that_app_alone_and_no_call_fails() {
    let hearth = Hearth::with().workers(2).start();
    hearth.publish("shop", &test_guest("faults"));
    hearth.publish("other", &test_guest("faults"));
    let calls = Callers::begin(4, &hearth.app("shop").call(Method::GET, "/api/ok"));
    // Under way when the settings change, and through long after.
    let mut slow = hearth.app("shop").call(Method::GET, "/api/setting_value?name=ROUND").open();
    for round in 1..=5 {
        change(&hearth, "shop", json!({ "ROUND": round.to_string() }), &[]);
        until(&hearth, "shop", "ROUND", Some(&round.to_string()));
    }
    slow.finish();
    let _answer = slow.answer();
    calls.go_on(50);
    let failed: Vec<_> = calls.end().into_iter().filter(|seen| seen.text().is_none()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    let log = hearth.log().text();
    let restarted =
        |app: &str| log.lines().filter(|line| line.contains("loaded again with") && line.contains(app)).count();
    assert!((10..=12).contains(&restarted("app=shop")), "{}", restarted("app=shop"));
    assert_eq!(restarted("app=other"), 0, "the other one goes on");
    assert_eq!(hearth.show("shop")["state"], "running");
}

#[test]
fn host_json_and_bindings_follow_the_settings() {
    let hearth = Hearth::start();
    let mut function = http_function(&json!({ "route": "%ROUTE%" }));
    function["entryPoint"] = "inspect".into();
    let package = Zip::folder(&test_guest("faults")).json("inspect/function.json", &function);
    hearth.manage(Method::PUT, "/api/apps/shop").send();
    change(&hearth, "shop", json!({ "ROUTE": "first" }), &[]);
    hearth.publish_zip("shop", &package);
    hearth.app("shop").get("/api/first").expect(200);
    change(
        &hearth,
        "shop",
        json!({ "ROUTE": "second", "AzureFunctionsJobHost__extensions__http__routePrefix": "v2" }),
        &[],
    );
    eventually("the new route", || (hearth.app("shop").get("/v2/second").status == 200).then_some(()));
    hearth.app("shop").get("/api/first").expect(404);

    // Settings that can't be used leave the app as it is, and say so.
    change(&hearth, "shop", json!({ "AzureFunctionsJobHost__functionTimeout": "soon" }), &[]);
    let error = eventually("the error", || {
        status(&hearth, "shop")["errors"].as_array().and_then(|errors| Some(errors.first()?.as_str()?.to_owned()))
    });
    assert!(error.contains("functionTimeout"), "{error}");
    assert_eq!(status(&hearth, "shop")["state"], "Running");
    hearth.app("shop").get("/v2/second").expect(200);
    // A worker that starts anew can't load it; the admin API tells why, and other settings help.
    let before = hearth.worker();
    hearth_tests::kill(before);
    eventually("the new worker", || hearth.pids("worker").first().is_some_and(|pid| *pid != before).then_some(()));
    let state = eventually("the app to be in error", || {
        let status = status(&hearth, "shop");
        (status["state"] == "Error").then_some(status)
    });
    assert!(state["errors"][0].as_str().unwrap().contains("functionTimeout"), "{state}");
    hearth.app("shop").get("/v2/second").expect(503);
    change(&hearth, "shop", json!({}), &["AzureFunctionsJobHost__functionTimeout"]);
    eventually("the app to run", || (hearth.app("shop").get("/v2/second").status == 200).then_some(()));
    assert_eq!(status(&hearth, "shop").get("errors"), None);
}

#[test]
fn a_setting_may_be_a_file_below_the_operators_directories() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    std::fs::create_dir(file("secrets")).unwrap();
    std::fs::write(file("secrets/db"), "top-secret\n").unwrap();
    std::fs::write(file("outside"), "not-for-apps").unwrap();
    let hearth = Hearth::with().flag("--secret-files", file("secrets")).start();
    hearth.publish("shop", &test_guest("faults"));
    let refer = |name: &str| json!({ "DB": format!("@file:{}", file(name).display()) });
    change(&hearth, "shop", refer("secrets/db"), &[]);
    until(&hearth, "shop", "DB", Some("top-secret"));
    // Read again at a restart.
    std::fs::write(file("secrets/db"), "renewed").unwrap();
    hearth.manage(Method::POST, "/api/apps/shop/restart").send();
    until(&hearth, "shop", "DB", Some("renewed"));
    for (name, reason) in [("outside", "secret-files"), ("secrets/none", "can't be read")] {
        change(&hearth, "shop", refer(name), &[]);
        let error = eventually("the error", || {
            let errors = status(&hearth, "shop")["errors"].as_array()?.clone();
            errors.iter().filter_map(Value::as_str).find(|error| error.contains(reason)).map(str::to_owned)
        });
        assert!(error.contains("the setting DB"), "{error}");
        assert_eq!(seen(&hearth, "shop", "DB").as_deref(), Some("renewed"), "it runs on with what it had");
    }
    // What is missing now and there later needs no other change.
    std::fs::write(file("secrets/none"), "there now").unwrap();
    until(&hearth, "shop", "DB", Some("there now"));
    let log = hearth.log().text();
    assert!(!log.contains("top-secret") && !log.contains("not-for-apps") && log.contains("the setting DB"));
}
