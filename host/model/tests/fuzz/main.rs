//! Whatever bytes arrive, the parsers of a package answer: without a panic, in bounded time, and with errors that name a
//! place. Each target takes bytes; its seeds in `corpus/` are damaged at random, the same on every run.
//!
//! `HEARTH_FUZZ_ITERATIONS` (inputs per target) and `HEARTH_FUZZ_SEED` make a longer or another run.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod bounds;
mod mutation;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use mutation::{Corpus, Random};

/// Inputs per target when nothing else is asked for; a few seconds in all without optimisation.
const ITERATIONS: u64 = 3_000;

/// One input may take this long on a busy machine; what grows without bound takes much longer.
const PATIENCE: Duration = Duration::from_secs(20);

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, not '{text}'")),
        Err(_) => default,
    }
}

/// Runs a target on its seeds and on what becomes of them.
fn fuzz(target: &str, corpus: &Corpus, run: fn(&[u8])) {
    let seed = setting("HEARTH_FUZZ_SEED", 1);
    let iterations = setting("HEARTH_FUZZ_ITERATIONS", ITERATIONS);
    let mut random = Random::new(seed);
    for round in 0..iterations {
        let input = match usize::try_from(round).ok().and_then(|round| corpus.seeds.get(round)) {
            Some(seed) => seed.clone(),
            None => corpus.input(&mut random),
        };
        let started = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| run(&input)));
        let shown = || format!("{target}, HEARTH_FUZZ_SEED={seed}, round {round}: \"{}\"", input.escape_ascii());
        assert!(outcome.is_ok(), "{}", shown());
        assert!(started.elapsed() < PATIENCE, "took {:?}: {}", started.elapsed(), shown());
    }
}

#[test]
fn routes_and_paths() {
    fuzz("routes", &Corpus::read("routes"), targets::routes);
}

#[test]
fn host_json() {
    fuzz("host_json", &Corpus::read("host_json"), targets::host_json);
}

#[test]
fn function_json() {
    fuzz("function_json", &Corpus::read("function_json"), targets::function_json);
}

#[test]
fn local_settings() {
    fuzz("local_settings", &Corpus::read("local_settings"), targets::local_settings);
}

#[test]
fn expressions() {
    fuzz("expressions", &Corpus::read("expressions"), targets::expressions);
}

#[test]
fn packages() {
    fuzz("packages", &Corpus::of(targets::packages_to_damage()), targets::package);
}
