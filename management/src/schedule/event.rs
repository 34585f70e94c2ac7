//! The scheduler's vocabulary: what it is told, and what it wants done.
//!
//! [`Plan::decide`](super::plan::Plan::decide) turns events into actions and does nothing else; the owner task carries the
//! actions out in order and feeds their results back as events.

use std::collections::BTreeMap;
use std::sync::Arc;

use hearth_model::control::{AppLoad, AppReport, FunctionReport, Standing, WorkerLoad};
use hearth_model::host_json::Placement;
use hearth_model::ids::{AppName, DeploymentId, Digest, WorkerId};
use hearth_state::{Decision, LogKind};

/// A deployment with the package it consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The deployment.
    pub(crate) deployment: DeploymentId,
    /// SHA-256 of its package.
    pub(crate) digest: Digest,
    /// Where it is to run: of the package's host.json and the app's settings of the moment.
    pub(crate) placement: Arc<Placement>,
    /// What is wrong with a setting, which is left out then.
    pub(crate) flaw: Option<String>,
}

/// What a worker is, as far as that decides what it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traits {
    /// Relative; 100 is one ordinary worker.
    pub(crate) capacity: u32,
    /// Its operator's labels.
    pub(crate) labels: BTreeMap<String, String>,
    /// Its machine; empty when it did not tell.
    pub(crate) node: String,
}

/// What a worker has to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loads {
    /// All of it.
    pub(crate) worker: WorkerLoad,
    /// By app.
    pub(crate) apps: BTreeMap<AppName, AppLoad>,
}

/// What the scheduler is told.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An app exists: read from state at start, or just made. Of a known one, only the host names are taken.
    AppKnown { app: AppName, host_names: Vec<String>, generation: u64, active: Option<Held> },
    /// State says that this worker was assigned this app, in this generation, when management last ran.
    WasAssigned { app: AppName, worker: WorkerId, generation: u64 },
    /// A decision about this app that was made when management last ran.
    WasDecided(Decision),
    /// Where this deployment of the app is to run: settings changed.
    Placed { app: AppName, held: Held },
    /// An app was deleted with all its deployments.
    AppDeleted { app: AppName },
    /// A worker registered, or state says it is registered. Earlier reports under that name are void.
    WorkerKnown { worker: WorkerId, traits: Traits },
    /// What an operator has decided about a worker; says nothing of whether it is there.
    WorkerStanding { worker: WorkerId, standing: Standing },
    /// An operator took the worker out for good: it is forgotten.
    WorkerRemoved { worker: WorkerId },
    /// A worker, already authenticated, told what it holds.
    Beat { worker: WorkerId, draining: bool, reports: Vec<AppReport>, load: Loads },
    /// The registrations of these workers ran out.
    WorkersMissing { workers: Vec<WorkerId> },
    /// A package passed the intake and is stored: bring it to the workers.
    Deploy { app: AppName, held: Held },
    /// A package did not pass the intake; the text is public.
    Rejected { deployment: DeploymentId, text: String },
    /// State's answer to [`Action::Activate`]: done, under the new generation.
    Activated { app: AppName, deployment: DeploymentId, generation: u64 },
    /// State's other answer to [`Action::Activate`]: not done, because the app had moved on. What it has moved on to.
    Overtaken { app: AppName, generation: u64, active: Option<Held> },
    /// Settings, keys or the mode of some app changed: this is their latest revision now.
    Configured { revision: u64 },
    /// Time passed.
    Tick,
}

/// What the scheduler wants done, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Show what the deployment waits for.
    Progress { deployment: DeploymentId, text: String },
    /// Add a line to the deployment's log.
    Log { deployment: DeploymentId, kind: LogKind, message: String },
    /// Make this deployment the one that serves, if the app's generation is still the expected one.
    Activate { app: AppName, deployment: DeploymentId, expected: u64 },
    /// Write down who serves the app.
    Assign { app: AppName, generation: u64, workers: Vec<(WorkerId, DeploymentId)> },
    /// The deployment ended.
    Finish { deployment: DeploymentId, outcome: Outcome },
}

/// How a deployment ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It serves; the functions are as the workers indexed them.
    Success {
        /// Also those in error.
        functions: Vec<FunctionReport>,
    },
    /// It does not serve; the text is public.
    Failed {
        /// What, where, what to do.
        text: String,
    },
}
