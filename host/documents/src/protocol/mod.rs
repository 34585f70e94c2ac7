//! The words of the protocol: what travels, and how it is read, checked and written. No state, no network.

pub mod account;
mod dates;
mod error;
pub mod resource_token;
mod session;
pub mod signature;

pub use dates::{http_date, parse_http_date};
pub use error::{DocumentError, substatus};
pub use session::SessionToken;
