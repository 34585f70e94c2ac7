//! The names of both versions of the extension, and containers that come later.

use hearth_tests::{DocumentStore, Hearth, Zip, eventually};
use serde_json::{Value, json};

use crate::app::{Told, expect_all, idle};
use crate::{APP, LOG, Stage, connection_string, make, write};

const SCRIPT: &str = "module.exports = async (context, items) => {
    context.bindings.told = JSON.stringify({ given: items.map((item) => ({ pk: item.pk, n: item.n })), retry: null });
};";

/// An app of function.json with a trigger of these properties.
fn package(trigger: &Value) -> Zip {
    let mut trigger = trigger.clone();
    for (name, value) in [("type", "cosmosDBTrigger"), ("direction", "in"), ("name", "items")] {
        trigger[name] = value.into();
    }
    let told = json!({ "type": "queue", "direction": "out", "name": "told", "queueName": "told", "connection": "" });
    Zip::new()
        .json("host.json", &json!({ "version": "2.0" }))
        .file("follow/index.js", SCRIPT)
        .json("follow/function.json", &json!({ "bindings": [trigger, told] }))
}

#[test]
fn the_names_of_version_3_do_and_the_store_may_be_named_by_its_connection_string() {
    let hearth = Hearth::with().flag("--log", LOG).start();
    hearth.publish_zip(APP, &idle());
    let text = connection_string(&hearth);
    let store = DocumentStore::of(&text);
    make(&store, "orders", &json!({}));
    let set = hearth.run(["settings", "set", "--app", APP, &format!("Shop={text}")]);
    assert!(set.status.success(), "{}", String::from_utf8_lossy(&set.stderr));
    hearth.publish_zip(
        APP,
        &package(&json!({
            "connectionStringSetting": "Shop", "databaseName": "shop", "collectionName": "orders",
            "leaseCollectionName": "mine", "createLeaseCollectionIfNotExists": true, "leaseCollectionPrefix": "one",
            "startFromBeginning": true
        })),
    );
    let told = Told::of(&hearth, APP);
    write(&store.container("shop", "orders"), 4, 5);
    expect_all(&told.items(20), 4, 5);

    // Leases as hosts elsewhere would go on with.
    let leases = store.call(http::Method::GET, "docs", "dbs/shop/colls/mine", "dbs/shop/colls/mine/docs").send();
    let leases = leases.expect(200).json();
    let ids: Vec<&str> = leases["Documents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    let host = store.address().ip().to_string();
    assert!(ids.iter().all(|id| id.starts_with(&format!("one{host}_"))), "{ids:?}");
    assert!(ids.iter().any(|id| id.ends_with(".info")) && ids.iter().any(|id| id.ends_with("..0")), "{ids:?}");
    let made = store.call(http::Method::GET, "colls", "dbs/shop/colls/mine", "dbs/shop/colls/mine").send().json();
    assert_eq!((&made["partitionKey"]["paths"], &made["defaultTtl"]), (&json!(["/id"]), &json!(-1)));
}

#[test]
fn containers_that_are_missing_are_waited_for_and_told() {
    let hearth = Hearth::with().flag("--log", LOG).start();
    hearth.publish_zip(
        APP,
        &package(&json!({ "databaseName": "shop", "containerName": "orders", "startFromBeginning": true })),
    );
    let trouble = |text: &str| {
        eventually(text, || {
            let shown = hearth.show(APP);
            let functions = shown["functionList"].as_array()?.clone();
            let told = functions.iter().find(|function| function["name"] == "follow")?["listenerError"].clone();
            told.as_str().is_some_and(|told| told.contains(text)).then_some(())
        });
    };
    trouble("it waits for the container 'orders' of the database 'shop', which does not exist yet");
    let store = DocumentStore::of(&connection_string(&hearth));
    make(&store, "orders", &json!({}));
    trouble("it waits for the lease container 'leases' of the database 'shop'");
    trouble("createLeaseContainerIfNotExists");
    let body = json!({ "id": "leases", "partitionKey": { "paths": ["/id"], "kind": "Hash" }, "defaultTtl": -1 });
    store.call(http::Method::POST, "colls", "dbs/shop", "dbs/shop/colls").body(body.to_string()).send().expect(201);
    write(&store.container("shop", "orders"), 2, 2);
    expect_all(&Told::of(&hearth, APP).items(4), 2, 2);
}

#[test]
fn all_versions_and_deletes_are_given_whole() {
    let hearth = Hearth::with().flag("--log", LOG).start();
    hearth.publish_zip(APP, &idle());
    let store = DocumentStore::of(&connection_string(&hearth));
    make(&store, "orders", &json!({ "changeFeedPolicy": { "retentionDuration": 60 } }));
    let script = "module.exports = async (context, items) => {
        const given = items.map(({ current, previous, metadata }) => ({ pk: 'all', n: metadata.lsn,
            what: metadata.operationType, current: current.n ?? null, previous: previous?.n ?? null, id: metadata.id ?? null }));
        context.bindings.told = JSON.stringify({ given, retry: null });
    };";
    let trigger = json!({
        "databaseName": "shop", "containerName": "orders", "createLeaseContainerIfNotExists": true,
        "changeFeedMode": "AllVersionsAndDeletes"
    });
    hearth.publish_zip(APP, &package(&trigger).file("follow/index.js", script));
    let (orders, told) = (store.container("shop", "orders"), Told::of(&hearth, APP));
    // It begins now: an item that is written again and again until it is seen tells when that is.
    let mut probe = 0;
    eventually("the feed to begin", || {
        probe += 1;
        let item = json!({ "id": format!("probe{probe}"), "pk": "p", "n": 0 });
        orders.create(&item).send().expect(201);
        told.take().iter().any(|told| told.to_string().contains("create")).then_some(())
    });
    orders.create(&json!({ "id": "a", "pk": "a", "n": 1 })).send().expect(201);
    orders.replace(&json!({ "id": "a", "pk": "a", "n": 2 })).send().expect(200);
    orders.item(http::Method::DELETE, "a", "a").send().expect(204);
    let mut seen = Vec::new();
    eventually("the delete to be told of", || {
        for told in told.take() {
            seen.extend(told["given"].as_array().unwrap().iter().filter(|it| it["current"] != 0).cloned());
        }
        seen.iter().any(|it| it["what"] == "delete").then_some(())
    });
    let short: Vec<Value> =
        seen.iter().map(|it| json!([it["what"], it["current"], it["previous"], it["id"]])).collect();
    assert_eq!(json!(short), json!([["create", 1, null, null], ["replace", 2, 1, null], ["delete", null, 2, "a"]]));
}

#[test]
fn a_container_that_was_made_anew_is_followed_from_its_beginning() {
    let stage = Stage::start(
        Hearth::with(),
        &package(&json!({
            "databaseName": "shop", "containerName": "orders", "createLeaseContainerIfNotExists": true,
            "startFromBeginning": true
        })),
    );
    write(&stage.orders(), 1, 3);
    expect_all(&stage.told.items(3), 1, 3);
    let link = "dbs/shop/colls/orders";
    stage.store.call(http::Method::DELETE, "colls", link, link).send().expect(204);
    make(&stage.store, "orders", &json!({}));
    write(&stage.orders(), 1, 3);
    expect_all(&stage.told.items(3), 1, 3);
}
