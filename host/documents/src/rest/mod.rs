//! The REST face of the store: Azure Cosmos DB for NoSQL over HTTP (reference: Cosmos DB, section 1).
//!
//! A request is understood first, then authorized by its head alone, and only then its body is read. Every answer has an
//! activity id, which is in the log where something failed.

mod account_calls;
mod answer;
mod attachment_calls;
mod authorize;
mod batch_calls;
mod call;
mod cors;
mod feed_calls;
mod headers;
mod item_calls;
mod list_body;
mod query_calls;
mod range_calls;
mod resource_calls;
mod scope;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::FutureExt;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::protocol::links::ResourceKind;
use crate::protocol::{DocumentError, json, limits};
use crate::service::{ContainerRef, DocumentService, DocumentsError};
use answer::{Activity, Answer};
use authorize::Caller;
use call::{Call, Operation};

/// Most bytes of a body other than media. An item may be written with more spaces than it has when it is stored.
const BODY_BYTES: usize = 2 * limits::ITEM_BYTES;

/// How long a body may take to come: a caller that sends slowly holds a connection and memory.
const BODY_TIME: Duration = Duration::from_secs(120);

/// What is known of the connection that a request came over; put it into a request's extensions where the server speaks TLS.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Whether it came over TLS.
    pub https: bool,
}

/// The routes of the service. It needs no path of its own: a port.
pub fn router(service: DocumentService) -> Router {
    Router::new().fallback(handle).with_state(service)
}

async fn handle(State(service): State<DocumentService>, request: Request<axum::body::Body>) -> Response {
    let (parts, body) = request.into_parts();
    let activity = Activity::of(&parts.headers);
    let mut answer = match parts.method == Method::OPTIONS {
        true => cors::preflight(&parts),
        false => match respond(&service, &parts, body).await {
            Ok(answer) => answer,
            Err(error) => answer::failed(&error, &activity),
        },
    };
    // Scripts of web pages are to see errors too.
    cors::allow(&mut answer.headers, &parts);
    answer.into_response(&parts, &activity)
}

/// A request that may do what it asks.
struct Asked<'a> {
    service: &'a DocumentService,
    parts: &'a Parts,
    call: &'a Call<'a>,
    caller: &'a Caller,
}

impl<'a> Asked<'a> {
    fn account(&self) -> &'a str {
        &self.caller.account.name
    }

    fn text(&self, name: &http::HeaderName) -> Option<&'a str> {
        headers::text(&self.parts.headers, name)
    }

    fn flag(&self, name: &http::HeaderName) -> bool {
        headers::flag(&self.parts.headers, name)
    }

    /// The container that the request leads to or into.
    fn container(&self) -> ContainerRef<'a> {
        let link = &self.call.link;
        ContainerRef {
            account: self.account(),
            database: link.database().unwrap_or(""),
            container: link.container().unwrap_or(""),
            intended_rid: self.text(&headers::INTENDED_COLLECTION_RID),
        }
    }

    /// Most items of a page; none where the client does not say.
    fn max_items(&self) -> Result<Option<u32>, DocumentError> {
        match headers::number(&self.parts.headers, &headers::MAX_ITEM_COUNT)? {
            None => Ok(None),
            Some(-1) => Ok(Some(limits::PAGE_ITEMS)),
            Some(count) => match u32::try_from(count) {
                Ok(count @ 1..) => Ok(Some(count.min(limits::PAGE_ITEMS))),
                _ => Err(DocumentError::bad_request(format!(
                    "The header x-ms-max-item-count is {count}: use a number above 0, or -1"
                ))),
            },
        }
    }
}

