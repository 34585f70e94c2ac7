//! The host: how it is, what it is to do (reference: sections 2.8 and 6).

mod config;
mod drain;
mod log;
mod ping;
mod restart;
mod state;
mod status;
mod sync_triggers;

pub(super) use config::config;
pub(super) use drain::{drain, drain_status, resume};
pub(super) use log::log;
pub(super) use ping::{ping, warmup};
pub(super) use restart::restart;
pub(super) use state::set_state;
pub(super) use status::status;
pub(super) use sync_triggers::sync_triggers;
