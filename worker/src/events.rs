//! Events that start functions: a timer's occurrence, a message, a run by hand. What listens for them is in `listeners`; here they become
//! invocations, and what the functions give out is committed with what makes the event done.

mod by_hand;
mod cosmos;
mod counters;
mod documents;
mod feeds;
mod guest;
mod handler;
mod inputs;
mod invoker;
mod outputs;
mod queues;
mod services;

pub(crate) use by_hand::{Outcome, run_by_hand};
pub(crate) use handler::{call_for_request, is_forwarded_to};
pub(crate) use inputs::read_inputs;
pub(crate) use invoker::AppInvoker;
pub(crate) use outputs::{commit, has_outputs};
pub(crate) use services::Services;
