//! Messages: handled once where nothing happens, and again where something does.

use hearth_tests::{Hearth, eventually, kill, test_guest};
use serde_json::json;

use crate::{APP, package, started};

#[test]
fn a_message_goes_from_an_http_function_by_its_queue_to_the_next_function() {
    let (hearth, store) = started(Hearth::with());
    let answer = hearth.app(APP).post("/api/submit", "one\ntwo\nthree");
    assert_eq!((answer.status, answer.text().as_str()), (202, "3"));
    let done = store.done(3);
    assert_eq!(done.keys().collect::<Vec<_>>(), ["one", "three", "two"]);
    for told in done.values() {
        assert_eq!((told.len(), told[0]["attempt"].as_u64()), (1, Some(1)), "{told:?}");
    }
    assert_eq!(store.count("work"), 0, "what succeeded is deleted");

    // The same id stands in all its lines, with what is known of the event.
    let begun = hearth.log().with(0, &["Executing 'Functions.work' (Reason='New queue message detected on 'work'.'"]);
    let id = begun.split("Id=").nth(1).unwrap().split(')').next().unwrap().to_owned();
    hearth.log().with(0, &["Trigger Details: MessageId: ", "DequeueCount: 1", "InsertionTime: "]);
    hearth.log().with(0, &["Executed 'Functions.work' (Succeeded", &id]);

    let shown = hearth.show(APP);
    let functions = shown["functionList"].as_array().unwrap();
    let work = functions.iter().find(|function| function["name"] == "work").unwrap();
    assert_eq!((work["trigger"].as_str(), &work["error"]), (Some("queueTrigger"), &json!(null)));
}

#[test]
fn a_message_that_always_fails_goes_to_the_poison_queue_and_nothing_is_sent() {
    let (hearth, store) = started(Hearth::with());
    store.put("work", "fail");
    store.put("work", "fail:2 then well");
    store.put_raw("work", "this is no base64!");
    let mut poisoned = store.next("work-poison", 2);
    poisoned.sort();
    assert_eq!(poisoned, ["fail", "this is no base64!"]);
    let done = store.done(1);
    assert_eq!(done["fail:2 then well"][0]["attempt"], 3);
    hearth.log().with(0, &["Message has reached MaxDequeueCount of 5", "work-poison"]);
    hearth.log().with(0, &["Message decoding has failed"]);
    hearth.log().with(0, &["Executed 'Functions.work' (Failed"]);
    hearth.log().with(0, &["asked to fail at attempt 5"]);
    assert_eq!(store.count("work"), 0);
    assert_eq!(store.take("done"), Vec::<String>::new(), "only what succeeded was sent");
}

#[test]
fn a_worker_that_is_killed_loses_nothing() {
    let (hearth, store) = started(Hearth::with().workers(2).flag("--worker-lease", "2"));
    for number in 0..8 {
        store.put("work", &format!("sleep:2000 {number}"));
    }
    hearth.log().with(0, &["Executing 'Functions.work'"]);
    for worker in hearth.pids("worker") {
        kill(worker);
    }
    let done = store.done(8);
    assert!(done.values().flatten().any(|told| told["attempt"].as_u64() > Some(1)), "one was cut off: {done:?}");
    for tellings in done.values() {
        assert!(tellings.iter().all(|told| told["id"] == tellings[0]["id"]), "under its own id: {tellings:?}");
        assert_eq!(tellings.len(), 1, "what it gave out is committed once: {tellings:?}");
    }
    eventually("the queue to be empty", || (store.count("work") == 0).then_some(()));
}

