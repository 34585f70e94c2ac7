//! Calls between workers: a call for an app that is not here goes on to a worker that has it, and comes from there as if that worker had
//! been called.
//!
//! One hop only: who is given a call answers it. The hop goes to the private listener of the other worker, over pooled HTTP/1.1
//! connections. Each begins with a proof: the two exchange random numbers, the worker that is called shows that it knows the
//! installation key, and every call carries a code under that key, over both numbers, its place on the connection and what the
//! first worker says of the call. So nobody else hands a worker calls or takes them, and what was overheard is worth nothing on another
//! connection or a second time on the same one. Bodies and the headers of callers are not covered and nothing is encrypted:
//! the network between workers must be one that is trusted, as it must for keys on their way to a plain HTTP listener.

mod body;
mod facts;
mod peers;
mod proof;
mod receive;
mod ring;
mod send;
mod target;

pub(crate) use body::Answered;
pub(crate) use facts::{Facts, HOP};
pub(crate) use peers::{Assignees, Peers};
pub(crate) use proof::HopKey;
pub(crate) use receive::{Greeted, HELLO_PATH, refused, served};
pub(crate) use ring::{MAX_NAMES, RING_PATH, heard};
pub(crate) use send::{Hops, Outgoing, Passed};
