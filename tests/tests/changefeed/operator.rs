//! What an operator looks at and does by the admin API.

use hearth_tests::{Hearth, eventually};
use http::Method;
use serde_json::{Value, json};

use crate::app::{QUICK, follows};
use crate::{APP, Stage, write};

const PATH: &str = "/admin/functions/follow/changefeed";

#[test]
fn a_stuck_batch_is_passed_over_and_a_feed_is_set_back() {
    let fails = "if (items.some((item) => item.n === 1)) throw new Error('never this one');";
    let stage = Stage::start(Hearth::with(), &follows(&format!("maxItemsPerInvocation: 1, {QUICK}"), fails));
    let keys = stage.hearth.manage(Method::GET, &format!("/api/apps/{APP}/keys")).send().expect(200).json();
    let master = keys["master"]["value"].as_str().unwrap().to_owned();
    let app = stage.hearth.app(APP);
    let call = |method: Method, body: &Value| {
        app.call(method, PATH).header("x-functions-key", &master).body(body.to_string()).send()
    };
    write(&stage.orders(), 1, 3);
    assert_eq!(stage.told.items(1)["k0"], [0]);
    let stuck = eventually("the range that is behind to be shown", || {
        let shown = call(Method::GET, &Value::Null).expect(200).json();
        let ranges = shown["ranges"].as_array()?.clone();
        ranges.into_iter().find(|range| range["behind"] == 2 && range["owner"].is_string())
    });
    let token = &stuck["leaseToken"];

    let nowhere = call(Method::POST, &json!({ "action": "skip", "leaseToken": token })).expect(409).text();
    assert!(nowhere.contains("deadLetterContainerName"), "{nowhere}");
    let order = json!({ "action": "skip", "leaseToken": token, "deadLetterContainerName": "skipped" });
    assert_eq!(call(Method::POST, &order).expect(200).json(), json!({ "items": 1 }));
    assert_eq!(stage.told.items(1)["k0"], [2]);
    let link = "dbs/shop/colls/skipped";
    let letters = stage.store.call(Method::GET, "docs", link, &format!("{link}/docs")).send().expect(200).json();
    assert_eq!(letters["Documents"][0]["items"][0]["n"], 1, "{letters}");

    let order = json!({ "action": "reset", "to": "beginning" });
    assert!(call(Method::POST, &order).expect(200).json()["ranges"].as_u64() >= Some(1));
    assert_eq!(stage.told.items(1)["k0"], [0]);
    call(Method::POST, &json!({ "action": "rewind" })).expect(400);
}
