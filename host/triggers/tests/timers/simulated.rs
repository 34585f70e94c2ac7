//! Workers in one process, over one state, in a time that passes only when all of them sleep.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hearth_model::binding::TimerTrigger;
use hearth_model::clock::{Clock, ManualClock, Timestamp};
use hearth_model::ids::{AppName, FunctionName};
use hearth_model::retry::RetryPolicy;
use hearth_model::time_zone::TimeZone;
use hearth_model::timer_schedule::{Schedule, TimerSchedule};
use hearth_state::faults::FaultPoint;
use hearth_state::{Completion, Database, Faults, OpenOptions, StateError, StateUrl, TimerKey, Timers, UnderLease};
use hearth_triggers::queue::ListenerLog;
use hearth_triggers::timer::{Time, TimerClaims, TimerListener};
use hearth_triggers::{Acknowledgement, Event, InvocationFailure, Invoker};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A clock that jumps to whatever is slept for next.
pub(crate) struct SimulatedTime {
    clock: ManualClock,
    sleepers: Mutex<BTreeMap<(Timestamp, usize), Arc<Notify>>>,
    numbers: AtomicUsize,
    /// Who is to sleep before time passes: each listener, and the renewal of each worker.
    actors: AtomicUsize,
    changed: Notify,
}

impl Clock for SimulatedTime {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

struct Sleeper<'a>(&'a SimulatedTime, (Timestamp, usize));

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        self.0.sleepers.lock().unwrap().remove(&self.1);
    }
}

impl Time for SimulatedTime {
    async fn sleep_until(&self, at: Timestamp) {
        while self.now() < at {
            let key = (at, self.numbers.fetch_add(1, Ordering::Relaxed));
            let wake = Arc::new(Notify::new());
            self.sleepers.lock().unwrap().insert(key, Arc::clone(&wake));
            let _sleeper = Sleeper(self, key);
            self.changed.notify_one();
            wake.notified().await;
        }
    }
}

impl SimulatedTime {
    /// Waits until everybody sleeps.
    pub(crate) async fn settle(&self) {
        loop {
            let asleep = || self.sleepers.lock().unwrap().len() == self.actors.load(Ordering::SeqCst);
            let mut calm = 0;
            while calm < 8 && asleep() {
                calm += 1;
                tokio::task::yield_now().await;
            }
            if calm == 8 {
                return;
            }
            tokio::select! {
                () = self.changed.notified() => {}
                // Real time: actors that wait for the database have not changed anything yet.
                () = tokio::time::sleep(Duration::from_millis(5)) => {}
            }
        }
    }

    /// Lets time pass until a moment.
    pub(crate) async fn run_until(&self, end: Timestamp) {
        loop {
            self.settle().await;
            let first = self.sleepers.lock().unwrap().keys().next().map(|(at, _)| *at);
            match first.filter(|at| *at <= end) {
                Some(at) => self.set(at.max(self.now())),
                None => return self.set(end),
            }
        }
    }

    pub(crate) async fn run_for(&self, span: Duration) {
        self.run_until(self.now().plus(span)).await;
        self.settle().await;
    }

    /// Sets the clock, forward or back; who sleeps sees it.
    pub(crate) fn set(&self, at: Timestamp) {
        self.clock.set(at);
        for ((due, _), wake) in self.sleepers.lock().unwrap().iter() {
            if *due <= at {
                wake.notify_one();
            }
        }
    }
}

struct Actor(Arc<SimulatedTime>);

impl Actor {
    fn new(time: &Arc<SimulatedTime>) -> Self {
        time.actors.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(time))
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        self.0.actors.fetch_sub(1, Ordering::SeqCst);
        self.0.changed.notify_one();
    }
}

/// One attempt as it began.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) worker: String,
    pub(crate) due: Timestamp,
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
}

/// What an attempt does.
pub(crate) type Behaviour = dyn Fn(&str, usize) -> (Duration, Result<(), InvocationFailure>) + Send + Sync;

