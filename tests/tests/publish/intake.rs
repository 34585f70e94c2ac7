//! Packages that are refused: each with 400 and what is wrong, where, and what to do, and without harm to what runs.

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use hearth_tests::{Hearth, Zip, function_json, http_function, test_guest};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{V1_SAYS, latest, says, spooled, v1, zipdeploy};

/// One installation for all of these: no refusal may disturb another app.
static HEARTH: LazyLock<Hearth> = LazyLock::new(Hearth::start);

/// Publishes `package` over a version that serves and expects it to be refused with each of these texts.
#[track_caller]
fn refused(app: &str, package: Vec<u8>, texts: &[&str]) {
    let before = match HEARTH.json(&["apps", "list"])["apps"].as_array().unwrap().iter().find(|one| one["name"] == app)
    {
        Some(found) => found["activeDeployment"].clone(),
        None => zipdeploy(&HEARTH, app, v1().bytes()).expect(200).json()["id"].clone(),
    };
    let answer = zipdeploy(&HEARTH, app, package).expect(400);
    for text in texts {
        assert!(answer.text().contains(text), "expected {text:?} in: {}", answer.text());
    }
    let shown = latest(&HEARTH, app);
    assert_eq!((shown["status"].as_i64(), shown["provisioningState"].as_str()), (Some(3), Some("Failed")), "{shown}");
    assert_eq!(
        shown["status_text"].as_str().unwrap().trim_end_matches('.'),
        answer.text().trim().trim_end_matches('.')
    );
    assert_eq!((shown["complete"].as_bool(), shown["active"].as_bool()), (Some(true), Some(false)));
    assert_eq!(HEARTH.show(app)["activeDeployment"], before);
    assert_eq!(says(&HEARTH, app), V1_SAYS);
}

/// A package without a component: a host.json and these files.
fn files(names: &[&str]) -> Zip {
    names.iter().fold(Zip::app(), |zip, name| zip.file(name, "content"))
}

fn app_with(name: &str, content: &str) -> Zip {
    v1().file(name, content)
}

#[test]
fn paths_that_lead_out_of_the_package() {
    let evil = app_with("xx/evil.txt", "evil");
    refused(
        "paths",
        evil.bytes_renamed("xx/evil.txt", "../evil.txt"),
        &["The zip entry '../evil.txt' is refused", "leaves the app's folder by '..'"],
    );
    refused("paths", evil.bytes_renamed("xx/evil.txt", "a\\..\\..\\bcd"), &["leaves the app's folder by '..'"]);
    refused(
        "paths",
        evil.bytes_renamed("xx/evil.txt", "/etc/passwd"),
        &["The zip entry '/etc/passwd' is refused", "its path is absolute"],
    );
    refused("paths", evil.bytes_renamed("xx/evil.txt", "C:/evil.txt"), &["'C:/evil.txt'", "holds ':'"]);
    assert!(!HEARTH.data().join("evil.txt").exists() && !HEARTH.data().join("cache/evil.txt").exists());
}

#[test]
fn links_and_names_that_are_there_twice() {
    refused(
        "names",
        v1().link("secret", "/etc/passwd").bytes(),
        &["The zip entry 'secret' is refused", "it is a symbolic link; put the file itself into the zip"],
    );
    let twice = app_with("data/one.txt", "1").file("data/two.txt", "2");
    refused("names", twice.bytes_renamed("data/two.txt", "data/one.txt"), &["two of its entries have the same name"]);
    refused(
        "names",
        twice.bytes_renamed("data/two.txt", "data/ONE.txt"),
        &["differs from 'data/one.txt' only by letter case"],
    );
}

#[test]
fn bombs() {
    refused(
        "bombs",
        v1().file("big.bin", vec![0; 16 << 20]).bytes(),
        &["The compression ratio of 'big.bin' is ", ", above the limit max_ratio of 200 : 1"],
    );
    let mut many = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..200_000 {
        many.start_file(format!("{number}"), SimpleFileOptions::default()).unwrap();
    }
    let many = many.finish().unwrap().into_inner();
    refused("bombs", many, &["The number of entries in the zip is 200000, above the limit max_entries of 50000"]);
}

#[test]
fn damaged_zips() {
    let whole = v1().bytes();
    refused("damaged", whole[..whole.len() / 2].to_vec(), &["The package is not a usable zip file", "make it again"]);
    refused("damaged", b"this is no zip, only text".to_vec(), &["The package is not a usable zip file"]);
    let mut flipped = app_with("data.bin", &"0123456789".repeat(1000)).bytes();
    let at = flipped.windows(8).position(|window| window == b"data.bin").unwrap() + 20;
    flipped[at] ^= 0xff;
    refused("damaged", flipped, &["The zip entry 'data.bin' is refused", "its content is damaged"]);
    // Encrypted, by the flag in both headers.
    let mut locked = app_with("locked.txt", "x").bytes();
    for (signature, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let headers: Vec<usize> =
            locked.windows(4).enumerate().filter(|(_, window)| *window == signature).map(|(at, _)| at).collect();
        headers.into_iter().for_each(|at| locked[at + flags] |= 1);
    }
    refused("damaged", locked, &["it is encrypted; make the zip without a password"]);
}

