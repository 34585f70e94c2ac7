//! Accounts of the queue service.

mod list;
mod show;

pub(crate) use list::list;
pub(crate) use show::{of_app, show};
