//! Resolution over a package that is a list of paths.

use std::collections::BTreeMap;

use super::*;
use crate::testing::FakeHost;

fn host(files: &[(&str, &str)]) -> FakeHost {
    FakeHost::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>())
}

fn resolve(host: &FakeHost, specifier: &str, from: &str, import: bool) -> Result<Target, NotFound> {
    let packages = Packages::default();
    let builtin = |id: &str| id == "node/path" || id == "functions/model";
    Resolver { host, packages: &packages, builtin: &builtin }.resolve(specifier, from, import)
}

fn file(path: &str) -> Result<Target, NotFound> {
    Ok(Target::File(path.to_owned()))
}

#[test]
fn relative_paths_take_extensions_folders_and_what_types_were_taken_from() {
    let host = host(&[
        ("a/f.js", ""),
        ("a/data.json", ""),
        ("lib/index.js", ""),
        ("lib.ts", ""),
        ("m/package.json", r#"{"main":"out"}"#),
        ("m/out.js", ""),
    ]);
    assert_eq!(resolve(&host, "./f", "a/g.js", false), file("a/f.js"));
    assert_eq!(resolve(&host, "./data", "a/g.js", false), file("a/data.json"));
    assert_eq!(resolve(&host, "../lib", "a/g.js", false), file("lib.ts"));
    assert_eq!(resolve(&host, "../lib/", "a/g.js", false), file("lib/index.js"));
    assert_eq!(resolve(&host, "../lib.js", "a/g.js", true), file("lib.ts"));
    assert_eq!(resolve(&host, "./m", "g.js", false), file("m/out.js"));
    assert_eq!(resolve(&host, "/home/site/wwwroot/a/f", "g.js", false), file("a/f.js"));
    assert_eq!(resolve(&host, "file:///home/site/wwwroot/a/f.js", "g.js", true), file("a/f.js"));
}

#[test]
fn packages_are_looked_for_upwards_and_may_name_themselves() {
    let host = host(&[
        ("package.json", r##"{"name":"app","exports":"./own.js","imports":{"#x":"./x.js"}}"##),
        ("own.js", ""),
        ("x.js", ""),
        ("node_modules/p/package.json", r#"{"exports":{"import":"./m.mjs","default":"./c.js"}}"#),
        ("node_modules/p/m.mjs", ""),
        ("node_modules/p/c.js", ""),
        ("node_modules/@s/q/lib/u.js", ""),
        ("node_modules/punycode/index.js", ""),
        ("a/node_modules/r/index.js", ""),
    ]);
    assert_eq!(resolve(&host, "p", "a/b/g.js", false), file("node_modules/p/c.js"));
    assert_eq!(resolve(&host, "p", "a/b/g.js", true), file("node_modules/p/m.mjs"));
    assert_eq!(resolve(&host, "@s/q/lib/u", "g.js", false), file("node_modules/@s/q/lib/u.js"));
    assert_eq!(resolve(&host, "r", "a/b/g.js", false), file("a/node_modules/r/index.js"));
    assert_eq!(resolve(&host, "app", "a/g.js", false), file("own.js"));
    assert_eq!(resolve(&host, "#x", "a/g.js", false), file("x.js"));
    assert_eq!(resolve(&host, "punycode", "g.js", false), file("node_modules/punycode/index.js"));
    assert!(resolve(&host, "p/secret", "g.js", false).unwrap_err().message.contains("offers nothing under this name"));
}

#[test]
fn built_in_modules_have_precedence_and_model_and_core_are_supplied() {
    let host = host(&[("node_modules/path/index.js", "")]);
    let builtin = |id: &str| Ok(Target::Builtin(id.to_owned()));
    assert_eq!(resolve(&host, "path", "g.js", false), builtin("node/path"));
    assert_eq!(resolve(&host, "node:path", "g.js", true), builtin("node/path"));
    assert_eq!(resolve(&host, "@azure/functions-core", "g.js", false), builtin("functions/core"));
    assert_eq!(resolve(&host, "@azure/functions", "g.js", false), builtin("functions/model"));
}

#[test]
fn what_is_missing_is_named_with_what_to_do() {
    let host = host(&[("g.js", "")]);
    let error = resolve(&host, "left-pad", "g.js", false).unwrap_err();
    assert!(error.message.starts_with("Cannot find module 'left-pad' required by g.js: "), "{}", error.message);
    assert!(error.message.contains("npm install left-pad") && error.message.contains("hearth publish --bundle"));
    assert_eq!(error.code, "MODULE_NOT_FOUND");
    let error = resolve(&host, "./no", "a/g.js", true).unwrap_err();
    assert!(error.message.contains("no file a/no"), "{}", error.message);
    assert_eq!(error.code, "ERR_MODULE_NOT_FOUND");
    let error = resolve(&host, "node:child_process", "g.js", false).unwrap_err();
    assert!(error.message.contains("built into Node.js, but not into Hearth"), "{}", error.message);
    let error = resolve(&host, "../../etc/passwd", "a/g.js", false).unwrap_err();
    assert!(error.message.contains("outside of the package"), "{}", error.message);
}