#[test]
fn packages_of_other_runtimes_are_named_as_such() {
    let accepted =
        "Hearth runs JavaScript and TypeScript as they are, and WebAssembly components: build the app as one";
    for (kind, package) in [
        (".NET", files(&["app.dll", "app.deps.json", "functions.metadata", "worker.config.json"])),
        (
            "Java",
            files(&["lib/app-1.0.jar", "hello/run.class"])
                .json("hello/function.json", &function_json("../lib/app-1.0.jar", &json!([]))),
        ),
        ("Python", files(&["function_app.py", "requirements.txt"])),
        ("PowerShell", files(&["profile.ps1", "requirements.psd1", "hello/run.ps1"])),
    ] {
        refused("foreign", package.bytes(), &[&format!("his is a {kind} package"), accepted]);
    }
    let custom = Zip::new()
        .file("host.json", r#"{"version":"2.0","customHandler":{"description":{"defaultExecutablePath":"handler"}}}"#)
        .file("handler", "x");
    refused("foreign", custom.bytes(), &["runs an executable as a custom handler, which is not run here", accepted]);
    refused(
        "foreign",
        files(&["Cargo.toml", "src/lib.rs"]).bytes(),
        &["holds Rust source but no built component", accepted],
    );
    refused(
        "foreign",
        files(&["notes.txt"]).bytes(),
        &["The package has no function", "put a .wasm component at the top"],
    );
}

#[test]
fn a_javascript_project_that_is_not_built_is_told_what_to_do() {
    let package = r#"{"main": "dist/src/functions/*.js", "scripts": {"build": "tsc"}}"#;
    let project = files(&["src/functions/hello.ts"]).file("package.json", package);
    refused("unbuilt", project.bytes(), &["main 'dist/src/functions/*.js' matches no script", "'npm run build'"]);
    let empty = files(&["src/index.js"]).file("package.json", "{}");
    refused("unbuilt", empty.bytes(), &["name the script that registers the functions as \"main\" in package.json"]);
}

#[test]
fn host_json() {
    let host = |text: &str| app_with("host.json", text).bytes();
    refused(
        "host",
        v1().without("host.json").bytes(),
        &["The package has no host.json", r#"add one at its top with the content {"version": "2.0"}"#],
    );
    let nested = v1().without("host.json").file("site/host.json", r#"{"version":"2.0"}"#);
    refused("host", nested.bytes(), &["host.json is in the folder 'site' of the zip and must be at its top"]);
    refused("host", host(r#"{"version": "1.0"}"#), &["host.json:1:13", r#"must be the text "2.0", not 1.0"#]);
    refused("host", host(r#"{"logging": {}}"#), &["host.json", r#""version" is missing; add "version": "2.0""#]);
    refused("host", host("{\"version\": \"2.0\",\n \"functionTimeout\": }"), &["host.json:2:", "not valid JSON"]);
    refused(
        "host",
        host("{\"version\": \"2.0\",\n \"functionTimeout\": \"soon\"}"),
        &["host.json:2:", r#"must be a time such as "00:05:00""#],
    );
}

#[test]
fn function_json_of_the_only_function() {
    let http_in = json!({"type": "httpTrigger", "direction": "in", "name": "req"});
    let only = |text: &str| {
        let app = v1().without("count/function.json").without("echo/function.json");
        app.file("hello/function.json", text).bytes()
    };
    let bindings = |list: serde_json::Value| only(&function_json("../app.wasm", &list).to_string());
    for (package, text) in [
        (only("{\n  \"bindings\": ["), "hello/function.json:2:"),
        (only(r#"{"scriptFile": "../app.wasm"}"#), "the function has no bindings; add \"bindings\" with a trigger"),
        (bindings(json!([])), "it needs a trigger such as httpTrigger"),
        (
            bindings(json!([http_in, {"type": "httpTrigger", "direction": "in", "name": "other"}])),
            "is a second trigger (httpTrigger) beside httpTrigger; a function has exactly one: make two functions of it",
        ),
        (bindings(json!([http_in, {"type": "carrierPigeon", "direction": "out", "name": "out"}])), "carrierPigeon"),
        (
            bindings(json!([{
                "type": "serviceBusTrigger", "direction": "in", "name": "item", "queueName": "orders", "connection": "Bus"
            }])),
            "serviceBusTrigger is not supported by this version; supported now are httpTrigger, http",
        ),
        (
            only(&function_json("../other.wasm", &json!([http_in])).to_string()),
            "names 'other.wasm', which is not in the package",
        ),
        (only(&function_json("../../out.wasm", &json!([http_in])).to_string()), "leads out of the package"),
    ] {
        refused("function", package, &["Every function is in error.", "hello: hello/function.json:", text]);
    }
}

#[test]
fn what_is_no_component() {
    let core = b"\0asm\x01\0\0\0";
    refused("component", v1().file("app.wasm", core).bytes(), &["core", "module", "component"]);
    refused("component", v1().file("app.wasm", "(component)").bytes(), &["app.wasm"]);
    refused("component", Zip::folder(&test_guest("unknown-import")).bytes(), &["import"]);
    assert_eq!(spooled(&HEARTH), 0);
}

#[test]
fn the_smallest_package_of_a_function_with_a_comment_on_the_zip_is_good() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("host.json", br#"{"version":"2.0"}"#.to_vec()),
        ("hello/function.json", http_function(&json!({})).to_string().into_bytes()),
        ("app.wasm", std::fs::read(hearth_tests::sample("hello-http").join("app.wasm")).unwrap()),
    ] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    writer.set_comment("made by hand").unwrap();
    zipdeploy(&HEARTH, "odd", writer.finish().unwrap().into_inner()).expect(200);
    assert_eq!(says(&HEARTH, "odd"), V1_SAYS);
}
