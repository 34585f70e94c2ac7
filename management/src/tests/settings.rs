//! Settings and modes by the management API, and settings by a publishing site.

use std::time::Duration;

use hearth_model::control::BEAT_PATH;
use hearth_model::ids::AppName;
use hearth_state::{Keyring, SettingsChange};
use http::Request;
use serde_json::json;

use super::bench::{Place, Reply, Role, package, zip};
use super::worker::{FakeWorker, beat, register, request};

const SETTINGS: &str = "/api/apps/shop/settings";

async fn patch(role: &Role, body: &str) -> Reply {
    role.call("PATCH", SETTINGS, body.to_owned()).await
}

async fn with_revision(role: &Role, revision: &str, body: &str) -> Reply {
    let request = Request::patch(role.url(SETTINGS)).header("x-functions-key", &role.admin_key);
    role.send(request.header("if-match", revision).body(body.to_owned().into()).unwrap()).await
}

#[tokio::test]
async fn settings_are_set_changed_and_replaced() {
    let place = Place::new();
    let role = place.start().await;
    assert_eq!(patch(&role, r#"{"set": {"A": "1"}}"#).await.expect(404).json()["code"], "app_not_found");
    role.get(SETTINGS).await.expect(404);
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    assert_eq!(role.get(SETTINGS).await.expect(200).json()["settings"], json!({}));

    patch(&role, r#"{"set": {"Greeting": "hello", "Db__Name": "x"}}"#).await.expect(200);
    let changed =
        patch(&role, r#"{"set": {"GREETING": "salve"}, "unset": ["db:name", "not there"]}"#).await.expect(200);
    let shown = role.get(SETTINGS).await.expect(200);
    assert_eq!(shown.json()["settings"], json!({"GREETING": "salve"}));
    assert_eq!(shown.json()["revision"], changed.json()["revision"]);
    assert_eq!(shown.header("etag"), format!("\"{}\"", changed.json()["revision"]));
    assert_eq!(shown.header("cache-control"), "no-store");

    let replaced = role.call("PUT", SETTINGS, r#"{"settings": {"B": "2"}}"#).await.expect(200).json();
    assert_eq!(role.get(SETTINGS).await.json(), json!({"revision": replaced["revision"], "settings": {"B": "2"}}));
    let same = role.call("PUT", SETTINGS, r#"{"settings": {"B": "2"}}"#).await.expect(200).json();
    assert_eq!(same["revision"], replaced["revision"], "what changes nothing is no change");

    let stored = std::fs::read(place.dir.path().join("state.db")).unwrap();
    let log = std::fs::read(place.dir.path().join("state.db-wal")).unwrap_or_default();
    for bytes in [stored, log] {
        assert!(!bytes.windows(5).any(|window| window == b"salve"), "values are sealed");
    }
    role.stop().await;
}

#[tokio::test]
async fn a_change_may_ask_for_the_revision_that_it_is_about() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let first = patch(&role, r#"{"set": {"A": "1"}}"#).await.expect(200).header("etag").to_owned();
    let second = with_revision(&role, &first, r#"{"set": {"A": "2"}}"#).await.expect(200).header("etag").to_owned();
    let refused = with_revision(&role, &first, r#"{"set": {"A": "3"}}"#).await.expect(412);
    assert_eq!(refused.json()["code"], "settings_changed");
    assert_eq!(with_revision(&role, "yesterday", "{}").await.expect(400).json()["code"], "revision_invalid");
    with_revision(&role, &second, r#"{"unset": ["A"]}"#).await.expect(200);
    with_revision(&role, "*", r#"{"set": {"A": "4"}}"#).await.expect(200);
    role.stop().await;
}

/// Seals a setting with a key that the role does not have.
async fn damage(place: &Place, role: &Role, name: &str) {
    let foreign = Keyring::load_or_create(&place.dir.path().join("foreign")).unwrap();
    let change = SettingsChange::set([(name.to_owned(), "lost".to_owned())]);
    role.state.app_settings().change(&foreign, &AppName::parse("shop").unwrap(), &change).await.unwrap();
}

#[tokio::test]
async fn a_setting_that_cannot_be_opened_is_named_and_can_be_set_again_or_removed() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    patch(&role, r#"{"set": {"Kept": "1"}}"#).await.expect(200);
    let password = role.password("shop").await;
    for repair in ["unset", "set", "replace", "kudu"] {
        damage(&place, &role, "Db__Password").await;
        let refused = role.get(SETTINGS).await.expect(500);
        assert!(refused.text().contains("setting 'Db__Password' of app 'shop'"), "{}", refused.text());
        let published = role.scm("POST", "shop", "/api/zipdeploy", &password, package(&["hello"], repair)).await;
        assert!(published.text().contains("Db__Password"), "{}", published.text());
        match repair {
            "unset" => patch(&role, r#"{"unset": ["Db:Password"]}"#).await.expect(200),
            "set" => patch(&role, r#"{"set": {"DB__PASSWORD": "new"}}"#).await.expect(200),
            "replace" => role.call("PUT", SETTINGS, r#"{"settings": {"Kept": "1"}}"#).await.expect(200),
            _ => role.scm("DELETE", "shop", "/api/settings/Db__Password", &password, "").await.expect(204),
        };
        let expected = if repair == "set" { json!({"Kept": "1", "DB__PASSWORD": "new"}) } else { json!({"Kept": "1"}) };
        assert_eq!(role.get(SETTINGS).await.expect(200).json()["settings"], expected, "{repair}");
    }
    role.stop().await;
}

#[tokio::test]
async fn what_no_setting_can_be_changes_nothing() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let large = "x".repeat(60_000);
    let many: serde_json::Map<String, serde_json::Value> =
        (0..=1000).map(|number| (format!("S{number}"), "".into())).collect();
    for (body, code) in [
        (json!({"set": {"GOOD": "1", "A=B": "1"}}), "setting_name_invalid"),
        (json!({"set": {"A": "1", "a": "2"}}), "setting_given_twice"),
        (json!({"set": {"A": 1}}), "body_not_json"),
        (json!({"put": {"A": "1"}}), "body_not_json"),
        (json!({"set": {"A": "@file:relative"}}), "file_reference_invalid"),
        (json!({"set": many}), "settings_limit"),
        (
            json!({"set": (0..9).map(|n| (n.to_string(), large.clone())).collect::<std::collections::BTreeMap<_, _>>()}),
            "settings_limit",
        ),
    ] {
        assert_eq!(patch(&role, &body.to_string()).await.expect(400).json()["code"], code);
    }
    let vault = json!({"set": {"Db": "@Microsoft.KeyVault(SecretUri=https://v/secrets/s)"}}).to_string();
    let refused = patch(&role, &vault).await.expect(400).json();
    assert_eq!(refused["code"], "key_vault_reference");
    let message = refused["message"].as_str().unwrap();
    assert!(message.contains("'Db'") && message.contains("@file:/run/secrets/"), "{refused}");
    assert_eq!(role.get(SETTINGS).await.json()["settings"], json!({}));
    role.stop().await;
}

#[tokio::test]
async fn a_change_rings_every_worker() {
    let place = Place::new();
    let role = place.start_with(|options| options.worker_lease = Duration::from_secs(600)).await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let registered = register(&role, &request(&role, "w1")).await.expect(200);
    let worker = serde_json::from_slice(&registered.body).unwrap();
    let mut seen = beat(&role, &worker, 0, vec![]).await.expect(200).json();
    assert!(seen["configuration"].as_u64().unwrap() > 0, "it begins with what host state knows");
    let changes = [
        ("PATCH", "settings", r#"{"set": {"A": "1"}}"#),
        ("PUT", "settings", r#"{"settings": {}}"#),
        ("POST", "keys/host/partner", ""),
        ("DELETE", "keys/host/partner", ""),
        ("POST", "restart", ""),
        ("POST", "stop", ""),
        ("POST", "start", ""),
    ];
    for (method, path, body) in changes {
        let revision = seen["revision"].as_u64().unwrap();
        // Held back for minutes, were it not for the change.
        let waiting = beat(&role, &worker, revision, vec![]);
        let change = async {
            let made = role.call(method, &format!("/api/apps/shop/{path}"), body).await;
            assert!(made.status.is_success(), "{method} {path}: {}", made.text());
        };
        let (rung, ()) = tokio::join!(waiting, change);
        let rung = rung.expect(200).json();
        assert!(rung["configuration"].as_u64() > seen["configuration"].as_u64(), "{method} {path}");
        seen = rung;
    }
    assert!(role.url(BEAT_PATH).ends_with("/beat"));
    role.stop().await;
}

#[tokio::test]
async fn an_app_is_stopped_and_started() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.call("POST", "/api/apps/shop/stop", "").await.expect(404);
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    let first = role.call("POST", "/api/apps/shop/stop", "").await.expect(200).json();
    let again = role.call("POST", "/api/apps/shop/stop", "").await.expect(200).json();
    assert_eq!(first["revision"], again["revision"]);
    let shown = role.get("/api/apps").await.json();
    assert_eq!((&shown["apps"][0]["state"], &shown["apps"][0]["mode"]), (&"offline".into(), &"offline".into()));
    role.call("POST", "/api/apps/shop/start", "").await.expect(200);
    let shown = role.get("/api/apps/shop").await.json();
    assert_eq!((&shown["state"], &shown["mode"]), (&"running".into(), &"running".into()));
    role.stop().await;
}

#[tokio::test]
async fn a_package_is_judged_with_the_settings_of_its_app() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let function = r#"{"scriptFile": "../app.wasm", "bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "%ROUTE%"},
        {"type": "http", "direction": "out", "name": "$return"}]}"#;
    let package = zip(&[
        ("host.json".into(), br#"{"version": "2.0"}"#.to_vec()),
        ("app.wasm".into(), super::bench::COMPONENT.to_vec()),
        ("hello/function.json".into(), function.into()),
    ]);
    let refused = role.publish("shop", package.clone()).await.expect(400);
    assert!(refused.text().contains("ROUTE"), "{}", refused.text());
    patch(&role, r#"{"set": {"ROUTE": "hello", "AzureWebJobs.hello.Disabled": "true"}}"#).await.expect(200);
    role.publish("shop", package).await.expect(200);
    let log = role.get("/apps/shop/deployments/latest/log").await.expect(200);
    assert!(log.text().contains("Function 'hello' is disabled by an app setting."), "{}", log.text());
    role.stop().await;
}

#[tokio::test]
async fn kudus_clients_read_and_change_settings() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    patch(&role, r#"{"set": {"FUNCTIONS_WORKER_RUNTIME": "custom"}}"#).await.expect(200);
    let password = role.password("shop").await;
    let scm =
        async |method: &str, path: &str, body: &str| role.scm(method, "shop", path, &password, body.to_owned()).await;
    assert_eq!(scm("GET", "/api/settings", "").await.expect(200).json(), json!({"FUNCTIONS_WORKER_RUNTIME": "custom"}));
    scm("POST", "/api/settings", r#"{"ENABLE_ORYX_BUILD": "false"}"#).await.expect(204);
    scm("POST", "/settings", r#"{"key": "B", "value": "2"}"#).await.expect(204);
    assert_eq!(scm("GET", "/api/settings/enable_oryx_build", "").await.expect(200).json(), "false");
    scm("DELETE", "/api/settings/ENABLE_ORYX_BUILD", "").await.expect(204);
    scm("GET", "/api/settings/ENABLE_ORYX_BUILD", "").await.expect(404);
    let all = json!({"B": "2", "FUNCTIONS_WORKER_RUNTIME": "custom"});
    assert_eq!(role.get("/apps/shop/api/settings").await.expect(200).json(), all);

    // Whoever may only publish must not read files of the workers' machines by it.
    let reference = r#"{"KEY": "@File:/var/lib/hearth/installation.key"}"#;
    let refused = scm("POST", "/api/settings", reference).await.expect(403);
    assert!(refused.text().contains("admin key"), "{}", refused.text());
    role.call("POST", "/apps/shop/api/settings", r#"{"KEY": "@file:/run/secrets/key"}"#).await.expect(204);
    role.scm("GET", "shop", "/api/settings", "wrong", "").await.expect(401);
    role.stop().await;
}
