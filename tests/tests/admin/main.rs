//! The admin API of an app: its shapes, its keys, and who gets in; with two workers, of which either may answer.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod functions;
mod host;
mod keys;
mod live;

use hearth_tests::{Call, Hearth, Zip, http_function, sample, test_guest};
use http::Method;
use serde_json::{Value, json};

/// The shape of everything that is refused, but for 401.
const REFUSED: &str = "application/json; charset=utf-8";

/// An installation of two workers with a typed app: a function for everybody, one with a key, one that is in error.
fn shop() -> Hearth {
    let hearth = Hearth::with().workers(2).flag("--log", "info,function=info").start();
    publish_shop(&hearth);
    hearth
}

fn publish_shop(hearth: &Hearth) {
    let host = json!({
        "version": "2.0",
        "extensions": { "http": { "routePrefix": "v1" } },
        "extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" },
    });
    let inspect = |trigger: Value| {
        let mut function = http_function(&trigger);
        function["entryPoint"] = "inspect".into();
        function
    };
    let package = Zip::folder(&test_guest("faults"))
        .json("host.json", &host)
        .json("Open/function.json", &inspect(json!({ "route": "Items/{Id:int}/{part?}", "methods": ["get", "post"] })))
        .json("locked/function.json", &inspect(json!({ "authLevel": "function" })))
        .json("broken/function.json", &json!({ "bindings": [] }));
    hearth.publish_zip("shop", &package);
}

/// The master key as management shows it to operators.
fn master(hearth: &Hearth, app: &str) -> String {
    let keys = hearth.manage(Method::GET, &format!("/api/apps/{app}/keys")).send().expect(200).json();
    keys["master"]["value"].as_str().unwrap().to_owned()
}

/// A request to the admin API of the shop with this key.
fn admin(hearth: &Hearth, key: &str, method: Method, path: &str) -> Call {
    hearth.app("shop").call(method, &format!("/admin{path}")).header("x-functions-key", key)
}

/// What the admin API of the shop answers to GET.
#[track_caller]
fn get(hearth: &Hearth, key: &str, path: &str) -> Value {
    let answer = admin(hearth, key, Method::GET, path).send().expect(200);
    assert_eq!(answer.header("content-type"), Some(REFUSED));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

#[test]
fn only_the_master_key_opens_it_and_an_unknown_path_tells_nothing_before() {
    let hearth = shop();
    let master = master(&hearth, "shop");
    let host_key = get(&hearth, &master, "/host/keys/default")["value"].as_str().unwrap().to_owned();
    for path in ["/host/status", "/host/keys", "/functions", "/functions/open", "/vfs/site/wwwroot/", "/nonsense", ""] {
        for key in [None, Some("wrong"), Some(""), Some(host_key.as_str())] {
            let mut call = hearth.app("shop").call(Method::GET, &format!("/admin{path}"));
            if let Some(key) = key {
                call = call.header("x-functions-key", key);
            }
            let answer = call.send().expect(401);
            assert!(answer.body.is_empty() && answer.header("www-authenticate").is_none(), "{path}: {answer:?}");
        }
    }
    for path in ["/vfs/site/wwwroot/", "/nonsense", "/host/processes", ""] {
        let answer = admin(&hearth, &master, Method::GET, path).send().expect(404);
        assert_eq!(answer.json()["error"]["code"], "AdminPathNotFound", "{path}");
        assert_eq!(answer.header("content-type"), Some(REFUSED));
    }
    let by_code = |key: &str| hearth.app("shop").get(&format!("/ADMIN/Host/Status?code={key}")).status;
    assert_eq!((by_code(&master), by_code("wrong")), (200, 401));
    // A header hides the query, also a wrong one.
    let both = hearth.app("shop").call(Method::GET, &format!("/admin/host/status?code={master}"));
    both.header("x-functions-key", "wrong").send().expect(401);
    // By path too, and links lead back there.
    let by_path = hearth.call(Method::GET, "/apps/shop/admin/host/keys").header("x-functions-key", &master).send();
    let href = by_path.expect(200).json()["links"][0]["href"].as_str().unwrap().to_owned();
    assert_eq!(href, format!("{}/apps/shop/admin/host/keys", hearth.http()));
    hearth.app("nobody").call(Method::GET, "/admin/host/status").send().expect(404);
    // Another app's master key opens nothing.
    hearth.publish("other", &sample("hello-http"));
    admin(&hearth, &self::master(&hearth, "other"), Method::GET, "/host/status").send().expect(401);
    let wrong_method = admin(&hearth, &master, Method::PATCH, "/host/status").send().expect(405);
    assert_eq!(wrong_method.header("allow"), Some("GET"));
    // Keys are in no log.
    assert!(!hearth.log().text().contains(&master) && !hearth.log().text().contains(&host_key));
}
