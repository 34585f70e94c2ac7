//! Accounts of the document store.

mod change;
mod delete;
mod list;
mod renew;
mod show;

use hearth_documents::protocol::account::AccountName;
use http::StatusCode;

use crate::answer::{Failure, sentence};

pub(crate) use change::{change, create};
pub(crate) use delete::delete;
pub(crate) use list::list;
pub(crate) use renew::renew;
pub(crate) use show::{of_app, show};

/// A name that an account may have.
fn name(text: &str) -> Result<AccountName, Failure> {
    AccountName::parse(text).map_err(|error| Failure::invalid("document_account_invalid", sentence(&error.to_string())))
}

/// 404.
fn unknown(account: &str) -> Failure {
    let message = format!("The document store has no account '{account}'; see 'hearth documents accounts list'.");
    Failure::new(StatusCode::NOT_FOUND, "document_account_not_found", message)
}
