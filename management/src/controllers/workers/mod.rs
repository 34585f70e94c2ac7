//! Workers: joining, beating, and the list of them.

mod beat;
mod list;
mod register;

pub(crate) use beat::beat;
pub(crate) use list::list;
pub(crate) use register::register;
