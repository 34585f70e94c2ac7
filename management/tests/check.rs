//! `hearth check` as people and scripts see it: the reports as checked-in texts, and the exit codes.
//!
//! After a wanted change, run the tests once with `HEARTH_UPDATE_CHECK=1` and review the difference.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const COMPONENT: &str = "\0asm\r\0\u{1}\0";
const HTTP: &str = r#"{ "type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "items/{id:int}" }"#;

/// An app of which some runs and some does not.
fn shop() -> Vec<(&'static str, String)> {
    let function = |bindings: &str| {
        format!("{{\n  \"scriptFile\": \"../app.wasm\",\n  \"bindings\": [\n    {bindings}\n  ]\n}}\n")
    };
    let returns = r#"{ "type": "http", "direction": "out", "name": "$return" }"#;
    let queue = r#"{ "type": "serviceBusTrigger", "name": "order", "queueName": "%ORDERS%", "connection": "Shop" }"#;
    vec![
        (
            "host.json",
            r#"{ "version": "2.0", "extensionBundle": { "id": "x", "version": "[4.*, 5.0.0)" } }"#.to_owned(),
        ),
        ("app.wasm", COMPONENT.to_owned()),
        ("items/function.json", function(&format!("{HTTP},\n    {returns}"))),
        ("keyed/function.json", function(&HTTP.replace("anonymous", "function").replace("items/{id:int}", "%ROUTE%"))),
        ("orders/function.json", function(queue)),
        (
            "nightly/function.json",
            "{ \"bindings\": [{ \"type\": \"blobTrigger\", \"name\": \"t\", \"path\": \"in/{name}\", \"connection\": \"Shop\" }] }"
                .to_owned(),
        ),
        ("nightly/index.js", "module.exports = async () => {};".to_owned()),
        (".funcignore", "drafts/\n".to_owned()),
        ("drafts/function.json", "this is ignored".to_owned()),
        (
            "local.settings.json",
            r#"{ "IsEncrypted": false, "Values": { "ROUTE": "greet", "FUNCTIONS_WORKER_RUNTIME": "node" } }"#
                .to_owned(),
        ),
    ]
}

fn directory(files: &[(&str, String)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = directory.path().join("shop").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    directory
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTH_") {
            command.env_remove(name);
        }
    }
    command
        .env("HOME", folder)
        .env_remove("XDG_DATA_HOME")
        .current_dir(folder)
        .arg("check")
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn compare(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file);
    if std::env::var_os("HEARTH_UPDATE_CHECK").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == checked_in, "the report differs from tests/{file}; HEARTH_UPDATE_CHECK=1 writes it anew:\n{text}");
}

#[test]
fn the_report_of_a_directory() {
    let home = directory(&shop());
    let output = check(home.path(), &["shop"]);
    compare("check-report.txt", &stdout(&output));
    assert_eq!(stderr(&output), "error: 2 of 4 functions will not run here\n");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_report_for_programs() {
    let home = directory(&shop());
    let output = check(home.path(), &["shop", "--output", "json", "--settings", "shop/local.settings.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["runs"], false);
    compare("check-report.json", &text);
}

#[test]
fn what_runs_ends_with_0() {
    let home = directory(&shop()[..3]);
    let output = check(home.path(), &["shop"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{}", stdout(&output));
    assert!(stdout(&output).contains("Every function runs here (1)."), "{}", stdout(&output));
    std::fs::write(home.path().join("code.zip"), zipped(&[("host.json", "{}"), ("app.wasm", COMPONENT)])).unwrap();
    let output = check(home.path(), &["code.zip"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("told by the code of app.wasm"), "{}", stdout(&output));
}

#[test]
fn packages_that_do_not_run_end_with_1_and_their_kind() {
    let home = tempfile::tempdir().unwrap();
    let metadata = r#"[{"name": "Ship", "bindings": [{"type": "httpTrigger", "name": "req"}]}]"#;
    let kinds: [(&str, Vec<u8>); 5] = [
        ("this is a .NET package", zipped(&[("host.json", "{}"), ("functions.metadata", metadata), ("a.dll", "")])),
        ("this is a Python package", zipped(&[("host.json", "{}"), ("function_app.py", "")])),
        ("host.json is in the folder 'app'", zipped(&[("app/host.json", "{}"), ("app/a.wasm", COMPONENT)])),
        ("host.json:1:13: version must be", zipped(&[("host.json", "{\"version\": 3}"), ("a.wasm", COMPONENT)])),
        ("is not a usable zip file", b"no zip".to_vec()),
    ];
    for (expected, zip) in kinds {
        std::fs::write(home.path().join("app.zip"), zip).unwrap();
        let output = check(home.path(), &["app.zip"]);
        assert_eq!(output.status.code(), Some(1), "{expected}");
        assert_eq!(stderr(&output), "error: the package does not run here\n");
        assert!(stdout(&output).contains(expected), "{}", stdout(&output));
    }
}

#[test]
fn what_can_not_be_read_ends_with_2() {
    let home = directory(&shop());
    for arguments in
        [&["nowhere"][..], &["shop", "--settings", "nowhere"], &["shop", "--settings", "shop/app.wasm"], &[]]
    {
        let output = check(home.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
    }
}
