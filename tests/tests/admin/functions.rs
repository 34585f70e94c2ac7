//! Functions: listed, shown, called by hand.

use http::Method;
use serde_json::{Value, json};

use crate::{admin, get, master, shop};

#[test]
fn a_function_is_shown_with_every_field_of_the_original() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let base = format!("http://shop.localhost:{}", hearth.http_address().port());
    let open = get(&hearth, &key, "/Functions/OPEN");
    let bindings = json!([
        {
            "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous",
            "route": "Items/{Id:int}/{part?}", "methods": ["get", "post"],
        },
        { "type": "http", "direction": "out", "name": "res" },
    ]);
    let wanted = json!({
        "name": "Open",
        "script_root_path_href": format!("{base}/admin/vfs/site/wwwroot/Open/"),
        "script_href": format!("{base}/admin/vfs/site/wwwroot/app.wasm"),
        "config_href": format!("{base}/admin/vfs/site/wwwroot/Open/function.json"),
        "test_data_href": null,
        "href": format!("{base}/admin/functions/Open"),
        "invoke_url_template": format!("{base}/v1/items/{{id:int}}/{{part?}}"),
        "language": "custom",
        "config": { "scriptFile": "../app.wasm", "entryPoint": "inspect", "bindings": bindings },
        "files": null,
        "test_data": "",
        "isDisabled": false,
        "isDirect": false,
        "isProxy": false,
    });
    assert_eq!(open, wanted);

    let list = get(&hearth, &key, "/functions");
    let names: Vec<&Value> = list.as_array().unwrap().iter().map(|function| &function["name"]).collect();
    assert_eq!(names, ["broken", "locked", "Open"], "by name, those in error too");
    assert_eq!(list[2], open);
    // Also of a function in error it is known which script it would run.
    let script = json!(format!("{base}/admin/vfs/site/wwwroot/app.wasm"));
    assert_eq!((&list[0]["script_href"], &list[0]["config"]), (&script, &json!({ "bindings": [] })));

    assert_eq!(get(&hearth, &key, "/functions/open/status"), json!({}));
    let broken = get(&hearth, &key, "/functions/broken/status");
    assert!(broken["errors"][0].as_str().unwrap().contains("binding"), "{broken}");
    for path in ["/functions/none", "/functions/none/status"] {
        let answer = admin(&hearth, &key, Method::GET, path).send().expect(404);
        assert_eq!(answer.json()["error"]["code"], "FunctionNotFound");
    }
    for method in [Method::PUT, Method::DELETE] {
        let answer = admin(&hearth, &key, method, "/functions/open").send().expect(400);
        assert_eq!(answer.json()["error"]["code"], "AppReadOnly");
    }
}

#[test]
fn a_call_by_hand_is_accepted_at_once_and_ends_in_the_log() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let post = |name: &str, body: &str| {
        admin(&hearth, &key, Method::POST, &format!("/functions/{name}"))
            .header("content-type", "application/json")
            .body(body.to_owned())
    };
    let mark = hearth.log().mark();
    let answer = post("locked", r#"{"input": "{\"id\": 1}"}"#).send().expect(202);
    assert!(answer.body.is_empty());
    let id = answer.header("x-ms-invocation-id").unwrap().to_owned();
    hearth.log().with(mark, &["Executed 'Functions.locked' (Succeeded", &id]);
    post("open", "{}").send().expect(202);
    for wrong in ["", "text", "[]", r#"{"input": {"id": 1}}"#] {
        assert_eq!(post("open", wrong).send().expect(400).json()["error"]["code"], "InvalidRequest", "{wrong}");
    }
    post("none", "{}").send().expect(404);
    assert_eq!(post("broken", "{}").send().expect(404).json()["error"]["code"], "FunctionInError");
    let large = admin(&hearth, &key, Method::POST, "/functions/open").body(vec![b' '; 9 << 20]).send().expect(413);
    assert_eq!(large.json()["error"]["code"], "BodyTooLarge");
}
