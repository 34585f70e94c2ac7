//! `POST /admin/functions/{name}`: calls a function by hand. The answer does not wait for it; how it went is in the log.

use std::sync::Arc;

use bytes::Bytes;
use hearth_engine::{AppForm, InvokeError};
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderValue, Request, StatusCode};
use http_body::Body;
use http_body_util::BodyExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::find;
use crate::admin::answer::{Answer, Refusal, empty};
use crate::admin::request::{self, AdminCall};
use crate::app::{Invocation, LoadedApp};
use crate::front::Caller;
use crate::front::answer::{INVOCATION_HEADER, full};

const WANTED: &str = r#"the body must be JSON such as {"input": "text"}; a JSON document as input must be text too: {"input": "{\"id\": 1}"}"#;

/// 202 with the invocation's id. Disabled functions run too; an HTTP function gets a POST with the input as its body.
pub(in crate::admin) async fn invoke<B>(call: &AdminCall<'_>, name: &str, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let app = call.loaded().await?;
    let function = find(&app, name)?;
    let Some(at) = function.at else {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "FunctionInError",
            format!("The function is in error and can't run: {}", function.error.as_deref().unwrap_or_default()),
        ));
    };
    let given: Map<String, Value> = request::json(request, WANTED).await?;
    let text = match given.get("input") {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return Err(Refusal::invalid(WANTED)),
    };
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
    let Some(path) = path_of(&app, at) else {
        return Err(Refusal::invalid("the function has no HTTP trigger"));
    };
    let input = Input { path, caller: call.caller.clone(), text };
    let (id, tracker) = (hearth_model::ids::InvocationId::random(), call.apps.invocations.clone());
    tokio::spawn(tracker.clone().track_future(async move {
        if let Some(turn) = app.throttle.turn(place).await {
            run(Invocation::of_id(id, app, at, turn, &tracker), input).await;
        }
    }));
    let mut response = empty(StatusCode::ACCEPTED);
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(INVOCATION_HEADER, value);
    }
    Ok(response)
}

/// What the function is handed.
struct Input {
    path: String,
    caller: Caller,
    text: String,
}

impl Input {
    fn into_request(self, id: &str) -> Option<(Request<Bytes>, Caller)> {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&self.text).is_ok();
        let content_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
        let request = Request::post(&self.path)
            .header(HOST, &self.caller.host)
            .header(CONTENT_TYPE, content_type)
            .header(INVOCATION_HEADER, id)
            .body(Bytes::from(self.text));
        Some((request.ok()?, self.caller))
    }
}

/// From the beginning to the end of what the function answers, which nobody reads.
async fn run(mut invocation: Invocation, input: Input) {
    let Some((request, caller)) = input.into_request(&invocation.id.to_string()) else {
        invocation.begin();
        let message = "no request can be made up for the function's route".into();
        return invocation.end(Err(&InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() }));
    };
    let guest = invocation.function().guest.clone();
    match guest.form() {
        AppForm::Typed | AppForm::JavaScript => {
            let (parts, body) = request.into_parts();
            let payload = hearth_triggers::http::payload(&parts, &caller.base_url(), Vec::new(), body);
            let request = invocation.request(payload);
            drop(invocation.run(&request, &http::HeaderMap::new()).await);
        }
        AppForm::WasiHttp => {
            invocation.begin();
            let context = invocation.context();
            let https = caller.scheme == "https";
            let ended = move |result: &Result<(), InvokeError>| invocation.end(result.as_ref().copied());
            if let Ok(response) = guest.handle(Box::new(request.map(full)), https, context, ended).await {
                let mut body = response.into_body();
                while let Some(Ok(_)) = body.frame().await {}
            }
        }
    }
}

/// A path that leads to the function, as far as one can be made up: optional parameters are left out, others stand for themselves.
fn path_of(app: &Arc<LoadedApp>, at: usize) -> Option<String> {
    let http = app.functions[at].http()?;
    Some(path_to(&app.host.route_prefix, &http.route.to_string()))
}

fn path_to(prefix: &str, route: &str) -> String {
    let mut path = String::new();
    for segment in prefix.split('/').filter(|segment| !segment.is_empty()) {
        push(&mut path, segment);
    }
    for segment in route.split('/').filter(|segment| !segment.is_empty()) {
        let Some(parameter) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
            push(&mut path, &segment.replace(['{', '}'], ""));
            continue;
        };
        if parameter.ends_with('?') || parameter.starts_with('*') {
            break;
        }
        let value = match parameter.split_once('=') {
            Some((_, default)) => default,
            None => parameter.split(':').next().unwrap_or(parameter),
        };
        push(&mut path, value);
    }
    if path.is_empty() { "/".to_owned() } else { path }
}

/// What stands in a path as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn push(path: &mut String, segment: &str) {
    path.push('/');
    path.extend(utf8_percent_encode(segment, KEPT));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_made_up_for_every_route() {
        assert_eq!(path_to("api", "hello"), "/api/hello");
        assert_eq!(path_to("", ""), "/");
        assert_eq!(
            path_to("my api/v1", "größe x/{id:int}/{kind=a b}/{rest?}"),
            "/my%20api/v1/gr%C3%B6%C3%9Fe%20x/id/a%20b"
        );
        assert!(path_to("api", "a \"b\" <c>").parse::<http::Uri>().is_ok());
    }
}
