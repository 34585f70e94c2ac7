//! Against the embedded store a change starts the function because the store wakes it, not because somebody looks.

use std::time::{Duration, Instant};

use hearth_tests::Hearth;
use serde_json::json;

use crate::Stage;
use crate::app::follows;

/// The trigger's pause between looks, which nobody waits for here.
const POLL_DELAY: Duration = Duration::from_secs(60);

#[test]
fn a_change_is_handled_without_waiting_for_the_poll_delay() {
    let options = format!("feedPollDelay: {}", POLL_DELAY.as_millis());
    let stage = Stage::start(Hearth::with(), &follows(&options, ""));
    let orders = stage.orders();
    // The leases are there after the first one.
    orders.create(&json!({ "id": "first", "pk": "a", "n": 0 })).send().expect(201);
    stage.told.items(1);
    let began = Instant::now();
    for number in 1..=20 {
        orders.create(&json!({ "id": number.to_string(), "pk": format!("k{number}"), "n": number })).send().expect(201);
        stage.told.items(1);
    }
    // Each one by itself, after the one before was handled: by looks alone this took twenty minutes.
    assert!(began.elapsed() < POLL_DELAY, "{:?} for twenty changes", began.elapsed());
}
