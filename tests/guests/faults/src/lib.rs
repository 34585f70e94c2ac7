//! A typed app whose functions do what a host must survive or report; the whole-system tests publish it.
//!
//! Every function answers under `/api/<name>` without a key.

mod ending;
mod host;
mod shape;

use std::sync::atomic::{AtomicU32, Ordering};

use hearth_sdk::prelude::*;

/// Answers nothing but `ok`: shows that the app still serves.
#[http(auth_level = "anonymous")]
fn ok() -> &'static str {
    "ok"
}

/// How often this instance has run this function: 1 for a fresh one.
#[http(auth_level = "anonymous")]
fn counter() -> String {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    (CALLS.fetch_add(1, Ordering::Relaxed) + 1).to_string()
}
