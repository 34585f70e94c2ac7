//! Functions that follow a change feed, in real processes over the embedded store: functions that fail by chance, workers that are
//! killed, batches that nobody gets done.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod app;
mod failing;
mod names;
mod once;
mod operator;
mod woken;

use hearth_tests::{Container, DocumentStore, Hearth, Start};
use serde_json::{Value, json};

use crate::app::Told;

/// The app.
const APP: &str = "feeds";

/// With the lines of invocations, which are not shown in a file otherwise.
const LOG: &str = "info,function=info";

/// Ranges of the monitored containers: throughput that the store splits into so many.
const THROUGHPUT: &str = "18000";

/// An installation with an app that has one function, its own documents, and what the function tells.
struct Stage {
    hearth: Hearth,
    store: DocumentStore,
    told: Told,
}

impl Stage {
    /// With the function published; `orders` of the database `shop` is there before it.
    fn start(start: Start, package: &hearth_tests::Zip) -> Self {
        let hearth = start.flag("--log", LOG).start();
        // The first publish makes the app, whose account the container is in.
        hearth.publish_zip(APP, &app::idle());
        let store = DocumentStore::of(&connection_string(&hearth));
        make(&store, "orders", &json!({}));
        hearth.publish_zip(APP, package);
        let told = Told::of(&hearth, APP);
        Self { hearth, store, told }
    }

    fn orders(&self) -> Container {
        self.store.container("shop", "orders")
    }
}

/// Makes a container of several ranges in the database `shop`.
fn make(store: &DocumentStore, container: &str, more: &Value) {
    let made = store.call(http::Method::POST, "dbs", "", "dbs").body(r#"{"id":"shop"}"#).send();
    assert!([201, 409].contains(&made.status), "{}", made.text());
    let mut body = json!({ "id": container, "partitionKey": { "paths": ["/pk"], "kind": "Hash", "version": 2 } });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let call = store.call(http::Method::POST, "colls", "dbs/shop", "dbs/shop/colls");
    call.header("x-ms-offer-throughput", THROUGHPUT).body(body.to_string()).send().expect(201);
}

fn connection_string(hearth: &Hearth) -> String {
    let printed = hearth.run(["documents", "connection-string", "--app", APP]);
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    String::from_utf8(printed.stdout).unwrap().trim().to_owned()
}

/// Writes so many items under each of these keys, each key in the order of its numbers.
fn write(container: &Container, keys: usize, each: usize) {
    for number in 0..each {
        for key in 0..keys {
            let item = json!({ "id": format!("{key}-{number}"), "pk": format!("k{key}"), "n": number });
            container.create(&item).send().expect(201);
        }
    }
}
