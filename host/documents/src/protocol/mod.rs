//! The words of the protocol: what travels, and how it is read, checked and written. No state, no network.

pub mod account;
mod dates;
pub mod epk;
mod error;
pub mod json;
pub mod limits;
pub mod links;
pub mod partition_key;
pub mod resource_token;
mod rid;
mod session;
pub mod signature;

pub use dates::{http_date, parse_http_date};
pub use error::{DocumentError, substatus};
pub use rid::{ChildKind, InvalidRid, Rid};
pub use session::SessionToken;
