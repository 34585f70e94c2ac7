//! Functions: listed with those in error, called by hand (reference: section 2.8).

pub(super) mod changefeed;
mod invoke;
mod object;
mod read;
mod status;

use http::StatusCode;

pub(crate) use invoke::{Order, invoke_for_management};
pub(super) use invoke::{invoke, wait_of};
pub(super) use read::{list, show};
pub(super) use status::status;

use crate::admin::answer::{Answer, Refusal};
use crate::admin::keys::function_not_found;
use crate::app::{ListedFunction, LoadedApp};

/// `PUT` and `DELETE`: what an app is made of changes by publishing.
pub(super) fn read_only() -> Answer {
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        "AppReadOnly",
        "The app runs from a package and can't be edited. Change its source and publish it again.",
    ))
}

/// The function of this name, in error or not; names ignore case.
fn find<'a>(app: &'a LoadedApp, name: &str) -> Result<&'a ListedFunction, Refusal> {
    let mut listed = app.listed.iter();
    listed.find(|function| function.name.eq_ignore_ascii_case(name)).ok_or_else(|| function_not_found(name))
}
