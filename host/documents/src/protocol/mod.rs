//! The words of the protocol: what travels, and how it is read, checked and written. No state, no network.

mod error;

pub use error::{DocumentError, substatus};
