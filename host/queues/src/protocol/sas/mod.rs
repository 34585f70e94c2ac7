//! Shared access signatures: what a URL may do without the account's key (REST reference: Create an Account SAS, Create a
//! Service SAS).
//!
//! An account SAS is for kinds of resources of the account, a service SAS for one queue; the latter may name a stored access
//! policy of the queue, which can be taken back. Signatures of 2012-02-12 and later are taken.

mod make;
mod operation;
mod token;
mod verify;

pub use make::{AccountSas, ServiceSas};
pub use operation::Operation;
pub use token::SasToken;
pub use verify::{Caller, check_account, check_service};

#[cfg(test)]
mod tests;
