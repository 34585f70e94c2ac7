//! Twenty apps on three workers, under calls and changes, while workers and management are killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hearth_tests::{Callers, Hearth, alive, eventually, kill, pause, sample};
use http::Method;
use serde_json::json;

use crate::{Numbers, end};

const APPS: usize = 20;
const WORKERS: u16 = 3;
/// Apps that are called all the time, by one caller each.
const CALLED: usize = 4;
/// After a kill everything runs again within this time.
const BACK_WITHIN: Duration = Duration::from_secs(10);

fn name(number: usize) -> String {
    format!("app-{number:02}")
}

fn answers(hearth: &Hearth, number: usize) -> bool {
    let answer = hearth.app(&name(number)).call(Method::GET, "/api/hello").try_send();
    answer.is_ok_and(|answer| answer.status == 200)
}

/// Sets one setting of one app to 1, 2, 3 … and remembers what was acknowledged.
fn changes(hearth: &Arc<Hearth>, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<(u64, u64)> {
    let (hearth, stop) = (hearth.clone(), stop.clone());
    std::thread::spawn(move || {
        let (mut tried, mut acknowledged) = (0, 0);
        while !stop.load(Ordering::Relaxed) {
            tried += 1;
            let body = json!({ "settings": { "COUNTER": tried.to_string() } }).to_string();
            let call = hearth.manage(Method::PUT, "/api/apps/app-19/settings").body(body);
            if call.try_send().is_ok_and(|answer| answer.status == 200) {
                acknowledged = tried;
            }
            pause(Duration::from_millis(50));
        }
        (tried, acknowledged)
    })
}

#[test]
fn whatever_dies_what_was_acknowledged_is_there_and_only_calls_under_way_fail() {
    let mut numbers = Numbers::seeded("installation");
    let hearth = Arc::new(Hearth::with().workers(WORKERS).start());
    for number in 0..APPS {
        let source = if number % 2 == 0 { "hello-rust" } else { "hello-http" };
        hearth.publish(&name(number), &sample(source));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let changes = changes(&hearth, &stop);
    let callers: Vec<Callers> = (0..CALLED)
        .map(|number| Callers::begin(1, &hearth.app(&name(number)).call(Method::GET, "/api/hello")))
        .collect();
    let (end, mut kills, mut slowest) = (end(), Vec::new(), Duration::ZERO);
    while Instant::now() < end {
        let role = if numbers.below(4) == 0 { "management" } else { "worker" };
        let pids = hearth.pids(role);
        let victim = pids[numbers.below(pids.len())];
        let moment = Instant::now();
        kill(victim);
        kills.push(moment);
        eventually("it to end", || (!alive(victim)).then_some(()));
        eventually("everything to run again", || {
            let running = hearth.pids("worker").len() == usize::from(WORKERS) && hearth.pids("management").len() == 1;
            (running && (0..APPS).all(|number| answers(&hearth, number))).then_some(())
        });
        slowest = slowest.max(moment.elapsed());
        assert!(moment.elapsed() < BACK_WITHIN, "{role}: all runs again only after {:?}", moment.elapsed());
        pause(Duration::from_millis(u64::try_from(numbers.below(300)).unwrap()));
    }
    stop.store(true, Ordering::Relaxed);
    let (tried, acknowledged) = changes.join().unwrap();

    let (mut calls, mut failed) = (0, 0);
    for caller in callers {
        for seen in caller.end() {
            calls += 1;
            if seen.text().is_some() {
                continue;
            }
            failed += 1;
            // A dying process may still take a connection that was made just after the signal was sent.
            let dying = Duration::from_millis(500);
            let under_way = kills.iter().any(|moment| seen.at <= *moment + dying && seen.end >= *moment);
            assert!(under_way, "nothing was killed while this was under way: {seen:?}");
        }
    }
    assert!(failed <= kills.len() * CALLED, "{failed} calls failed, {} kills", kills.len());
    let settings = eventually("the settings", || {
        let answer = hearth.manage(Method::GET, "/api/apps/app-19/settings").try_send().ok()?;
        (answer.status == 200).then(|| answer.json())
    });
    let kept: u64 = settings["settings"]["COUNTER"].as_str().unwrap().parse().unwrap();
    assert!((acknowledged..=tried).contains(&kept), "{acknowledged} was acknowledged, {kept} is there");
    println!(
        "installation: {} kills, {calls} calls, {failed} failed, {acknowledged} changes, all back within {slowest:?}",
        kills.len()
    );

    let everyone = [vec![hearth.pid()], hearth.pids("management"), hearth.pids("worker")].concat();
    let spool = hearth.data().join("spool");
    let left = std::fs::read_dir(&spool).map_or(0, Iterator::count);
    assert_eq!(left, 0, "uploads are left in the spool");
    let hearth = Arc::into_inner(hearth).unwrap();
    assert!(hearth.stop().success());
    eventually("every process to end", || everyone.iter().all(|pid| !alive(*pid)).then_some(()));
}
