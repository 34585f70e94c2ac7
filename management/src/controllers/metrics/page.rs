//! The page of figures. Names follow the rules of Prometheus: base units, `_total` on what only grows. What is counted by a process
//! carries its `role`, and a worker's also its name; a process that starts anew begins at 0.

use std::fmt;

use hearth_state::StateMetrics;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::schedule::View;
use crate::telemetry::Told;

/// Names and values by which figures of one name differ.
type Labels = Vec<(&'static str, String)>;
type Gauges = Family<Labels, Gauge>;
type Counters = Family<Labels, Counter>;

/// What the counters of host state count, by their names in [`StateMetrics`]; a worker tells its own under the same names.
const STATE: [(&str, &str); 11] = [
    ("writes", "Operations that were asked to write to host state"),
    ("reads", "Queries of host state outside of writes"),
    ("commits", "Transactions committed; on SQLite one holds many operations"),
    ("retries", "Operations on host state that were begun anew"),
    ("deadlocks", "Attempts that the database ended as the victim of a deadlock"),
    ("lock_timeouts", "Attempts that waited too long for a lock"),
    ("collisions", "Attempts that met another insert of the same row"),
    ("disconnects", "Attempts that had no connection to the database or lost it"),
    ("connected", "Connections to the database that were opened"),
    ("discarded", "Connections to the database that were thrown away"),
    ("unknown", "Commits whose answer was lost, so that their callers were told that the outcome is unknown"),
];

/// What workers count of events, by the names under which they tell it.
const EVENTS: [(&str, &str); 7] = [
    ("invocations", "Invocations that an event started: an occurrence of a timer, a message"),
    ("failures", "Of these, the ones that failed"),
    ("retries", "Of these, the ones for an event that had been tried before"),
    ("superseded", "Of these, the ones whose event another worker had by then, so that nothing of them was committed"),
    ("poisoned", "Messages that were moved to a poison queue"),
    ("dead_lettered", "Batches of change feeds that were moved to a dead-letter container"),
    (
        "passed_over",
        "Batches of change feeds that were passed over although their function failed, because it has checkpointOnFailure",
    ),
];

/// What workers tell of each function that follows a change feed, by the names before those of the app and the function.
const FEEDS: [(&str, &str); 2] = [
    (
        "feed_lag",
        "Transactions in the change feed of a function that no worker has handled yet, as each worker that listens sees it",
    ),
    (
        "feed_stuck",
        "Ranges of the change feed of a function that do not go on on a worker, because the function fails for a batch",
    ),
];

/// Collects figures.
pub(super) struct Page {
    registry: Registry,
    state: Vec<(&'static str, Counters)>,
    events: Vec<(&'static str, Counters)>,
    feeds: Vec<(&'static str, Gauges)>,
    workers: Gauges,
    apps: Gauges,
    decides: Gauge,
    memory: Gauges,
    running: Gauges,
    waiting: Gauges,
    ended: Counters,
    refused: Counters,
}

impl Page {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix("hearth");
        let build = Gauges::default();
        registry.register("build_info", "1, with the version of this process", build.clone());
        build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
        let state = STATE.map(|(name, help)| {
            let family = Counters::default();
            registry.register(format!("state_{name}"), help, family.clone());
            (name, family)
        });
        let events = EVENTS.map(|(name, help)| {
            let family = Counters::default();
            registry.register(format!("event_{name}"), help, family.clone());
            (name, family)
        });
        let mut gauges = |name: &str, help: &str| {
            let family = Gauges::default();
            registry.register(name, help, family.clone());
            family
        };
        let workers = gauges("workers", "Workers by state: live, cordoned, draining, drained or missing");
        let apps = gauges("apps", "Apps by state: running, starting, failed, noWorker or empty");
        let memory = gauges("worker_memory_bytes", "Resident memory of a worker process");
        let running = gauges("app_running", "Invocations of an app that run on a worker");
        let waiting = gauges("app_waiting", "Calls of an app that wait on a worker for a permit or an instance");
        let feeds = FEEDS.map(|(name, help)| (name, gauges(name, help))).to_vec();
        let decides = Gauge::default();
        registry.register("scheduler_active", "1 on the management process that decides", decides.clone());
        let (ended, refused) = (Counters::default(), Counters::default());
        registry.register(
            "app_ended",
            "Invocations of an app that ended on a worker, whatever came of them",
            ended.clone(),
        );
        let help = "Calls of an app that a worker refused because the app's limits were reached";
        registry.register("app_refused", help, refused.clone());
        let (state, events) = (state.to_vec(), events.to_vec());
        Self { registry, state, events, feeds, workers, apps, decides, memory, running, waiting, ended, refused }
    }

    /// What this process counted.
    pub(super) fn management(&self, counted: StateMetrics) {
        for (name, value) in counted.each() {
            count(&self.state, name, value, vec![("role", "management".to_owned())]);
        }
    }

    /// Whether this process decides.
    pub(super) fn standing(&self, decides: bool) {
        self.decides.set(decides.into());
    }

    /// What the scheduler sees.
    pub(super) fn plan(&self, view: &View) {
        for status in view.workers.values() {
            self.workers.get_or_create(&vec![("state", status.state.to_owned())]).inc();
        }
        for status in view.apps.values() {
            self.apps.get_or_create(&vec![("state", status.state.to_owned())]).inc();
        }
    }

    /// What a worker told last.
    pub(super) fn worker(&self, name: &str, told: &Told) {
        for (counter, value) in &told.counters {
            let worker = ("worker", name.to_owned());
            if let Some(counter) = counter.strip_prefix("state_") {
                count(&self.state, counter, *value, vec![("role", "worker".to_owned()), worker]);
            } else if let Some(counter) = counter.strip_prefix("event_") {
                count(&self.events, counter, *value, vec![worker]);
            } else if let Some((family, app, function)) = self.feed(counter) {
                let labels = vec![("app", app.to_owned()), ("function", function.to_owned()), worker];
                family.get_or_create(&labels).set(signed(*value));
            }
        }
        if let Some(load) = &told.load {
            let labels = vec![("worker", name.to_owned())];
            self.memory.get_or_create(&labels).set(signed(load.memory_bytes));
        }
        for (app, load) in &told.apps {
            let labels = vec![("app", app.to_string()), ("worker", name.to_owned())];
            self.running.get_or_create(&labels).set(signed(load.running));
            self.waiting.get_or_create(&labels).set(signed(load.waiting));
            self.ended.get_or_create(&labels).inc_by(load.ended);
            self.refused.get_or_create(&labels).inc_by(load.refused);
        }
    }

    /// Which figure of which app and function a worker means by a name.
    fn feed<'n>(&self, name: &'n str) -> Option<(&Gauges, &'n str, &'n str)> {
        let mut parts = name.splitn(3, '/');
        let (kind, app, function) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, family) = self.feeds.iter().find(|(known, _)| *known == kind)?;
        Some((family, app, function))
    }

    /// The text.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// Names that are not known here come from a worker of another version, and are left out.
fn count(known: &[(&'static str, Counters)], name: &str, value: u64, labels: Labels) {
    if let Some((_, family)) = known.iter().find(|(known, _)| *known == name) {
        family.get_or_create(&labels).inc_by(value);
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hearth_model::control::{AppLoad, WorkerLoad};

    use super::*;

    #[test]
    fn every_counter_of_host_state_has_its_place() {
        let counted: Vec<&str> = StateMetrics::default().each().map(|(name, _)| name).collect();
        assert_eq!(counted, STATE.map(|(name, _)| name));
    }

    #[test]
    fn the_page_tells_of_this_process_and_of_workers() {
        let page = Page::new();
        page.management(StateMetrics { deadlocks: 3, ..StateMetrics::default() });
        page.standing(true);
        let told = Told {
            load: Some(WorkerLoad { memory_bytes: 4096, ..WorkerLoad::default() }),
            apps: BTreeMap::from([("shop".parse().unwrap(), AppLoad { running: 2, ended: 7, ..AppLoad::default() })]),
            counters: BTreeMap::from([
                ("state_retries".to_owned(), 5),
                ("event_retries".to_owned(), 4),
                ("feed_lag/shop/Project".to_owned(), 9),
                ("of_a_later_version".to_owned(), 1),
            ]),
        };
        page.worker("w\"1", &told);
        let text = page.text().unwrap();
        for line in [
            "hearth_state_deadlocks_total{role=\"management\"} 3",
            "hearth_state_retries_total{role=\"worker\",worker=\"w\\\"1\"} 5",
            "hearth_event_retries_total{worker=\"w\\\"1\"} 4",
            "hearth_scheduler_active 1",
            "hearth_feed_lag{app=\"shop\",function=\"Project\",worker=\"w\\\"1\"} 9",
            "hearth_worker_memory_bytes{worker=\"w\\\"1\"} 4096",
            "hearth_app_running{app=\"shop\",worker=\"w\\\"1\"} 2",
            "hearth_app_ended_total{app=\"shop\",worker=\"w\\\"1\"} 7",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("later_version"));
    }
}
