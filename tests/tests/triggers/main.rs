//! Functions that timers and messages start, from the event to its effect: real processes, real guests, workers that are killed.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod away;
mod by_hand;
mod clients;
mod clock;
mod development;
mod documents;
mod doorbell;
mod handlers;
mod messages;
mod outside;
mod store;

use hearth_tests::{Hearth, Start, Zip, test_guest};

use crate::store::Store;

/// The app of `tests/guests/events`.
const APP: &str = "events";

/// With the lines of invocations, which are not shown in a file otherwise.
const LOG: &str = "info,function=info";

/// An installation with the app published, and its queues.
fn started(start: Start) -> (Hearth, Store) {
    let hearth = start.flag("--log", LOG).start();
    hearth.publish(APP, &test_guest("events"));
    let store = Store::of(&hearth, APP);
    (hearth, store)
}

/// The package with a host.json of its own.
fn package(host: &serde_json::Value) -> Zip {
    Zip::folder(&test_guest("events")).json("host.json", host)
}
