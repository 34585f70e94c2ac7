//! Keys: host keys, system keys, those of each function, and the master key under the name `_master` (reference: section 2.5).

mod change;
mod read;

use hearth_model::ids::FunctionName;
use hearth_model::keys::{KeyScope, MASTER};
use http::StatusCode;

pub(super) use change::{delete, generate, set};
pub(super) use read::{list, show};

use crate::admin::answer::Refusal;
use crate::admin::request::AdminCall;

/// The master key's name in this API.
const MASTER_NAME: &str = "_master";

/// A collection of keys as paths name it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Collection {
    Host,
    System,
    /// Of a function, its name as given.
    Function(String),
}

/// Where a key is kept: its scope and its name there.
struct Place {
    scope: KeyScope,
    name: String,
    function: Option<FunctionName>,
}

impl Collection {
    /// The scope, of a function that the app has.
    async fn scope(&self, call: &AdminCall<'_>) -> Result<(KeyScope, Option<FunctionName>), Refusal> {
        match self {
            Self::Host => Ok((KeyScope::Host, None)),
            Self::System => Ok((KeyScope::System, None)),
            Self::Function(name) => {
                let app = call.loaded().await?;
                let known = app.listed.iter().find(|function| function.name.eq_ignore_ascii_case(name));
                match known.and_then(|function| FunctionName::parse(&function.name).ok()) {
                    Some(function) => Ok((KeyScope::function(function.as_str()), Some(function))),
                    None => Err(function_not_found(name)),
                }
            }
        }
    }

    /// The place of a key; `_master` is one of the host's.
    async fn place(&self, call: &AdminCall<'_>, name: &str) -> Result<Place, Refusal> {
        let (scope, function) = self.scope(call).await?;
        if function.is_none() && name.eq_ignore_ascii_case(MASTER_NAME) {
            return Ok(Place { scope: KeyScope::Master, name: MASTER.to_owned(), function });
        }
        Ok(Place { scope, name: name.to_owned(), function })
    }
}

pub(super) fn function_not_found(name: &str) -> Refusal {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(128).collect();
    Refusal::new(StatusCode::NOT_FOUND, "FunctionNotFound", format!("The app has no function '{shown}'."))
}

fn key_not_found(name: &str) -> Refusal {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(128).collect();
    Refusal::new(StatusCode::NOT_FOUND, "KeyNotFound", format!("There is no key '{shown}'."))
}
