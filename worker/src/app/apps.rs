//! What this worker holds and which version of each app answers.
//!
//! Calls read one immutable table; everything that changes it (assignments, finished loads) goes through one short lock and puts
//! a new table in place. An app that is not held is looked up in host state and loaded for the call that asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use hearth_model::control::{AppReport, AppState, Assignment, AssignmentRole, BeatResponse};
use hearth_model::ids::{AppName, DeploymentId, Digest};
use hearth_state::Database;
use tokio::sync::Notify;

use crate::app::held::{Held, Inner, Table};
use crate::app::load::Loader;
use crate::app::loaded::LoadedApp;
use crate::logs::AppLogs;
use crate::options::WorkerOptions;

/// A call waits at most this long for an app that is starting (reference: Azure Functions, section 2.3).
const START_WAIT: Duration = Duration::from_secs(30);
/// A load that failed is tried again for a call after this long.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// A name that host state does not know is not asked for again for this long.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// Unknown names remembered; a flood of names does not grow memory.
const MAX_UNKNOWN: usize = 1024;

/// Answer to "which app is this?".
pub(crate) enum Lookup {
    Found(Arc<LoadedApp>),
    Unknown,
    /// It exists and can't answer now.
    NotRunning,
}

pub(crate) struct Apps {
    loader: Arc<Loader>,
    state: Database,
    table: ArcSwap<Table>,
    inner: Mutex<Inner>,
    /// Something in [`Apps::reports`] changed.
    changed: Notify,
    /// A load ended.
    loaded: Notify,
}

impl Apps {
    pub(crate) fn new(loader: Loader, options: &WorkerOptions) -> Self {
        Self {
            loader: Arc::new(loader),
            state: options.state.clone(),
            table: ArcSwap::default(),
            inner: Mutex::default(),
            changed: Notify::new(),
            loaded: Notify::new(),
        }
    }

    /// Resolves when [`Apps::reports`] has something new.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// The log of an app, also of one that is not held (yet).
    pub(crate) fn logs(&self, app: &AppName) -> Arc<AppLogs> {
        let mut inner = self.lock();
        inner.logs.entry(app.clone()).or_insert_with(|| Arc::new(AppLogs::new(app.as_str()))).clone()
    }

    /// The app that answers for names which name none, as long as management has not said.
    pub(crate) async fn guess_default(&self) {
        if let Ok(apps) = self.state.apps().list().await
            && let [only] = apps.as_slice()
        {
            let mut inner = self.lock();
            inner.default.get_or_insert_with(|| only.name.clone());
            self.table.store(Arc::new(inner.table()));
        }
    }

    /// Everything held, for the next beat.
    pub(crate) fn reports(&self) -> Vec<AppReport> {
        self.lock().reports()
    }

    /// Makes what is held equal to what management wants.
    pub(crate) async fn apply(self: &Arc<Self>, answer: BeatResponse) {
        let mut unassigned = Vec::new();
        {
            let mut inner = self.lock();
            inner.default = answer.default_app;
            for assignment in &answer.assignments {
                self.assign(&mut inner, assignment);
            }
            for held in &mut inner.held {
                let wanted = answer
                    .assignments
                    .iter()
                    .any(|wanted| wanted.app == held.app && wanted.deployment == held.deployment);
                if wanted || held.retiring {
                    continue;
                }
                if held.generation == 0 {
                    unassigned.push((held.app.clone(), held.deployment.clone()));
                } else {
                    held.retiring = true;
                }
            }
            self.settle(&mut inner);
        }
        // What this worker loaded for a call stays until management has taken note of it, or it is out of date.
        for (app, deployment) in unassigned {
            if let Ok(current) = self.state.apps().get(&app).await
                && current.and_then(|app| app.active).as_ref() != Some(&deployment)
            {
                let mut inner = self.lock();
                inner.held.retain(|held| held.generation != 0 || held.app != app || held.deployment != deployment);
                self.settle(&mut inner);
            }
        }
    }

    /// The app of this name, loading it if need be.
    pub(crate) async fn by_name(self: &Arc<Self>, name: &AppName) -> Lookup {
        if let Some(app) = self.table.load().by_name.get(name) {
            return Lookup::Found(app.clone());
        }
        self.load_for_call(name).await
    }

    /// The app with this custom host name, else the default app.
    pub(crate) async fn by_host(self: &Arc<Self>, host: &str) -> Lookup {
        let (name, default) = {
            let table = self.table.load();
            match table.by_host.get(host) {
                Some(name) => (Some(name.clone()), None),
                None => (None, table.default.clone()),
            }
        };
        if let Some(name) = name {
            return self.by_name(&name).await;
        }
        let asked = host.contains('.') && host.parse::<std::net::IpAddr>().is_err();
        if asked
            && !self.is_unknown(host)
            && let Ok(found) = self.state.apps().by_host_name(host).await
        {
            match found {
                Some(app) => return self.by_name(&app.name).await,
                None => self.remember_unknown(host),
            }
        }
        match default {
            Some(name) => self.by_name(&name).await,
            None => Lookup::Unknown,
        }
    }

    async fn load_for_call(self: &Arc<Self>, name: &AppName) -> Lookup {
        let deadline = tokio::time::Instant::now() + START_WAIT;
        loop {
            let loaded = self.loaded.notified();
            tokio::pin!(loaded);
            loaded.as_mut().enable();
            if let Some(app) = self.table.load().by_name.get(name) {
                return Lookup::Found(app.clone());
            }
            match self.begin_for_call(name).await {
                Begin::Unknown => return Lookup::Unknown,
                Begin::Failed => return Lookup::NotRunning,
                Begin::Loading => {}
            }
            if tokio::time::timeout_at(deadline, loaded).await.is_err() {
                return Lookup::NotRunning;
            }
        }
    }

