//! What runs: the models, TypeScript, components beside scripts, settings, the admin API.

use hearth_tests::{Zip, eventually, sample};
use serde_json::json;

use crate::{function, hearth, http, version_3, version_4};

#[test]
fn functions_in_folders_share_modules_and_answer() {
    let app = version_3(&[
        (
            "hello",
            "const count = require('../shared/count');
            module.exports = async function (context, req) {
                context.log.warn(`greeting ${req.query.name}`);
                context.res = { status: 201, headers: { 'x-count': String(count.next()) }, body: `Hello, ${req.query.name}` };
            };",
        ),
        ("other", "const count = require('../shared/count'); module.exports = async (context) => ({ body: String(count.next()) });"),
    ])
    .file("shared/count.js", "let n = 0; exports.next = () => ++n;")
    .json("other/function.json", &json!({ "bindings": [
        { "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" },
        { "type": "http", "direction": "out", "name": "$return" }
    ] }));
    hearth().publish_zip("js-three", &app);
    let mark = hearth().log().mark();
    let answer = hearth().app("js-three").get("/api/hello?name=Ada").expect(201);
    assert_eq!((answer.text().as_str(), answer.header("x-count")), ("Hello, Ada", Some("1")));
    assert_eq!(hearth().app("js-three").get("/api/other").expect(200).text(), "2", "one instance, one module");
    hearth().log().with(mark, &["Function.hello.User", "greeting Ada"]);
}

#[test]
fn functions_in_code_are_told_when_the_app_is_loaded() {
    let script = |name: &str| {
        format!(
            "const {{ app }} = require('@azure/functions');
            const cache = require('../cache');
            app.http('{name}', {{ authLevel: 'anonymous', methods: ['GET'], route: '{name}/{{id:int?}}', handler: async (request, context) => {{
                cache.set('n', (cache.get('n') ?? 0) + 1);
                return {{ jsonBody: {{ n: cache.get('n'), id: request.params.id ?? null, name: context.functionName }} }};
            }} }});"
        )
    };
    let timer = "const { app } = require('@azure/functions'); app.timer('tick', { schedule: '0 0 3 * * *', handler: () => {} });";
    let app = version_4(&[("items", &script("items")), ("orders", &script("orders")), ("tick", timer)])
        .file("src/cache.js", "module.exports = new Map();");
    hearth().publish_zip("js-four", &app);
    let get = |path: &str| hearth().app("js-four").get(path).expect(200).json();
    assert_eq!(get("/api/items/7"), json!({ "n": 1, "id": "7", "name": "items" }));
    assert_eq!(get("/api/orders"), json!({ "n": 2, "id": null, "name": "orders" }));
    hearth().app("js-four").get("/api/items/seven").expect(404);
    let shown = hearth().show("js-four");
    let tick = function(&shown, "tick");
    assert_eq!(tick["trigger"], "timerTrigger", "{tick}");
    assert!(tick["error"].is_null(), "{tick}");
}

#[test]
fn typescript_runs_without_its_types_and_its_stack_traces_are_those_of_the_source() {
    let script = "interface Who { name: string }\n\nconst greet = (who: Who): string => {\n    if (who.name === 'bad') throw new TypeError(`no ${who.name}`);\n    return `Hello, ${who.name}`;\n};\nexport default async function (context: any, req: any): Promise<void> {\n    context.res = { body: greet({ name: req.query.name as string }) };\n}\n";
    let app = Zip::app().json("hello/function.json", &http()).file("hello/index.ts", script);
    hearth().publish_zip("js-types", &app);
    assert_eq!(hearth().app("js-types").get("/api/hello?name=Ada").expect(200).text(), "Hello, Ada");
    let mark = hearth().log().mark();
    hearth().app("js-types").get("/api/hello?name=bad").expect(500);
    hearth().log().with(mark, &["at greet (hello/index.ts:4:"]);
}