/// What functions did, as an outsider sees it.
pub(crate) struct Ledger {
    pub(crate) attempts: Mutex<HashMap<String, Vec<Attempt>>>,
    /// How often each occurrence was completed.
    pub(crate) completed: Mutex<HashMap<(String, Timestamp), usize>>,
    pub(crate) lines: Mutex<Vec<String>>,
    running: Mutex<HashMap<String, usize>>,
    behaviour: Box<Behaviour>,
}

impl Ledger {
    pub(crate) fn of(&self, function: &str) -> Vec<Attempt> {
        self.attempts.lock().unwrap().get(function).cloned().unwrap_or_default()
    }

    pub(crate) fn completions(&self) -> usize {
        self.completed.lock().unwrap().values().sum()
    }
}

/// Runs functions as the ledger says, and commits as the worker's invoker does.
struct Simulated {
    worker: String,
    time: Arc<SimulatedTime>,
    timers: Timers,
    ledger: Arc<Ledger>,
}

struct Running<'a>(&'a Ledger, String);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap().get_mut(&self.1).unwrap() -= 1;
    }
}

impl Invoker for Simulated {
    async fn invoke(
        &self,
        function: &FunctionName,
        event: Event,
        acknowledgement: Acknowledgement,
    ) -> Result<(), InvocationFailure> {
        let Acknowledgement::Occurrence(completion) = acknowledgement else { panic!("{acknowledgement:?}") };
        let name = function.as_str().to_owned();
        let number = {
            let mut attempts = self.ledger.attempts.lock().unwrap();
            let attempts = attempts.entry(name.clone()).or_default();
            let (worker, due, at) = (self.worker.clone(), completion.claim.due, self.time.now());
            attempts.push(Attempt { worker, due, at, event });
            attempts.len()
        };
        let overlapping = {
            let mut running = self.ledger.running.lock().unwrap();
            let running = running.entry(name.clone()).or_default();
            *running += 1;
            *running
        };
        let _running = Running(&self.ledger, name.clone());
        assert_eq!(overlapping, 1, "two runs of {name} at once");
        let (takes, result) = (self.ledger.behaviour)(&name, number);
        self.time.sleep_until(self.time.now().plus(takes)).await;
        result?;
        // In a task of its own: what was sent to the database is done, also when its sender is killed.
        let (timers, ledger) = (self.timers.clone(), Arc::clone(&self.ledger));
        tokio::spawn(async move { commit(&timers, &ledger, name, &completion).await }).await.unwrap()
    }
}

async fn commit(
    timers: &Timers,
    ledger: &Ledger,
    name: String,
    completion: &Completion,
) -> Result<(), InvocationFailure> {
    match timers.complete(completion).await {
        Ok(UnderLease::Done(())) => {
            *ledger.completed.lock().unwrap().entry((name, completion.claim.due)).or_default() += 1;
            Ok(())
        }
        Ok(UnderLease::Stale) => Err(InvocationFailure::Superseded),
        Err(error) => Err(InvocationFailure::NotRun(error.to_string())),
    }
}

/// A function with a timer.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) trigger: TimerTrigger,
    pub(crate) retry: Option<RetryPolicy>,
}

pub(crate) fn function(name: &str, schedule: &str, zone: &str) -> Function {
    let schedule = TimerSchedule::new(Schedule::parse(schedule).unwrap(), TimeZone::named(zone).unwrap());
    let trigger = TimerTrigger { binding_name: "timer".to_owned(), schedule, run_on_startup: false, use_monitor: true };
    Function { name: name.to_owned(), trigger, retry: None }
}

/// The state with its time, and what happened.
pub(crate) struct World {
    pub(crate) time: Arc<SimulatedTime>,
    pub(crate) timers: Timers,
    pub(crate) ledger: Arc<Ledger>,
    /// Whether host state does not answer.
    pub(crate) away: Arc<AtomicBool>,
    _directory: TempDir,
}

/// Host state that may be away.
struct Outage(Arc<AtomicBool>);

impl Outage {
    fn answer(&self) -> Result<(), StateError> {
        match self.0.load(Ordering::SeqCst) {
            true => Err(StateError::Unavailable("no answer".to_owned())),
            false => Ok(()),
        }
    }
}

impl Faults for Outage {
    fn at(&self, point: FaultPoint) -> Result<(), StateError> {
        // What was committed is answered, as it would be in time.
        if point == FaultPoint::AfterCommit { Ok(()) } else { self.answer() }
    }

