//! What this worker holds and which version of each app answers.
//!
//! Calls read one immutable table; everything that changes it (assignments, finished loads) goes through one short lock and puts
//! a new table in place. An app that is not held is looked up in host state and loaded for the call that asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use hearth_model::control::{AppReport, Assignment, AssignmentRole, BeatResponse};
use hearth_model::host_json::LogLevel;
use hearth_model::ids::{AppName, DeploymentId, WorkerId};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::app::held::{Held, Inner, Load, LoadError, Table};
use crate::app::keys::KeySource;
use crate::app::live::LiveApp;
use crate::app::load::Loader;
use crate::app::loaded::LoadedApp;
use crate::app::lookup::{Active, Lookups, StateAway};
use crate::app::watch::Watch;
use crate::development::Development;
use crate::events::Services;
use crate::hop::Assignees;
use crate::logs::AppLogs;
use crate::options::WorkerOptions;

/// A call waits at most this long for an app that is starting (reference: Azure Functions, section 2.3).
const START_WAIT: Duration = Duration::from_secs(30);
/// A load that failed is tried again for a call after this long.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// See [`Apps::news_pause`].
const NEWS_PAUSE_PER_APP: Duration = Duration::from_micros(100);
const LONGEST_NEWS_PAUSE: Duration = Duration::from_secs(1);

/// Answer to "which app is this?".
pub(crate) enum Lookup {
    Found(Arc<LoadedApp>),
    Unknown,
    /// It exists and can't answer now.
    NotRunning,
    /// It is not known here, and host state does not answer.
    StateAway,
}

pub(crate) struct Apps {
    loader: Arc<Loader>,
    services: Services,
    lookups: Lookups,
    pub(super) watch: Watch,
    table: ArcSwap<Table>,
    inner: Mutex<Inner>,
    /// Invocations under way on this worker, also those whose caller is gone.
    pub(crate) invocations: TaskTracker,
    pub(super) born: Instant,
    /// Code of apps that nobody calls is unloaded after this long, where they say nothing else.
    pub(super) idle_unload: Option<Duration>,
    /// What there is was told at least once.
    heard: AtomicBool,
    draining: AtomicBool,
    /// Others answer at the same address, so its rest is not their callers' concern.
    shares_listener: bool,
    /// An operator or an availability window keeps the worker from taking work.
    resting: AtomicBool,
    /// Something in [`Apps::reports`] changed.
    changed: Notify,
    /// A load ended.
    loaded: Notify,
    /// What is listened for may have changed.
    pub(super) listening_changed: Notify,
}

impl Apps {
    pub(crate) fn new(loader: Loader, services: Services, options: &WorkerOptions) -> Self {
        // An app under development is the only one that a caller can mean.
        let default = options.development.as_ref().map(|development| development.app.clone());
        let inner = Inner { default, ..Inner::default() };
        Self {
            loader: Arc::new(loader),
            services,
            lookups: Lookups::new(options.state.clone()),
            watch: Watch::default(),
            table: ArcSwap::from_pointee(inner.table()),
            inner: Mutex::new(inner),
            invocations: TaskTracker::new(),
            born: Instant::now(),
            idle_unload: options.idle_unload,
            heard: AtomicBool::new(false),
            draining: AtomicBool::new(false),
            shares_listener: options.shares_listener,
            resting: AtomicBool::new(false),
            changed: Notify::new(),
            loaded: Notify::new(),
            listening_changed: Notify::new(),
        }
    }

    /// Resolves when [`Apps::reports`] has something new.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// How long news is gathered before it is sent: each report lists all that is held, and after a start all of it loads.
    pub(crate) fn news_pause(&self) -> Duration {
        let held = u32::try_from(self.lock().held.len()).unwrap_or(u32::MAX);
        NEWS_PAUSE_PER_APP.saturating_mul(held).min(LONGEST_NEWS_PAUSE)
    }

    /// The log of an app, also of one that is not held (yet).
    pub(crate) fn logs(&self, app: &AppName) -> Arc<AppLogs> {
        self.live(app).logs.clone()
    }

    /// What of an app outlives its versions, also of one that is not held (yet).
    pub(crate) fn live(&self, app: &AppName) -> Arc<LiveApp> {
        self.lock().live(app, self.loader.source())
    }

