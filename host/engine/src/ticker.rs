//! Advances the engine's epoch while guests run, so that a computing guest yields to others and meets its deadline.
//! One thread for the process, which also drops instances that idled too long; it sleeps without waking while nothing runs and
//! none is idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::{Duration, Instant};

use wasmtime::EngineWeak;

use crate::instance::IdlePlaces;

/// A guest that computes is interrupted this often; also the precision of a function's timeout.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Ticks without a running guest after which the thread parks.
const IDLE_TICKS: u32 = 100;
/// Pause between two looks at what idles; also how much longer than it should an instance may.
const EXPIRE_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Ticker {
    running: AtomicUsize,
    parked: AtomicBool,
    thread: std::sync::OnceLock<Thread>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak, idle_places: Arc<IdlePlaces>) -> std::io::Result<Arc<Self>> {
        let ticker = Arc::new(Self {
            running: AtomicUsize::new(0),
            parked: AtomicBool::new(false),
            thread: std::sync::OnceLock::new(),
        });
        let weak = Arc::downgrade(&ticker);
        let handle = std::thread::Builder::new().name("epoch".into()).spawn(move || {
            let mut idle = 0_u32;
            let mut expired = Instant::now();
            while let (Some(engine), Some(ticker)) = (engine.upgrade(), weak.upgrade()) {
                engine.increment_epoch();
                // Who wakes it takes the mark away; otherwise only a pause between two looks is over.
                let woken = idle > IDLE_TICKS && !ticker.parked.load(Ordering::SeqCst);
                let busy = ticker.running.load(Ordering::Relaxed) != 0;
                idle = if busy || woken { 0 } else { idle.saturating_add(1) };
                let park = idle > IDLE_TICKS;
                if park {
                    ticker.parked.store(true, Ordering::SeqCst);
                    if ticker.running.load(Ordering::SeqCst) != 0 {
                        ticker.parked.store(false, Ordering::SeqCst);
                        idle = 0;
                        continue;
                    }
                }
                // Looks again before it parks: what was put back before nothing ran must not be missed.
                let now = Instant::now();
                let mut left = false;
                if park || now.saturating_duration_since(expired) >= EXPIRE_EVERY {
                    expired = now;
                    left = idle_places.expire(now);
                }
                drop((engine, ticker));
                match (park, left) {
                    (true, true) => std::thread::park_timeout(EXPIRE_EVERY),
                    (true, false) => std::thread::park(),
                    (false, _) => std::thread::park_timeout(TICK),
                }
            }
        })?;
        let _ = ticker.thread.set(handle.thread().clone());
        Ok(ticker)
    }

    /// Keeps the epoch advancing until the guard is dropped.
    pub(crate) fn running(&self) -> Running<'_> {
        self.running.fetch_add(1, Ordering::SeqCst);
        if self.parked.load(Ordering::SeqCst) && self.parked.swap(false, Ordering::SeqCst) {
            self.wake();
        }
        Running(self)
    }

    fn wake(&self) {
        if let Some(thread) = self.thread.get() {
            thread.unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.wake();
    }
}

pub(crate) struct Running<'a>(&'a Ticker);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}
