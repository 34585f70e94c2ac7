//! The targets. Each asserts what must hold for any input.

use std::io::{Cursor, Write};

use hearth_model::check::{Surroundings, check};
use hearth_model::clock::{ManualClock, Timestamp};
use hearth_model::expression::{
    BindingData, Environment, ExpressionError, HttpParts, MAX_RESULT_BYTES, Template, referenced_settings,
    resolve_settings,
};
use hearth_model::host_json::HostJson;
use hearth_model::index::index;
use hearth_model::json::{FileError, Place};
use hearth_model::local_settings::{FILE_NAME, LocalSettings};
use hearth_model::package::{Package, PackageFiles, PackageLimits};
use hearth_model::route::{RouteTable, RouteTemplate};
use hearth_model::settings::Settings;
use http::Method;
use serde_json::json;
use uuid::Uuid;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const HOST: (&str, &[u8]) = ("host.json", b"{\"version\": \"2.0\"}");

fn zip_of(files: &[(&str, &[u8])], compression: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(compression);
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The last line is a path, those before are templates.
pub(crate) fn routes(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines: Vec<&str> = text.lines().take(60).collect();
    let path = lines.pop().unwrap_or_default();
    let mut table = RouteTable::new("api");
    for line in lines {
        match RouteTemplate::parse(line) {
            Ok(template) => {
                assert_eq!(RouteTemplate::parse(&template.to_string()).as_ref(), Ok(&template));
                let names: Vec<String> = template.parameters().map(str::to_owned).collect();
                if let Err(conflict) = table.insert(template, Vec::new(), names) {
                    assert!(conflict.to_string().contains(&conflict.template));
                }
            }
            Err(error) => {
                assert!(line.starts_with(&error.template) && !error.reason.is_empty());
            }
        }
    }
    for path in [path.to_owned(), format!("/api/{path}"), format!("/API/{path}/")] {
        let Some(found) = table.find(&Method::GET, &path) else { continue };
        for (name, _) in &found.params {
            assert!(found.value.contains(name), "{name} is no parameter of its route");
        }
        assert_eq!(table.find(&Method::GET, &path), Some(found));
    }
    drop(table.reordered());
}

/// A file, then perhaps a line `---` and settings.
fn with_settings(input: &[u8]) -> (&[u8], Settings) {
    let separator = b"\n---\n";
    let at = input.windows(separator.len()).position(|window| window == separator);
    let Some(at) = at else { return (input, Settings::new()) };
    let text = String::from_utf8_lossy(&input[at + separator.len()..]);
    let settings = text.lines().take(100).filter_map(|line| line.split_once('='));
    (&input[..at], settings.collect())
}

fn check_place(error: &FileError, file: &str, input: &[u8]) {
    let lines = input.iter().filter(|byte| **byte == b'\n').count() + 1;
    let shown = error.to_string();
    match &error.place {
        Place::File { file: named, line, column } => {
            assert_eq!(named, file);
            assert!((1..=lines).contains(&(*line as usize)) && *column >= 1, "{shown}");
            assert!(*column as usize <= input.len() + 1, "{shown}");
        }
        Place::Setting(name) => assert!(name.to_lowercase().starts_with("azurefunctionsjobhost"), "{shown}"),
    }
    assert!(!error.reason.is_empty() && shown.len() < 2_000, "{shown}");
}

pub(crate) fn host_json(input: &[u8]) {
    let (file, settings) = with_settings(input);
    let read = HostJson::parse(file, &settings);
    if let Err(error) = &read {
        check_place(error, "host.json", file);
    }
    assert_eq!(read, HostJson::parse(file, &settings));
}

pub(crate) fn function_json(input: &[u8]) {
    let (file, settings) = with_settings(input);
    let files = [HOST, ("F/function.json", file), ("F/run.wasm", b"\0asm")];
    let zip = zip_of(&files, CompressionMethod::Stored);
    let mut package = Package::open(Cursor::new(zip), &PackageLimits::default()).unwrap();
    let app = index(&mut package, &settings).unwrap();
    let report = check(&mut package, Surroundings { settings: Some(&settings), local_settings: false }).unwrap();
    assert_eq!(report.running(), 0, "its component is none");
    let [function] = app.functions.as_slice() else { panic!("one function, not {}", app.functions.len()) };
    let Err(error) = &function.definition else { return };
    let place = error.strip_prefix("F/function.json:").unwrap_or_else(|| panic!("no place in: {error}"));
    let mut numbers = place.splitn(3, ':');
    let lines = file.iter().filter(|byte| **byte == b'\n').count() + 1;
    let line: usize = numbers.next().unwrap().parse().unwrap_or_else(|_| panic!("no line in: {error}"));
    let column: usize = numbers.next().unwrap().parse().unwrap_or_else(|_| panic!("no column in: {error}"));
    assert!((1..=lines).contains(&line) && (1..=file.len() + 1).contains(&column), "{error}");
    assert!(error.len() < 3_000, "{} bytes of error", error.len());
}

pub(crate) fn local_settings(input: &[u8]) {
    match LocalSettings::parse(FILE_NAME, input) {
        Ok(read) => {
            // What is written is read again as the same.
            let written = hearth_model::local_settings::write(&read.settings);
            assert_eq!(LocalSettings::parse(FILE_NAME, written.as_bytes()).unwrap().settings, read.settings);
        }
        Err(error) => check_place(&error, "local.settings.json", input),
    }
}

fn check_expression(text: &str, result: &Result<String, ExpressionError>) {
    match result {
        Ok(result) => assert!(result.len() <= MAX_RESULT_BYTES.max(text.len())),
        Err(error) => {
            assert!((1..=text.chars().count() + 1).contains(&error.position), "{error}");
            assert!(!error.reason.is_empty() && error.to_string().len() < 3_000, "{error}");
        }
    }
}

pub(crate) fn expressions(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let settings: Settings = [("QUEUE", "orders"), ("Sec__Key", "50%"), ("Brace", "{id}")].into_iter().collect();
    let resolved = resolve_settings(&text, &settings);
    check_expression(&text, &resolved);
    assert!(referenced_settings(&text).count() <= text.matches('%').count() / 2);

    let mut data = BindingData::of_http(&HttpParts {
        body: Some(&json!({"id": 7, "price": -1234.5678, "huge": 1e300, "at": "2026-03-05T07:08:09.123+02:00",
            "guid": "0f8fad5b-d9cb-469f-a165-70867728950e", "name": "x", "a": {"b": {"c": null}}, "flag": false})),
        query: &[("q".to_owned(), "1".to_owned())],
        headers: &[("x-id".to_owned(), "h".to_owned())],
        route: &[],
    });
    data.insert("long", "x".repeat(100_000));
    let clock = ManualClock::new(Timestamp::from_micros(1_767_225_600_123_456));
    let environment = Environment { function: "F", clock: &clock, new_guid: &|| Uuid::nil() };
    for text in [text.as_ref()].into_iter().chain(resolved.as_deref()) {
        let template = Template::parse(text);
        if let Ok(template) = &template {
            assert!(template.parameters().all(|parameter| !parameter.name().is_empty()));
            let first = template.evaluate(&data, environment);
            check_expression(text, &first);
            assert_eq!(first, template.evaluate(&data, environment));
            drop(template.evaluate(&BindingData::new(), environment));
        }
        check_expression(text, &template.map(|_| String::new()));
    }
}

/// Good packages of several kinds.
pub(crate) fn packages_to_damage() -> Vec<Vec<u8>> {
    let trigger = br#"{"bindings": [{"type": "httpTrigger", "name": "req"}, {"type": "http", "name": "$return", "direction": "out"}]}"#;
    let typical = [HOST, ("F/function.json", trigger.as_slice()), ("F/f.wasm", &[0; 300])];
    let code_first = [HOST, ("app.wasm", b"\0asm".as_slice()), ("static/a/b.txt", &[b'x'; 3000])];
    let python = [HOST, ("function_app.py", b"import azure".as_slice()), ("requirements.txt", b"")];
    [typical.as_slice(), &code_first, &python]
        .into_iter()
        .flat_map(|files| [CompressionMethod::Stored, CompressionMethod::Deflated].map(|how| zip_of(files, how)))
        .collect()
}

pub(crate) fn package(input: &[u8]) {
    let limits = PackageLimits { max_file_bytes: 1 << 20, max_unpacked_bytes: 4 << 20, ..PackageLimits::default() };
    let mut package = match Package::open(Cursor::new(input), &limits) {
        Ok(package) => package,
        Err(error) => {
            assert!(!error.is_io(), "memory can be read: {error}");
            return assert!(
                error.to_string().contains("the zip entry '")
                    || error.to_string().contains("the package")
                    || error.to_string().contains("above the limit"),
                "{error}"
            );
        }
    };
    for path in package.files().keys() {
        assert!(!path.split('/').any(|part| matches!(part, "" | "." | "..")), "{path}");
        assert!(!path.contains(['\\', ':', '\0']), "{path}");
    }
    let verified = package.verify();
    let indexed = index(&mut package, &Settings::new());
    if let Ok(report) = check(&mut package, Surroundings::default()) {
        assert!(!report.all_runs() || indexed.is_ok());
    }
    for error in [verified.err(), indexed.err()].into_iter().flatten() {
        assert!(!error.is_io(), "memory can be read: {error}");
        assert!(!error.to_string().is_empty());
    }
}
