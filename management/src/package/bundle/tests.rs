//! Packages around an esbuild that writes what it was given.

use std::fs;
use std::io::Read;

use super::*;

/// Repeats its input, as the lines of a script, with a source map.
#[cfg(unix)]
const ESBUILD: &str =
    "#!/bin/sh\n[ \"$1\" = --bundle ] || exit 3\ncat\necho '//# sourceMappingURL=data:application/json;base64,e30='\n";

#[cfg(unix)]
fn project(esbuild: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let all = [("host.json", "{\"version\":\"2.0\"}"), ("node_modules/.bin/esbuild", esbuild)];
    for (name, content) in all.iter().chain(files) {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let executable = directory.path().join("node_modules/.bin/esbuild");
    fs::set_permissions(executable, fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

fn packed(root: &Path) -> BTreeMap<String, String> {
    let (file, _) = pack(root).unwrap();
    let mut zip = zip::ZipArchive::new(file).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

#[cfg(unix)]
#[test]
fn functions_with_folders_take_their_part_of_one_bundle() {
    let http = r#"{"bindings": [{"type": "httpTrigger", "name": "req"}]}"#;
    let module =
        r#"{"scriptFile": "../src/b.mjs", "entryPoint": "run", "bindings": [{"type": "httpTrigger", "name": "req"}]}"#;
    let project = project(
        ESBUILD,
        &[
            ("a/function.json", http),
            ("a/index.ts", "export default async () => {};"),
            ("b/function.json", module),
            ("src/b.mjs", "export const run = () => {};"),
            ("package.json", "{\"type\": \"module\", \"name\": \"shop\"}"),
            ("node_modules/left/index.js", ""),
            ("src/node_modules/left/index.js", ""),
        ],
    );
    let files = packed(project.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "a/function.json",
            "a/index.ts",
            "b/function.json",
            "hearth-bundle.js",
            "hearth-bundle.js.map",
            "host.json",
            "package.json",
            "src/b.mjs"
        ]
    );
    assert_eq!(
        files["hearth-bundle.js"],
        "exports[\"a/index.ts\"] = () => require(\"./a/index.ts\");\nexports[\"src/b.mjs\"] = () => require(\"./src/b.mjs\");\n\
         //# sourceMappingURL=hearth-bundle.js.map\n"
    );
    assert_eq!(files["hearth-bundle.js.map"], "{}");
    assert_eq!(files["a/index.ts"], "module.exports = require(\"../hearth-bundle.js\")[\"a/index.ts\"]();\n");
    assert!(files["src/b.mjs"].starts_with("import bundle from \"../hearth-bundle.js\";\n"), "{}", files["src/b.mjs"]);
    assert!(files["src/b.mjs"].ends_with("export const run = script.run;\n"), "{}", files["src/b.mjs"]);
    assert_eq!(files["package.json"], "{\"name\":\"shop\"}");
}

#[cfg(unix)]
#[test]
fn functions_declared_in_code_are_one_bundle_that_package_json_names() {
    let project = project(
        ESBUILD,
        &[
            ("package.json", "{\"main\": \"src/{index.js,functions/*.js}\", \"type\": \"commonjs\"}"),
            ("src/index.js", ""),
            ("src/functions/b.js", ""),
            ("src/functions/a.js", ""),
            ("src/data.json", "{}"),
        ],
    );
    let files = packed(project.path());
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(names, ["hearth-bundle.js", "hearth-bundle.js.map", "host.json", "package.json", "src/data.json"]);
    assert!(files["hearth-bundle.js"].starts_with(
        "require(\"./src/index.js\");\nrequire(\"./src/functions/a.js\");\nrequire(\"./src/functions/b.js\");\n"
    ));
    assert_eq!(files["package.json"], "{\"main\":\"hearth-bundle.js\"}");
}

#[cfg(unix)]
#[test]
fn what_esbuild_says_is_told() {
    let failing = "#!/bin/sh\necho 'X [ERROR] Could not resolve \"left-pad\"' >&2\nexit 1\n";
    let error = pack(project(failing, &[("index.js", "")]).path()).err().unwrap().to_string();
    assert!(
        error.starts_with("esbuild can't bundle the app (exit status: 1):\nX [ERROR] Could not resolve"),
        "{error}"
    );
    let warning = "#!/bin/sh\necho 'careful' >&2\ncat\n";
    let (_, told) = pack(project(warning, &[("index.js", "")]).path()).unwrap();
    assert!(told.starts_with("Bundled 1 script with /") && told.ends_with("esbuild warns:\ncareful"), "{told}");
    let component = project(ESBUILD, &[("app.wasm", "")]);
    let error = pack(component.path()).err().unwrap().to_string();
    assert!(error.contains("has no script to bundle"), "{error}");
}