#[test]
fn a_disabled_function_leaves_its_messages_until_it_is_not() {
    let (hearth, store) = started(Hearth::with());
    let set = |value: &str| {
        let setting = format!("AzureWebJobs.work.Disabled={value}");
        let output = hearth.run(["settings", "set", "--app", APP, &setting]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    set("true");
    eventually("the function to be disabled", || {
        let shown = hearth.show(APP);
        let functions = shown["functionList"].as_array()?.clone();
        functions.iter().any(|function| function["name"] == "work" && function["disabled"] == true).then_some(())
    });
    store.put("work", "later");
    // Another function listens meanwhile, so this is no worker that sleeps.
    store.put("bench-in", "now");
    eventually("the other function to be through", || (store.count("bench-out") == 1).then_some(()));
    assert_eq!(store.count("work"), 1);
    set("false");
    assert_eq!(store.done(1)["later"][0]["attempt"], 1);
}

#[test]
fn an_app_whose_code_was_unloaded_is_woken_by_a_message() {
    let (hearth, store) = started(Hearth::with().flag("--idle-unload", "1"));
    // The timer calls every second.
    assert!(hearth.run(["settings", "set", "--app", APP, "AzureWebJobs.tick.Disabled=true"]).status.success());
    eventually("the code to be unloaded", || (hearth.show(APP)["workers"][0]["unloaded"] == true).then_some(()));
    store.put("work", "wake up");
    assert_eq!(store.done(1)["wake up"].len(), 1);
}

#[test]
fn publishing_again_loses_no_message() {
    let (hearth, store) = started(Hearth::with());
    for round in 0..3 {
        for number in 0..20 {
            store.put("work", &format!("sleep:50 {round} {number}"));
        }
        hearth.publish_zip(
            APP,
            &package(&json!({ "version": "2.0", "extensions": { "queues": { "batchSize": 4 + round } } })),
        );
    }
    let done = store.done(60);
    assert!(done.values().all(|told| told.len() == 1), "each is handled once: {done:?}");
    eventually("the queue to be empty", || (store.count("work") == 0).then_some(()));
    assert_eq!(store.count("work-poison"), 0);
}

#[test]
fn a_connection_that_leads_nowhere_is_told_once_and_keeps_nothing_else_from_running() {
    let hearth = Hearth::with().flag("--log", crate::LOG).start();
    let output = hearth.run(["apps", "create", APP]);
    assert!(output.status.success());
    let wrong = "AzureWebJobsStorage=AccountName=only";
    assert!(hearth.run(["settings", "set", "--app", APP, wrong]).status.success());
    hearth.publish(APP, &test_guest("events"));
    let mark = hearth.log().mark();
    hearth.log().with(0, &["The listener for function 'work' was unable to start", "AzureWebJobsStorage"]);
    assert!(!hearth.log().text().contains("AccountName=only"), "no value is told");
    let status = hearth.app(APP).call(http::Method::GET, "/admin/functions/work/status");
    let key = hearth.run(["keys", "show", "--app", APP, "--master"]);
    let key = String::from_utf8(key.stdout).unwrap();
    let status = status.header("x-functions-key", key.trim()).send().expect(200);
    assert!(status.text().contains("AzureWebJobsStorage"), "{}", status.text());
    let told = hearth.log().since(mark).iter().filter(|line| line.contains("'work' was unable to start")).count();
    assert!(told <= 1, "{told}");

    let trouble = |function: &str| {
        let shown = hearth.show(APP);
        let functions = shown["functionList"].as_array()?.clone();
        let shown = functions.into_iter().find(|shown| shown["name"] == function)?;
        Some(shown["listenerError"].as_str().unwrap_or_default().to_owned())
    };
    eventually("it to be shown", || trouble("work").filter(|text| text.contains("AzureWebJobsStorage")));
    let shown = String::from_utf8(hearth.run(["apps", "show", APP]).stdout).unwrap();
    assert!(shown.contains("Not listening: ") && !shown.contains("AccountName=only"), "{shown}");

    assert!(hearth.run(["settings", "unset", "--app", APP, "AzureWebJobsStorage"]).status.success());
    eventually("a queue that is missing to be shown", || {
        trouble("sink").filter(|text| text == "waits for the queue 'bench-sink', which does not exist yet")
    });
    let store = crate::Store::of(&hearth, APP);
    store.put("work", "at last");
    assert_eq!(store.done(1)["at last"].len(), 1);
    eventually("nothing to be wrong with it", || trouble("work").filter(String::is_empty));
}
