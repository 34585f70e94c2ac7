//! Documents that functions read before a call and write after it: in the app's own account, and in one elsewhere.

use hearth_tests::{Hearth, Zip};
use http::Method;
use serde_json::{Value, json};

use crate::LOG;

/// It is published (reference: Cosmos DB, section 10.1).
const KEY: &str = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

const V4: &str = r"
const { app, input, output } = require('@azure/functions');
const place = { connection: '%', databaseName: 'shop', containerName: 'orders' };
const made = output.cosmosDB({ ...place, createIfNotExists: true, partitionKey: '/customer' });
const one = input.cosmosDB({ ...place, id: '{id}', partitionKey: '{customer}' });
const keyless = input.cosmosDB({ ...place, id: '{id}' });
const found = input.cosmosDB({
    ...place, sqlQuery: 'SELECT c.id, c.n FROM c WHERE c.customer = {customer} AND c.n >= {least} ORDER BY c.n DESC', partitionKey: '{customer}',
});
const all = input.cosmosDB({ ...place });
const nowhere = input.cosmosDB({ ...place, containerName: 'nowhere', id: '1' });
const unmade = output.cosmosDB({ ...place, containerName: 'unmade' });
const http = (name, route, more) => app.http(name, { route, authLevel: 'anonymous', methods: ['POST'], ...more });
const answer = (body) => ({ jsonBody: body === undefined ? 'undefined' : body });

http('put', 'orders', {
    extraOutputs: [made],
    handler: async (request, context) => {
        context.extraOutputs.set(made, await request.json());
        return { status: 202 };
    },
});
http('one', 'orders/{customer}/{id}', {
    extraInputs: [one, keyless],
    handler: (request, context) => answer({ one: context.extraInputs.get(one), keyless: context.extraInputs.get(keyless) }),
});
http('found', 'found/{customer}', {
    extraInputs: [found, all],
    handler: (request, context) => answer({ found: context.extraInputs.get(found), all: context.extraInputs.get(all).length }),
});
http('nowhere', 'nowhere', { extraInputs: [nowhere], handler: () => answer('it ran') });
http('unmade', 'unmade', {
    extraOutputs: [unmade],
    handler: (request, context) => {
        context.extraOutputs.set(unmade, { id: '1' });
        return answer('it ran');
    },
});
";

const V3: &str = "module.exports = async function (context, req, order) {
    context.bindings.copy = order && [{ ...order, id: `copy-${order.id}` }];
    context.res = { body: { same: order === context.bindings.order, customer: order && order.customer } };
};";

/// An app of the v4 model whose bindings have this connection.
fn v4(connection: &str) -> Zip {
    Zip::app().file("index.js", V4.replace('%', connection)).json("package.json", &json!({ "main": "index.js" }))
}

