//! The REST face of the service: Azure Queue Storage over HTTP, with path-style addresses `/{account}/{queue}/messages/{id}`.
//!
//! A request is understood first, then authorized by its head alone, and only then its body is read. Every answer has a request
//! id, which is in the log where something failed.

mod answer;
mod authorize;
mod call;
mod cors;
mod message_calls;
mod queue_calls;
mod service_calls;

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::protocol::sas::{Caller, Operation};
use crate::protocol::{ErrorCode, ProtocolError, limits};
use crate::{Account, QueueError, QueueService};
use answer::{Answer, RequestId};
use call::Call;

/// What is known of whoever connected; put it into a request's extensions where the server does not tell addresses by
/// [`ConnectInfo`].
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub ip: IpAddr,
    /// Whether it came over TLS.
    pub https: bool,
}

/// The routes of the service. It needs no path of its own: a port.
pub fn router(service: QueueService) -> Router {
    Router::new().fallback(handle).with_state(service)
}

async fn handle(State(service): State<QueueService>, request: Request<axum::body::Body>) -> Response {
    let (parts, body) = request.into_parts();
    let id = RequestId::new();
    let answered = if parts.method == Method::OPTIONS {
        cors::preflight(&service, &parts).await
    } else {
        respond(&service, &parts, body, &id).await
    };
    let answer = answered.unwrap_or_else(|error| answer::failed(&error, &id));
    answer.into_response(&parts, &id, service.clock().now())
}

async fn respond(
    service: &QueueService,
    parts: &Parts,
    body: axum::body::Body,
    id: &RequestId,
) -> Result<Answer, QueueError> {
    let call = Call::of(parts)?;
    let account = authorize::authorize(service, parts, &call, caller(parts)).await?;
    let done = match read(parts, &call, body).await {
        Ok(body) => perform(service, &account, &call, &parts.headers, &body).await,
        Err(error) => Err(error),
    };
    // Scripts of web pages are to see errors too.
    let answer = done.unwrap_or_else(|error| answer::failed(&error, id));
    Ok(cors::allow(answer, &account, parts))
}

async fn perform(
    service: &QueueService,
    account: &Account,
    call: &Call,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, QueueError> {
    match call.operation {
        Operation::ListQueues => service_calls::list(service, account, call).await,
        Operation::GetServiceProperties => Ok(service_calls::properties(account)),
        Operation::SetServiceProperties => service_calls::set_properties(service, account, body).await,
        Operation::GetServiceStats => Ok(service_calls::statistics(service)),
        Operation::CreateQueue => queue_calls::create(service, account, call, headers).await,
        Operation::DeleteQueue => queue_calls::delete(service, account, call).await,
        Operation::GetQueueMetadata => queue_calls::metadata(service, account, call).await,
        Operation::SetQueueMetadata => queue_calls::set_metadata(service, account, call, headers).await,
        Operation::GetQueueAcl => queue_calls::policies(service, account, call).await,
        Operation::SetQueueAcl => queue_calls::set_policies(service, account, call, body).await,
        Operation::PutMessage => message_calls::put(service, account, call, headers, body).await,
        Operation::GetMessages => message_calls::get(service, account, call).await,
        Operation::PeekMessages => message_calls::peek(service, account, call).await,
        Operation::UpdateMessage => message_calls::update(service, account, call, body).await,
        Operation::DeleteMessage => message_calls::delete(service, account, call).await,
        Operation::ClearMessages => message_calls::clear(service, account, call).await,
    }
}

/// The body, if it is not longer than one of this operation can be.
async fn read(parts: &Parts, call: &Call, body: axum::body::Body) -> Result<Bytes, QueueError> {
    let too_large = || {
        let code = match call.operation {
            Operation::PutMessage | Operation::UpdateMessage => ErrorCode::MessageTooLarge,
            _ => ErrorCode::RequestBodyTooLarge,
        };
        ProtocolError::new(code, format!("a body may have {} bytes", limits::BODY_BYTES))
    };
    let declared =
        parts.headers.get(http::header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: usize| length > limits::BODY_BYTES) {
        return Err(too_large().into());
    }
    match Limited::new(body, limits::BODY_BYTES).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large().into()),
        Err(_) => Err(ProtocolError::new(ErrorCode::InvalidInput, "the body broke off").into()),
    }
}

fn caller(parts: &Parts) -> Caller {
    if let Some(peer) = parts.extensions.get::<Peer>() {
        return Caller { ip: Some(peer.ip), https: peer.https };
    }
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    Caller { ip: connected.map(|ConnectInfo(address)| address.ip()), https: false }
}

#[cfg(test)]
mod tests;
