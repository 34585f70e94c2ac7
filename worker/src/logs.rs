//! The log lines of one app: written in the manner of Azure Functions, sent to whoever watches the app's log stream and to the
//! process's log. Lossy by design: a slow watcher misses lines and is told how many; nothing ever waits for one.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use hearth_engine::{InvocationLog, InvokeError, Level};
use hearth_model::clock::{Clock, SystemClock};
use hearth_model::host_json::{LogLevel, LogLevels};
use hearth_model::ids::InvocationId;
use tokio::sync::broadcast;

/// Recent lines shown to a new watcher, and the bytes that they may take; every app that was ever here has its own.
const RECENT_LINES: usize = 100;
const RECENT_BYTES: usize = 64 * 1024;
/// Longest text of one line in bytes; errors can carry as much of the guest's memory as it likes.
const LONGEST_TEXT: usize = 32 * 1024;
/// Lines a watcher may be behind before it misses some.
const WATCHER_BEHIND: usize = 1024;

/// The log of an app on this worker, across its versions.
pub(crate) struct AppLogs {
    app: String,
    recent: Mutex<Recent>,
    watchers: broadcast::Sender<Arc<str>>,
}

impl AppLogs {
    pub(crate) fn new(app: &str) -> Self {
        Self { app: app.to_owned(), recent: Mutex::default(), watchers: broadcast::Sender::new(WATCHER_BEHIND) }
    }

    /// Recent lines, and the ones to come.
    pub(crate) fn watch(&self) -> (Vec<Arc<str>>, broadcast::Receiver<Arc<str>>) {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        (recent.lines.iter().cloned().collect(), self.watchers.subscribe())
    }

    /// Writes one line to watchers and the process's log.
    pub(crate) fn line(&self, level: LogLevel, category: &str, text: &str) {
        let (text, left_out) = text.split_at(text.floor_char_boundary(LONGEST_TEXT));
        let cut = match left_out.len() {
            0 => Cow::Borrowed(text),
            bytes => Cow::Owned(format!("{text}… ({bytes} bytes left out)")),
        };
        let text = tame(&cut);
        let stamp = SystemClock.now().rfc3339();
        let line: Arc<str> = format!("{stamp} [{}] {category}: {text}", level.name()).into();
        {
            let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            recent.push(line.clone());
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

/// Text of a guest as it may stand in a log: further lines are indented, so that none looks like a line of its own, and nothing steers
/// the terminal of whoever reads it.
fn tame(text: &str) -> Cow<'_, str> {
    let wild = |c: char| c.is_control() && c != '\t';
    if !text.contains(wild) {
        return Cow::Borrowed(text);
    }
    let mut tamed = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => tamed.push_str("\n  "),
            c if wild(c) => tamed.extend(c.escape_default()),
            c => tamed.push(c),
        }
    }
    Cow::Owned(tamed)
}

#[derive(Default)]
struct Recent {
    lines: VecDeque<Arc<str>>,
    bytes: usize,
}

impl Recent {
    fn push(&mut self, line: Arc<str>) {
        self.bytes += line.len();
        self.lines.push_back(line);
        while self.lines.len() > RECENT_LINES || self.bytes > RECENT_BYTES {
            let Some(oldest) = self.lines.pop_front() else { break };
            self.bytes -= oldest.len();
        }
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

    /// `Trigger Details: MessageId: …, DequeueCount: …`
    pub(crate) fn details(&self, details: &[(&'static str, String)]) {
        if !self.logs.idle() {
            let details: Vec<String> = details.iter().map(|(name, value)| format!("{name}: {value}")).collect();
            self.host(LogLevel::Information, &format!("Trigger Details: {}", details.join(", ")));
        }
    }

    /// `Executed 'Functions.X' (Succeeded|Failed, Id=…, Duration=…ms)`, with what went wrong.
    pub(crate) fn executed(&self, id: InvocationId, started: Instant, result: Result<(), &InvokeError>) {
        let millis = || started.elapsed().as_millis();
        match result {
            Ok(()) if self.logs.idle() => {}
            Ok(()) => self.host(
                LogLevel::Information,
                &format!("Executed 'Functions.{}' (Succeeded, Id={id}, Duration={}ms)", self.name, millis()),
            ),
            Err(error) => self.host(
                LogLevel::Error,
                &format!("Executed 'Functions.{}' (Failed, Id={id}, Duration={}ms)\n{error}", self.name, millis()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_new_watcher_sees_is_bounded_in_lines_and_bytes() {
        let logs = AppLogs::new("shop");
        for number in 0..RECENT_LINES + 5 {
            logs.line(LogLevel::Information, "test", &number.to_string());
        }
        let (recent, _) = logs.watch();
        assert_eq!(recent.len(), RECENT_LINES);
        assert!(recent[0].ends_with(": 5"), "{}", recent[0]);

        for _ in 0..5 {
            logs.line(LogLevel::Error, "test", &"ü".repeat(LONGEST_TEXT));
        }
        let (recent, _) = logs.watch();
        assert_eq!(recent.len(), 1, "each takes more than half of what all may take");
        assert!(recent[0].len() < LONGEST_TEXT + 200 && recent[0].ends_with("bytes left out)"));
    }

    #[test]
    fn a_guest_cannot_write_the_lines_of_others() {
        assert_eq!(tame("plain\tüber"), "plain\tüber");
        assert_eq!(
            tame("one\n2026-01-01 [Error] Host: x\x1b[2J\r\u{9b}"),
            "one\n  2026-01-01 [Error] Host: x\\u{1b}[2J\\r\\u{9b}"
        );
    }
}
