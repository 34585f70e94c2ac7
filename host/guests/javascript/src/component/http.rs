//! Outgoing HTTP by `wasi:http`. Any number of exchanges run at a time; their answers, and the parts of the bodies that
//! somebody asked for, arrive while the event loop waits.

use std::cell::RefCell;
use std::collections::BTreeMap;

use url::{Position, Url};
use wasip2::clocks::monotonic_clock;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, Method, OutgoingBody, OutgoingRequest,
    Scheme,
};
use wasip2::io::poll::{self, Pollable};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

use crate::host::{Exchange, HttpError, HttpEvent, HttpRequest};

/// Most bytes of a body in one part.
const PART_BYTES: u64 = 256 * 1024;

/// The exchanges of an instance.
#[derive(Default)]
pub(super) struct Exchanges {
    running: RefCell<BTreeMap<Exchange, Stage>>,
    ready: RefCell<Vec<(Exchange, HttpEvent)>>,
    last: RefCell<Exchange>,
}

/// How far an exchange is. Fields are dropped in their order, children first.
enum Stage {
    Sent { pollable: Pollable, future: FutureIncomingResponse },
    Body(Body),
}

struct Body {
    /// Whether somebody waits for the next part.
    wanted: bool,
    pollable: Pollable,
    stream: InputStream,
    _body: IncomingBody,
    _response: IncomingResponse,
}

impl Exchanges {
    pub(super) fn send(&self, request: HttpRequest) -> Result<Exchange, HttpError> {
        let future = start(request)?;
        let mut last = self.last.borrow_mut();
        *last = last.wrapping_add(1);
        self.running.borrow_mut().insert(*last, Stage::Sent { pollable: future.subscribe(), future });
        Ok(*last)
    }

    pub(super) fn read(&self, exchange: Exchange) {
        let mut running = self.running.borrow_mut();
        let event = match running.get_mut(&exchange) {
            Some(Stage::Body(body)) => part(body),
            _ => Some(HttpEvent::End),
        };
        if let Some(event) = event {
            if !matches!(event, HttpEvent::Chunk(_)) {
                running.remove(&exchange);
            }
            self.ready.borrow_mut().push((exchange, event));
        }
    }

    pub(super) fn cancel(&self, exchange: Exchange) {
        self.running.borrow_mut().remove(&exchange);
        self.ready.borrow_mut().retain(|(other, _)| *other != exchange);
    }

    pub(super) fn wait(&self, timeout: Option<f64>) -> Vec<(Exchange, HttpEvent)> {
        let mut events = std::mem::take(&mut *self.ready.borrow_mut());
        if !events.is_empty() {
            return events;
        }
        let mut running = self.running.borrow_mut();
        let timer = timeout.map(|milliseconds| monotonic_clock::subscribe_duration(nanoseconds(milliseconds)));
        let mut waiting = Vec::new();
        let mut pollables = Vec::new();
        for (exchange, stage) in running.iter() {
            match stage {
                Stage::Sent { pollable, .. } | Stage::Body(Body { wanted: true, pollable, .. }) => {
                    waiting.push(*exchange);
                    pollables.push(pollable);
                }
                Stage::Body(_) => {}
            }
        }
        pollables.extend(timer.iter());
        if pollables.is_empty() {
            return events;
        }
        let ready: Vec<Exchange> =
            poll::poll(&pollables).iter().filter_map(|at| waiting.get(*at as usize).copied()).collect();
        for exchange in ready {
            let Some(stage) = running.remove(&exchange) else { continue };
            let (stage, event) = advance(stage);
            if let Some(stage) = stage {
                running.insert(exchange, stage);
            }
            events.extend(event.map(|event| (exchange, event)));
        }
        events
    }
}

/// What became of an exchange whose pollable is ready.
fn advance(stage: Stage) -> (Option<Stage>, Option<HttpEvent>) {
    match stage {
        Stage::Sent { pollable, future } => match future.get() {
            None => (Some(Stage::Sent { pollable, future }), None),
            Some(answer) => {
                // Of two variables the later goes first, but this one is the other's child.
                drop(pollable);
                answered(answer)
            }
        },
        Stage::Body(mut body) => match part(&mut body) {
            Some(HttpEvent::Chunk(bytes)) => (Some(Stage::Body(body)), Some(HttpEvent::Chunk(bytes))),
            Some(event) => (None, Some(event)),
            None => (Some(Stage::Body(body)), None),
        },
    }
}

fn answered(answer: Result<Result<IncomingResponse, ErrorCode>, ()>) -> (Option<Stage>, Option<HttpEvent>) {
    match answer {
        Ok(Ok(response)) => match receive(response) {
            Some((body, event)) => (Some(Stage::Body(body)), Some(event)),
            None => (None, Some(HttpEvent::Failed(failed("the response has no body that can be read")))),
        },
        Ok(Err(code)) => (None, Some(HttpEvent::Failed(explain(&code)))),
        Err(()) => (None, Some(HttpEvent::Failed(failed("the response was taken before")))),
    }
}

