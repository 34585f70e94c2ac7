//! The clocks. While the image is made there is no time: it would be the same in every instance.

use std::sync::atomic::{AtomicBool, Ordering};

use wasip2::clocks::{monotonic_clock, wall_clock};

static AWAKE: AtomicBool = AtomicBool::new(false);

/// Lets time run; true the first time.
pub(super) fn wake() -> bool {
    !AWAKE.swap(true, Ordering::Relaxed)
}

/// Milliseconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "milliseconds are precise to less than a microsecond")]
pub(super) fn wall() -> f64 {
    if !AWAKE.load(Ordering::Relaxed) {
        return 0.0;
    }
    let now = wall_clock::now();
    now.seconds as f64 * 1e3 + f64::from(now.nanoseconds) / 1e6
}

/// Milliseconds since a moment of the host's choice.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds since the start of a machine")]
pub(super) fn monotonic() -> f64 {
    if AWAKE.load(Ordering::Relaxed) { monotonic_clock::now() as f64 / 1e6 } else { 0.0 }
}

/// What QuickJS's C code asks for the time (`Date.now()`), in microseconds since 1970. On `wasm32-wasip2` its libc asks WASI
/// instead, and nobody calls this.
#[expect(unsafe_code, reason = "C calls it by this name")]
#[unsafe(no_mangle)]
extern "C" fn __rquickjs_host_now_us() -> f64 {
    wall() * 1e3
}
