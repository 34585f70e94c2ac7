//! From one version to the next: nobody who calls notices, and there is a way back.

use hearth_tests::{Callers, Hearth, Zip, http_function, test_guest};
use http::Method;
use serde_json::json;

use crate::{V1_SAYS, V2_SAYS, latest, says, v1, v2, zipdeploy};

/// The words of the answers, each once per change; panics at the first failed call.
#[track_caller]
fn changes(callers: Callers) -> Vec<String> {
    let mut words: Vec<String> = callers
        .end()
        .iter()
        .map(|seen| seen.text().unwrap_or_else(|| panic!("a call failed: {:?}", seen.answer)))
        .collect();
    words.dedup();
    words
}

#[test]
fn a_new_version_takes_over_without_a_failed_call_and_so_does_the_old_one_again() {
    let hearth = Hearth::start();
    hearth.publish_zip("site", &v1());
    let first = latest(&hearth, "site")["id"].as_str().unwrap().to_owned();

    // One caller: with two, answers could overtake each other.
    let callers = Callers::begin(1, &hearth.app("site").call(Method::GET, "/api/hello"));
    hearth.publish_zip("site", &v2());
    assert_eq!(says(&hearth, "site"), V2_SAYS, "after the publish has been reported only the new version answers");
    callers.go_on(20);
    assert_eq!(changes(callers), [V1_SAYS, V2_SAYS]);

    let callers = Callers::begin(1, &hearth.app("site").call(Method::GET, "/api/hello"));
    let output = hearth.run(["apps", "rollback", "site"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.starts_with("Rollback of 'site' is running as deployment ") && text.contains("Functions in site:"),
        "{text}"
    );
    assert_eq!(says(&hearth, "site"), V1_SAYS);
    callers.go_on(20);
    assert_eq!(changes(callers), [V2_SAYS, V1_SAYS]);

    // A named one, and one that is not there.
    hearth.publish_zip("site", &v2());
    let output = hearth.run(["apps", "rollback", "site", "--to", &first]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(says(&hearth, "site"), V1_SAYS);
    let output = hearth.run(["apps", "rollback", "site", "--to", "0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f"), "{text}");
    assert_eq!(says(&hearth, "site"), V1_SAYS);
}

#[test]
fn apps_are_listed_shown_and_deleted() {
    let hearth = Hearth::start();
    assert_eq!(hearth.json(&["apps", "list"])["apps"], json!([]));
    hearth.publish_zip("one", &v1());
    hearth.publish_zip("two", &v2());
    let list = hearth.json(&["apps", "list"]);
    let names: Vec<&str> = list["apps"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);

    let shown = hearth.show("one");
    assert_eq!((shown["state"].as_str(), shown["functions"].as_i64()), (Some("running"), Some(3)));
    let port = hearth.http_address().port();
    assert_eq!(shown["url"], format!("http://one.localhost:{port}"));
    assert_eq!(shown["functionList"][2]["invokeUrl"], format!("http://one.localhost:{port}/api/hello"));
    assert_eq!(shown["workers"][0]["state"], "running");
    assert_eq!(shown["deployments"][0]["active"], true);
    let text = String::from_utf8(hearth.run(["apps", "show", "one"]).stdout).unwrap();
    assert!(text.contains("one is running.") && text.contains("hello - [httpTrigger]"), "{text}");

    let output = hearth.run(["apps", "delete", "one", "--yes"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "one is deleted.\n");
    let gone = hearth_tests::eventually("the worker to let go of the app", || {
        let answer = hearth.app("one").get("/api/hello");
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(gone.status, 404, "{}", gone.text());
    assert_eq!(says(&hearth, "two"), V2_SAYS);
    let output = hearth.run(["apps", "show", "one"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("There is no app 'one'"));
    assert_eq!(hearth.run(["apps", "delete", "one", "--yes"]).status.code(), Some(1));
    // The name can be used again.
    hearth.publish_zip("one", &v2());
    assert_eq!(says(&hearth, "one"), V2_SAYS);
}

#[test]
fn a_version_that_can_not_run_leaves_the_old_one_serving() {
    let hearth = Hearth::start();
    hearth.publish_zip("site", &v1());
    let active = hearth.show("site")["activeDeployment"].clone();
    let callers = Callers::begin(2, &hearth.app("site").call(Method::GET, "/api/hello"));
    // Only the worker can tell that this one does not run.
    let output = hearth.try_publish_zip("site", &Zip::folder(&test_guest("unknown-import")));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("failed: ") && text.contains("import"), "{text}");
    callers.go_on(20);
    assert_eq!(changes(callers), [V1_SAYS]);
    let shown = hearth.show("site");
    assert_eq!((shown["state"].as_str(), &shown["activeDeployment"]), (Some("running"), &active));
    assert_eq!(shown["deployments"][0]["status"], 3);
    let reason = shown["deployments"][0]["status_text"].as_str().unwrap();
    assert!(text.contains(reason), "{reason}: {text}");
    // It is no version to go back to.
    hearth.publish_zip("site", &v2());
    assert!(hearth.run(["apps", "rollback", "site"]).status.success());
    assert_eq!(says(&hearth, "site"), V1_SAYS);
}

#[test]
fn a_function_in_error_is_shown_and_the_others_run() {
    let hearth = Hearth::start();
    let package = v1()
        .file("count/function.json", "{ \"bindings\": [ }")
        .json("twin/function.json", &http_function(&json!({"route": "hello"})));
    let output = hearth.try_publish_zip("site", &package);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
    assert!(told.contains("warning: function 'count' is in error: count/function.json:1:"), "{told}");

    assert_eq!(says(&hearth, "site"), V1_SAYS);
    assert_eq!(hearth.app("site").post("/api/echo", "all of this").expect(200).text(), "all of this");
    hearth.app("site").get("/api/count").expect(404);
    let shown = hearth.show("site");
    assert_eq!(shown["state"], "running");
    let errors: Vec<(&str, Option<&str>)> = shown["functionList"]
        .as_array()
        .unwrap()
        .iter()
        .map(|function| (function["name"].as_str().unwrap(), function["error"].as_str()))
        .collect();
    assert_eq!(errors.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["count", "echo", "hello", "twin"]);
    assert!(errors[0].1.unwrap().starts_with("count/function.json:1:"), "{errors:?}");
    assert_eq!((errors[1].1, errors[2].1), (None, None));
    assert!(errors[3].1.unwrap().contains("its route 'hello' is also that of function 'hello'"), "{errors:?}");
    // Whoever publishes with curl finds it in the deployment's log.
    let log = hearth.manage(Method::GET, "/apps/site/api/deployments/latest/log").send().expect(200).text();
    assert!(log.contains("Function 'count' is in error: count/function.json:1:"), "{log}");
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    assert_eq!(hearth.show("site")["functionList"][0]["error"], json!(null));
}
