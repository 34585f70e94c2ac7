//! Change feed processors in a simulated world: two to five instances over ranges that split and merge come and go, lose their way to the
//! endpoint, and have delegates that fail. A checker watches what was promised.
//!
//! `HEARTH_SIMULATION_SEED` takes another first seed, `HEARTH_SIMULATION_SEEDS` another number of seeds, and
//! `HEARTH_SIMULATION_TRACE` shows what happened.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::expect_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "what happened is shown where that is asked for")]
#![expect(clippy::cast_possible_truncation, reason = "numbers of a simulation are small")]

mod checker;
mod instance;
mod interoperation;
mod life;
mod promises;
mod time;
mod world;
