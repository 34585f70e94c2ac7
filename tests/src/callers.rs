//! Callers that never stop asking: what an app's users see while something changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::http::{Answer, Call};
use crate::wait::{eventually, pause};

/// Between two calls of one caller.
const PACE: Duration = Duration::from_millis(5);

/// What one call came to.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When it was sent.
    pub at: Instant,
    /// When its answer was complete, or had failed.
    pub end: Instant,
    /// The answer, or why there was none.
    pub answer: Result<Answer, String>,
}

impl Seen {
    /// The text of a complete answer with status 200.
    pub fn text(&self) -> Option<String> {
        let answer = self.answer.as_ref().ok().filter(|answer| answer.status == 200 && answer.broken.is_none())?;
        Some(answer.text())
    }
}

/// Threads that make the same call over and over.
#[must_use]
pub struct Callers {
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Vec<Seen>>>,
}

impl Callers {
    /// Begins with this many callers and waits until each has had an answer.
    #[track_caller]
    pub fn begin(callers: usize, call: &Call) -> Self {
        let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let one = || {
            let (stop, done, call) = (stop.clone(), done.clone(), call.clone());
            std::thread::spawn(move || {
                let mut seen = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let at = Instant::now();
                    let answer = call.clone().try_send();
                    seen.push(Seen { at, end: Instant::now(), answer });
                    done.fetch_add(1, Ordering::Relaxed);
                    pause(PACE);
                }
                seen
            })
        };
        let callers = Self { threads: (0..callers).map(|_| one()).collect(), stop, done };
        callers.go_on(callers.threads.len());
        callers
    }

    /// Waits until this many more calls have ended.
    #[track_caller]
    pub fn go_on(&self, calls: usize) {
        let wanted = self.done.load(Ordering::Relaxed) + calls;
        eventually("calls to end", || (self.done.load(Ordering::Relaxed) >= wanted).then_some(()));
    }

    /// Lets the callers finish their last call; everything they saw, in the order of the ends.
    pub fn end(self) -> Vec<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        let mut seen: Vec<Seen> = self.threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        seen.sort_by_key(|seen| seen.end);
        seen
    }
}
