//! Availability windows: closed, a worker is given nothing.

use hearth_tests::{Hearth, Machine};
use serde_json::json;

use crate::{app, installation, runs_on, token, worker_when};

/// A window of one hour that begins in so many hours, in UTC; the time is that of the last beat of a worker that is there.
fn window(hearth: &Hearth, in_hours: u32) -> String {
    let beat = worker_when(hearth, "worker-1", |worker| worker["state"] == "live");
    let hour: u32 = beat["lastBeat"].as_str().unwrap()[11..13].parse().unwrap();
    format!("{:02}:00-{:02}:00", (hour + in_hours) % 24, (hour + in_hours + 1) % 24)
}

#[test]
fn a_worker_whose_window_is_closed_gets_no_app_and_an_open_one_does() {
    let hearth = installation(1);
    let machine = Machine::new();
    let closed = window(&hearth, 6);
    let worker =
        machine.start(["--name", "m2", "--available", &closed, "--time-zone", "UTC", "--join", &token(&hearth)]);
    let listed = worker_when(&hearth, "m2", |worker| worker["state"] == "drained");
    assert_eq!(listed["available"], format!("{closed} UTC"));
    let reason = listed["reason"].as_str().unwrap();
    assert!(reason.starts_with("outside its availability window") && reason.contains(", until "), "{reason}");
    hearth.publish("hello", &app());
    runs_on(&hearth, "hello", &["worker-1"]);
    assert_eq!(worker.stop().code(), Some(0));

    let open = format!("{},{}", window(&hearth, 0), window(&hearth, 1));
    let worker = machine.start(["--available", &open, "--time-zone", "UTC"]);
    worker_when(&hearth, "m2", |worker| worker["state"] == "live" && worker["reason"] == json!(null));
    runs_on(&hearth, "hello", &["m2", "worker-1"]);
    assert_eq!(worker.get("hello", "/api/hello?name=Ada").send().text(), "Hello, Ada!\n");
}

#[test]
fn a_window_or_zone_that_is_none_ends_the_start() {
    for (flags, named) in
        [(["--available", "25:00-26:00"], "--available"), (["--time-zone", "Mars/Base"], "--time-zone")]
    {
        let (code, log) = Machine::new().try_start(flags).err().expect("it is refused");
        assert!(code == Some(2) && log.contains(named), "{code:?} {log}");
    }
}
