//! The client against the document store, against ways that go wrong, and against an emulator of others.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

#[path = "../served/faults.rs"]
mod faults;
mod leases;
mod peer;
mod retries;
#[path = "../served/mod.rs"]
mod served;
mod store;
mod tls;
