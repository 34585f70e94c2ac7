//! An HTTP function that is run by hand gets a POST.

use bytes::Bytes;
use hearth_engine::{InvokeError, ResponseBody};
use http::header::{CONTENT_TYPE, HOST};
use http::{Request, Response};
use http_body_util::{BodyExt, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::sync::oneshot;

use super::Answered;
use crate::app::{Invocation, LoadedApp};
use crate::events::{Services, is_forwarded_to};
use crate::front::Caller;
use crate::front::answer::{INVOCATION_HEADER, full};

/// What of an answer's body is shown, in bytes.
const SHOWN_BYTES: usize = 1 << 20;

/// A path to a function, and what its parameters are there.
pub(super) type Path = (String, Vec<(String, String)>);

/// A path that leads to the function, as far as one can be made up: optional parameters are left out, others stand for themselves.
pub(super) fn path_of(app: &LoadedApp, at: usize) -> Option<Path> {
    let http = app.functions[at].http()?;
    Some(path_to(&app.host.route_prefix, &http.route.to_string()))
}

/// From the beginning to the end of what the function answers.
pub(super) async fn run(
    mut invocation: Invocation,
    (path, params): Path,
    (caller, text): (Caller, String),
    services: &Services,
) -> Result<Answered, InvokeError> {
    let Some(request) = request(&path, &caller, text, &invocation.id.to_string()) else {
        invocation.begin();
        let message = "no request can be made up for the function's route".into();
        let error = InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() };
        invocation.end(Err(&error));
        return Err(error);
    };
    let guest = invocation.function().guest.clone();
    if !is_forwarded_to(invocation.function()) {
        let (parts, body) = request.into_parts();
        let payload = hearth_triggers::http::payload(&parts, &caller.base_url(), params, body);
        let request = invocation.request(payload);
        let response = invocation.run(request, &http::HeaderMap::new(), services).await?;
        return Ok(shown(response.map(full)).await);
    }
    invocation.begin();
    let context = invocation.context();
    let https = caller.scheme == "https";
    let (tell, told) = oneshot::channel();
    let ended = move |result: &Result<(), InvokeError>| {
        invocation.end(result.as_ref().copied());
        let _nobody_waits = tell.send(result.clone());
    };
    let response = guest.handle(Box::new(request.map(full)), https, context, ended).await?;
    let answered = shown(response).await;
    told.await.unwrap_or(Ok(()))?;
    Ok(answered)
}

fn request(path: &str, caller: &Caller, text: String, id: &str) -> Option<Request<Bytes>> {
    let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
    let content_type = if is_json { "application/json" } else { "text/plain; charset=utf-8" };
    let request = Request::post(path)
        .header(HOST, &caller.host)
        .header(CONTENT_TYPE, content_type)
        .header(INVOCATION_HEADER, id)
        .body(Bytes::from(text));
    request.ok()
}

async fn shown(response: Response<ResponseBody>) -> Answered {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, SHOWN_BYTES).collect().await;
    Answered {
        status: parts.status.as_u16(),
        content_type: parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned),
        body: match body {
            Ok(body) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            Err(error) => format!("(the body can't be shown: {error})"),
        },
    }
}

fn path_to(prefix: &str, route: &str) -> Path {
    let (mut path, mut params) = (String::new(), Vec::new());
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
        let (named, default) = parameter.split_once('=').map_or((parameter, None), |(named, it)| (named, Some(it)));
        let name = named.split(':').next().unwrap_or(named);
        let value = default.unwrap_or(name);
        params.push((name.to_owned(), value.to_owned()));
        push(&mut path, value);
    }
    (if path.is_empty() { "/".to_owned() } else { path }, params)
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
        assert_eq!(path_to("api", "hello"), ("/api/hello".to_owned(), vec![]));
        assert_eq!(path_to("", ""), ("/".to_owned(), vec![]));
        let (path, params) = path_to("my api/v1", "größe x/{id:int}/{kind=a b}/{rest?}");
        assert_eq!(path, "/my%20api/v1/gr%C3%B6%C3%9Fe%20x/id/a%20b");
        assert_eq!(params, [("id", "id"), ("kind", "a b")].map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert!(path_to("api", "a \"b\" <c>").0.parse::<http::Uri>().is_ok());
    }
}
