//! One version of an app, ready to be called.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hearth_engine::{AppForm, Guest};
use hearth_model::control::FunctionReport;
use hearth_model::host_json::HostJson;
use hearth_model::ids::AppName;
use hearth_model::index::{FunctionDefinition, HttpTrigger};
use hearth_model::route::RouteTable;
use hearth_model::settings::Settings;
use hearth_state::AppRevision;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::app::activity::{Active, Activity};
use crate::app::live::LiveApp;
use crate::app::load::Scripts;
use crate::app::sources::EventSources;
use crate::front::HttpPolicy;
use crate::logs::FunctionLog;

/// HTTP invocations of one app that run at once when host.json names no limit.
const DEFAULT_CONCURRENT: u32 = 1000;
/// Running and waiting together.
const DEFAULT_OUTSTANDING: u32 = 2000;

pub(crate) struct LoadedApp {
    pub(crate) name: AppName,
    /// What it shares with the app's other versions: keys, mode, log.
    pub(crate) live: Arc<LiveApp>,
    /// What host state said of the app before its settings were read.
    pub(crate) revision: AppRevision,
    /// The app's own and the platform's.
    pub(crate) settings: Arc<Settings>,
    pub(crate) host: HostJson,
    pub(crate) routes: RouteTable<usize>,
    pub(crate) functions: Vec<LoadedFunction>,
    /// All functions by name, those in error too.
    pub(crate) listed: Vec<ListedFunction>,
    pub(crate) reports: Vec<FunctionReport>,
    pub(crate) warnings: Vec<String>,
    /// Those of the functions that events start.
    pub(crate) sources: Arc<EventSources>,
    pub(crate) throttle: Throttle,
    pub(crate) policy: HttpPolicy,
    /// Components by their paths in the package.
    pub(super) guests: HashMap<String, Arc<Guest>>,
    /// Everything in it that is JavaScript or TypeScript.
    pub(super) scripts: Option<Scripts>,
}

impl LoadedApp {
    /// How many invocations an instance serves, as far as one number tells: of the scripts, if there are any.
    pub(crate) fn instance_reuse(&self) -> u32 {
        let form = if self.scripts.is_some() { AppForm::JavaScript } else { AppForm::Typed };
        self.host.wasm.instance_reuse.unwrap_or_else(|| form.default_instance_reuse())
    }
}

pub(crate) struct LoadedFunction {
    pub(crate) definition: FunctionDefinition,
    /// Switched off by an app setting: only the master key still calls it.
    pub(crate) disabled: bool,
    pub(crate) guest: Arc<Guest>,
    pub(crate) log: Arc<FunctionLog>,
}

impl LoadedFunction {
    /// Its HTTP trigger; every function that has a route has one.
    pub(crate) fn http(&self) -> Option<&HttpTrigger> {
        self.definition.trigger.as_http()
    }
}

/// A function as the package and the settings have it, whether it can run or not.
pub(crate) struct ListedFunction {
    pub(crate) name: String,
    /// Its function.json, if that is a JSON object.
    pub(crate) json: Option<serde_json::Map<String, serde_json::Value>>,
    pub(crate) disabled: bool,
    /// Path in the package of its component or script, if it has one.
    pub(crate) script: Option<String>,
    /// Why it can't run.
    pub(crate) error: Option<String>,
    /// Its place among the functions that can.
    pub(crate) at: Option<usize>,
}

/// Bounds an app's HTTP invocations (host.json `extensions.http`).
pub(crate) struct Throttle {
    running: Arc<Semaphore>,
    outstanding: Arc<AtomicU32>,
    /// Counts for all versions of the app together.
    of_app: Arc<Activity>,
    pub(crate) max_concurrent: u32,
    pub(crate) max_outstanding: u32,
}

impl Throttle {
    pub(crate) fn new(host: &HostJson, live: &LiveApp) -> Self {
        let concurrent = host.max_concurrent_requests.unwrap_or(DEFAULT_CONCURRENT);
        Self {
            running: Arc::new(Semaphore::new(concurrent as usize)),
            outstanding: Arc::default(),
            of_app: live.activity().clone(),
            max_concurrent: concurrent,
            max_outstanding: host.max_outstanding_requests.unwrap_or(DEFAULT_OUTSTANDING.max(concurrent)),
        }
    }

    /// A place among those who run or wait; `None` when all are taken.
    pub(crate) fn place(&self) -> Option<Place> {
        let (place, before) = Outstanding::count(&self.outstanding);
        if before >= self.max_outstanding {
            self.of_app.refuse();
            return None;
        }
        Some(Place { of_app: self.of_app.begin(), _of_version: place })
    }

    /// A turn for who has a place, if there is one at once.
    pub(crate) fn turn_now(&self, place: Place) -> Result<Turn, Place> {
        match self.running.clone().try_acquire_owned() {
            Ok(permit) => Ok(Turn::new(permit, place)),
            Err(_) => Err(place),
        }
    }

    /// Waits for a turn.
    pub(crate) fn turn(&self, place: Place) -> impl Future<Output = Option<Turn>> + Send + 'static {
        let running = self.running.clone();
        async move { Some(Turn::new(running.acquire_owned().await.ok()?, place)) }
    }

    /// Waits for a turn that an event is given. Events are bounded by their listeners and never refused: what can't run now waits.
    pub(crate) async fn turn_of_event(&self) -> Option<Turn> {
        let (place, _) = Outstanding::count(&self.outstanding);
        let place = Place { of_app: self.of_app.begin(), _of_version: place };
        Some(Turn::new(self.running.clone().acquire_owned().await.ok()?, place))
    }

    /// Whether every place is taken.
    pub(crate) fn is_full(&self) -> bool {
        self.outstanding.load(Ordering::Relaxed) >= self.max_outstanding
    }
}

/// Held while an invocation waits.
pub(crate) struct Place {
    of_app: Active,
    _of_version: Outstanding,
}

/// Held while an invocation runs.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

impl Turn {
    fn new(permit: OwnedSemaphorePermit, mut place: Place) -> Self {
        place.of_app.run();
        Self { _permit: permit, _place: place }
    }
}

struct Outstanding(Arc<AtomicU32>);

impl Outstanding {
    /// One more, and how many there were before.
    fn count(counter: &Arc<AtomicU32>) -> (Self, u32) {
        let before = counter.fetch_add(1, Ordering::Relaxed);
        (Self(counter.clone()), before)
    }
}

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
