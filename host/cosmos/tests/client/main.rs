//! The client against the document store, against ways that go wrong, and against an emulator of others.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "../served/faults.rs"]
mod faults;
mod leases;
mod retries;
#[path = "../served/mod.rs"]
mod served;
mod store;
