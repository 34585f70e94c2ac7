//! Accounts of the queue service.

mod change;
mod list;
mod show;

pub(crate) use change::{create, delete, renew};
pub(crate) use list::list;
pub(crate) use show::{of_app, show};
