//! From an event to an invocation and from its result to an effect: one module per trigger.

pub mod http;
mod invoker;

pub use invoker::{Acknowledgement, Event, InvocationFailure, Invoker};
