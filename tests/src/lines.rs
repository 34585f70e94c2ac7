//! The output of a process, line by line, and waiting for a line.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::wait::LONG;

/// Everything written so far; grows while the process runs. Cheap to clone.
#[derive(Clone, Default)]
pub struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    written: Mutex<Written>,
    more: Condvar,
}

#[derive(Default)]
struct Written {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    /// Collects what `from` gives, in a thread of its own, to its end.
    pub(crate) fn collect(from: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let shared = lines.clone();
        std::thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                line.clear();
                shared.lock().lines.push(text);
                shared.0.more.notify_all();
            }
            shared.lock().ended = true;
            shared.0.more.notify_all();
        });
        lines
    }

    /// How many lines there are now: a mark to look from later.
    pub fn mark(&self) -> usize {
        self.lock().lines.len()
    }

    /// The lines from a mark on (0: all).
    pub fn since(&self, mark: usize) -> Vec<String> {
        self.lock().lines.get(mark..).unwrap_or_default().to_vec()
    }

    /// All lines as one text.
    pub fn text(&self) -> String {
        self.since(0).join("\n")
    }

    /// The last `count` lines as one text: for the message of a failed test.
    pub fn tail(&self, count: usize) -> String {
        let lines = self.lock();
        lines.lines[lines.lines.len().saturating_sub(count)..].join("\n")
    }

    /// The first line from `mark` on for which `wanted` holds, waiting for it at most [`LONG`].
    #[track_caller]
    pub fn find(&self, mark: usize, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + LONG;
        let mut seen = mark;
        let mut written = self.lock();
        loop {
            if let Some(line) = written.lines.iter().skip(seen).find(|line| wanted(line)) {
                return line.clone();
            }
            seen = seen.max(written.lines.len());
            let left = end.saturating_duration_since(Instant::now());
            let over = written.ended || left.is_zero();
            assert!(!over, "no line with {what} came. Since the mark:\n{}", written.lines[mark.min(seen)..].join("\n"));
            written = self.0.more.wait_timeout(written, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// [`Self::find`] for a line that contains every one of these texts.
    #[track_caller]
    pub fn with(&self, mark: usize, parts: &[&str]) -> String {
        self.find(mark, &format!("{parts:?}"), |line| parts.iter().all(|part| line.contains(part)))
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.0.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
