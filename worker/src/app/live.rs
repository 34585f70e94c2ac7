//! What of an app outlives its versions on this worker: its log, its keys, its mode, and how much of it runs.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use hearth_model::control::FunctionReport;
use hearth_model::ids::AppName;
use hearth_state::AppMode;

use crate::app::activity::Activity;
use crate::app::keys::{KeySource, LiveKeys};
use crate::logs::AppLogs;

pub(crate) struct LiveApp {
    pub(crate) name: AppName,
    pub(crate) logs: Arc<AppLogs>,
    pub(crate) keys: LiveKeys,
    mode: AtomicU8,
    activity: Arc<Activity>,
    /// Why functions are not listened for, by their names.
    troubles: Mutex<BTreeMap<String, String>>,
}

impl LiveApp {
    pub(crate) fn new(name: AppName, source: Arc<KeySource>) -> Self {
        Self {
            logs: Arc::new(AppLogs::new(name.as_str())),
            keys: LiveKeys::new(name.clone(), source),
            mode: AtomicU8::new(RUNNING),
            activity: Arc::new(Activity::new()),
            troubles: Mutex::default(),
            name,
        }
    }

    /// What the app is to do with calls.
    pub(crate) fn mode(&self) -> AppMode {
        match self.mode.load(Ordering::Relaxed) {
            DRAINING => AppMode::Draining,
            OFFLINE => AppMode::Offline,
            _ => AppMode::Running,
        }
    }

    /// True when it was another one.
    pub(super) fn set_mode(&self, mode: AppMode) -> bool {
        let code = match mode {
            AppMode::Running => RUNNING,
            AppMode::Draining => DRAINING,
            AppMode::Offline => OFFLINE,
        };
        self.mode.swap(code, Ordering::Relaxed) != code
    }

    /// Notes what keeps a function from being listened for, or that nothing does any more; true when that is news.
    pub(super) fn set_trouble(&self, function: &str, trouble: Option<&str>) -> bool {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        match trouble {
            None => troubles.remove(function).is_some(),
            Some(text) if troubles.get(function).is_some_and(|known| known == text) => false,
            Some(text) => {
                troubles.insert(function.to_owned(), text.to_owned());
                true
            }
        }
    }

    /// What keeps a function from being listened for.
    pub(crate) fn trouble(&self, function: &str) -> Option<String> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner).get(function).cloned()
    }

    /// There is work for so many workers in the queue that a function listens to; 0 while its listener keeps up.
    pub(crate) fn set_backlog(&self, function: &str, workers: u32) {
        self.activity.set_backlog(function, workers);
    }

    /// Invocations of all its versions that run or wait for their turn.
    pub(crate) fn outstanding(&self) -> u32 {
        self.activity.outstanding()
    }

    /// Tells of each function what keeps it from being listened for.
    pub(super) fn add_troubles(&self, functions: &mut [FunctionReport]) {
        let troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        for function in functions {
            function.listener_error = troubles.get(&function.name).cloned();
        }
    }

    /// Counts its calls, of all its versions together.
    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

const RUNNING: u8 = 0;
const DRAINING: u8 = 1;
const OFFLINE: u8 = 2;
