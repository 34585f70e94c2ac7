//! Host state as its documentation describes it, in maps: what every engine must answer and keep.
//!
//! Written apart from the engines and their statements, for one caller at a time.

mod apps;
mod members;
mod publishing;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_model::keys::KeyScope;
use hearth_state::{AppMode, AppRevision, DeploymentStatus, LogKind, StateError};

use super::call::{APPS, Call, PACKAGES, WORKERS};
use super::real::shown;
use crate::fixture::{app, deployment, worker};

type Answer<T> = Result<T, StateError>;

#[derive(Clone, Debug)]
struct App {
    created: Timestamp,
    hosts: BTreeSet<String>,
    active: Option<u32>,
    generation: u64,
    credential: Vec<u8>,
    /// Compared form of a name, with its spelling and value.
    settings: BTreeMap<String, (String, String)>,
    /// Scope and compared name, with spelling and value; None for a key that was deleted and is not made again.
    keys: BTreeMap<(KeyScope, String), (String, Option<String>)>,
}

/// What is told of an app's configuration; it outlives the app.
#[derive(Clone, Debug)]
struct Revisions {
    last: u64,
    settings: u64,
    keys: u64,
    mode: AppMode,
    deleted: bool,
}

#[derive(Clone, Debug)]
struct Deployment {
    app: String,
    status: DeploymentStatus,
    text: String,
    functions: String,
    received: Timestamp,
    end: Option<Timestamp>,
    complete: bool,
    logs: Vec<(Timestamp, LogKind, String)>,
}

#[derive(Clone, Debug)]
struct Worker {
    epoch: u64,
    registered: Timestamp,
    last_beat: Timestamp,
    expires: Timestamp,
    missing: bool,
}

#[derive(Clone, Debug, Default)]
struct Lease {
    holder: String,
    epoch: u64,
    expires: Timestamp,
}

/// All of host state.
#[derive(Clone, Debug)]
pub(super) struct Model {
    now: Timestamp,
    revision: u64,
    apps: BTreeMap<String, App>,
    /// Generations of deleted apps.
    retired: BTreeMap<String, u64>,
    revisions: BTreeMap<String, Revisions>,
    deployments: BTreeMap<u32, Deployment>,
    workers: BTreeMap<String, Worker>,
    /// By app and worker: deployment and generation.
    assignments: BTreeMap<(String, String), (u32, u64)>,
    installation: BTreeMap<usize, Vec<u8>>,
    leases: BTreeMap<usize, Lease>,
    /// When each package was last stored.
    packages: BTreeMap<usize, Timestamp>,
}

