//! How much of an app runs and waits on this worker, counted over all its versions: what beats tell, and when nobody calls any more.
//!
//! A few relaxed counters per call; nothing here is exact to the last call at the moment it is read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hearth_model::control::{AppLoad, WorkerLoad};
use hearth_model::ids::AppName;

/// Counters of one app.
#[derive(Debug)]
pub(crate) struct Activity {
    /// Times are counted from here.
    born: Instant,
    /// Calls that run or wait.
    outstanding: AtomicU32,
    running: AtomicU32,
    ended: AtomicU64,
    /// Microseconds from place to end of those that ended.
    spent: AtomicU64,
    refused: AtomicU64,
    /// Milliseconds after `born` at which the last call came or ended.
    last: AtomicU64,
    /// For how many workers there is work in the queue of each function that does not keep up.
    backlogs: Mutex<BTreeMap<String, u32>>,
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            outstanding: AtomicU32::new(0),
            running: AtomicU32::new(0),
            ended: AtomicU64::new(0),
            spent: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            last: AtomicU64::new(0),
            backlogs: Mutex::default(),
        }
    }

    /// A call came.
    pub(super) fn begin(self: &Arc<Self>) -> Active {
        self.outstanding.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        self.touch(now);
        Active { activity: self.clone(), since: now, runs: false }
    }

    /// A call was refused because limits were reached.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Calls that run or wait.
    pub(super) fn outstanding(&self) -> u32 {
        self.outstanding.load(Ordering::Relaxed)
    }

    /// For how long nobody has called; zero while a call is under way.
    pub(super) fn idle(&self, now: Instant) -> Duration {
        if self.outstanding() > 0 {
            return Duration::ZERO;
        }
        let last = Duration::from_millis(self.last.load(Ordering::Relaxed));
        now.saturating_duration_since(self.born).saturating_sub(last)
    }

    /// There is work for so many workers in a function's queue.
    pub(super) fn set_backlog(&self, function: &str, workers: u32) {
        let mut backlogs = self.backlogs.lock().unwrap_or_else(PoisonError::into_inner);
        match workers {
            0 => drop(backlogs.remove(function)),
            _ => drop(backlogs.insert(function.to_owned(), workers)),
        }
    }

    /// Workers for which there is work in the app's fullest queue.
    fn backlog_workers(&self) -> u32 {
        let backlogs = self.backlogs.lock().unwrap_or_else(PoisonError::into_inner);
        backlogs.values().copied().max().unwrap_or_default()
    }

    fn touch(&self, now: Instant) {
        let millis = u64::try_from(now.saturating_duration_since(self.born).as_millis()).unwrap_or(u64::MAX);
        self.last.store(millis, Ordering::Relaxed);
    }
}

/// A call under way, counted until it is dropped.
pub(super) struct Active {
    activity: Arc<Activity>,
    since: Instant,
    runs: bool,
}

impl Active {
    /// Its turn came.
    pub(super) fn run(&mut self) {
        self.runs = true;
        self.activity.running.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        let now = Instant::now();
        let activity = &self.activity;
        if self.runs {
            let spent = now.saturating_duration_since(self.since).as_micros();
            activity.running.fetch_sub(1, Ordering::Relaxed);
            activity.ended.fetch_add(1, Ordering::Relaxed);
            activity.spent.fetch_add(u64::try_from(spent).unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        activity.touch(now);
        activity.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What the last beat told, so that the next tells what came since.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<AppName, (u64, u64)>);

impl Told {
    /// The load of the worker and of those of its apps that were called since the last time, or are being called.
    pub(super) fn loads<'a>(
        &mut self,
        apps: impl Iterator<Item = (&'a AppName, Arc<Activity>)>,
        now: Instant,
    ) -> (WorkerLoad, BTreeMap<AppName, AppLoad>) {
        let mut worker = WorkerLoad { memory_bytes: resident_bytes(), ..WorkerLoad::default() };
        let mut loads = BTreeMap::new();
        let mut told = BTreeMap::new();
        for (app, activity) in apps {
            let (ended, spent) = (activity.ended.load(Ordering::Relaxed), activity.spent.load(Ordering::Relaxed));
            let (running, outstanding) = (activity.running.load(Ordering::Relaxed), activity.outstanding());
            let refused = activity.refused.load(Ordering::Relaxed);
            let load = AppLoad {
                running: running.into(),
                waiting: outstanding.saturating_sub(running).into(),
                ended,
                refused,
                latency_us: 0,
                idle_ms: u64::try_from(activity.idle(now).as_millis()).unwrap_or(u64::MAX),
                backlog_workers: activity.backlog_workers(),
            };
            worker.running += load.running;
            worker.waiting += load.waiting;
            let (ended_before, spent_before) = self.0.get(app).copied().unwrap_or_default();
            // One that nobody called since says nothing new but how long that is, which nobody asks of it by then.
            if outstanding > 0
                || load.backlog_workers > 0
                || ended > ended_before
                || refused > 0 && load.idle_ms < 60_000
            {
                let latency_us = spent.saturating_sub(spent_before).checked_div(ended.saturating_sub(ended_before));
                loads.insert(app.clone(), AppLoad { latency_us: latency_us.unwrap_or_default(), ..load });
            }
            told.insert(app.clone(), (ended, spent));
        }
        self.0 = told;
        (worker, loads)
    }
}

/// Resident memory of this process; 0 where the system does not tell.
fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<u64>().ok());
    kib.unwrap_or_default() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_as_they_run_wait_and_end() {
        let app = AppName::parse("shop").unwrap();
        let activity = Arc::new(Activity::new());
        let mut told = Told::default();
        let mut loads = |at: Instant| {
            let (worker, mut loads) = told.loads([(&app, activity.clone())].into_iter(), at);
            (worker, loads.remove(&app))
        };
        let start = activity.born;
        assert_eq!(loads(start).1, None, "nobody called it");
        let (mut runs, waits) = (activity.begin(), activity.begin());
        runs.run();
        let (worker, load) = loads(start);
        let load = load.unwrap();
        assert_eq!((load.running, load.waiting, load.ended, load.idle_ms), (1, 1, 0, 0));
        assert_eq!((worker.running, worker.waiting), (1, 1));
        assert_eq!(activity.idle(start + Duration::from_secs(9)), Duration::ZERO);

        runs.since = start;
        drop(waits);
        drop(runs);
        activity.refuse();
        let load = loads(start).1.unwrap();
        assert_eq!(
            (load.running, load.waiting, load.ended, load.refused),
            (0, 0, 1, 1),
            "one that gave up is none that ended"
        );
        let later = start + Duration::from_secs(61);
        assert_eq!(loads(later).1, None);
        activity.set_backlog("full", 3);
        activity.set_backlog("fuller", 5);
        assert_eq!(loads(later).1.unwrap().backlog_workers, 5);
        activity.set_backlog("fuller", 0);
        assert_eq!(loads(later).1.unwrap().backlog_workers, 3);
        activity.set_backlog("full", 0);
        assert_eq!(loads(later).1, None);
        assert!(activity.idle(later) > Duration::from_secs(60));
    }
}
