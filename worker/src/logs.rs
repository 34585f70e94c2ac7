//! The log lines of one app: written in the manner of Azure Functions, sent to whoever watches the app's log stream and to the
//! process's log. Lossy by design: a slow watcher misses lines and is told how many; nothing ever waits for one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hearth_engine::{InvocationLog, InvokeError, Level};
use hearth_model::clock::{Clock, SystemClock};
use hearth_model::host_json::{LogLevel, LogLevels};
use hearth_model::ids::InvocationId;
use tokio::sync::broadcast;

/// Recent lines shown to a new watcher.
const RECENT_LINES: usize = 100;
/// Lines a watcher may be behind before it misses some.
const WATCHER_BEHIND: usize = 1024;

/// The log of an app on this worker, across its versions.
pub(crate) struct AppLogs {
    app: String,
    recent: Mutex<VecDeque<Arc<str>>>,
    watchers: broadcast::Sender<Arc<str>>,
}

impl AppLogs {
    pub(crate) fn new(app: &str) -> Self {
        Self { app: app.to_owned(), recent: Mutex::default(), watchers: broadcast::Sender::new(WATCHER_BEHIND) }
    }

    /// Recent lines, and the ones to come.
    pub(crate) fn watch(&self) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        (recent.iter().cloned().collect(), self.watchers.subscribe())
    }

    /// Writes one line to watchers and the process's log.
    pub(crate) fn line(&self, level: LogLevel, category: &str, text: &str) {
        let stamp = SystemClock.now().rfc3339();
        let line: Arc<str> = format!("{stamp} [{}] {category}: {text}", level.name()).into();
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            if recent.len() == RECENT_LINES {
                recent.pop_front();
            }
            recent.push_back(line.clone());
            // No watcher is no error.
            let _ = self.watchers.send(line);
        }
        let app = self.app.as_str();
        match level {
            LogLevel::Trace => tracing::trace!(target: "function", app, category, "{text}"),
            LogLevel::Debug => tracing::debug!(target: "function", app, category, "{text}"),
            LogLevel::Information => tracing::info!(target: "function", app, category, "{text}"),
            LogLevel::Warning => tracing::warn!(target: "function", app, category, "{text}"),
            LogLevel::Error | LogLevel::Critical | LogLevel::None => {
                tracing::error!(target: "function", app, category, "{text}");
            }
        }
    }

    /// Whether a line that nobody would see need not be made: with no watcher and the process's log above it.
    fn idle(&self) -> bool {
        self.watchers.receiver_count() == 0 && !tracing::enabled!(target: "function", tracing::Level::INFO)
    }
}

/// A function's share of the log: its categories, and the levels that its app wants.
pub(crate) struct FunctionLog {
    logs: Arc<AppLogs>,
    name: String,
    host_category: String,
    user_category: String,
    levels: LogLevels,
}

impl FunctionLog {
    pub(crate) fn new(logs: Arc<AppLogs>, function: &str, levels: LogLevels) -> Self {
        Self {
            logs,
            name: function.to_owned(),
            host_category: format!("Function.{function}"),
            user_category: format!("Function.{function}.User"),
            levels,
        }
    }

    /// `Executing 'Functions.X' (Reason='…', Id=…)`
    pub(crate) fn executing(&self, id: InvocationId, reason: &str) {
        if !self.logs.idle() {
            self.host(
                LogLevel::Information,
                &format!("Executing 'Functions.{}' (Reason='{reason}', Id={id})", self.name),
            );
        }
    }

    /// `Executed 'Functions.X' (Succeeded|Failed, Id=…, Duration=…ms)`, with what went wrong.
    pub(crate) fn executed(&self, id: InvocationId, took: Duration, result: Result<(), &InvokeError>) {
        let millis = took.as_millis();
        match result {
            Ok(()) if self.logs.idle() => {}
            Ok(()) => self.host(
                LogLevel::Information,
                &format!("Executed 'Functions.{}' (Succeeded, Id={id}, Duration={millis}ms)", self.name),
            ),
            Err(error) => self.host(
                LogLevel::Error,
                &format!("Executed 'Functions.{}' (Failed, Id={id}, Duration={millis}ms)\n{error}", self.name),
            ),
        }
    }

    /// A host's line about this function.
    pub(crate) fn host(&self, level: LogLevel, text: &str) {
        if self.levels.enabled(&self.host_category, level) {
            self.logs.line(level, &self.host_category, text);
        }
    }
}

impl InvocationLog for FunctionLog {
    fn log(&self, level: Level, message: &str) {
        let level = match level {
            Level::Trace => LogLevel::Trace,
            Level::Debug => LogLevel::Debug,
            Level::Information => LogLevel::Information,
            Level::Warning => LogLevel::Warning,
            Level::Error => LogLevel::Error,
            Level::Critical => LogLevel::Critical,
        };
        if self.levels.enabled(&self.user_category, level) {
            self.logs.line(level, &self.user_category, message);
        }
    }
}
