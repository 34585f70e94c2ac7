//! `GET /admin/functions/{name}/status`: what is wrong with a function, or with what it listens to, how its timer went, and how far its
//! change feed is behind.

use hearth_model::binding::Trigger;
use hearth_model::clock::Timestamp;
use hearth_model::ids::FunctionName;
use hearth_state::{Occurrence, OccurrenceKind, OccurrenceState, StateError, TimerKey};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::find;
use crate::admin::answer::{Answer, json as answer};
use crate::admin::request::AdminCall;
use crate::app::{ListedFunction, LoadedApp};

/// Occurrences that are told, the latest first.
const OCCURRENCES: u32 = 20;

/// `errors` where there are any; of a function with a timer `timer`.
pub(in crate::admin) async fn status(call: &AdminCall<'_>, name: &str) -> Answer {
    let app = call.loaded().await?;
    let function = find(&app, name)?;
    let mut status = Map::new();
    if let Some(error) = function.error.clone().or_else(|| app.live.trouble(&function.name)) {
        status.insert("errors".to_owned(), json!([error]));
    }
    if has_timer(&app, function) {
        status.insert("timer".to_owned(), timer(call, &app, function).await?);
    }
    if let Some(feed) = feed(call, &app, function) {
        status.insert("changeFeed".to_owned(), feed);
    }
    Ok(answer(StatusCode::OK, Value::Object(status)))
}

fn has_timer(app: &LoadedApp, function: &ListedFunction) -> bool {
    let loaded = function.at.and_then(|at| app.functions.get(at));
    loaded.is_some_and(|loaded| matches!(loaded.definition.trigger, Trigger::Timer(_)))
}

/// How the listener to a change feed on this worker stands.
fn feed(call: &AdminCall<'_>, app: &LoadedApp, function: &ListedFunction) -> Option<Value> {
    let name = FunctionName::parse(&function.name).ok()?;
    let standing = call.apps.services().feeds.of(&app.live.name, &name)?;
    let stuck = standing.stuck.iter().map(|(token, error)| json!({ "leaseToken": token, "error": error }));
    Some(json!({ "behind": standing.behind, "stuck": stuck.collect::<Vec<_>>() }))
}

/// What host state keeps of a timer; null before anybody listened to it.
async fn timer(call: &AdminCall<'_>, app: &LoadedApp, function: &ListedFunction) -> Result<Value, StateError> {
    let Ok(name) = FunctionName::parse(&function.name) else { return Ok(Value::Null) };
    let key = TimerKey { app: app.live.name.clone(), function: name };
    let timers = call.apps.source().state.timers();
    let Some(status) = timers.status(&key).await? else { return Ok(Value::Null) };
    let occurrences = timers.history(&key, OCCURRENCES).await?;
    Ok(json!({
        "schedule": status.schedule,
        "last": status.last.map(Timestamp::rfc3339),
        "next": status.next.map(Timestamp::rfc3339),
        "lastUpdated": status.updated.rfc3339(),
        "isPastDue": status.is_past_due,
        "occurrences": occurrences.iter().map(told).collect::<Vec<_>>(),
    }))
}

fn told(occurrence: &Occurrence) -> Value {
    let reason = match occurrence.kind {
        OccurrenceKind::Scheduled => "schedule",
        OccurrenceKind::PastDue => "pastDue",
        OccurrenceKind::Startup => "startup",
    };
    let state = match occurrence.state {
        OccurrenceState::Waiting => "Waiting",
        OccurrenceState::Running => "Running",
        OccurrenceState::Completed => "Completed",
        OccurrenceState::Failed => "Failed",
    };
    let mut told = json!({
        "due": occurrence.due.rfc3339(),
        "reason": reason,
        "state": state,
        "started": occurrence.started.map(Timestamp::rfc3339),
        "finished": occurrence.finished.map(Timestamp::rfc3339),
        "failedAttempts": occurrence.failures,
    });
    if !occurrence.error.is_empty() {
        told["error"] = occurrence.error.as_str().into();
    }
    told
}