fn receive(response: IncomingResponse) -> Option<(Body, HttpEvent)> {
    let status = response.status();
    let header = |(name, value): (String, Vec<u8>)| (name.to_lowercase(), value.into_iter().map(char::from).collect());
    let headers = response.headers().entries().into_iter().map(header).collect();
    let body = response.consume().ok()?;
    let stream = body.stream().ok()?;
    let body = Body { wanted: false, pollable: stream.subscribe(), stream, _body: body, _response: response };
    Some((body, HttpEvent::Response { status, headers }))
}

/// The next part of a body; `None` when it has not arrived yet.
fn part(body: &mut Body) -> Option<HttpEvent> {
    let event = match body.stream.read(PART_BYTES) {
        Ok(bytes) if bytes.is_empty() => None,
        Ok(bytes) => Some(HttpEvent::Chunk(bytes)),
        Err(StreamError::Closed) => Some(HttpEvent::End),
        Err(StreamError::LastOperationFailed(error)) => Some(HttpEvent::Failed(
            wasip2::http::types::http_error_code(&error)
                .map_or_else(|| failed(&error.to_debug_string()), |code| explain(&code)),
        )),
    };
    body.wanted = event.is_none();
    event
}

fn start(request: HttpRequest) -> Result<FutureIncomingResponse, HttpError> {
    let url = Url::parse(&request.url).map_err(|error| invalid(&format!("{error}: {}", request.url)))?;
    let scheme = match url.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => return Err(invalid(&format!("the scheme '{other}:' is neither http: nor https:"))),
    };
    let fields = Fields::new();
    for (name, value) in &request.headers {
        let value: Vec<u8> = value.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        // The host sets what belongs to the connection (`host`, `connection`) and refuses it here.
        let _ = fields.append(name, &value);
    }
    // Where a body is usual its length is told also when there is none; otherwise it would be sent as one of chunks.
    let length = match &request.body {
        None if ["GET", "HEAD", "CONNECT", "OPTIONS", "TRACE"].contains(&request.method.as_str()) => None,
        body => Some(body.as_ref().map_or(0, Vec::len)),
    };
    if let Some(length) = length
        && !fields.has("content-length")
    {
        let _ = fields.append("content-length", length.to_string().as_bytes());
    }
    let outgoing = OutgoingRequest::new(fields);
    let refused = |what: &str| invalid(&format!("{what} of the request to {} is not valid", request.url));
    outgoing.set_method(&method(&request.method)).map_err(|()| refused("the method"))?;
    outgoing.set_scheme(Some(&scheme)).map_err(|()| refused("the scheme"))?;
    let authority = &url[Position::BeforeHost..Position::AfterPort];
    outgoing.set_authority(Some(authority)).map_err(|()| refused("the host"))?;
    let path = &url[Position::BeforePath..Position::AfterQuery];
    outgoing.set_path_with_query(Some(path)).map_err(|()| refused("the path"))?;
    let body = outgoing.body().map_err(|()| failed("the request has no body that can be written"))?;
    let future = outgoing_handler::handle(outgoing, None).map_err(|code| explain(&code))?;
    if let Some(bytes) = request.body
        && let Ok(stream) = body.write()
    {
        // A server may answer without reading all of it; then the answer counts.
        let _ = write(&stream, &bytes);
    }
    let _ = OutgoingBody::finish(body, None);
    Ok(future)
}

fn write(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = usize::try_from(stream.check_write()?).unwrap_or(usize::MAX);
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        stream.write(now)?;
        bytes = later;
    }
    stream.flush()
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_owned()),
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
fn nanoseconds(milliseconds: f64) -> u64 {
    (milliseconds.max(0.0) * 1e6).ceil() as u64
}

fn invalid(message: &str) -> HttpError {
    HttpError { code: "invalid", message: message.to_owned() }
}

fn failed(message: &str) -> HttpError {
    HttpError { code: "failed", message: message.to_owned() }
}

fn explain(code: &ErrorCode) -> HttpError {
    let kind = match code {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => "denied",
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::DnsTimeout
        | ErrorCode::HttpResponseTimeout => "timeout",
        ErrorCode::HttpRequestUriInvalid | ErrorCode::HttpRequestMethodInvalid | ErrorCode::HttpRequestUriTooLong => {
            "invalid"
        }
        _ => "failed",
    };
    let message = match code {
        ErrorCode::InternalError(Some(message)) => message.clone(),
        ErrorCode::HttpRequestDenied => "the app may not send requests to this address".to_owned(),
        ErrorCode::DestinationIpProhibited => "requests to this address are not allowed".to_owned(),
        ErrorCode::DestinationNotFound | ErrorCode::DnsError(_) => "the host was not found".to_owned(),
        ErrorCode::ConnectionRefused => "the connection was refused".to_owned(),
        other => format!("{other:?}"),
    };
    HttpError { code: kind, message }
}
