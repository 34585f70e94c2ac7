//! What of a directory is packed, and what is told before an upload.

use std::fs;
use std::io::Read;

use super::*;

fn app(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    directory
}

fn bytes(mut file: File) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    bytes
}

fn names(directory: &Path) -> Vec<String> {
    let zip = zip::ZipArchive::new(pack::pack(directory).unwrap()).unwrap();
    let mut names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn funcignore_has_gitignore_syntax_and_secrets_stay_out_anyway() {
    let directory = app(&[
        (".funcignore", "# comment\n*.log\n/target/\nnode_modules/**\n!keep.log\nsub/*.tmp\n"),
        ("host.json", "{}"),
        ("a.log", ""),
        ("keep.log", ""),
        ("sub/b.log", ""),
        ("sub/c.tmp", ""),
        ("sub/target/kept.txt", ""),
        ("target/big.bin", ""),
        ("node_modules/x/index.js", ""),
        ("local.settings.json", "{}"),
        ("sub/Local.Settings.json", "{}"),
        (".git/config", ""),
        (".vscode/settings.json", ""),
    ]);
    assert_eq!(names(directory.path()), ["host.json", "keep.log", "sub/target/kept.txt"]);
}

#[test]
fn secrets_can_not_be_taken_back_in() {
    let directory =
        app(&[(".funcignore", "!local.settings.json\n"), ("host.json", "{}"), ("local.settings.json", "{}")]);
    assert_eq!(names(directory.path()), ["host.json"]);
}

#[test]
fn the_same_files_give_the_same_package() {
    let files = [("host.json", "{\"version\":\"2.0\"}"), ("b/x.txt", "x"), ("a.txt", "a")];
    let (first, second) = (app(&files), app(&files));
    assert_eq!(bytes(pack::pack(first.path()).unwrap()), bytes(pack::pack(second.path()).unwrap()));
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let directory = app(&[("host.json", "{}"), ("real/x.txt", "x")]);
    std::os::unix::fs::symlink("real", directory.path().join("link")).unwrap();
    assert_eq!(names(directory.path()), ["host.json", "link/x.txt", "real/x.txt"]);
    std::os::unix::fs::symlink("..", directory.path().join("real/up")).unwrap();
    let error = pack::pack(directory.path()).unwrap_err().to_string();
    assert!(error.contains(".funcignore"), "{error}");
}

#[test]
fn what_is_no_app_is_told_by_name() {
    let empty = app(&[]);
    let error = prepare(empty.path(), false).unwrap_err().to_string();
    assert!(error.contains("has no host.json"), "{error}");
    let wrong = app(&[("host.json", "{\"version\":\"1.0\"}")]);
    let error = prepare(wrong.path(), false).unwrap_err().to_string();
    assert!(error.contains("2.0"), "{error}");
    let error = prepare(Path::new("/nowhere/at/all"), false).unwrap_err().to_string();
    assert!(error.contains("/nowhere/at/all"), "{error}");
    let text = app(&[("app.zip", "this is no zip")]);
    prepare(&text.path().join("app.zip"), false).unwrap_err();
    let error = prepare(&text.path().join("app.zip"), true).unwrap_err().to_string();
    assert!(error.contains("--bundle takes the directory"), "{error}");
}

#[test]
fn settings_that_a_package_asks_for_are_taken_to_be_there() {
    let function = |level: &str, route: &str| {
        format!(
            r#"{{"scriptFile": "../app.wasm", "bindings": [
                {{"type": "httpTrigger", "name": "req", "authLevel": "{level}", "methods": ["%VERB%"], "route": "{route}"}},
                {{"type": "http", "direction": "out", "name": "res"}}]}}"#
        )
    };
    let directory = app(&[
        ("host.json", "{\"version\":\"2.0\"}"),
        ("app.wasm", "\0asm\x0d\0\x01\0"),
        ("one/function.json", &function("%LEVEL%", "%ONE%/{id}")),
        ("two/function.json", &function("%LEVEL%", "%TWO%/{id}")),
    ]);
    let package = prepare(directory.path(), false).unwrap();
    assert_eq!(package.warnings, Vec::<String>::new());
    let directory = app(&[
        ("host.json", "{\"version\":\"2.0\"}"),
        ("app.wasm", "\0asm\x0d\0\x01\0"),
        ("good/function.json", &function("anonymous", "good")),
        ("wrong/function.json", &function("nobody", "%ROUTE%")),
    ]);
    let package = prepare(directory.path(), false).unwrap();
    assert!(
        matches!(&package.warnings[..], [one] if one.contains("'wrong'") && one.contains("authLevel")),
        "{:?}",
        package.warnings
    );
}
