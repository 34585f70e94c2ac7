//! Changes of keys are in force on every worker in under a second, whoever makes them and with management down.

use std::time::{Duration, Instant};

use hearth_tests::{Hearth, Signal, signal};
use http::Method;

use crate::{admin, get, master, shop};

/// A change must be in force everywhere within this time.
const WITHIN: Duration = Duration::from_secs(1);

/// Statuses of many calls with this key; each may reach either worker.
fn statuses(hearth: &Hearth, key: &str) -> Vec<u16> {
    let call = hearth.app("shop").call(Method::GET, "/v1/locked").header("x-functions-key", key);
    (0..16).map(|_| call.clone().send().status).collect()
}

/// Waits until every call with this key has this status, and says how long that took.
#[track_caller]
fn until(hearth: &Hearth, key: &str, wanted: u16) -> Duration {
    let began = Instant::now();
    loop {
        let asked = began.elapsed();
        let seen = statuses(hearth, key);
        if seen.iter().all(|status| *status == wanted) {
            return asked;
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{seen:?} instead of {wanted}");
    }
}

fn rotate(hearth: &Hearth, change: impl Fn(&str) -> String) {
    let first = change("one");
    assert!(until(hearth, &first, 200) < WITHIN);
    for _ in 0..3 {
        let second = change("one");
        assert_ne!(first, second);
        assert!(until(hearth, &second, 200) < WITHIN, "the new value");
        let revoked = until(hearth, &first, 401);
        assert!(revoked < WITHIN, "the old value opened for {revoked:?}");
    }
}

#[test]
fn a_key_that_is_rotated_by_the_admin_api_with_management_down() {
    let hearth = shop();
    let key = master(&hearth, "shop");
    let management = hearth.pids("management");
    signal(management[0], Signal::STOP);
    rotate(&hearth, |name| {
        let made = admin(&hearth, &key, Method::POST, &format!("/host/keys/{name}")).send();
        made.json()["value"].as_str().unwrap().to_owned()
    });
    let own = get(&hearth, &key, "/functions/locked/keys/default")["value"].as_str().unwrap().to_owned();
    assert!(until(&hearth, &own, 200) < WITHIN);
    admin(&hearth, &key, Method::DELETE, "/functions/locked/keys/default").send().expect(204);
    assert!(until(&hearth, &own, 401) < WITHIN);
    signal(management[0], Signal::CONT);
}

#[test]
fn a_key_that_is_rotated_by_management() {
    let hearth = shop();
    rotate(&hearth, |name| {
        let path = format!("/api/apps/shop/keys/host/{name}");
        hearth.manage(Method::POST, &path).send().json()["value"].as_str().unwrap().to_owned()
    });
}
