//! Chaos: real processes are killed with SIGKILL over and over, and a checker looks at what was acknowledged.
//!
//! In an ordinary run each part takes some seconds; `cargo xtask soak --minutes N` runs them for longer. The order of the
//! kills follows from a seed, which is shown; `HEARTH_CHAOS_SEED` sets it.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "seed and figures are shown")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod claims;
mod documents;
mod installation;
mod messages;
mod partition;

use std::time::{Duration, Instant};

use hearth_model::clock::{Clock, SystemClock};

/// How long each part goes on in an ordinary run, in seconds: a twentieth of five minutes.
const SECONDS: u64 = 15;

/// When a part is to end.
fn end() -> Instant {
    end_after(SECONDS)
}

/// The same for a part that goes on for so many seconds in an ordinary run.
fn end_after(seconds: u64) -> Instant {
    let seconds = std::env::var("HEARTH_CHAOS_SECONDS").map_or(seconds, |text| text.parse().unwrap());
    Instant::now() + Duration::from_secs(seconds)
}

/// Numbers that follow from a seed (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn seeded(what: &str) -> Self {
        let seed = std::env::var("HEARTH_CHAOS_SEED")
            .map_or_else(|_| u64::try_from(SystemClock.now().as_micros()).unwrap(), |text| text.parse().unwrap());
        println!("{what}: HEARTH_CHAOS_SEED={seed}");
        Self(seed | 1)
    }

    /// Below `limit`.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).unwrap() % limit
    }
}