    /// The app that answers for names which name none, as long as management has not said.
    pub(crate) async fn guess_default(&self) {
        if let Some(only) = self.lookups.only_app().await {
            let mut inner = self.lock();
            inner.default.get_or_insert(only);
            self.table.store(Arc::new(inner.table()));
        }
    }

    /// Notes what keeps a function of an app from being listened for, or that nothing does any more; true when that is news, which is
    /// reported.
    pub(crate) fn set_trouble(&self, live: &LiveApp, function: &str, trouble: Option<&str>) -> bool {
        let news = live.set_trouble(function, trouble);
        if news {
            self.changed.notify_one();
        }
        news
    }

    /// Takes on what host state says that this worker is to run, as long as management has not said: its timers and queues are to be
    /// listened to although nobody calls. True when host state could tell.
    pub(crate) async fn take_on_assigned(self: &Arc<Self>, worker: &WorkerId) -> bool {
        let Ok(assigned) = self.lookups.assigned(worker).await else { return false };
        for (app, generation) in assigned {
            let (host_names, deployment) = match self.lookups.active(&app, || self.lock().serving(&app).is_some()).await
            {
                Ok(Active::Found(host_names, deployment)) => (host_names, deployment),
                Ok(Active::Unknown | Active::Needless) => continue,
                Err(StateAway) => return false,
            };
            let (deployment, digest, role) = (deployment.id, deployment.digest, AssignmentRole::Serve);
            let mut inner = self.lock();
            self.assign(&mut inner, &Assignment { app, host_names, generation, deployment, digest, role });
            self.settle(&mut inner);
        }
        true
    }

    /// Everything held, for the next beat.
    pub(crate) fn reports(&self) -> Vec<AppReport> {
        self.lock().reports()
    }

    /// Makes what is held equal to what management wants.
    pub(crate) fn apply(self: &Arc<Self>, answer: BeatResponse) {
        self.heard();
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
        if !unassigned.is_empty() {
            // Beats do not wait for host state.
            tokio::spawn(self.clone().drop_outdated(unassigned));
        }
    }

    /// What this worker loaded for a call stays until management has taken note of it, or it is out of date.
    pub(super) async fn drop_outdated(self: Arc<Self>, unassigned: Vec<(AppName, DeploymentId)>) {
        for (app, deployment) in unassigned {
            if self.lookups.is_outdated(&app, &deployment).await {
                let mut inner = self.lock();
                inner.held.retain(|held| held.generation != 0 || held.app != app || held.deployment != deployment);
                self.settle(&mut inner);
            }
        }
    }

    /// Whether another worker is to be looked for that has an app which is not loaded here. One that is about to be loaded is waited
    /// for; one that could not be is of use here only to those who ask why.
    pub(crate) fn may_be_elsewhere(&self, name: &AppName, asks_why: bool) -> bool {
        match self.lock().serving(name) {
            Some(held) => held.failed_at.is_some() && !asks_why,
            None => true,
        }
    }

    /// The workers that are to run an app, as far as is known.
    pub(crate) async fn assignees(&self, name: &AppName) -> Assignees {
        self.lookups.assignees(name).await
    }

    /// The app of this name, loading it if need be.
    pub(crate) async fn by_name(self: &Arc<Self>, name: &AppName) -> Lookup {
        match self.at_hand(name) {
            Some(app) => Lookup::Found(app),
            // Seldom, so that its state is no part of every call's.
            None => Box::pin(self.load_for_call(name)).await,
        }
    }

    /// An app that is loaded already.
    pub(crate) fn at_hand(&self, name: &AppName) -> Option<Arc<LoadedApp>> {
        self.table.load().by_name.get(name).cloned()
    }

    /// Whether an app that is not loaded is known to be offline: nothing need be loaded to say so.
    pub(crate) fn is_away(&self, name: &AppName) -> bool {
        !self.table.load().by_name.contains_key(name) && self.lock().is_offline(name)
    }

