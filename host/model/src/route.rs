//! Routes of HTTP functions: ASP.NET Core inline templates and the table that finds the function for a path
//! (reference: section 2.2).
//!
//! Unlike the original, which takes the first function by name that matches, a literal beats a parameter here, segment by
//! segment; [`RouteTable::reordered`] tells where that makes a difference.

mod constraint;
mod path;
mod precedence;
mod table;
mod template;
#[cfg(test)]
mod tests;

pub use table::{Conflict, MAX_REORDERED, RouteMatch, RouteTable};
pub use template::{RouteError, RouteTemplate};
