//! The keys API: shapes, statuses, and the rules of the master key.

use http::Method;
use serde_json::{Value, json};

use crate::{admin, get, master, shop};

fn is_generated(value: &Value) -> bool {
    value.as_str().is_some_and(|value| value.len() == 56 && value.ends_with("==") && value.contains("AzFu"))
}

#[test]
fn collections_and_keys_have_the_originals_shapes() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let base = format!("http://shop.localhost:{}/admin", hearth.http_address().port());
    for path in ["/host/keys", "/host/functionkeys", "/functions/OPEN/keys"] {
        let mut keys = get(&hearth, &key, path);
        let value = keys["keys"][0]["value"].take();
        assert!(is_generated(&value), "{path}: {value}");
        let wanted = json!({
            "keys": [{ "name": "default", "value": null }],
            "links": [{ "rel": "self", "href": format!("{base}{path}") }],
        });
        assert_eq!(keys, wanted);
        let one = get(&hearth, &key, &format!("{path}/Default"));
        let link = json!([{ "rel": "self", "href": format!("{base}{path}/Default") }]);
        assert_eq!(one, json!({ "name": "Default", "value": value, "links": link }));
    }
    assert_eq!(get(&hearth, &key, "/host/systemkeys")["keys"], json!([]));
    assert_eq!(get(&hearth, &key, "/host/systemkeys/_master")["value"], key.as_str());
    for path in ["/host/keys/none", "/host/keys/_master", "/functions/open/keys/_master"] {
        let answer = admin(&hearth, &key, Method::GET, path).send().expect(404);
        assert_eq!(answer.json()["error"]["code"], "KeyNotFound", "{path}");
    }
    let answer = admin(&hearth, &key, Method::GET, "/functions/none/keys").send().expect(404);
    assert_eq!(answer.json()["error"]["code"], "FunctionNotFound");
}

#[test]
fn keys_are_made_set_renewed_and_deleted() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let call = |method, path: &str, body: &str| {
        admin(&hearth, &key, method, path).header("content-type", "application/json").body(body.to_owned()).send()
    };
    for collection in ["/host/keys", "/host/systemkeys", "/functions/locked/keys"] {
        let path = format!("{collection}/my%20key");
        let made = call(Method::POST, &path, "").expect(201).json();
        assert!(made["name"] == "my key" && is_generated(&made["value"]), "{made}");
        let renewed = call(Method::POST, &path, "passed over").expect(200).json();
        assert_ne!(made["value"], renewed["value"]);
        let set = call(Method::PUT, &path, r#"{"name": "other", "value": "chosen"}"#).expect(200).json();
        assert_eq!((&set["name"], &set["value"]), (&json!("my key"), &json!("chosen")));
        assert_eq!(get(&hearth, &key, &path)["value"], "chosen");
        for wrong in ["", "{}", r#"{"value": ""}"#, r#"{"value": 7}"#, r#"{"value": " spaced "}"#, "chosen"] {
            let refused = call(Method::PUT, &path, wrong).expect(400);
            assert_eq!(refused.json()["error"]["code"], "InvalidRequest", "{wrong}");
        }
        assert!(call(Method::DELETE, &path, "").expect(204).body.is_empty());
        call(Method::DELETE, &path, "").expect(404);
        call(Method::GET, &path, "").expect(404);
        call(Method::PUT, &format!("{collection}/new"), r#"{"value": "v"}"#).expect(201);
    }
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        call(method, "/functions/none/keys/a", r#"{"value": "v"}"#).expect(404);
    }
    // A `default` that was deleted stays away.
    call(Method::DELETE, "/functions/open/keys/default", "").expect(404);
    get(&hearth, &key, "/functions/open/keys/default");
    call(Method::DELETE, "/functions/open/keys/default", "").expect(204);
    assert_eq!(get(&hearth, &key, "/functions/open/keys")["keys"], json!([]));
}

#[test]
fn the_master_key_is_renewed_and_set_and_never_deleted() {
    let hearth = shop();
    let first = master(&hearth, "shop");
    admin(&hearth, &first, Method::DELETE, "/host/keys/_master").send().expect(400);
    let renewed = admin(&hearth, &first, Method::POST, "/host/keys/_master").send().expect(201).json();
    let second = renewed["value"].as_str().unwrap().to_owned();
    assert!(is_generated(&renewed["value"]) && renewed["name"] == "_master");
    assert_eq!(get(&hearth, &second, "/host/systemkeys/_master")["value"], second.as_str());
    let set = admin(&hearth, &second, Method::PUT, "/host/systemkeys/_master").body(r#"{"value": "my-own-master"}"#);
    set.send().expect(200);
    assert_eq!(master(&hearth, "shop"), "my-own-master");
}