    /// The name of the app with this custom host name. An error where host state would have to say and does not answer.
    pub(crate) async fn app_of_host(&self, host: &str, domain: &str) -> Result<Option<AppName>, StateAway> {
        let has_default = {
            let table = self.table.load();
            if let Some(name) = table.by_host.get(host) {
                return Ok(Some(name.clone()));
            }
            table.default.is_some()
        };
        let asked = host.contains('.') && host != domain && host.parse::<std::net::IpAddr>().is_err();
        if asked { Box::pin(self.lookups.by_host_name(host, has_default)).await } else { Ok(None) }
    }

    /// The app that answers for names which name none.
    pub(crate) fn default_app(&self) -> Option<AppName> {
        self.table.load().default.clone()
    }

    /// Whether calls are taken; the error is public text that tells why not.
    pub(crate) fn readiness(&self) -> Result<(), &'static str> {
        if self.draining.load(Ordering::Relaxed) {
            return Err("The worker is stopping.");
        }
        if self.is_resting() && !self.shares_listener {
            return Err("The worker rests: it is drained, or outside its availability window.");
        }
        if !self.heard.load(Ordering::Relaxed) {
            return Err("The worker has heard neither from management nor from host state what it is to run.");
        }
        Ok(())
    }

    /// What this process counted since it started, by the names in [`hearth_model::control::BeatRequest::counters`].
    pub(crate) fn counters(&self) -> BTreeMap<String, u64> {
        let mut counters = self.services.counters.told();
        counters.extend(self.services.feeds.told());
        counters.extend(self.lookups.counted().each().map(|(name, value)| (format!("state_{name}"), value)));
        counters
    }

    /// From now on [`Apps::readiness`] tells that this worker stops, and so does its next beat, which is due at once.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
        self.changed.notify_one();
        self.listening_changed.notify_one();
    }

    /// Whether callers should go elsewhere where they can; those who come are answered.
    pub(crate) fn set_resting(&self, resting: bool) {
        if self.resting.swap(resting, Ordering::Relaxed) != resting {
            self.listening_changed.notify_one();
        }
    }

    /// Whether this worker is kept from taking work.
    pub(super) fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Relaxed)
    }

    /// Whether this worker is about to stop.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Management or host state has told what there is.
    pub(super) fn heard(&self) {
        self.heard.store(true, Ordering::Relaxed);
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
                Begin::StateAway => return Lookup::StateAway,
                Begin::Loading => {}
            }
            if tokio::time::timeout_at(deadline, loaded).await.is_err() {
                return Lookup::NotRunning;
            }
        }
    }

    async fn begin_for_call(self: &Arc<Self>, name: &AppName) -> Begin {
        if let Some(begun) = self.begin_held(name) {
            return begun;
        }
        // Many may call before the first of them has its answer; the others then find that it is loading.
        match self.lookups.active(name, || self.lock().serving(name).is_some()).await {
            Err(StateAway) => Begin::StateAway,
            Ok(Active::Unknown) => Begin::Unknown,
            Ok(Active::Needless) => self.begin_held(name).unwrap_or(Begin::Loading),
            Ok(Active::Found(host_names, deployment)) => {
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

    /// How far what is held of an app is; what failed a while ago is loaded again.
    fn begin_held(self: &Arc<Self>, name: &AppName) -> Option<Begin> {
        let mut inner = self.lock();
        let held = inner.serving(name)?;
        let again = match held.failed_at.map(|at| at.elapsed() < RETRY_AFTER) {
            None => held.unloaded.is_some() && !held.loading,
            Some(true) => return Some(Begin::Failed),
            Some(false) => true,
        };
        match again {
            false => Some(Begin::Loading),
            true => {
                let wanted = inner.wanted(name);
                let load = inner.serving(name)?.begin(wanted);
                drop(inner);
                self.spawn_load(load);
                Some(Begin::Loading)
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
        let held = Held::new(
            wanted.app.clone(),
            wanted.deployment.clone(),
            wanted.digest.clone(),
            wanted.host_names.clone(),
            wanted.generation,
            wanted.role,
        );
        self.spawn_load(inner.add(held));
    }

    fn begin(self: &Arc<Self>, new: Held) {
        let mut inner = self.lock();
        let same = |held: &&mut Held| held.app == new.app && held.deployment == new.deployment;
        if let Some(held) = inner.held.iter_mut().find(same) {
            // Held beside the serving version and active since: management could not say so yet.
            held.role = AssignmentRole::Serve;
            self.settle(&mut inner);
            return;
        }
        let load = inner.add(new);
        drop(inner);
        self.spawn_load(load);
    }

    fn spawn_load(self: &Arc<Self>, load: Load) {
        let apps = self.clone();
        tokio::spawn(async move {
            let live = apps.live(&load.app);
            let started = Instant::now();
            let load = Arc::new(load);
            let loading = {
                let (apps, load, live) = (apps.clone(), load.clone(), live.clone());
                tokio::spawn(async move { apps.loader.load(&load, &live).await })
            };
            // In a task of its own, so that a load always ends: whoever waits for it is told.
            let result = loading.await.unwrap_or_else(|error| {
                Err(LoadError { reason: format!("loading the app failed: {error}"), settings: 0, gone: false })
            });
            match apps.loader.folder(&load.deployment) {
                Some(development) => {
                    let told = result.as_ref().map_err(|error| error.reason.as_str());
                    development.tell(&live.logs, load.before.is_some(), told, started.elapsed());
                }
                None => tell(&load, &live, &result, started.elapsed()),
            }
            apps.finish(&load, result);
        });
    }

    fn finish(self: &Arc<Self>, load: &Load, result: Result<LoadedApp, LoadError>) {
        let mut inner = self.lock();
        inner.finish(&load.app, &load.deployment, result, Instant::now());
        self.settle(&mut inner);
    }

    /// Puts what is held in order and the new table in place.
    pub(super) fn settle(self: &Arc<Self>, inner: &mut Inner) {
        let news = inner.settle();
        self.begin_due(inner);
        self.table.store(Arc::new(inner.table()));
        if news {
            self.changed.notify_one();
        }
        self.loaded.notify_waiters();
        self.listening_changed.notify_one();
    }

    /// Begins the loads that newer settings ask for.
    pub(super) fn begin_due(self: &Arc<Self>, inner: &mut Inner) {
        for load in inner.due(Instant::now()) {
            self.spawn_load(load);
        }
    }

    /// The app that is served from a folder.
    pub(crate) fn development(&self) -> Option<Arc<Development>> {
        self.loader.development().cloned()
    }

    /// Files of the folder changed: it is loaded again.
    pub(crate) fn files_changed(self: &Arc<Self>) {
        let Some(development) = self.loader.development() else { return };
        let mut inner = self.lock();
        inner.files_changed(&development.options().deployment);
        self.begin_due(&mut inner);
    }

    /// What events need.
    pub(crate) fn services(&self) -> &Services {
        &self.services
    }

    /// Where apps have their keys and settings.
    pub(crate) fn source(&self) -> &Arc<KeySource> {
        self.loader.source()
    }

    pub(super) fn loader(&self) -> &Loader {
        &self.loader
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Begin {
    StateAway,
    Loading,
    Failed,
    Unknown,
}

/// Tells the operator, and whoever watches the app, how a load ended.
fn tell(load: &Load, live: &LiveApp, result: &Result<LoadedApp, LoadError>, took: Duration) {
    let (app, deployment, millis) = (&load.app, &load.deployment, took.as_millis());
    match (result, &load.before) {
        (Ok(loaded), None) => tracing::info!(
            category = "Host.Startup",
            app = app.as_str(),
            "{app}: deployment {deployment} loaded, {} function(s), {} in error ({millis} ms)",
            loaded.functions.len(),
            loaded.reports.len() - loaded.functions.len()
        ),
        (Err(error), None) => {
            tracing::error!(
                category = "Host.Startup",
                app = app.as_str(),
                "{app}: deployment {deployment} can't be loaded: {}",
                error.reason
            );
        }
        (Ok(_), Some(_)) => {
            tracing::info!(
                category = "Host.Startup",
                app = app.as_str(),
                "{app}: loaded again with its settings of now ({millis} ms)"
            );
            live.logs.line(LogLevel::Information, "Host.Startup", "Restarted with the app's settings of now");
        }
        (Err(error), Some(_)) => live.logs.line(
            LogLevel::Error,
            "Host.Startup",
            &format!("The app's changed settings can't be used, it runs on with those before: {}", error.reason),
        ),
    }
}
