//! `hearth start`: the app of a folder is served, and what is saved is live a moment later.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "measured times are shown")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod callers;
mod documents;
mod javascript;
mod refused;
mod reload;
mod templates;

use hearth_tests::{Project, Zip, http_function, sample};
use serde_json::{Value, json};

/// A project of the sample hello-http, whose function `hello` has these members more in its trigger.
fn hello(trigger: &Value) -> Project {
    let package = Zip::folder(&sample("hello-http")).json("hello/function.json", &http_function(trigger));
    Project::of(&package)
}

/// The host.json of an app whose routes begin so.
fn prefix(prefix: &str) -> String {
    json!({ "version": "2.0", "extensions": { "http": { "routePrefix": prefix } } }).to_string()
}
