//! `POST /admin/functions/{name}`: calls a function by hand. The answer does not wait for it, unless the caller says by `Prefer: wait=SECONDS`
//! (RFC 7240) that it is to; how it went is in the log in any case.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearth_model::ids::{AppName, InvocationId};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::find;
use crate::admin::answer::{Answer, Refusal, empty, json};
use crate::admin::request::{self, AdminCall};
use crate::app::{Apps, LoadedApp, Lookup};
use crate::events::{Outcome, run_by_hand};
use crate::front::Caller;
use crate::front::answer::INVOCATION_HEADER;

const WANTED: &str = r#"the body must be JSON such as {"input": "text"}; a JSON document as input must be text too: {"input": "{\"id\": 1}"}"#;
/// Longest wait for the outcome that a caller of the admin API gets.
const LONGEST_WAIT: Duration = Duration::from_secs(230);

/// 202 with the invocation's id, or 200 with the outcome for a caller that waits. Disabled functions run too; an HTTP function gets a POST
/// with the input as its body.
pub(in crate::admin) async fn invoke<B>(call: &AdminCall<'_>, name: &str, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let app = call.loaded().await?;
    let at = runnable(&app, name)?;
    let wait = wait_of(request.headers());
    let given: Map<String, Value> = request::json(request, WANTED).await?;
    let input = match given.get("input") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(Refusal::invalid(WANTED)),
    };
    let started = start(call.apps, app, at, (call.caller.clone(), input))?;
    match within(started.outcome, wait).await {
        Some(outcome) => {
            let mut response = json(StatusCode::OK, serde_json::to_value(&outcome).unwrap_or_default());
            response.headers_mut().insert("preference-applied", HeaderValue::from_static("wait"));
            Ok(of_invocation(started.id, response))
        }
        None => Ok(of_invocation(started.id, empty(StatusCode::ACCEPTED))),
    }
}

/// How long a caller wants to wait for the outcome.
pub(in crate::admin) fn wait_of(headers: &HeaderMap) -> Duration {
    let preferences = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = preferences.flat_map(|text| text.split([',', ';']));
    let wait = preferences.find_map(|preference| {
        let (name, seconds) = preference.split_once('=')?;
        let seconds = seconds.trim().trim_matches('"').parse().ok()?;
        name.trim().eq_ignore_ascii_case("wait").then_some(Duration::from_secs(seconds))
    });
    wait.unwrap_or_default().min(LONGEST_WAIT)
}

/// What management asks for; see [`hearth_model::control::INVOKE_PATH`].
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    input: String,
    wait_seconds: u64,
}

/// Runs a function for management and tells the outcome, or the id alone when it did not end in time.
pub(crate) async fn invoke_for_management(
    apps: &Arc<Apps>,
    app: &AppName,
    function: &str,
    order: Order,
) -> Response<hearth_engine::ResponseBody> {
    let answered = async {
        let app = match apps.by_name(app).await {
            Lookup::Found(app) => app,
            Lookup::Unknown => return Err(Refusal::app_not_found()),
            Lookup::NotRunning | Lookup::StateAway => return Err(Refusal::not_running()),
        };
        let at = runnable(&app, function)?;
        let caller = Caller::of_host(apps.host_name(&app.name));
        let started = start(apps, app, at, (caller, order.input))?;
        let outcome = within(started.outcome, Duration::from_secs(order.wait_seconds)).await;
        let value = match outcome {
            Some(outcome) => serde_json::to_value(&outcome).unwrap_or_default(),
            None => serde_json::json!({ "invocationId": started.id.to_string(), "status": "Running" }),
        };
        Ok(json(StatusCode::OK, value))
    };
    answered.await.unwrap_or_else(Refusal::respond)
}

/// The place of a function that can run.
fn runnable(app: &LoadedApp, name: &str) -> Result<usize, Refusal> {
    let function = find(app, name)?;
    function.at.ok_or_else(|| {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "FunctionInError",
            format!("The function is in error and can't run: {}", function.error.as_deref().unwrap_or_default()),
        )
    })
}

/// An invocation under way, which nobody needs to wait for.
struct Started {
    id: InvocationId,
    outcome: tokio::task::JoinHandle<Outcome>,
}

fn start(apps: &Arc<Apps>, app: Arc<LoadedApp>, at: usize, given: (Caller, String)) -> Result<Started, Refusal> {
    let Some(place) = app.throttle.place() else {
        return Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            format!(
                "The app has {} requests outstanding (host.json: extensions.http.maxOutstandingRequests).",
                app.throttle.max_outstanding
            ),
        ));
    };
    let (id, tracker, services) = (InvocationId::random(), apps.invocations.clone(), apps.services().clone());
    let run = async move { run_by_hand((id, app, at), place, given, &services, tracker).await };
    Ok(Started { id, outcome: tokio::spawn(apps.invocations.track_future(run)) })
}

/// The outcome, if it is there in time.
async fn within(outcome: tokio::task::JoinHandle<Outcome>, wait: Duration) -> Option<Outcome> {
    if wait.is_zero() {
        return None;
    }
    tokio::time::timeout(wait, outcome).await.ok()?.ok()
}

fn of_invocation(
    id: InvocationId,
    mut response: Response<hearth_engine::ResponseBody>,
) -> Response<hearth_engine::ResponseBody> {
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(INVOCATION_HEADER, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_says_how_long_it_waits() {
        let wait = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", HeaderValue::from_str(value).unwrap());
            wait_of(&headers).as_secs()
        };
        assert_eq!(wait("wait=10"), 10);
        assert_eq!(wait("respond-async, Wait = \"5\""), 5);
        assert_eq!(wait("wait=100000"), LONGEST_WAIT.as_secs());
        assert_eq!((wait("wait=soon"), wait_of(&HeaderMap::new()).as_secs()), (0, 0));
    }
}
