//! Request handlers: a folder is a resource, a file is one verb.

pub(crate) mod apps;
pub(crate) mod deployments;
pub(crate) mod documents;
pub(crate) mod health;
pub(crate) mod keys;
pub(crate) mod logstream;
pub(crate) mod metrics;
pub(crate) mod queues;
pub(crate) mod settings;
pub(crate) mod workers;

use std::collections::HashMap;
use std::sync::Arc;

use hearth_model::ids::AppName;
use hearth_state::App;

use crate::answer::{Failure, sentence};
use crate::context::Context;

/// Reads an app's name out of a path.
fn app_name(text: &str) -> Result<AppName, Failure> {
    AppName::parse(text).map_err(|error| Failure::invalid("app_name_invalid", sentence(&error.to_string())))
}

/// The app of this name.
async fn existing(context: &Arc<Context>, app: &AppName) -> Result<App, Failure> {
    context.state.apps().get(app).await?.ok_or_else(|| Failure::no_app(app.as_str()))
}

/// A value of the query, whatever the case of its name.
fn query(values: &HashMap<String, String>, name: &str) -> Option<String> {
    values.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
}