#[test]
fn scripts_and_components_are_one_app() {
    let both = Zip::folder(&sample("hello-http")).json("script/function.json", &http()).file(
        "script/index.mjs",
        "export default async (context, req) => { context.res = { body: `${req.method} of a module` }; };",
    );
    hearth().publish_zip("js-both", &both);
    let app = hearth().app("js-both");
    assert_eq!(app.get("/api/script").expect(200).text(), "GET of a module");
    assert!(app.get("/api/hello").expect(200).text().starts_with("Hello"));
    let master = hearth().keys("js-both")["master"]["value"].as_str().unwrap().to_owned();
    let listed =
        app.call(http::Method::GET, "/admin/functions/script").header("x-functions-key", &master).send().expect(200);
    let listed = listed.json();
    assert_eq!(listed["language"], "node", "{listed}");
    assert!(listed["script_href"].as_str().unwrap().ends_with("/script/index.mjs"), "{listed}");
    assert_eq!((&listed["isDirect"], &listed["config"]), (&json!(false), &http()), "{listed}");
    let host = app.call(http::Method::GET, "/admin/host/config").header("x-functions-key", &master).send().expect(200);
    assert_eq!(host.json()["wasm"]["instanceReuse"], 1000);
}

#[test]
fn settings_are_the_environment_of_one_app_alone() {
    let script = "const loaded = process.env.GREETING;
        module.exports = async (context) => { globalThis.seen = (globalThis.seen ?? 0) + 1; context.res = { body: {
            greeting: process.env.GREETING ?? null, loaded: loaded ?? null, site: process.env.WEBSITE_SITE_NAME,
            runtime: process.env.FUNCTIONS_WORKER_RUNTIME, seen, random: Math.random(), id: crypto.randomUUID(),
        } }; };";
    for app in ["js-env-one", "js-env-two"] {
        hearth().create_app(app);
        hearth().set_settings(app, [("GREETING", app)]);
        hearth().publish_zip(app, &version_3(&[("env", script)]));
    }
    let one = hearth().app("js-env-one").get("/api/env").expect(200).json();
    let two = hearth().app("js-env-two").get("/api/env").expect(200).json();
    for (app, env) in [("js-env-one", &one), ("js-env-two", &two)] {
        assert_eq!((&env["greeting"], &env["site"], &env["seen"]), (&json!(app), &json!(app), &json!(1)), "{env}");
        assert_eq!((&env["runtime"], &env["loaded"]), (&json!("node"), &json!(app)), "{env}");
    }
    assert!(one["random"] != two["random"] && one["id"] != two["id"], "{one} {two}");

    // Scripts run again with what was changed, and its neighbour notices nothing.
    hearth().set_settings("js-env-one", [("GREETING", "changed")]);
    let one = eventually("the changed setting", || {
        let one = hearth().app("js-env-one").get("/api/env").expect(200).json();
        (one["greeting"] == "changed").then_some(one)
    });
    assert_eq!((&one["loaded"], &one["seen"]), (&json!("changed"), &json!(1)), "{one}");
    let two = hearth().app("js-env-two").get("/api/env").expect(200).json();
    assert_eq!((&two["greeting"], &two["seen"]), (&json!("js-env-two"), &json!(2)), "{two}");
}

#[test]
fn packages_are_shipped_in_node_modules() {
    let script = "const { app } = require('@azure/functions');
        const pad = require('left');
        import('mod').then((mod) => app.http('late', { handler: () => ({ body: mod.default }) }), () => {});
        app.http('pad', { authLevel: 'anonymous', handler: () => ({ body: pad('x') + require('../data.json').tail }) });";
    let app = version_4(&[("pad", script)])
        .file("src/data.json", r#"{"tail": "!"}"#)
        .file("node_modules/left/package.json", r#"{"main": "lib/index"}"#)
        .file("node_modules/left/lib/index.js", "module.exports = (text) => require('./more') + text;")
        .file("node_modules/left/lib/more.js", "module.exports = '__';");
    hearth().publish_zip("js-modules", &app);
    assert_eq!(hearth().app("js-modules").get("/api/pad").expect(200).text(), "__x!");
}
