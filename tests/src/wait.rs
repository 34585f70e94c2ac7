//! Bounded waiting.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

/// No step of a test takes this long; what has not happened by then has failed.
pub const LONG: Duration = Duration::from_secs(60);
/// Between two looks at something that can only be asked.
const LOOK: Duration = Duration::from_millis(20);

/// Drives the HTTP clients and servers of the tests.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// Lets `time` pass, where a test is about time itself.
pub fn pause(time: Duration) {
    // A timer must be made inside the runtime.
    RUNTIME.block_on(async { tokio::time::sleep(time).await });
}

/// Asks until there is an answer, at most [`LONG`]; panics with `what` was waited for.
#[track_caller]
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + LONG;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < end, "waited {LONG:?} in vain for: {what}");
        pause(LOOK);
    }
}
