//! Workers: joining, beating, the list of them, and what operators decide about them.

mod beat;
mod join;
mod list;
mod register;
mod stand;
mod token;

pub(crate) use beat::beat;
pub(crate) use join::join;
pub(crate) use list::list;
pub(crate) use register::register;
pub(crate) use stand::{cordon, drain, remove, uncordon};
pub(crate) use token::token;
