//! The largest packages that are accepted: what is done with them stays bounded, in time and in what is answered.

use std::io::{Cursor, Write};
use std::time::Instant;

use hearth_model::check::{Surroundings, check};
use hearth_model::index::{AppDefinition, index};
use hearth_model::package::{Package, PackageLimits};
use hearth_model::settings::Settings;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::PATIENCE;

/// As many functions as a package may declare.
const MAX_FUNCTIONS: usize = 10_000;

/// A package of that many functions with one component.
fn largest(route: impl Fn(usize) -> String) -> AppDefinition {
    let limits = PackageLimits::default();
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut file = |name: String, content: &str| {
        writer.start_file(name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    };
    file("host.json".to_owned(), "{}");
    file("app.wasm".to_owned(), "");
    for i in 0..MAX_FUNCTIONS {
        let trigger =
            format!("{{\"bindings\":[{{\"type\":\"httpTrigger\",\"name\":\"r\",\"route\":\"{}\"}}]}}", route(i));
        file(format!("f{i:05}/function.json"), &trigger);
    }
    let zip = writer.finish().unwrap().into_inner();
    let started = Instant::now();
    let mut package = Package::open(Cursor::new(zip), &limits).unwrap();
    let app = index(&mut package, &Settings::new()).unwrap();
    let report = check(&mut package, Surroundings::default()).unwrap();
    assert!(started.elapsed() < PATIENCE, "took {:?}", started.elapsed());
    assert_eq!(report.functions.len(), app.functions.len());
    assert_eq!(app.functions.len(), MAX_FUNCTIONS);
    app
}

fn warned_bytes(app: &AppDefinition) -> usize {
    app.warnings.iter().map(String::len).sum()
}

#[test]
fn ten_thousand_functions_with_routes_of_their_own() {
    let app = largest(|i| format!("items/i{i}"));
    assert!(app.functions.iter().all(|function| function.definition.is_ok()));
    assert_eq!(warned_bytes(&app), 0);
}

#[test]
fn ten_thousand_functions_of_which_each_is_tried_before_half_of_the_others() {
    let app = largest(|i| if i < 5_000 { format!("items/{{p{i}}}") } else { format!("items/i{i}") });
    assert!(warned_bytes(&app) < 64 << 10, "{} bytes of warnings", warned_bytes(&app));
}

#[test]
fn ten_thousand_functions_with_one_route() {
    let app = largest(|_| "same".to_owned());
    assert_eq!(app.functions.iter().filter(|function| function.definition.is_ok()).count(), 1);
}