/// One of the v3 model with the property names of that time.
fn v3(connection: &str) -> Zip {
    let place = |mut binding: Value| {
        binding["connectionStringSetting"] = connection.into();
        binding["databaseName"] = "shop".into();
        binding["collectionName"] = "orders".into();
        binding
    };
    let order = json!({ "type": "cosmosDB", "name": "order", "id": "{id}", "partitionKey": "{customer}" });
    let copy = json!({ "type": "cosmosDB", "name": "copy", "direction": "out" });
    let trigger =
        json!({ "type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "old/{customer}/{id}" });
    let response = json!({ "type": "http", "name": "res", "direction": "out" });
    Zip::app()
        .json("Copy/function.json", &json!({ "bindings": [trigger, place(order), place(copy), response] }))
        .file("Copy/index.js", V3)
}

#[track_caller]
fn post(hearth: &Hearth, app: &str, path: &str, body: &Value) -> Value {
    let answer = hearth.app(app).call(Method::POST, path).body(body.to_string()).send().expect(200);
    answer.json()
}

/// What functions of the v4 model see of documents that they wrote.
fn written_and_read(hearth: &Hearth, app: &str) {
    let order = |id: &str, n: u32| json!({ "id": id, "customer": "ann's", "n": n });
    hearth.app(app).post("/api/orders", order("a", 1).to_string()).expect(202);
    let several = json!([order("b", 2), order("c", 3), { "customer": "bob", "n": 9 }]);
    hearth.app(app).post("/api/orders", several.to_string()).expect(202);
    // Again: an upsert replaces.
    hearth.app(app).post("/api/orders", order("a", 4).to_string()).expect(202);

    let seen = post(hearth, app, "/api/orders/ann's/a", &json!({}));
    assert_eq!((&seen["one"]["n"], &seen["one"]["customer"]), (&json!(4), &json!("ann's")), "{seen}");
    assert!(seen["one"]["_etag"].is_string() && seen["one"]["_ts"].is_u64(), "{seen}");
    assert_eq!(seen["keyless"], Value::Null, "it has a partition key: {seen}");
    let seen = post(hearth, app, "/api/orders/ann's/none", &json!({}));
    assert_eq!(seen, json!({ "one": null, "keyless": null }));

    let seen = post(hearth, app, "/api/found/ann's", &json!({ "least": 3 }));
    assert_eq!(seen["found"], json!([{ "id": "a", "n": 4 }, { "id": "c", "n": 3 }]), "{seen}");
    assert_eq!(seen["all"], 4, "{seen}");
    // A value stays a value.
    let seen = post(hearth, app, "/api/found/x'%20OR%20true%20--", &json!({ "least": 0 }));
    assert_eq!(seen["found"], json!([]), "{seen}");
}

/// What fails says so, and never half.
fn failures(hearth: &Hearth, app: &str) {
    let refused = hearth.app(app).post("/api/nowhere", "{}");
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (500, &json!("InputFailed")), "{}", refused.text());
    hearth.log().with(0, &["there is no container 'nowhere' in a database 'shop' of the account", "can't be read"]);
    let refused = hearth.app(app).post("/api/unmade", "{}");
    assert_eq!(
        (refused.status, &refused.json()["error"]["code"]),
        (500, &json!("FunctionFailed")),
        "{}",
        refused.text()
    );
    hearth.log().with(0, &["there is no container 'unmade'", "or set createIfNotExists in the binding"]);
    let several = json!([{ "id": "ok", "customer": "carl" }, { "id": "a/b" }]);
    assert_eq!(hearth.app(app).post("/api/orders", several.to_string()).status, 500);
    hearth.log().with(0, &["can't be sent: document 2 of it is refused"]);
    assert_eq!(post(hearth, app, "/api/orders/carl/ok", &json!({}))["one"], Value::Null, "nothing was sent");
    let refused = hearth.app(app).post("/api/found/ann's", "{}");
    assert_eq!(refused.json()["error"]["code"], "InputFailed", "{}", refused.text());
    hearth.log().with(0, &["its sqlQuery '{least}', character 1: the trigger gave no value named 'least'"]);
}

#[test]
fn documents_of_the_apps_own_account_are_read_and_written() {
    let hearth = Hearth::with().flag("--log", LOG).start();
    hearth.publish_zip("near", &v4(""));
    written_and_read(&hearth, "near");
    failures(&hearth, "near");
}

#[test]
fn documents_elsewhere_are_read_and_written_by_both_models() {
    let far = Hearth::with().flag("--documents-emulator", "true").start();
    let base = far.ready()["documents"].as_str().unwrap();
    let hearth = Hearth::with().flag("--log", LOG).start();
    let connection = format!("AccountEndpoint={base}/;AccountKey={KEY};");
    for (app, package) in [("new", v4("Far")), ("old", v3("Far"))] {
        hearth.create_app(app);
        hearth.set_settings(app, [("Far", connection.as_str())]);
        hearth.publish_zip(app, &package);
    }
    written_and_read(&hearth, "new");
    failures(&hearth, "new");
    let seen = post(&hearth, "old", "/api/old/ann's/b", &json!({}));
    assert_eq!(seen, json!({ "same": true, "customer": "ann's" }));
    let copy = post(&hearth, "new", "/api/orders/ann's/copy-b", &json!({}));
    assert_eq!(copy["one"]["n"], 2, "{copy}");
    let seen = post(&hearth, "old", "/api/old/ann's/none", &json!({}));
    assert_eq!(seen, json!({ "same": true, "customer": null }));
}
