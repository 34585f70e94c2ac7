//! Keys by the management API.

use serde_json::json;

use super::bench::{Place, package};
use super::worker::{Behaviour, FakeWorker};

#[tokio::test]
async fn keys_are_generated_set_and_deleted() {
    let place = Place::new();
    let role = place.start().await;
    role.get("/api/apps/shop/keys").await.expect(404);
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let keys = |path: &str| format!("/api/apps/shop/keys{path}");
    let all = role.get(&keys("")).await.expect(200);
    assert_eq!(all.header("cache-control"), "no-store");
    let all = all.json();
    assert_eq!((&all["master"]["name"], &all["host"][0]["name"]), (&"_master".into(), &"default".into()));
    assert_eq!(all["master"]["value"].as_str().unwrap().len(), 56);

    for scope in ["host", "system", "functions/hello"] {
        let key = keys(&format!("/{scope}/Partner"));
        role.get(&key).await.expect(404);
        let made = role.call("POST", &key, "").await.expect(201).json();
        assert_eq!(made["name"], "Partner");
        let renewed = role.call("POST", &key, "").await.expect(200).json();
        assert_ne!(made["value"], renewed["value"]);
        role.call("PUT", &key, r#"{"name": "Partner", "value": "sesame"}"#).await.expect(200);
        assert_eq!(role.get(&key).await.expect(200).json(), json!({"name": "Partner", "value": "sesame"}));
        let listed = role.get(&keys(&format!("/{scope}"))).await.expect(200).json();
        assert!(
            listed["keys"].as_array().unwrap().contains(&json!({"name": "Partner", "value": "sesame"})),
            "{listed}"
        );
        role.call("DELETE", &key, "").await.expect(204);
        assert_eq!(role.call("DELETE", &key, "").await.expect(404).json()["code"], "key_not_found");
    }
    role.call("PUT", &keys("/host/new"), r#"{"value": "v"}"#).await.expect(201);
    role.call("DELETE", "/api/apps/shop", "").await.expect(204);
    role.get(&keys("")).await.expect(404);
    role.stop().await;
}

#[tokio::test]
async fn the_master_key_is_replaced_and_never_missing() {
    let place = Place::new();
    let role = place.start().await;
    role.call("PUT", "/api/apps/shop", "").await.expect(201);
    let path = "/api/apps/shop/keys/master";
    let first = role.get(path).await.expect(200).json();
    let renewed = role.call("POST", path, "").await.expect(201).json();
    assert_eq!(renewed["name"], "_master");
    assert_ne!(first["value"], renewed["value"]);
    role.call("PUT", path, r#"{"value": "a key of my own"}"#).await.expect(200);
    assert_eq!(role.get(path).await.json()["value"], "a key of my own");
    assert_eq!(role.call("DELETE", path, "").await.expect(400).json()["code"], "master_key_required");
    role.stop().await;
}

#[tokio::test]
async fn what_no_key_can_be_is_refused_by_reason() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    worker.behave(Behaviour { functions: vec![("Hello".into(), None)], ..Behaviour::default() });
    role.publish("shop", package(&["Hello"], "1")).await.expect(200);
    let keys = |path: &str| format!("/api/apps/shop/keys/{path}");
    let put = async |path: &str, body: &str| role.call("PUT", &keys(path), body.to_owned()).await;
    assert_eq!(put("host/a%23b", r#"{"value": "v"}"#).await.expect(400).json()["code"], "key_name_invalid");
    assert_eq!(put("host/_master", r#"{"value": "v"}"#).await.expect(400).json()["code"], "key_name_invalid");
    for value in [r#"{}"#, r#"{"value": ""}"#, r#"{"value": null}"#] {
        let refused = put("host/a", value).await.expect(400).json();
        assert_eq!(refused["code"], "key_value_invalid", "{refused}");
    }
    assert_eq!(put("hosts/a", r#"{"value": "v"}"#).await.expect(404).json()["code"], "key_scope_unknown");
    assert_eq!(put("functions/nothing/a", r#"{"value": "v"}"#).await.expect(404).json()["code"], "function_not_found");
    // Names of functions are compared without regard to case, and a function has a key of its own when it is asked for.
    let own = role.get(&keys("functions/HELLO")).await.expect(200).json();
    assert_eq!(own["keys"][0]["name"], "default");
    assert_eq!(role.get(&keys("functions/hello/default")).await.expect(200).json(), own["keys"][0]);
    for number in 0..100 {
        let made = put(&format!("system/k{number}"), r#"{"value": "v"}"#).await;
        made.expect(201);
    }
    assert_eq!(put("system/more", r#"{"value": "v"}"#).await.expect(400).json()["code"], "keys_limit");
    role.stop().await;
}