    async fn begin_for_call(self: &Arc<Self>, name: &AppName) -> Begin {
        {
            let mut inner = self.lock();
            let serving = |held: &&mut Held| held.app == *name && held.role == AssignmentRole::Serve && !held.retiring;
            if let Some(held) = inner.held.iter_mut().find(serving) {
                let failed_lately = held.failed_at.map(|at| at.elapsed() < RETRY_AFTER);
                match failed_lately {
                    None => return Begin::Loading,
                    Some(true) => return Begin::Failed,
                    Some(false) => {
                        held.state = AppState::Preparing;
                        held.failed_at = None;
                        let (app, deployment, digest) =
                            (held.app.clone(), held.deployment.clone(), held.digest.clone());
                        drop(inner);
                        self.spawn_load(app, deployment, digest);
                        return Begin::Loading;
                    }
                }
            }
        }
        if self.is_unknown(name.as_str()) {
            return Begin::Unknown;
        }
        let found = async {
            let app = self.state.apps().get(name).await?;
            let Some(active) = app.and_then(|app| app.active.map(|active| (app.host_names, active))) else {
                return Ok(None);
            };
            let deployment = self.state.deployments().get(&active.1).await?;
            Ok::<_, hearth_state::StateError>(deployment.map(|deployment| (active.0, deployment)))
        };
        match found.await {
            Err(error) => {
                tracing::error!(category = "Host.General", "app {name} can't be looked up: {error}");
                Begin::Failed
            }
            Ok(None) => {
                self.remember_unknown(name.as_str());
                Begin::Unknown
            }
            Ok(Some((host_names, deployment))) => {
                self.begin(Held::new(
                    name.clone(),
                    deployment.id,
                    deployment.digest,
                    host_names,
                    0,
                    AssignmentRole::Serve,
                ));
                Begin::Loading
            }
        }
    }

    /// Takes an assignment over: notes a known version's role, begins loading an unknown one.
    fn assign(self: &Arc<Self>, inner: &mut Inner, wanted: &Assignment) {
        if let Some(held) =
            inner.held.iter_mut().find(|held| held.app == wanted.app && held.deployment == wanted.deployment)
        {
            if wanted.generation >= held.generation {
                held.generation = wanted.generation;
                held.role = wanted.role;
                held.host_names.clone_from(&wanted.host_names);
                held.retiring = false;
            }
            return;
        }
        inner.held.push(Held::new(
            wanted.app.clone(),
            wanted.deployment.clone(),
            wanted.digest.clone(),
            wanted.host_names.clone(),
            wanted.generation,
            wanted.role,
        ));
        self.spawn_load(wanted.app.clone(), wanted.deployment.clone(), wanted.digest.clone());
    }

    fn begin(self: &Arc<Self>, new: Held) {
        let mut inner = self.lock();
        if inner.held.iter().any(|held| held.app == new.app && held.deployment == new.deployment) {
            return;
        }
        let (app, deployment, digest) = (new.app.clone(), new.deployment.clone(), new.digest.clone());
        inner.held.push(new);
        drop(inner);
        self.spawn_load(app, deployment, digest);
    }

    fn spawn_load(self: &Arc<Self>, app: AppName, deployment: DeploymentId, digest: Digest) {
        let apps = self.clone();
        tokio::spawn(async move {
            let logs = apps.logs(&app);
            let started = Instant::now();
            let result = apps.loader.load(&app, &digest, logs).await;
            match &result {
                Ok(loaded) => tracing::info!(
                    category = "Host.Startup",
                    app = app.as_str(),
                    "{app}: deployment {deployment} loaded, {} function(s), {} in error ({} ms)",
                    loaded.functions.len(),
                    loaded.reports.len() - loaded.functions.len(),
                    started.elapsed().as_millis()
                ),
                Err(reason) => {
                    tracing::error!(
                        category = "Host.Startup",
                        app = app.as_str(),
                        "{app}: deployment {deployment} can't be loaded: {reason}"
                    );
                }
            }
            apps.finish(&deployment, result);
        });
    }

    fn finish(&self, deployment: &DeploymentId, result: Result<LoadedApp, String>) {
        let mut inner = self.lock();
        if let Some(held) = inner.held.iter_mut().find(|held| held.deployment == *deployment) {
            match result {
                Ok(loaded) => {
                    held.state = AppState::Ready;
                    held.reason = None;
                    held.loaded = Some(Arc::new(loaded));
                }
                Err(reason) => {
                    held.state = AppState::Failed;
                    held.reason = Some(reason);
                    held.failed_at = Some(Instant::now());
                }
            }
        }
        self.settle(&mut inner);
    }

    /// Puts what is held in order and the new table in place.
    fn settle(&self, inner: &mut Inner) {
        let news = inner.settle();
        self.table.store(Arc::new(inner.table()));
        if news {
            self.changed.notify_one();
        }
        self.loaded.notify_waiters();
    }

    fn is_unknown(&self, name: &str) -> bool {
        self.lock().unknown.get(name).is_some_and(|at| at.elapsed() < UNKNOWN_FOR)
    }

    fn remember_unknown(&self, name: &str) {
        let mut inner = self.lock();
        if inner.unknown.len() >= MAX_UNKNOWN {
            inner.unknown.clear();
        }
        inner.unknown.insert(name.to_owned(), Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Begin {
    Loading,
    Failed,
    Unknown,
}
