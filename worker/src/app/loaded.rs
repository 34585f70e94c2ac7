//! One version of an app, ready to be called.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use hearth_engine::Guest;
use hearth_model::control::FunctionReport;
use hearth_model::host_json::HostJson;
use hearth_model::ids::AppName;
use hearth_model::index::{FunctionDefinition, HttpTrigger, Trigger};
use hearth_model::route::RouteTable;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::front::HttpPolicy;
use crate::logs::FunctionLog;

/// HTTP invocations of one app that run at once when host.json names no limit.
const DEFAULT_CONCURRENT: u32 = 1000;
/// Running and waiting together.
const DEFAULT_OUTSTANDING: u32 = 2000;

pub(crate) struct LoadedApp {
    pub(crate) name: AppName,
    pub(crate) host: HostJson,
    pub(crate) routes: RouteTable<usize>,
    pub(crate) functions: Vec<LoadedFunction>,
    pub(crate) reports: Vec<FunctionReport>,
    pub(crate) warnings: Vec<String>,
    pub(crate) throttle: Throttle,
    pub(crate) policy: HttpPolicy,
}

pub(crate) struct LoadedFunction {
    pub(crate) definition: FunctionDefinition,
    pub(crate) guest: Arc<Guest>,
    pub(crate) log: Arc<FunctionLog>,
}

impl LoadedFunction {
    pub(crate) fn http(&self) -> &HttpTrigger {
        let Trigger::Http(trigger) = &self.definition.trigger;
        trigger
    }
}

/// Bounds an app's HTTP invocations (host.json `extensions.http`).
pub(crate) struct Throttle {
    running: Arc<Semaphore>,
    outstanding: Arc<AtomicU32>,
    pub(crate) max_outstanding: u32,
}

impl Throttle {
    pub(crate) fn new(host: &HostJson) -> Self {
        let concurrent = host.max_concurrent_requests.unwrap_or(DEFAULT_CONCURRENT);
        Self {
            running: Arc::new(Semaphore::new(concurrent as usize)),
            outstanding: Arc::default(),
            max_outstanding: host.max_outstanding_requests.unwrap_or(DEFAULT_OUTSTANDING.max(concurrent)),
        }
    }

    /// Waits for a turn; `None` when too many wait already.
    pub(crate) async fn enter(&self) -> Option<Turn> {
        let before = self.outstanding.fetch_add(1, Ordering::Relaxed);
        let place = Outstanding(self.outstanding.clone());
        if before >= self.max_outstanding {
            return None;
        }
        let permit = self.running.clone().acquire_owned().await.ok()?;
        Some(Turn { _permit: permit, _place: place })
    }
}

/// Held while an invocation runs.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
    _place: Outstanding,
}

struct Outstanding(Arc<AtomicU32>);

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
