//! Advances the engine's epoch while guests run, so that a computing guest yields to others and meets its deadline.
//! One thread for the process; it sleeps without waking while nothing runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::EngineWeak;

/// A guest that computes is interrupted this often; also the precision of a function's timeout.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Ticks without a running guest after which the thread parks.
const IDLE_TICKS: u32 = 100;

pub(crate) struct Ticker {
    running: AtomicUsize,
    parked: AtomicBool,
    thread: std::sync::OnceLock<Thread>,
}

impl Ticker {
    pub(crate) fn start(engine: EngineWeak) -> std::io::Result<Arc<Self>> {
        let ticker = Arc::new(Self {
            running: AtomicUsize::new(0),
            parked: AtomicBool::new(false),
            thread: std::sync::OnceLock::new(),
        });
        let weak = Arc::downgrade(&ticker);
        let handle = std::thread::Builder::new().name("epoch".into()).spawn(move || {
            let mut idle = 0;
            while let (Some(engine), Some(ticker)) = (engine.upgrade(), weak.upgrade()) {
                engine.increment_epoch();
                idle = if ticker.running.load(Ordering::Relaxed) == 0 { idle + 1 } else { 0 };
                let park = idle > IDLE_TICKS;
                if park {
                    ticker.parked.store(true, Ordering::SeqCst);
                    if ticker.running.load(Ordering::SeqCst) != 0 {
                        ticker.parked.store(false, Ordering::SeqCst);
                        idle = 0;
                        continue;
                    }
                }
                drop((engine, ticker));
                if park {
                    std::thread::park();
                    idle = 0;
                } else {
                    std::thread::park_timeout(TICK);
                }
            }
        })?;
        let _ = ticker.thread.set(handle.thread().clone());
        Ok(ticker)
    }

    /// Keeps the epoch advancing until the guard is dropped.
    pub(crate) fn running(self: &Arc<Self>) -> Running {
        self.running.fetch_add(1, Ordering::SeqCst);
        if self.parked.load(Ordering::SeqCst) && self.parked.swap(false, Ordering::SeqCst) {
            self.wake();
        }
        Running(self.clone())
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

pub(crate) struct Running(Arc<Ticker>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}
