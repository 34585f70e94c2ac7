//! The worker's side of its talk with management: joining, beating, and the private listener for log streams.

mod client;
mod listener;
mod member;

pub(crate) use listener::{Answering, ControlKey, bind, serve};
pub(crate) use member::{Member, beat, join};
