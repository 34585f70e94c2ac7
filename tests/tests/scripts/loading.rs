//! What is wrong with scripts shows when the app is loaded.

use hearth_tests::Zip;

use crate::{function, hearth, refused, version_3, version_4};

#[test]
fn a_script_that_is_wrong_leaves_the_others() {
    let app = version_3(&[
        ("syntax", "const a = 1;\nmodule.exports = async () => {\n    let = 3 +;\n};\n"),
        ("throws", "const nothing = {};\nnothing.a.b;\n"),
        ("missing", "require('no-such');"),
        ("exportless", "exports.a = 1;"),
        ("good", "module.exports = async (context) => { context.res = { body: 'good' }; };"),
    ]);
    hearth().publish_zip("js-partly", &app);
    assert_eq!(hearth().app("js-partly").get("/api/good").expect(200).text(), "good");
    hearth().app("js-partly").get("/api/syntax").expect(404);
    let shown = hearth().show("js-partly");
    for (name, parts) in [
        ("syntax", &["syntax/index.js:3:", "SyntaxError", "> 3 |     let = 3 +;"][..]),
        ("throws", &["throws/index.js:2:", "TypeError", "> 2 | nothing.a.b;"]),
        ("missing", &["missing/index.js:1:", "no-such", "--bundle"]),
        ("exportless", &["exportless/index.js must export a function"]),
    ] {
        let error = function(&shown, name)["error"].as_str().unwrap().to_owned();
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in: {error}");
        }
    }
}

#[test]
fn a_code_first_app_that_can_not_be_loaded_is_refused_and_the_one_before_serves() {
    let good = "const { app } = require('@azure/functions'); app.http('a', { authLevel: 'anonymous', handler: () => ({ body: 'one' }) });";
    hearth().publish_zip("js-kept", &version_4(&[("a", good)]));
    for (script, parts) in [
        (
            "const { app } = require('@azure/functions');\napp.http('a', {\n",
            &["src/functions/a.js:", "SyntaxError"][..],
        ),
        ("throw new Error('at the start');", &["src/functions/a.js:1:", "at the start"]),
        ("module.exports = 1;", &["src/functions/a.js registered no function"]),
    ] {
        let text = refused("js-kept", &version_4(&[("a", script)]));
        for part in parts {
            assert!(text.contains(part), "{part:?} is not in: {text}");
        }
    }
    assert_eq!(hearth().app("js-kept").get("/api/a").expect(200).text(), "one");
}

#[test]
fn a_project_that_is_not_built_is_told_so_before_it_is_sent() {
    let app = Zip::app()
        .file("package.json", r#"{"main": "dist/src/functions/*.js"}"#)
        .file("src/functions/hello.ts", "export {};");
    let text = refused("js-unbuilt", &app);
    assert!(text.contains("was not built") && text.contains("src/functions/*.ts"), "{text}");
}
