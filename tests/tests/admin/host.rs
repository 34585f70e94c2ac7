//! The host: status, ping, modes, restart, log.

use hearth_tests::eventually;
use http::Method;
use serde_json::json;

use crate::{admin, get, master, shop};

#[test]
fn the_status_has_the_fields_that_tools_read() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let mut status = get(&hearth, &key, "/host/status");
    let uptime = status["processUptime"].take();
    assert!(uptime.as_u64().is_some_and(|millis| millis < 600_000), "{uptime}");
    assert!(status["instanceId"].take().as_str().unwrap().starts_with("worker-"));
    assert!(status["computerName"].take().as_str().is_some_and(|name| !name.is_empty()));
    let errors = status["errors"].take();
    assert!(errors[0].as_str().unwrap().starts_with("The 'broken' function is in error: "), "{errors}");
    let version = env!("CARGO_PKG_VERSION");
    let wanted = json!({
        "id": "shop",
        "state": "Running",
        "version": "4.0.0.0",
        "versionDetails": format!("Hearth {version}"),
        "platformVersion": version,
        "instanceId": null,
        "computerName": null,
        "processUptime": null,
        "functionAppContentEditingState": "NotAllowed",
        "extensionBundle": { "id": "Microsoft.Azure.Functions.ExtensionBundle", "version": "[4.*, 5.0.0)" },
        "errors": null,
    });
    assert_eq!(status, wanted);

    for (method, path) in [(Method::GET, "ping"), (Method::POST, "PING"), (Method::GET, "ping?checkHealth=1")] {
        let answer = hearth.app("shop").call(method, &format!("/admin/host/{path}")).send().expect(200);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert!(hearth.app("shop").post("/admin/warmup", "").expect(200).body.is_empty());
    hearth.app("nobody").get("/admin/host/ping").expect(404);

    let config = get(&hearth, &key, "/host/config");
    assert_eq!(config["extensions"]["http"]["routePrefix"], "v1");
    let synced = admin(&hearth, &key, Method::POST, "/host/synctriggers").send().expect(200).json();
    assert_eq!(synced, json!({ "status": "success" }));
}

#[test]
fn an_app_goes_offline_and_comes_back_on_every_worker() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let put = |text: &str| {
        admin(&hearth, &key, Method::PUT, "/host/state")
            .header("content-type", "application/json")
            .body(text.to_owned())
    };
    let statuses = || (0..20).map(|_| hearth.app("shop").get("/v1/items/7").status).collect::<Vec<_>>();
    assert!(statuses().iter().all(|status| *status == 200));
    assert!(put("\"Offline\"").send().expect(202).body.is_empty());
    assert_eq!(get(&hearth, &key, "/host/status")["state"], "Offline");
    eventually("both workers to refuse", || statuses().iter().all(|status| *status == 503).then_some(()));
    put("\"offline\"").send().expect(200);
    admin(&hearth, &key, Method::POST, "/host/resume").send().expect(409);
    for wrong in ["\"stopped\"", "offline", "", "{}"] {
        assert_eq!(put(wrong).send().expect(400).json()["error"]["code"], "InvalidRequest", "{wrong}");
    }
    put("\"running\"").send().expect(202);
    eventually("both workers to answer", || statuses().iter().all(|status| *status == 200).then_some(()));
    put("\"running\"").send().expect(200);
}

#[test]
fn draining_refuses_no_call_and_says_when_it_is_through() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let status = || get(&hearth, &key, "/host/drain/status");
    assert_eq!(status(), json!({ "state": "Disabled", "outstandingInvocations": 0, "outstandingRetries": 0 }));
    assert!(admin(&hearth, &key, Method::POST, "/host/drain").send().expect(202).body.is_empty());
    assert_eq!(status()["state"], "Completed");
    hearth.app("shop").get("/v1/items/7").expect(200);
    assert_eq!(get(&hearth, &key, "/host/status")["state"], "Running");
    let resumed = admin(&hearth, &key, Method::POST, "/host/resume").send().expect(200).json();
    assert_eq!(resumed, json!({ "state": "Running" }));
    assert_eq!(status()["state"], "Disabled");
}

#[test]
fn a_restart_is_written_to_the_log_and_lines_of_others_too() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let mark = hearth.log().mark();
    let answer = admin(&hearth, &key, Method::POST, "/host/restart").send().expect(200).json();
    assert_eq!(answer["scriptPath"], "/home/site/wwwroot");
    for worker in ["worker-1", "worker-2"] {
        eventually("both workers to restart the app", || {
            let lines = hearth.log().text();
            lines.lines().any(|line| line.contains(worker) && line.contains("loaded again with")).then_some(())
        });
    }
    let entries = json!([
        { "level": "Warning", "message": "from outside\nsecond", "source": "deploy", "functionName": "open" },
        { "level": 3, "message": "plain" },
    ]);
    admin(&hearth, &key, Method::POST, "/host/log").body(entries.to_string()).send().expect(200);
    hearth.log().with(mark, &["Function.open", "[deploy] from outside"]);
    for wrong in ["", "{}", "[{}]", "[{\"level\": \"loud\", \"message\": \"x\"}]"] {
        admin(&hearth, &key, Method::POST, "/host/log").body(wrong.to_owned()).send().expect(400);
    }
}
