//! Machines that do not reach each other, while all of them run: a worker, then management.
//!
//! Callers are at each machine, so this test binary runs itself there as one of them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hearth_tests::{Call, Cluster, Network, eventually, pause, sample, test_guest};
use http::Method;

/// Tells a caller whom to call: an address, then apps; absent in an ordinary test run.
const CALLS: &str = "HEARTH_CHAOS_CALLS";
const APPS: [&str; 6] = ["app-0", "app-1", "app-2", "app-3", "app-4", "app-5"];
/// Silence after which a worker is missing.
const LEASE: Duration = Duration::from_secs(3);
/// After a lease, everything runs elsewhere within this time.
const ELSEWHERE_WITHIN: Duration = Duration::from_secs(10);
/// No call of an app that a worker has takes longer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

#[test]
fn this_test_as_a_caller() {
    let Ok(text) = std::env::var(CALLS) else { return };
    let mut words = text.split(' ');
    let address = words.next().unwrap().parse().unwrap();
    let apps: Vec<&str> = words.collect();
    for app in apps.iter().cycle() {
        let begun = Instant::now();
        let call = Call::new(address, Method::GET, "/api/hello").host(&format!("{app}.localhost"));
        let answer = call.try_send().map(|answer| answer.status.to_string()).unwrap_or_else(|error| error);
        println!("call {} {app} {answer}", begun.elapsed().as_millis());
        pause(Duration::from_millis(10));
    }
}

/// A call: when its answer was heard of, how long it took, and the app with its status or what went wrong.
#[derive(Clone, Debug)]
struct Made {
    end: Instant,
    took: Duration,
    answer: String,
}

/// A process at one machine that calls apps in turn, at the worker that is there.
struct Caller {
    process: Child,
    made: Arc<Mutex<Vec<Made>>>,
    count: Arc<AtomicUsize>,
}

impl Caller {
    fn begin(network: &Network, cluster: &Cluster, machine: &str, apps: &[&str]) -> Self {
        let mut process = Command::new("ip")
            .args(["netns", "exec", &network.namespace(machine)])
            .arg(std::env::current_exe().unwrap())
            .args(["partition::this_test_as_a_caller", "--exact", "--nocapture", "--quiet"])
            .env(CALLS, format!("{} {}", cluster.named(machine).http(), apps.join(" ")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (made, count) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let output = BufReader::new(process.stdout.take().unwrap());
        let caller = Self { process, made: Arc::clone(&made), count: Arc::clone(&count) };
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let Some((_, line)) = line.split_once("call ") else { continue };
                let Some((took, answer)) = line.split_once(' ') else { continue };
                let took = Duration::from_millis(took.parse().unwrap());
                let one = Made { end: Instant::now(), took, answer: answer.to_owned() };
                made.lock().unwrap().push(one);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        caller.go_on(apps.len());
        caller
    }

    /// Waits until this many more calls have ended.
    fn go_on(&self, calls: usize) {
        let wanted = self.count.load(Ordering::Relaxed) + calls;
        eventually("calls to end", || (self.count.load(Ordering::Relaxed) >= wanted).then_some(()));
    }

    /// Every call that ended so far.
    fn made(&self) -> Vec<Made> {
        self.made.lock().unwrap().clone()
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn states(cluster: &Cluster) -> Vec<String> {
    let list = cluster.json(&["workers", "list"]);
    let of = |worker: &serde_json::Value| worker["state"].as_str().unwrap().to_owned();
    list["workers"].as_array().unwrap().iter().map(of).collect()
}

/// Asserts that calls went well, but for those that were under way at one of these moments.
fn check(what: &str, calls: &[Made], moments: &[Instant]) -> usize {
    let mut lost = 0;
    for call in calls {
        let begun = call.end.checked_sub(call.took).unwrap();
        // A line is read a little later than it was written.
        let under_way = moments.iter().any(|moment| {
            begun <= *moment + Duration::from_millis(100) && call.end + Duration::from_millis(100) >= *moment
        });
        if !call.answer.ends_with(" 200") || call.took > PATIENCE {
            assert!(under_way, "{what}: {call:?}");
            lost += 1;
        }
    }
    lost
}

#[test]
fn whoever_is_cut_off_serves_on_and_what_it_ran_runs_elsewhere() {
    let machines = ["management", "w1", "w2", "w3"];
    let network = match Network::of(&machines) {
        Ok(network) => Arc::new(network),
        Err(reason) => return println!("skipped: machines that do not reach each other: {reason}"),
    };
    let lease = LEASE.as_secs().to_string();
    let cluster = Cluster::across(&network, 3, &[("HEARTH_WORKER_LEASE", &lease)]);
    for (number, app) in APPS.iter().enumerate() {
        let source = if number % 2 == 0 { sample("hello-rust") } else { test_guest("faults-http") };
        cluster.publish(app, &source);
        cluster.spread(app, 2);
    }
    let at_w3: Vec<&str> = APPS.into_iter().filter(|app| cluster.running_on(app).contains(&"w3".to_owned())).collect();
    assert!(!at_w3.is_empty() && at_w3.len() < APPS.len(), "{at_w3:?}");
    let apart = [Caller::begin(&network, &cluster, "w1", &APPS), Caller::begin(&network, &cluster, "w2", &APPS)];
    let alone = Caller::begin(&network, &cluster, "w3", &at_w3);

    // A worker from management and from its peers.
    let cut = Instant::now();
    network.cut("w3");
    eventually("what it ran to run elsewhere", || {
        let moved = APPS.iter().all(|app| cluster.running_on(app) == ["w1", "w2"]);
        assert!(moved || cut.elapsed() < LEASE + ELSEWHERE_WITHIN, "not elsewhere after {:?}", cut.elapsed());
        moved.then_some(())
    });
    let elsewhere = cut.elapsed();
    alone.go_on(50);
    for caller in &apart {
        caller.go_on(50);
    }
    assert!(states(&cluster).contains(&"missing".to_owned()), "{:?}", states(&cluster));
    let all_live = || states(&cluster) == ["live", "live", "live"];
    network.heal("w3");
    let healed = Instant::now();
    eventually("it to be a member again", || all_live().then_some(()));
    let back = healed.elapsed();

    // Management from everybody, for longer than a lease.
    network.cut("management");
    while healed.elapsed() < back + LEASE * 2 {
        for caller in &apart {
            caller.go_on(10);
        }
    }
    network.heal("management");
    eventually("all to be members again", || all_live().then_some(()));
    // A worker that could not hand a call over has loaded the app itself, and then counts among those that have it.
    eventually("every app to run on two workers or more", || {
        APPS.iter().all(|app| cluster.running_on(app).len() >= 2).then_some(())
    });
    for caller in apart.iter().chain([&alone]) {
        caller.go_on(20);
    }

    let lost: usize = apart.iter().map(|caller| check("apart", &caller.made(), &[cut, healed])).sum();
    assert_eq!(check("alone", &alone.made(), &[]), 0);
    assert!(lost <= 2, "{lost} calls were under way, of two callers");
    let calls: usize = apart.iter().chain([&alone]).map(|caller| caller.made().len()).sum();
    println!("partition: {calls} calls, {lost} lost, elsewhere after {elsewhere:?}, back after {back:?}");
}
