//! A whole installation whose host state is on SQL Server, and a worker that joins it. Runs where `HEARTH_TEST_SQLSERVER`
//! names a server by an ADO.NET connection string with a database and a login that may make schemas in it.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod schema;

use std::io::Write;
use std::process::Output;

use hearth_tests::{Hearth, Machine, alive, client, descendants, eventually, kill, sample};
use serde_json::json;

use schema::Schema;

fn installation(schema: &Schema, data: &std::path::Path) -> Hearth {
    Hearth::with().workers(1).data(data).flag("--worker-lease", "2").env("HEARTH_STATE", schema.text()).start()
}

#[track_caller]
fn greets(hearth: &Hearth) {
    assert_eq!(hearth.app("hello").get("/api/hello?name=Ada").expect(200).text(), "Hello, Ada!\n");
}

#[test]
fn a_whole_installation_on_sql_server() {
    if std::env::var_os(schema::SERVER).is_none() {
        // Past the test harness, so that what did not run is seen.
        writeln!(std::io::stderr(), "skipped: an installation on SQL Server: {} is not set", schema::SERVER).unwrap();
        return;
    }
    let schema = Schema::unused();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let hearth = installation(&schema, &data);
    hearth.publish("hello", &sample("hello-rust"));
    greets(&hearth);
    assert!(!data.join("state.db").exists());
    for (_, words) in descendants(hearth.pid()) {
        assert!(!words.iter().any(|word| word.contains(&schema.password())), "a command line shows the password");
    }

    // A machine of its own joins with nothing but a token.
    let made = hearth.json(&["workers", "token"]);
    assert_eq!(made["sameMachine"], false);
    let machine = Machine::new();
    let worker = machine.start(["--name", "m2", "--join", made["token"].as_str().unwrap()]);
    eventually("the app to run on both", || {
        (hearth.show("hello")["runningOn"] == json!(["m2", "worker-1"])).then_some(())
    });
    assert_eq!(worker.get("hello", "/api/hello?name=Bob").send().text(), "Hello, Bob!\n");
    let changed = hearth.run(["settings", "set", "--app", "hello", "COLOUR=blue"]);
    assert!(changed.status.success(), "{}", String::from_utf8_lossy(&changed.stderr));

    // Whoever dies is back, and nothing is lost.
    for role in ["worker", "management"] {
        let before = hearth.pids(role)[0];
        kill(before);
        eventually("it to end", || (!alive(before)).then_some(()));
        eventually("its successor", || hearth.pids(role).first().copied());
        greets(&hearth);
    }
    eventually("management to answer", || {
        let shown = hearth.run(["settings", "list", "--app", "hello", "--show-values", "--output", "json"]);
        String::from_utf8_lossy(&shown.stdout).contains("blue").then_some(())
    });
    assert_eq!(worker.stop().code(), Some(0));
    for log in [hearth.log().text(), std::fs::read_to_string(data.join("profile.json")).unwrap()] {
        assert!(!log.contains(&schema.password()), "{log}");
    }
    assert_eq!(hearth.stop().code(), Some(0));

    // Another key, and the same installation after it.
    let rotate = || -> Output {
        client(folder.path())
            .args(["rotate-key", "--data"])
            .arg(&data)
            .env("HEARTH_STATE", schema.text())
            .output()
            .unwrap()
    };
    let key = || std::fs::read(data.join("installation.key")).unwrap();
    let old = key();
    let rotated = rotate();
    let text = String::from_utf8_lossy(&rotated.stdout).into_owned() + &String::from_utf8_lossy(&rotated.stderr);
    assert!(rotated.status.success() && text.contains("mssql://") && !text.contains(&schema.password()), "{text}");
    assert_ne!(key(), old);
    let hearth = installation(&schema, &data);
    greets(&hearth);
    let shown = hearth.run(["settings", "list", "--app", "hello", "--show-values"]);
    assert!(String::from_utf8_lossy(&shown.stdout).contains("blue"), "{shown:?}");
    drop(hearth);
    schema.remove();
}