    fn before_read(&self) -> Result<(), StateError> {
        self.answer()
    }
}

pub(crate) const START: &str = "2025-10-01T00:00:30.5Z";

impl World {
    pub(crate) async fn new(
        behaviour: impl Fn(&str, usize) -> (Duration, Result<(), InvocationFailure>) + Send + Sync + 'static,
    ) -> Self {
        Self::with(behaviour, false).await
    }

    /// The same, where host state may be away, which makes it slower.
    pub(crate) async fn with(
        behaviour: impl Fn(&str, usize) -> (Duration, Result<(), InvocationFailure>) + Send + Sync + 'static,
        can_be_away: bool,
    ) -> Self {
        let start = Timestamp::parse_rfc3339(START).unwrap();
        let time = Arc::new(SimulatedTime {
            clock: ManualClock::new(start),
            sleepers: Mutex::default(),
            numbers: AtomicUsize::new(0),
            actors: AtomicUsize::new(0),
            changed: Notify::new(),
        });
        let directory = tempfile::tempdir().unwrap();
        let url = StateUrl::parse(directory.path().join("state.db").to_str().unwrap()).unwrap();
        let away = Arc::new(AtomicBool::new(false));
        let faults = can_be_away.then(|| Arc::new(Outage(Arc::clone(&away))) as _);
        let options = OpenOptions { clock: Arc::clone(&time) as _, faults, ..OpenOptions::default() };
        let timers = Database::open(&url, options).await.unwrap().timers();
        let ledger = Ledger {
            attempts: Mutex::default(),
            completed: Mutex::default(),
            lines: Mutex::default(),
            running: Mutex::default(),
            behaviour: Box::new(behaviour),
        };
        Self { time, timers, ledger: Arc::new(ledger), away, _directory: directory }
    }

    /// Starts a worker that listens for these functions.
    pub(crate) fn worker(&self, name: &str, start: &str, functions: &[Function]) -> Worker {
        let claims = TimerClaims::new(self.timers.clone(), name, Arc::clone(&self.time));
        let (stop, mut tasks) = (CancellationToken::new(), JoinSet::new());
        for function in functions {
            let ledger = Arc::clone(&self.ledger);
            let listener = TimerListener {
                key: key(&function.name),
                trigger: function.trigger.clone(),
                retry: function.retry,
                start: start.to_owned(),
                claims: claims.clone(),
                log: ListenerLog::new(move |_, line| ledger.lines.lock().unwrap().push(line.to_owned())),
            };
            let invoker = Arc::new(Simulated {
                worker: name.to_owned(),
                time: Arc::clone(&self.time),
                timers: self.timers.clone(),
                ledger: Arc::clone(&self.ledger),
            });
            let (actor, stop) = (Actor::new(&self.time), stop.clone());
            tasks.spawn(async move {
                let _actor = actor;
                listener.run(invoker, stop).await;
            });
        }
        Worker { tasks, stop, claims: Some(claims), renewal: Some(Actor::new(&self.time)) }
    }
}

pub(crate) fn key(function: &str) -> TimerKey {
    TimerKey { app: AppName::parse("shop").unwrap(), function: FunctionName::parse(function).unwrap() }
}

pub(crate) struct Worker {
    tasks: JoinSet<()>,
    pub(crate) stop: CancellationToken,
    pub(crate) claims: Option<TimerClaims<SimulatedTime>>,
    renewal: Option<Actor>,
}

impl Worker {
    /// Ends it in the middle of whatever it does.
    pub(crate) async fn kill(mut self) {
        self.tasks.abort_all();
        while let Some(ended) = self.tasks.join_next().await {
            assert!(ended.is_ok() || ended.unwrap_err().is_cancelled(), "a listener ended by itself");
        }
        self.drop_claims().await;
    }

    /// Stops it; what runs is done when this answers. Time must pass meanwhile, if something runs.
    pub(crate) async fn stopped(mut self) {
        self.stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
        self.drop_claims().await;
    }

    async fn drop_claims(&mut self) {
        self.claims = None;
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
        self.renewal = None;
    }
}
