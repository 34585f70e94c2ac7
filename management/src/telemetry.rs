//! What workers tell of themselves with their beats, kept for whoever collects figures. It is of this moment only and may be
//! lost.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearth_model::control::{AppLoad, BeatRequest, WorkerLoad};
use hearth_model::ids::{AppName, WorkerId};

/// The last word of each worker.
#[derive(Debug, Default)]
pub(crate) struct Telemetry(Mutex<HashMap<WorkerId, Told>>);

/// The figures of one worker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    pub(crate) load: Option<WorkerLoad>,
    pub(crate) apps: BTreeMap<AppName, AppLoad>,
    pub(crate) counters: BTreeMap<String, u64>,
}

impl Told {
    /// The figures in a beat.
    pub(crate) fn of(beat: &BeatRequest) -> Self {
        Self { load: beat.load, apps: beat.loads.clone(), counters: beat.counters.clone() }
    }
}

impl Telemetry {
    /// Takes what a worker tells in place of what it told before.
    pub(crate) fn take(&self, worker: WorkerId, told: Told) {
        self.all().insert(worker, told);
    }

    /// What the workers told last that `present` says are there; the others are forgotten.
    pub(crate) fn of(&self, present: impl Fn(&WorkerId) -> bool) -> BTreeMap<WorkerId, Told> {
        let mut all = self.all();
        all.retain(|worker, _| present(worker));
        all.iter().map(|(worker, told)| (worker.clone(), told.clone())).collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<WorkerId, Told>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
