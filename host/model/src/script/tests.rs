use std::collections::BTreeMap;

use super::*;

#[test]
fn a_files_name_tells_its_language() {
    for (path, expected) in [
        ("bin/app.WASM", Some(ScriptLanguage::Component)),
        ("F/index.js", Some(ScriptLanguage::JavaScript)),
        ("F/index.Mjs", Some(ScriptLanguage::JavaScript)),
        ("dist/a.b.cjs", Some(ScriptLanguage::JavaScript)),
        ("src/index.ts", Some(ScriptLanguage::TypeScript)),
        ("src/index.cts", Some(ScriptLanguage::TypeScript)),
        ("src/index.d.ts", None),
        ("src/index.d.mts", None),
        ("F/index.js.map", None),
        ("F/js", None),
        ("F.js/run", None),
        ("F/run.py", None),
    ] {
        assert_eq!(ScriptLanguage::of(path), expected, "{path}");
    }
}

fn found(main: Option<&str>, paths: &[&str]) -> EntryFiles {
    let mut package = PackageJson::default();
    package.main = main.map(str::to_owned);
    let files: BTreeMap<String, u64> = paths.iter().map(|path| ((*path).to_owned(), 0)).collect();
    entry_files(&package, &files)
}

#[test]
fn main_names_a_file_or_a_pattern() {
    for (main, paths, expected) in [
        (None, &["index.js", "index.ts", "other.js"][..], &["index.js"][..]),
        (None, &["index.mts"], &["index.mts"]),
        (Some("index.js"), &["index.js", "a.js"], &["index.js"]),
        (Some("./src/index.js"), &["src/index.js"], &["src/index.js"]),
        (Some("src/index"), &["src/index.js"], &["src/index.js"]),
        (Some("src"), &["src/index.cjs", "src/a.js"], &["src/index.cjs"]),
        (
            Some("src/functions/*.js"),
            &["src/functions/b.js", "src/functions/a.js", "src/functions/deep/c.js", "src/functions/a.js.map"],
            &["src/functions/a.js", "src/functions/b.js"],
        ),
        (
            Some("dist/src/{index.js,functions/*.js}"),
            &["dist/src/functions/hello.js", "dist/src/index.js", "dist/src/other.js", "src/functions/hello.ts"],
            &["dist/src/index.js", "dist/src/functions/hello.js"],
        ),
        (Some("src/**/*.js"), &["src/a.js", "src/x/y/b.js", "src/node_modules/m/c.js"], &["src/a.js", "src/x/y/b.js"]),
        (
            Some("src/functions/*.{js,ts}"),
            &["src/functions/a.js", "src/functions/a.ts", "src/functions/b.ts", "src/functions/c.d.ts"],
            &["src/functions/a.js", "src/functions/b.ts"],
        ),
        (Some("src/functions/*.ts"), &["src/functions/a.ts", "src/functions/a.js"], &["src/functions/a.ts"]),
        (Some("src/[id].js"), &["src/[id].js"], &["src/[id].js"]),
    ] {
        let expected = EntryFiles::Found(expected.iter().map(|path| (*path).to_owned()).collect());
        assert_eq!(found(main, paths), expected, "{main:?} of {paths:?}");
    }
    assert_eq!(found(None, &["app.js"]), EntryFiles::None);
}

#[test]
fn the_sources_of_a_typescript_project_stand_in_for_its_build() {
    let main = "dist/src/functions/*.js";
    let mut package = PackageJson::default();
    package.main = Some(main.to_owned());
    let sources = ["src/functions/a.ts", "src/functions/b.ts", "tsconfig.json"];
    let entries = found(Some(main), &sources);
    assert_eq!(entries, EntryFiles::Found(vec!["src/functions/a.ts".to_owned(), "src/functions/b.ts".to_owned()]));
    let told = unbuilt(&package, &entries).unwrap();
    assert!(told.contains(main) && told.contains("src/functions/a.ts, src/functions/b.ts"), "{told}");
    // What was built runs, and nobody is told anything.
    let entries = found(Some(main), &[&sources[..], &["dist/src/functions/a.js"]].concat());
    assert_eq!(entries, EntryFiles::Found(vec!["dist/src/functions/a.js".to_owned()]));
    assert_eq!(unbuilt(&package, &entries), None);
    // What main names, not which letters are in it, tells whether sources stand in.
    for (main, source, told) in [
        ("dist/events.js", "src/events.ts", true),
        ("src/{events,index}.ts", "src/events.ts", false),
        ("src/*.{js,ts}", "src/events.ts", false),
        ("./src/index", "src/index.ts", false),
    ] {
        package.main = Some(main.to_owned());
        let entries = found(Some(main), &[source, "tsconfig.json"]);
        assert_eq!(entries, EntryFiles::Found(vec![source.to_owned()]), "{main}");
        assert_eq!(unbuilt(&package, &entries).is_some(), told, "{main}");
    }
}

#[test]
fn a_main_that_matches_nothing_says_what_to_do() {
    let missing = |main: &str, paths: &[&str]| match found(Some(main), paths) {
        EntryFiles::Missing(text) => text,
        other => panic!("{main}: {other:?}"),
    };
    let text = missing("src/functions/*.js", &["index.js"]);
    assert!(
        text.starts_with("package.json: main 'src/functions/*.js' matches no script in the package; name"),
        "{text}"
    );
    for (main, source) in [
        ("dist/src/functions/*.js", "src/functions/*.ts"),
        ("dist/src/{index.js,functions/*.js}", "src/{index.ts,functions/*.ts}"),
        ("dist/functions/*.js", "src/functions/*.ts"),
    ] {
        let text = missing(main, &["src/functions/hello.ts"]);
        assert!(text.contains("was not built") && text.contains(&format!("set main to '{source}'")), "{text}");
    }
    assert!(missing("src/{a.js", &["src/a.js"]).contains("is no pattern of files: "));
    assert!(missing("index.css", &["index.css"]).contains("matches no script"));
    assert!(missing(&"a".repeat(2000), &[]).contains("longer than 1024 bytes"));
}
