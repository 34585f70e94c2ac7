//! `hearth documents` and `hearth queues accounts`.

use std::path::Path;
use std::process::Output;

use hearth_tests::{DocumentStore, Hearth, client, eventually};
use http::Method;
use serde_json::{Value, json};

use crate::{run, stderr, stdout};

/// Runs a command that needs nothing but a connection string.
fn with_store(connection_string: &str, arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().unwrap();
    client(home.path()).env("HEARTH_CONNECTION_STRING", connection_string).args(arguments).output().unwrap()
}

#[test]
fn accounts_are_made_changed_and_deleted_and_their_keys_renewed() {
    let hearth = Hearth::start();
    let made = hearth.json(&["documents", "accounts", "create", "shop-1", "--consistency", "Eventual"]);
    assert_eq!((&made["account"], &made["defaultConsistency"]), (&json!("shop-1"), &json!("Eventual")));
    let store = DocumentStore::of(made["connectionString"].as_str().unwrap());
    let told: Value = serde_json::from_slice(&store.account().expect(200).body).unwrap();
    assert_eq!(
        (&told["id"], &told["userConsistencyPolicy"]["defaultConsistencyLevel"]),
        (&json!("shop-1"), &json!("Eventual"))
    );
    let reader = DocumentStore::of(made["readOnlyConnectionString"].as_str().unwrap());
    assert_eq!(reader.call(Method::GET, "dbs", "", "dbs").send().status, 200);
    assert_eq!(reader.call(Method::POST, "dbs", "", "dbs").body(r#"{"id":"x"}"#).send().status, 403);

    let again = hearth.run(["documents", "accounts", "create", "shop-1"]);
    assert!(!again.status.success() && stderr(&again).contains("already"), "{}", stderr(&again));
    let refused = hearth.run(["documents", "accounts", "create", "localhost"]);
    assert!(stderr(&refused).contains("no name"), "{}", stderr(&refused));
    let set = hearth.json(&["documents", "accounts", "set", "shop-1", "--consistency", "Strong", "--quota-mib", "5"]);
    assert_eq!((&set["defaultConsistency"], &set["quotaBytes"]), (&json!("Strong"), &json!(5 << 20)));

    let renewed = hearth.json(&["documents", "accounts", "renew", "shop-1", "primary"]);
    assert_ne!(renewed["keys"]["primary"], made["keys"]["primary"]);
    assert_eq!(renewed["keys"]["secondary"], made["keys"]["secondary"]);
    eventually("the old key to be of no use", || (store.account().status == 401).then_some(()));
    assert_eq!(DocumentStore::of(renewed["connectionString"].as_str().unwrap()).account().status, 200);

    let printed = hearth.run(["documents", "connection-string", "--account", "shop-1"]);
    assert_eq!(stdout(&printed).trim(), renewed["connectionString"].as_str().unwrap());
    let names = |list: &Value| -> Vec<String> {
        list["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|account| account["account"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(names(&hearth.json(&["documents", "accounts", "list"])).contains(&"shop-1".to_owned()));
    assert!(hearth.run(["documents", "accounts", "delete", "shop-1", "--yes"]).status.success());
    assert!(!names(&hearth.json(&["documents", "accounts", "list"])).contains(&"shop-1".to_owned()));
}

#[test]
fn items_go_out_of_one_account_and_into_another() {
    let hearth = Hearth::start();
    let from = hearth.json(&["documents", "accounts", "create", "from"]);
    let to = hearth.json(&["documents", "accounts", "create", "to-1"])["connectionString"].as_str().unwrap().to_owned();
    let container = DocumentStore::of(from["connectionString"].as_str().unwrap()).make("shop", "orders", &json!({}));
    for number in 0..250 {
        let item = json!({ "id": format!("order-{number}"), "pk": format!("customer-{}", number % 7), "n": number });
        container.create(&item).send().expect(201);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.jsonl");
    let file = file.to_str().unwrap();
    let exported = hearth.run(["documents", "export", "shop/orders", "--account", "from", "--file", file]);
    assert!(exported.status.success() && stderr(&exported).contains("250 items"), "{}", stderr(&exported));
    let lines = std::fs::read_to_string(file).unwrap();
    assert_eq!(lines.lines().count(), 250);
    assert!(!lines.contains("_etag"), "what the store adds stays behind");

    let missing = with_store(&to, &["documents", "import", "copy/orders", file]);
    assert!(!missing.status.success() && stderr(&missing).contains("--create"), "{}", stderr(&missing));
    let imported = with_store(&to, &["documents", "import", "copy/orders", file, "--create", "/pk"]);
    assert!(imported.status.success() && stderr(&imported).contains("250 items"), "{}", stderr(&imported));
    let back = with_store(&to, &["documents", "export", "copy/orders"]);
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&stdout(&back)), sorted(&lines));

    let listed = |place: &[&str]| stdout(&with_store(&to, &[&["documents", "ls"], place].concat()));
    assert!(listed(&[]).contains("copy"));
    assert!(listed(&["copy"]).contains("orders") && listed(&["copy"]).contains("/pk"));
    let items = listed(&["copy/orders", "--limit", "3"]);
    assert_eq!(items.lines().count(), 4, "{items}");
    assert!(items.contains("order-") && items.contains("customer-"), "{items}");
}

#[test]
fn a_line_that_is_refused_is_named_and_the_import_stops_or_goes_on() {
    let hearth = Hearth::start();
    let store = hearth.ready()["documentsConnectionString"].as_str().unwrap();
    let container = DocumentStore::of(store).make("shop", "orders", &json!({}));
    container.create(&json!({ "id": "taken", "pk": "a" })).send().expect(201);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("orders.jsonl");
    let lines = [
        r#"{"id":"one","pk":"a"}"#,
        "",
        "this is no JSON",
        r#"{"pk":"a"}"#,
        r#"{"id":"taken","pk":"a","new":true}"#,
        r#"{"id":"last","pk":"b"}"#,
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let import = |flags: &[&str]| {
        let output =
            with_store(store, &[&["documents", "import", "shop/orders", file.to_str().unwrap()], flags].concat());
        (output.status.success(), stderr(&output))
    };
    let (done, text) = import(&[]);
    assert!(!done && text.contains("line 3:") && text.contains("--from-line 3"), "{text}");
    let (done, text) = import(&["--keep-going", "--existing", "refuse", "--from-line", "4"]);
    assert!(!done && text.contains("line 4:") && text.contains("line 5: 409"), "{text}");
    assert!(!text.contains("line 3:") && text.contains("2 lines were refused"), "{text}");
    let read = |id: &str, key: &str| container.item(Method::GET, id, key).send();
    assert_eq!((read("last", "b").status, read("taken", "a").text().contains("new")), (200, false));
    let (_, text) = import(&["--keep-going"]);
    assert!(text.contains("2 lines were refused"), "{text}");
    assert!(read("taken", "a").text().contains("new"), "replaced");
}

#[test]
fn what_is_asked_for_wrongly_says_what_to_do_without_the_key() {
    let output = with_store("AccountEndpoint=http://127.0.0.1:1/;AccountKey=!secret!;", &["documents", "ls"]);
    assert_eq!(output.status.code(), Some(78), "{}", stderr(&output));
    assert!(!stderr(&output).contains("secret"), "{}", stderr(&output));
    let wrong_place = run(&["documents", "export", "orders"]);
    assert!(stderr(&wrong_place).contains("DATABASE/CONTAINER"), "{}", stderr(&wrong_place));
    let elsewhere = Path::new("/").to_str().unwrap();
    let open = run(&["up", "--documents-emulator", "true", "--documents-listen", "0.0.0.0:0", "--data", elsewhere]);
    assert_eq!(open.status.code(), Some(78), "{}", stderr(&open));
    assert!(stderr(&open).contains("--documents-emulator") && stderr(&open).contains("loopback"), "{}", stderr(&open));
}

#[test]
fn queue_accounts_are_made_and_deleted_and_their_keys_renewed() {
    let hearth = Hearth::start();
    let made = hearth.json(&["queues", "accounts", "create", "shop1"]);
    let renewed = hearth.json(&["queues", "accounts", "renew", "shop1", "key1"]);
    assert_ne!(made["connectionString"], renewed["connectionString"]);
    let wrong = hearth.run(["queues", "accounts", "renew", "shop1", "key3"]);
    assert!(stderr(&wrong).contains("key1 and key2"), "{}", stderr(&wrong));
    assert!(hearth.run(["queues", "accounts", "delete", "shop1", "--yes"]).status.success());
    let gone = hearth.run(["queues", "accounts", "delete", "shop1", "--yes"]);
    assert!(!gone.status.success() && stderr(&gone).contains("no account 'shop1'"), "{}", stderr(&gone));
}

#[test]
fn clients_are_sent_to_where_the_operator_says() {
    let hearth = Hearth::with().flag("--documents-url", "https://documents.example.org/store").start();
    let store = DocumentStore::of(hearth.ready()["documentsConnectionString"].as_str().unwrap());
    let told: Value = serde_json::from_slice(&store.account().expect(200).body).unwrap();
    assert_eq!(told["writableLocations"][0]["databaseAccountEndpoint"], "https://documents.example.org/store/");
    let printed = stdout(&hearth.run(["documents", "connection-string"]));
    assert!(printed.starts_with("AccountEndpoint=https://documents.example.org/store/;"), "{printed}");
}