impl Model {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            revision: 1,
            apps: BTreeMap::new(),
            retired: BTreeMap::new(),
            revisions: BTreeMap::new(),
            deployments: BTreeMap::new(),
            workers: BTreeMap::new(),
            assignments: BTreeMap::new(),
            installation: BTreeMap::new(),
            leases: BTreeMap::new(),
            packages: BTreeMap::new(),
        }
    }

    /// Makes the call and tells its answer.
    pub(super) fn perform(&mut self, call: &Call) -> String {
        let name = |index: usize| APPS[index];
        match call.clone() {
            Call::Advance(seconds) => {
                self.now = self.now.plus(Duration::from_secs(seconds));
                format!("{:?}", self.now)
            }
            Call::CreateApp(app) => shown(Ok(self.create_app(name(app)))),
            Call::DeleteApp(app) => shown(Ok(self.delete_app(name(app)))),
            Call::SetCredential(app, with) => shown(Ok(self.set_credential(name(app), with))),
            Call::SetHosts(app, hosts) => shown(self.set_hosts(name(app), &hosts)),
            Call::ByHost(host) => shown(Ok(self.by_host(host))),
            Call::Activate { app, deployment, generation } => shown(self.activate(name(app), deployment, generation)),
            Call::InsertDeployment { app, id } => shown(self.insert_deployment(name(app), id)),
            Call::UpdateDeployment { id, status, text, functions, complete } => {
                shown(Ok(self.update_deployment(id, status, text, functions, complete)))
            }
            Call::AddLog { id, message, kind } => {
                self.add_log(id, message, kind);
                shown(Ok(()))
            }
            Call::FailInterrupted => shown(Ok(self.fail_interrupted())),
            Call::Prune { app, keep } => shown(Ok(self.prune(name(app), keep))),
            Call::Register { worker, lease } => shown(Ok(self.register(WORKERS[worker], lease))),
            Call::Beat { beats, lease } => shown(Ok(self.beat(&beats, lease))),
            Call::MarkMissing => shown(Ok(self.mark_missing())),
            Call::Assign { app, generation, to } => shown(Ok(self.assign(name(app), generation, &to))),
            Call::Install { name, value } => shown(Ok(self.install(name, value))),
            Call::Acquire { lease, holder, ttl } => shown(Ok(self.acquire(lease, holder, ttl))),
            Call::Renew { leases, ttl } => shown(Ok(self.renew(&leases, ttl))),
            Call::Release(lease, holder, epoch) => shown(Ok(self.release(lease, holder, epoch))),
            Call::Restart(app) => shown(self.restart(name(app))),
            Call::SetMode(app, mode) => shown(self.set_mode(name(app), mode)),
            Call::ChangeSettings { app, set, unset, all, expected } => {
                shown(self.change_settings(name(app), &set, &unset, all, expected))
            }
            Call::EnsureKeys(app) => shown(self.ensure_keys(name(app))),
            Call::EnsureFunction(app, function) => shown(self.ensure_function(name(app), function)),
            Call::PutKey { app, scope, name: key, value } => shown(self.put_key(name(app), scope, key, value)),
            Call::DeleteKey { app, scope, name: key } => shown(self.delete_key(name(app), scope, key)),
            Call::PutPackage(index) => {
                self.packages.insert(index, self.now);
                shown(Ok(()))
            }
            Call::Collect => shown(Ok(self.collect())),
            Call::Changes(since) => shown(Ok(self.changes(since))),
            Call::Observe => self.observe(),
        }
    }

    fn known(&self, name: &str) -> Answer<()> {
        match self.apps.contains_key(name) {
            true => Ok(()),
            false => Err(StateError::Missing(format!("there is no app '{name}'"))),
        }
    }

    fn raise(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    fn changes(&self, since: u64) -> Vec<AppRevision> {
        let told = |(name, all): (&String, &Revisions)| AppRevision {
            app: app(name),
            revision: all.last,
            settings: all.settings,
            keys: all.keys,
            mode: all.mode,
            deleted: all.deleted,
        };
        self.revisions.iter().filter(|(_, all)| all.last > since).map(told).collect()
    }

    /// The lines of [`super::real::perform`]'s observation.
    fn observe(&self) -> String {
        let mut lines = vec![
            shown(Ok(self.apps.iter().map(|(name, app)| app.told(name)).collect::<Vec<_>>())),
            shown(Ok(self.revision)),
            shown(Ok(self.changes(0))),
            shown(Ok(self.workers.iter().map(|(name, one)| one.told(name)).collect::<Vec<_>>())),
            shown(Ok(self.assigned(|_| true))),
        ];
        for name in APPS {
            lines.push(shown(Ok(self.apps.get(name).map(|app| app.told(name)))));
            let told = self.changes(0).into_iter().find(|told| told.app.as_str() == name && !told.deleted);
            lines.push(shown(Ok(told)));
            lines.push(shown(self.settings(name)));
            let sizes = |(revision, values): (u64, Vec<(String, String)>)| {
                (revision, values.into_iter().map(|(name, value)| (name, value.len())).collect::<Vec<_>>())
            };
            lines.push(shown(self.settings(name).map(sizes)));
            lines.push(shown(self.keys(name)));
            let listed: Vec<_> = self.newest_first(name).into_iter().map(|(id, one)| one.told(id)).collect();
            lines.push(shown(Ok(&listed)));
            lines.push(shown(Ok(listed.first())));
        }
        for name in WORKERS {
            lines.push(shown(Ok(self.workers.get(name).map(|one| one.told(name)))));
            lines.push(shown(Ok(self.assigned(|of| of == name))));
        }
        for id in 1..6 {
            lines.push(shown(Ok(self.deployments.get(&id).map(|one| one.told(id)))));
            lines.push(shown(Ok(self.logs(id))));
        }
        for (index, content) in PACKAGES.into_iter().enumerate() {
            let there = self.packages.contains_key(&index);
            lines.push(shown(Ok(there)));
            lines.push(shown(Ok(there.then(|| content.to_vec()))));
        }
        lines.join("\n")
    }

    /// Assignments to the workers that are asked for.
    fn assigned(&self, of: impl Fn(&str) -> bool) -> Vec<hearth_state::Assignment> {
        let told = |((name, to), (id, generation)): (&(String, String), &(u32, u64))| {
            (app(name), worker(to), deployment(*id), *generation)
        };
        self.assignments.iter().filter(|((_, to), _)| of(to)).map(told).collect()
    }
}
