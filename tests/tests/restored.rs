//! Backups of an installation that runs, and what a backup that takes the place of host state changes.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Output;

use hearth_tests::{Callers, Hearth, client, eventually, sample, test_guest};
use http::Method;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};

fn hearth(folder: &Path, data: &Path, arguments: &[&str]) -> Output {
    client(folder).args(arguments).arg("--data").arg(data).output().unwrap()
}

#[track_caller]
fn done(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(text.contains(why), "{text}");
}

#[test]
fn a_backup_made_under_load_brings_back_what_was_there_and_nothing_later() {
    let folder = tempfile::tempdir().unwrap();
    let (data, backups) = (folder.path().join("data"), folder.path().join("backups"));
    std::fs::create_dir(&backups).unwrap();
    let hearth_up = Hearth::with().data(&data).start();
    hearth_up.publish("site", &sample("hello-http"));
    hearth_up.set_settings("site", [("COLOUR", "green")]);
    let calls = Callers::begin(2, &hearth_up.app("site").call(Method::GET, "/api/hello"));
    let told = done(&hearth(folder.path(), &data, &["backup", "--to", backups.to_str().unwrap()]));
    assert!(told.contains("installation.key") && told.contains("checked"), "{told}");
    let seen = calls.end();
    assert!(seen.iter().all(|seen| seen.text().is_some()), "{seen:?}");
    hearth_up.publish("later", &sample("hello-http"));
    hearth_up.set_settings("site", [("COLOUR", "red")]);

    let restore = ["restore", "--from", backups.to_str().unwrap()];
    refused(&hearth(folder.path(), &data, &restore), "in use");
    assert!(hearth_up.stop().success());
    refused(&hearth(folder.path(), &data, &restore), "--replace");
    let told = done(&hearth(folder.path(), &data, &[restore.as_slice(), &["--replace"]].concat()));
    assert!(told.contains("generation"), "{told}");

    let hearth_up = Hearth::with().data(&data).start();
    assert_eq!(hearth_up.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
    hearth_up.app("later").get("/api/hello").expect(404);
    let settings = hearth_up.json(&["settings", "list", "--app", "site", "--show-values"]);
    assert_eq!(settings["settings"], json!([{ "name": "COLOUR", "value": "green" }]));
    assert!(hearth_up.stop().success());

    // On another machine: an empty folder, and the key from where it was kept.
    let other = folder.path().join("other");
    refused(&hearth(folder.path(), &other, &restore), "installation.key");
    std::fs::create_dir(&other).unwrap();
    std::fs::copy(data.join("installation.key"), other.join("installation.key")).unwrap();
    done(&hearth(folder.path(), &other, &restore));
    let hearth_up = Hearth::with().data(&other).start();
    assert_eq!(hearth_up.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
}

/// Does to the database what another one's tools do: its content becomes that of the backup while everybody uses it.
fn restore_by_other_tools(database: &Path, backup: &Path) {
    let restore = async {
        let mut connection =
            SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(database)).await.unwrap();
        sqlx::query("ATTACH ? AS backup").bind(backup.to_str().unwrap()).execute(&mut connection).await.unwrap();
        // The apps first: triggers on them change other tables.
        let query = "SELECT name FROM backup.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                     ORDER BY name <> 'apps'";
        let tables: Vec<String> = sqlx::query_scalar(query).fetch_all(&mut connection).await.unwrap();
        connection.execute("BEGIN IMMEDIATE").await.unwrap();
        for table in tables {
            let copy = format!("DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM backup.{table}");
            connection.execute(sqlx::raw_sql(AssertSqlSafe(copy))).await.unwrap();
        }
        connection.execute("COMMIT").await.unwrap();
        connection.close().await.unwrap();
    };
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(restore);
}

#[test]
fn workers_that_run_notice_a_restore_and_load_everything_anew() {
    let folder = tempfile::tempdir().unwrap();
    let hearth_up = Hearth::with().data(&folder.path().join("data")).workers(2).start();
    let data = hearth_up.data().to_owned();
    hearth_up.publish("site", &sample("hello-http"));
    hearth_up.publish("typed", &sample("hello-rust"));
    hearth_up.set_settings("typed", [("GREETING", "Hi")]);
    hearth_up.put_key("typed", "host", "old", "key-of-the-backup-0123456789");
    let backup = folder.path().join("backup.db");
    done(&hearth(folder.path(), &data, &["backup", "--to", backup.to_str().unwrap()]));

    hearth_up.publish("site", &test_guest("faults-http"));
    hearth_up.publish("later", &sample("hello-http"));
    hearth_up.set_settings("typed", [("GREETING", "Bye")]);
    hearth_up.delete_key("typed", "host", "old");
    assert_eq!(hearth_up.app("site").get("/api/hello").expect(200).text(), "hello");
    let (workers, management) = (hearth_up.pids("worker"), hearth_up.pids("management"));

    restore_by_other_tools(&data.join("state.db"), &backup);
    done(&hearth(folder.path(), &data, &["restore", "--restored"]));
    eventually("the version of the backup to answer", || {
        let answer = hearth_up.app("site").get("/api/hello");
        (answer.status == 200 && answer.text() == "Hello, WASI!\n").then_some(())
    });
    eventually("what came later to be gone", || (hearth_up.app("later").get("/api/hello").status == 404).then_some(()));
    eventually("management to have begun anew", || {
        let now = hearth_up.pids("management");
        (!now.is_empty() && now != management).then_some(())
    });
    let key = json!({ "name": "old", "value": "key-of-the-backup-0123456789" });
    let keys = hearth_up.keys("typed");
    assert!(keys["host"].as_array().unwrap().contains(&key), "{keys}");
    eventually("both workers to be live and to hold both apps", || {
        let list = hearth_up.json(&["workers", "list"]);
        let live = list["workers"].as_array()?.iter().filter(|worker| worker["state"] == "live").count();
        let held = ["site", "typed"].map(|app| hearth_up.show(app)["runningOn"].as_array().map_or(0, Vec::len));
        (live == 2 && held == [2, 2]).then_some(())
    });
    for _ in 0..20 {
        assert_eq!(hearth_up.app("site").get("/api/hello").expect(200).text(), "Hello, WASI!\n");
        assert_eq!(hearth_up.app("typed").get("/api/hello?name=Ada").expect(200).text(), "Hello, Ada!\n");
    }
    assert_eq!(hearth_up.pids("worker"), workers, "no worker was replaced");
    // What is changed from now on arrives as ever.
    hearth_up.publish("site", &test_guest("faults-http"));
    assert_eq!(hearth_up.app("site").get("/api/hello").expect(200).text(), "hello");
}
