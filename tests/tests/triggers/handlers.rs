//! A plain `wasi:http` component, which is told of events by the protocol of custom handlers.

use hearth_tests::{Hearth, test_guest};
use serde_json::{Value, json};

use crate::{LOG, Store};

/// The app of `tests/guests/custom-http`.
const APP: &str = "custom-http";

fn started() -> (Hearth, Store) {
    let hearth = Hearth::with().flag("--log", LOG).start();
    hearth.publish(APP, &test_guest(APP));
    let store = Store::of(&hearth, APP);
    (hearth, store)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_message_is_posted_to_the_function_and_its_outputs_and_logs_go_where_they_belong() {
    let (hearth, store) = started();
    store.put("custom-in", "three lamps");
    assert_eq!(store.next("custom-copy", 1), ["three lamps"]);
    let seen = parsed(&store.next("custom-seen", 1)[0]);
    assert_eq!((seen["method"].as_str(), seen["path"].as_str()), (Some("Method::Post"), Some("/relay")), "{seen}");
    assert_eq!(seen["headers"]["content-type"], "application/json; charset=utf-8", "{seen}");
    assert!(seen["headers"]["user-agent"].as_str().unwrap().starts_with("Azure-Functions-Host/4."), "{seen}");
    let (data, metadata) = (&seen["body"]["Data"], &seen["body"]["Metadata"]);
    assert_eq!(data, &json!({ "message": "\"three lamps\"" }), "a text is JSON once more");
    assert_eq!((&metadata["DequeueCount"], &metadata["sys"]["MethodName"]), (&json!("1"), &json!("relay")), "{seen}");
    for name in ["Id", "PopReceipt", "InsertionTime", "ExpirationTime", "NextVisibleTime"] {
        assert!(metadata[name].as_str().is_some_and(|text| text.starts_with('"')), "{name}: {seen}");
    }
    assert_eq!(metadata.get("QueueTrigger"), None, "what ends so is left out: {seen}");

    let id = seen["headers"]["x-azure-functions-invocationid"].as_str().unwrap();
    hearth.log().with(0, &["Executing 'Functions.relay' (Reason='New queue message detected on 'custom-in'.'", id]);
    hearth.log().with(0, &["relayed \"three lamps\"", "relay"]);
    hearth.log().with(0, &["a second line", "relay"]);
    hearth.log().with(0, &["Executed 'Functions.relay' (Succeeded", id]);
    assert_eq!(store.count("custom-in"), 0, "what succeeded is deleted");
    assert_eq!(hearth.app(APP).post("/api/web", "as it is").text(), "/api/web as it is", "HTTP comes unchanged");
}

#[test]
fn an_answer_that_is_none_fails_the_message_until_it_is_poison() {
    let (hearth, store) = started();
    for message in ["fail", "garbage", "trap", "empty"] {
        store.put("custom-odd", message);
    }
    let mut poisoned = store.next("custom-odd-poison", 3);
    poisoned.sort();
    assert_eq!(poisoned, ["fail", "garbage", "trap"]);
    hearth
        .log()
        .with(0, &["its status is 500; a handler that has run its function answers 200; it says: asked to fail"]);
    hearth.log().with(0, &["the custom handler's answer is not valid: it is not JSON (line 1, column"]);
    let text = hearth.log().text();
    let refused = text.lines().filter(|line| line.contains("Message has reached MaxDequeueCount of 5")).count();
    assert_eq!(refused, 3, "each came back until its fifth attempt");
    assert_eq!((store.count("custom-odd"), store.count("custom-odd-poison")), (0, 0), "the empty answer was a success");
}

#[test]
fn a_timer_is_posted_as_an_object_and_what_it_returns_is_sent() {
    let (_hearth, store) = started();
    for told in store.next("custom-ticks", 2) {
        let timer = parsed(&told);
        assert_eq!(timer["IsPastDue"], false, "{timer}");
        // A schedule of less than a minute is not monitored, so there is no status.
        assert_eq!((&timer["Schedule"], &timer["ScheduleStatus"]), (&json!({ "AdjustForDST": true }), &json!(null)));
    }
}

#[test]
fn an_http_function_with_more_outputs_than_its_answer_gets_the_request_as_data() {
    let (hearth, store) = started();
    let call = hearth.app(APP).call(http::Method::POST, "/api/shops/lamps?a=1&a=2");
    let answer = call.header("x-asked", "yes").body("one\ntwo").send().expect(202);
    assert_eq!(answer.header("x-lines"), Some("2"));
    let request = parsed(&answer.text());
    let members =
        [&request["Method"], &request["Query"], &request["Params"], &request["Body"], &request["Headers"]["x-asked"]];
    let expected =
        [json!("POST"), json!({ "a": "1,2" }), json!({ "shop": "lamps" }), json!("one\ntwo"), json!(["yes"])];
    assert_eq!(members.map(Value::clone), expected);
    assert!(request["Url"].as_str().unwrap().ends_with("/api/shops/lamps?a=1&a=2"), "{request}");
    let mut orders = store.next("custom-lamps", 2);
    orders.sort();
    assert_eq!(orders, ["one", "two"]);
    hearth.log().with(0, &["ordered", "order"]);

    let refused = hearth.app(APP).post("/api/shops/lamps", "fail");
    assert_eq!(refused.status, 500, "{}", refused.text());
    hearth.log().with(0, &["Executed 'Functions.order' (Failed"]);
    hearth.log().with(0, &["its status is 418", "asked to fail"]);
    // Nothing is answered that could not be sent.
    let refused = hearth.app(APP).post("/api/shops/no%20queue", "one");
    assert_eq!(refused.status, 500, "{}", refused.text());
    hearth.log().with(0, &["the output 'orders' can't be sent: its queueName"]);
    assert_eq!(store.count("custom-lamps"), 0);

    let outcome = hearth.json(&["invoke", "order", "--app", APP, "--data", "by hand"]);
    assert_eq!(outcome["response"]["status"], 202, "{outcome}");
    assert_eq!(store.next("custom-shop", 1), ["by hand"], "a parameter stands for itself");
}

#[test]
fn its_functions_are_run_by_hand_as_by_their_triggers() {
    let (hearth, store) = started();
    let outcome = hearth.json(&["invoke", "relay", "--app", APP, "--data", "by hand"]);
    assert_eq!(outcome["status"], "Succeeded", "{outcome}");
    assert_eq!(store.next("custom-copy", 1), ["by hand"]);
    let seen = parsed(&store.next("custom-seen", 1)[0]);
    assert_eq!(seen["headers"]["x-azure-functions-invocationid"], outcome["invocationId"], "{seen}");

    let outcome = hearth.json(&["invoke", "clock", "--app", APP]);
    assert_eq!(outcome["status"], "Succeeded", "{outcome}");

    let output = hearth.run(["invoke", "odd", "--app", APP, "--data", "fail"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("its status is 500") && text.contains("asked to fail"), "{text}");
    assert_eq!(store.count("custom-odd-poison"), 0, "there is no message to move");

    let outcome = hearth.json(&["invoke", "web", "--app", APP, "--data", "to the web"]);
    assert_eq!(outcome["response"]["body"], "/api/web to the web", "{outcome}");
}
