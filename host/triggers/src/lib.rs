//! From an event to an invocation and from its result to an effect: one module per trigger.

mod acknowledgement;
pub mod cosmos;
pub mod custom_handler;
pub mod http;
pub mod inputs;
mod invoker;
mod json_pairs;
pub mod outputs;
pub mod queue;
pub mod timer;

pub use acknowledgement::{Acknowledgement, FeedAcknowledgement, Settling};
pub use invoker::{Event, InvocationFailure, Invoker};