async fn respond(service: &DocumentService, parts: &Parts, body: axum::body::Body) -> Result<Answer, DocumentsError> {
    let call = Call::of(parts)?;
    let caller = authorize::authorize(service, parts, &call).await?;
    check_head(parts, &caller)?;
    let asked = Asked { service, parts, call: &call, caller: &caller };
    if let Some(token) = &caller.token {
        scope::check(&asked, token).await?;
    }
    let body = match parts.method {
        Method::GET | Method::DELETE => Bytes::new(),
        _ if attachment_calls::is_media(call.link.kind, call.operation, &parts.headers) => {
            read(parts, body, limits::MEDIA_BYTES, BODY_TIME).await?
        }
        _ => text(read(parts, body, BODY_BYTES, BODY_TIME).await?)?,
    };
    match (call.link.kind, call.operation) {
        (ResourceKind::Account, _) => account_calls::read(&asked).await,
        (ResourceKind::Document, Operation::Batch) => batch_calls::perform(&asked, &body).await,
        (ResourceKind::Document, Operation::ChangeFeed) => feed_calls::changes(&asked).await,
        (ResourceKind::Document, Operation::List) => feed_calls::list(&asked).await,
        (_, Operation::Query) => query_calls::query(&asked, &body).await,
        (_, Operation::QueryPlan) => query_calls::plan(&asked, &body).await,
        (ResourceKind::Document, _) => item_calls::perform(&asked, &body).await,
        (ResourceKind::Attachment, _) => attachment_calls::perform(&asked, &body).await,
        (ResourceKind::Media, _) => attachment_calls::media(&asked, body).await,
        (ResourceKind::PartitionKeyDelete, _) => item_calls::delete_partition_key(&asked).await,
        (ResourceKind::PartitionKeyRange, _) => range_calls::list(&asked).await,
        _ => resource_calls::perform(&asked, &body).await,
    }
}

/// What every request may get wrong.
fn check_head(parts: &Parts, caller: &Caller) -> Result<(), DocumentError> {
    if let Some(version) = headers::text(&parts.headers, &headers::VERSION) {
        let shape = version.len() == 10
            && version
                .bytes()
                .enumerate()
                .all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            return Err(DocumentError::bad_request("The header x-ms-version is a date, such as 2020-07-15."));
        }
    }
    match headers::text(&parts.headers, &headers::CONSISTENCY_LEVEL).filter(|level| !level.is_empty()) {
        Some(level) => caller.account.properties.default_consistency.check_requested(level),
        None => Ok(()),
    }
}

/// The body, if it is not longer than one of this operation can be.
async fn read(parts: &Parts, body: axum::body::Body, limit: usize, within: Duration) -> Result<Bytes, DocumentError> {
    let too_large = || {
        DocumentError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("Request size is too large: a body may have {limit} bytes, and an item {}.", limits::ITEM_BYTES),
        )
    };
    let declared =
        parts.headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limit) {
        return Err(too_large());
    }
    let mut whole = std::pin::pin!(Limited::new(body, limit).collect());
    // What is there already, as with nearly every request, needs no timer.
    let read = match whole.as_mut().now_or_never() {
        Some(read) => read,
        None => tokio::time::timeout(within, whole).await.map_err(|_| too_slow())?,
    };
    match read {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(DocumentError::bad_request("The body of the request broke off.")),
    }
}

fn too_slow() -> DocumentError {
    let message = format!("The body of the request did not come within {} seconds.", BODY_TIME.as_secs());
    DocumentError::new(StatusCode::REQUEST_TIMEOUT, message)
}

/// A body in binary JSON becomes the text that it stands for.
fn text(body: Bytes) -> Result<Bytes, DocumentError> {
    match body.first() {
        Some(&json::BINARY_JSON) => json::from_binary(&body).map(Bytes::from),
        _ => Ok(body),
    }
}

/// A body that has to be text.
fn utf8(body: &Bytes) -> Result<&str, DocumentError> {
    std::str::from_utf8(body)
        .map_err(|_| DocumentError::bad_request("The request payload is invalid. It is not UTF-8."))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let (parts, ()) = Request::new(()).into_parts();
        let beginning = futures_util::stream::iter([Ok::<_, std::io::Error>("{")]);
        let body = Body::from_stream(beginning.chain(futures_util::stream::pending()));
        let error = read(&parts, body, BODY_BYTES, Duration::from_millis(10)).await.unwrap_err();
        assert_eq!((error.status, error.code()), (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"));
        let whole = read(&parts, Body::from("{}"), BODY_BYTES, Duration::ZERO).await.unwrap();
        assert_eq!(whole, "{}", "what is there needs no time");
    }
}
