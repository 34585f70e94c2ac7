//! Functions that somebody runs by hand, whatever would start them: the input becomes the trigger's payload, outputs are sent, and how it went is
//! known to whoever asks for it.

mod event;
mod http;

use std::sync::Arc;
use std::time::Instant;

use hearth_model::ids::InvocationId;
use serde::Serialize;
use tokio_util::task::TaskTracker;

use crate::app::{Invocation, LoadedApp, Place};
use crate::events::Services;
use crate::front::Caller;

/// How a run by hand went.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outcome {
    pub(crate) invocation_id: String,
    /// `Succeeded` or `Failed`, as in the log.
    pub(crate) status: &'static str,
    pub(crate) duration_ms: u64,
    /// What went wrong, as in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// What an HTTP function answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Answered>,
}

/// An answer whose status alone does not make the run a failure.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answered {
    pub(crate) status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    pub(crate) body: String,
}

/// Runs the function at this place of an app to its end.
pub(crate) async fn run_by_hand(
    (id, app, at): (InvocationId, Arc<LoadedApp>, usize),
    place: Place,
    (caller, input): (Caller, String),
    services: &Services,
    tracker: TaskTracker,
) -> Outcome {
    let turn = app.throttle.turn(place).await;
    let started = Instant::now();
    let result = match turn {
        Some(turn) => {
            let path = http::path_of(&app, at);
            let invocation = Invocation::of_id(id, app, at, turn, &tracker);
            match path {
                Some(path) => http::run(invocation, path, (caller, input), services)
                    .await
                    .map(Some)
                    .map_err(|error| error.to_string()),
                None => event::run(invocation, input, services).await.map(|()| None),
            }
        }
        None => Err("the worker stops".to_owned()),
    };
    let (response, error) = match result {
        Ok(response) => (response, None),
        Err(error) => (None, Some(error)),
    };
    Outcome {
        invocation_id: id.to_string(),
        status: if error.is_none() { "Succeeded" } else { "Failed" },
        duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        error,
        response,
    }
}
