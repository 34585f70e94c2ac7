//! The worker's side of its talk with management: joining, beating, and the private listener for log streams.

mod client;
mod join;
mod listener;
mod member;
mod membership;
mod rest;

pub use join::{JoinOptions, join as join_installation};
pub(crate) use listener::{Answering, ControlKey, bind, serve};
pub(crate) use member::{Member, beat, join};
pub use membership::Membership;
pub use rest::AvailableTimes;
pub(crate) use rest::Rest;
