//! Where a guest's log lines go: to the invocation that is running, with a budget so that a guest cannot flood its host.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// Severity of a guest's log line, in the order of the Functions log levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the Functions log levels")]
pub enum Level {
    Trace,
    Debug,
    Information,
    Warning,
    Error,
    Critical,
}

/// Receives the log lines of one invocation. Called from the guest's own task: must not block.
pub trait InvocationLog: Send + Sync {
    /// One line, without its line end.
    fn log(&self, level: Level, message: &str);
}

/// Log text that one invocation may write, in bytes; what exceeds it is dropped with one line that says so.
pub(crate) const LOG_BUDGET: usize = 1024 * 1024;
/// A longer line is broken into several.
const LINE_LIMIT: usize = 16 * 1024;

/// The log of whatever invocation an instance is running now; shared between its store and its output streams.
#[derive(Clone, Default)]
pub(crate) struct CurrentLog(Arc<Mutex<Current>>);

#[derive(Default)]
struct Current {
    sink: Option<Arc<dyn InvocationLog>>,
    left: usize,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl CurrentLog {
    /// Directs lines to `sink` from now on, with a fresh budget.
    pub(crate) fn begin(&self, sink: Arc<dyn InvocationLog>) {
        let mut current = self.lock();
        current.sink = Some(sink);
        current.left = LOG_BUDGET;
    }

    /// Writes out unfinished lines and forgets the sink.
    pub(crate) fn end(&self) {
        let mut current = self.lock();
        for (level, rest) in [
            (Level::Information, std::mem::take(&mut current.stdout)),
            (Level::Error, std::mem::take(&mut current.stderr)),
        ] {
            if !rest.is_empty() {
                current.emit(level, &String::from_utf8_lossy(&rest));
            }
        }
        current.sink = None;
    }

    pub(crate) fn log(&self, level: Level, message: &str) {
        let mut current = self.lock();
        let mut rest = message;
        while rest.len() > LINE_LIMIT && current.left > 0 {
            let (line, more) = rest.split_at(rest.floor_char_boundary(LINE_LIMIT));
            current.emit(level, line);
            rest = more;
        }
        current.emit(level, rest);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Current> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, level: Level, bytes: &[u8]) {
        let mut current = self.lock();
        let mut pending = std::mem::take(current.buffer(level));
        for byte in bytes {
            if *byte == b'\n' || pending.len() >= LINE_LIMIT {
                let line = String::from_utf8_lossy(&pending).trim_end_matches('\r').to_owned();
                current.emit(level, &line);
                pending.clear();
            }
            if *byte != b'\n' {
                pending.push(*byte);
            }
        }
        *current.buffer(level) = pending;
    }
}

impl Current {
    fn buffer(&mut self, level: Level) -> &mut Vec<u8> {
        if level == Level::Error { &mut self.stderr } else { &mut self.stdout }
    }

    fn emit(&mut self, level: Level, message: &str) {
        let Some(sink) = &self.sink else { return };
        if self.left == 0 {
            return;
        }
        match self.left.checked_sub(message.len() + 1) {
            Some(left) => {
                self.left = left;
                sink.log(level, message);
            }
            None => {
                self.left = 0;
                sink.log(
                    Level::Warning,
                    &format!(
                        "Further log lines of this invocation are dropped: it wrote more than {LOG_BUDGET} bytes."
                    ),
                );
            }
        }
    }
}

/// Standard output or standard error of a guest: whole lines become log lines (Information, or Error).
pub(crate) struct OutputLines {
    pub(crate) log: CurrentLog,
    pub(crate) level: Level,
}

impl IsTerminal for OutputLines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for OutputLines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(LineWriter { log: self.log.clone(), level: self.level })
    }
}

struct LineWriter {
    log: CurrentLog,
    level: Level,
}

impl AsyncWrite for LineWriter {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        self.log.write(self.level, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Lines(Mutex<Vec<(Level, String)>>);

    impl InvocationLog for Lines {
        fn log(&self, level: Level, message: &str) {
            self.0.lock().unwrap().push((level, message.to_owned()));
        }
    }

    #[test]
    fn output_becomes_lines_and_the_rest_is_written_at_the_end() {
        let lines = Arc::new(Lines::default());
        let log = CurrentLog::default();
        log.begin(lines.clone());
        log.write(Level::Information, b"one\r\ntw");
        log.write(Level::Error, b"bad\n");
        log.write(Level::Information, b"o");
        log.end();
        log.log(Level::Information, "after the end: nobody listens");
        let expected = [(Level::Information, "one"), (Level::Error, "bad"), (Level::Information, "two")];
        assert_eq!(*lines.0.lock().unwrap(), expected.map(|(level, text)| (level, text.to_owned())));
    }

    #[test]
    fn a_flood_is_cut_with_one_line_that_says_so() {
        let lines = Arc::new(Lines::default());
        let log = CurrentLog::default();
        log.begin(lines.clone());
        let long = "ü".repeat(LOG_BUDGET / 8);
        for _ in 0..10 {
            log.log(Level::Information, &long);
        }
        let seen = lines.0.lock().unwrap();
        let (last, before) = seen.split_last().unwrap();
        assert!(last.1.contains("dropped"), "{}", last.1);
        assert!(before.iter().all(|(_, line)| line.len() <= LINE_LIMIT), "long lines are broken");
        assert_eq!(before.len(), LOG_BUDGET / (LINE_LIMIT + 1));
    }
}
