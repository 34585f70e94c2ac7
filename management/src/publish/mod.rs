//! Publishing: an upload becomes a deployment, a deployment becomes what the workers serve.

mod deployment;
mod intake;
mod kudu;
mod spool;
mod uploads;

pub(crate) use deployment::{Source, Started, Terms, in_progress, new_id, start};
pub(crate) use kudu::{Site, entry_view, view};
pub(crate) use spool::{Spool, Upload, drain, too_large};
pub(crate) use uploads::{Permit, Uploads};
