//! The REST face over HTTP, with real signatures: what the reference says, case by case, each with its reason.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod account;
mod attachments;
mod attacks;
mod authorization;
mod batches;
mod client;
mod harm;
mod items;
mod plans;
mod resources;
mod table;
mod tokens;
mod traps;
