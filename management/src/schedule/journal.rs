//! Why an app runs where it runs: every change of its workers with its reason, for people.
//!
//! The plan says why before it changes anything; when it has settled, what changed is compared with what was told. So nothing changes
//! without a line, and what was considered and not done leaves none.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, WorkerId};
use hearth_state::Decision;

/// Decisions that are kept of an app.
const KEPT: usize = 20;
/// Longest reason in bytes.
const LONGEST: usize = 500;

/// Kinds of decisions, as they are shown.
pub(super) const PLACED: &str = "placed";
pub(super) const RETIRED: &str = "retired";
pub(super) const SCALED: &str = "scaled";
pub(super) const MOVING: &str = "moving";
pub(super) const WAITING: &str = "waiting";
pub(super) const CONFIGURED: &str = "configured";

/// The decisions about one app.
#[derive(Debug, Default)]
pub(super) struct Journal {
    kept: VecDeque<Decision>,
    /// Not handed over yet.
    fresh: Vec<Decision>,
    last: Option<Timestamp>,
    /// The app's workers as they were told.
    told: BTreeSet<WorkerId>,
    /// Why a worker is about to be given the app, or to lose it.
    because: BTreeMap<WorkerId, String>,
    /// What the app waits for, as it was told.
    waiting: String,
    /// What is wrong with its placement, as it was told.
    flaw: Option<String>,
}

impl Journal {
    /// A decision that was made before this management began.
    pub(super) fn remember(&mut self, decision: Decision) {
        self.last = self.last.max(Some(decision.at));
        self.keep(decision);
    }

    /// The app had this worker before this management began.
    pub(super) fn had(&mut self, worker: WorkerId) {
        self.told.insert(worker);
    }

    /// Why the worker's part in the app is about to change.
    pub(super) fn because(&mut self, worker: &WorkerId, reason: impl Into<String>) {
        self.because.insert(worker.clone(), reason.into());
    }

    /// A decision about the app as a whole, or one that changes no worker's part yet.
    pub(super) fn write(
        &mut self,
        app: &AppName,
        now: Timestamp,
        kind: &str,
        worker: Option<&WorkerId>,
        reason: impl Into<String>,
    ) {
        let mut reason = reason.into();
        if reason.len() > LONGEST {
            reason.truncate(reason.floor_char_boundary(LONGEST));
            reason.push('…');
        }
        // The time is the decision's identity.
        let after = |last: Timestamp| last.plus(Duration::from_micros(1));
        let at = self.last.map_or(now, |last| now.max(after(last)));
        self.last = Some(at);
        let decision = Decision { app: app.clone(), at, kind: kind.to_owned(), worker: worker.cloned(), reason };
        self.fresh.push(decision.clone());
        self.keep(decision);
    }

    /// What the app waits for; empty for nothing.
    pub(super) fn waits(&mut self, app: &AppName, now: Timestamp, text: String) {
        if self.waiting == text {
            return;
        }
        if !text.is_empty() {
            self.write(app, now, WAITING, None, text.clone());
        }
        self.waiting = text;
    }

    /// What is wrong with the placement that the app's settings make of its host.json.
    pub(super) fn flawed(&mut self, app: &AppName, now: Timestamp, flaw: Option<&String>) {
        if self.flaw.as_ref() == flaw {
            return;
        }
        if let Some(flaw) = flaw {
            self.write(app, now, CONFIGURED, None, format!("{flaw}; it is left out"));
        }
        self.flaw = flaw.cloned();
    }

    /// Writes down how the app's workers changed; `lost` says why one is gone that nobody gave a reason for.
    pub(super) fn settle(
        &mut self,
        app: &AppName,
        now: Timestamp,
        workers: &BTreeSet<WorkerId>,
        lost: impl Fn(&WorkerId) -> String,
    ) {
        if self.told != *workers {
            for worker in self.told.difference(workers).cloned().collect::<Vec<_>>() {
                let reason = self.because.remove(&worker).unwrap_or_else(|| lost(&worker));
                self.write(app, now, RETIRED, Some(&worker), reason);
            }
            for worker in workers.difference(&self.told).cloned().collect::<Vec<_>>() {
                let reason = self.because.remove(&worker).unwrap_or_else(|| "it holds the app already".to_owned());
                self.write(app, now, PLACED, Some(&worker), reason);
            }
            self.told.clone_from(workers);
        }
        self.because.clear();
    }

    /// What was decided since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<Decision> {
        std::mem::take(&mut self.fresh)
    }

    /// The newest decisions, newest first.
    pub(super) fn newest(&self) -> impl Iterator<Item = &Decision> {
        self.kept.iter().rev()
    }

    /// Time of the oldest decision that is kept.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.kept.front().map(|decision| decision.at)
    }

    /// What the app waits for; empty for nothing.
    pub(super) fn waiting(&self) -> &str {
        &self.waiting
    }

    fn keep(&mut self, decision: Decision) {
        self.kept.push_back(decision);
        while self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }
}
