//! The document store of development: the account whose key every tool knows.

use hearth_tests::DocumentStore;
use serde_json::{Value, json};

use crate::hello;

/// It is published (reference: Cosmos DB, section 10.1).
const KEY: &str = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

#[test]
fn the_well_known_key_opens_the_store_of_development() {
    let project = hello(&json!({}));
    let started = project.start(&[]);
    let text = started.ready()["documentsConnectionString"].as_str().unwrap();
    assert!(text.ends_with(&format!("AccountKey={KEY};")), "{text}");
    let store = DocumentStore::of(text);
    let account: Value = serde_json::from_slice(&store.account().expect(200).body).unwrap();
    assert_eq!(account["id"], "emulator");
    let endpoint = &account["writableLocations"][0]["databaseAccountEndpoint"];
    assert_eq!(endpoint, &json!(format!("http://{}/", store.address())));
    let asked =
        |name: &str, value: &str| store.call(http::Method::GET, "dbs", "", "dbs").header(name, value).send().status;
    assert_eq!(asked("origin", "http://localhost:3000"), 200);
    assert_eq!(asked("origin", "https://evil.test"), 403, "a web page knows the key too");
    assert_eq!(store.call(http::Method::GET, "dbs", "", "dbs").host("evil.test:8081").send().status, 403);
    let container = store.make("shop", "orders", &json!({}));
    container.create(&json!({ "id": "1", "pk": "a" })).send().expect(201);
    let listed = project.run(["documents", "ls", "shop/orders"]);
    let shown = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.status.success() && shown.contains("\"a\""), "{shown}{}", String::from_utf8_lossy(&listed.stderr));
    drop(started);
    let again = project.start(&[]);
    let store = DocumentStore::of(again.ready()["documentsConnectionString"].as_str().unwrap());
    let item = store.container("shop", "orders").item(http::Method::GET, "1", "a").send();
    assert_eq!(item.status, 200, "what was written is there after a restart");
}

#[test]
fn elsewhere_the_well_known_key_opens_nothing_unless_it_is_asked_for() {
    let connection = |hearth: &hearth_tests::Hearth| {
        let base = hearth.ready()["documents"].as_str().unwrap();
        DocumentStore::of(&format!("AccountEndpoint={base}/;AccountKey={KEY};"))
    };
    let hearth = hearth_tests::Hearth::start();
    assert_eq!(connection(&hearth).account().status, 401);
    assert!(!hearth.ready().to_string().contains(KEY));
    drop(hearth);
    let asked = hearth_tests::Hearth::with().flag("--documents-emulator", "true").start();
    assert_eq!(connection(&asked).account().status, 200);
}
