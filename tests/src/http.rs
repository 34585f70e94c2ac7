//! Calls over HTTP/1.1, whole or piece by piece. Every call has a connection of its own.

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::wait::{LONG, RUNTIME};

/// A request being put together.
#[must_use]
#[derive(Clone, Debug)]
pub struct Call {
    to: SocketAddr,
    pub(crate) request: http::request::Parts,
    pub(crate) body: Bytes,
    pub(crate) pieces: Vec<Bytes>,
    pub(crate) timeout: Duration,
}

impl Call {
    /// A request to this address; `path` with its query, as it goes over the wire. The Host header is the address until
    /// [`Self::host`] names another.
    #[track_caller]
    pub fn new(to: SocketAddr, method: Method, path: &str) -> Self {
        let (request, ()) =
            Request::builder().method(method).uri(path).header("host", to.to_string()).body(()).unwrap().into_parts();
        Self { to, request, body: Bytes::new(), pieces: Vec::new(), timeout: LONG }
    }

    /// Sends this Host header.
    pub fn host(mut self, host: &str) -> Self {
        self.request.headers.insert("host", host.parse().unwrap());
        self
    }

    /// Adds a header; one more if there is one of this name.
    #[track_caller]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: http::HeaderName = name.parse().unwrap();
        self.request.headers.append(name, value.parse().unwrap());
        self
    }

    /// Adds basic authentication.
    pub fn basic(self, user: &str, password: &str) -> Self {
        use base64::Engine as _;
        let token = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.header("authorization", &format!("Basic {token}"))
    }

    /// The body, sent with its length.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// One more piece of a body without a length, for a call over a [`crate::Connection`]: a chunk in HTTP/1.1, a DATA frame
    /// in HTTP/2.
    pub fn piece(mut self, piece: impl Into<Bytes>) -> Self {
        self.pieces.push(piece.into());
        self
    }

    /// Waits at most this long for the complete answer instead of [`LONG`].
    pub fn within(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends it and reads the whole answer. Panics without an answer; a body that breaks off is in
    /// [`Answer::broken`].
    #[track_caller]
    pub fn send(self) -> Answer {
        self.try_send().unwrap_or_else(|error| panic!("no answer: {error}"))
    }

    /// [`Self::send`] for a call that may well get no answer.
    pub fn try_send(self) -> Result<Answer, String> {
        let what = format!("{} {} at {}", self.request.method, self.request.uri, self.to);
        let (timeout, body) = (self.timeout, self.body.clone());
        let answer = async move {
            let body = Pieces { whole: Some(body), more: None };
            let response = connect(self.to, Request::from_parts(self.request, body)).await?;
            Ok(Answer::read(response).await)
        };
        RUNTIME
            .block_on(async { tokio::time::timeout(timeout, answer).await })
            .unwrap_or_else(|_| Err(format!("not complete within {timeout:?}")))
            .map_err(|error: String| format!("{what}: {error}"))
    }

    /// Sends the head; the body follows piece by piece, chunked unless a `content-length` header was given.
    pub fn open(self) -> Exchange {
        let (sender, receiver) = mpsc::channel(16);
        let (head, response) = oneshot::channel();
        let body = Pieces { whole: None, more: Some(receiver) };
        RUNTIME.spawn(async move {
            let _nobody = head.send(connect(self.to, Request::from_parts(self.request, body)).await);
        });
        Exchange { sender: Some(sender), response: Some(response), incoming: None, head: None }
    }

    /// Sends the body in these pieces, each a chunk, and reads the whole answer.
    #[track_caller]
    pub fn send_chunks<'a>(self, pieces: impl IntoIterator<Item = &'a [u8]>) -> Answer {
        let mut exchange = self.open();
        for piece in pieces {
            exchange.send(piece);
        }
        exchange.finish();
        exchange.answer()
    }
}

async fn connect(to: SocketAddr, request: Request<Pieces>) -> Result<Response<Incoming>, String> {
    let stream = tokio::net::TcpStream::connect(to).await.map_err(|error| format!("connecting: {error}"))?;
    let _quick = stream.set_nodelay(true);
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
    // Ends when the answer has been read or dropped.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(|error| text(&error))
}

pub(crate) fn text(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", text(source)),
        None => error.to_string(),
    }
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as far as it came.
    pub body: Vec<u8>,
    /// Why the body broke off, if it did.
    pub broken: Option<String>,
}

impl Answer {
    pub(crate) async fn read(response: Response<Incoming>) -> Self {
        let (head, mut incoming) = response.into_parts();
        let mut answer = Self { status: head.status.as_u16(), headers: head.headers, body: Vec::new(), broken: None };
        while let Some(frame) = incoming.frame().await {
            match frame {
                Ok(frame) => answer.body.extend(frame.into_data().unwrap_or_default()),
                Err(error) => {
                    answer.broken = Some(text(&error));
                    break;
                }
            }
        }
        answer
    }

    /// The body as text; bytes that are none are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("no JSON ({error}), status {}: {}", self.status, self.text()))
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap_or("(no text)"))
    }

    /// Every header of this name.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("(no text)")).collect()
    }

    /// Itself, when the status is as expected; else panics with the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

/// A call under way: body pieces go out and come in as they are asked for.
pub struct Exchange {
    sender: Option<mpsc::Sender<Bytes>>,
    response: Option<oneshot::Receiver<Result<Response<Incoming>, String>>>,
    head: Option<(u16, HeaderMap)>,
    incoming: Option<Incoming>,
}

impl Exchange {
    /// Sends a piece of the body; false when the other side no longer takes it.
    pub fn send(&mut self, piece: &[u8]) -> bool {
        let Some(sender) = &self.sender else { return false };
        let piece = Bytes::copy_from_slice(piece);
        RUNTIME.block_on(async { tokio::time::timeout(LONG, sender.send(piece)).await }).is_ok_and(|sent| sent.is_ok())
    }

    /// Ends the body.
    pub fn finish(&mut self) {
        self.sender = None;
    }

    /// Status and headers of the answer, as soon as they are there.
    #[track_caller]
    pub fn head(&mut self) -> (u16, HeaderMap) {
        if let Some(response) = self.response.take() {
            let response = RUNTIME
                .block_on(async { tokio::time::timeout(LONG, response).await })
                .expect("the head of an answer comes")
                .expect("the connection's task ends with a result")
                .unwrap_or_else(|error| panic!("no answer: {error}"));
            let (head, incoming) = response.into_parts();
            self.head = Some((head.status.as_u16(), head.headers));
            self.incoming = Some(incoming);
        }
        self.head.clone().unwrap()
    }

    /// The next piece of the answer's body; `None` at its proper end, an error where it breaks off.
    #[track_caller]
    pub fn next_piece(&mut self) -> Option<Result<Bytes, String>> {
        self.head();
        let incoming = self.incoming.as_mut().unwrap();
        let frame = RUNTIME
            .block_on(async { tokio::time::timeout(LONG, incoming.frame()).await })
            .expect("a piece of the answer comes")?;
        Some(frame.map(|frame| frame.into_data().unwrap_or_default()).map_err(|error| text(&error)))
    }

    /// Reads on until what was read here contains `wanted`, and gives what was read; the rest stays to be read.
    #[track_caller]
    pub fn until(&mut self, wanted: &str) -> String {
        let mut read = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&read);
            if text.contains(wanted) {
                return text.into_owned();
            }
            match self.next_piece() {
                Some(Ok(piece)) => read.extend(piece),
                end => panic!("the answer ended ({end:?}) before {wanted:?} came: {text}"),
            }
        }
    }

    /// The rest of the answer.
    #[track_caller]
    pub fn answer(mut self) -> Answer {
        let (status, headers) = self.head();
        let mut answer = Answer { status, headers, body: Vec::new(), broken: None };
        loop {
            match self.next_piece() {
                None => return answer,
                Some(Ok(piece)) => answer.body.extend(piece),
                Some(Err(error)) => {
                    answer.broken = Some(error);
                    return answer;
                }
            }
        }
    }
}

/// A body that is known, or that comes through a channel.
pub(crate) struct Pieces {
    pub(crate) whole: Option<Bytes>,
    pub(crate) more: Option<mpsc::Receiver<Bytes>>,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(whole) = self.whole.take()
            && !whole.is_empty()
        {
            return Poll::Ready(Some(Ok(Frame::data(whole))));
        }
        match &mut self.more {
            Some(more) => more.poll_recv(context).map(|piece| piece.map(|piece| Ok(Frame::data(piece)))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.more.is_none() && self.whole.as_ref().is_none_or(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.whole, &self.more) {
            (_, Some(_)) => SizeHint::default(),
            (whole, None) => SizeHint::with_exact(whole.as_ref().map_or(0, |whole| whole.len() as u64)),
        }
    }
}

/// Sends these bytes as they are, closes the sending side, and reads to the end of the connection: a request that breaks
/// off. A server may well not answer it.
#[track_caller]
pub fn raw(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = sent(to, request);
    let _refused = stream.shutdown(Shutdown::Write);
    read(&mut stream)
}

/// Sends these bytes as they are and reads to the end of the connection: a request that no client would send. It should
/// ask for `connection: close`.
#[track_caller]
pub fn raw_request(to: SocketAddr, request: &[u8]) -> Vec<u8> {
    read(&mut sent(to, request))
}

fn sent(to: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(to).unwrap();
    // The other side may well close before it has read everything.
    let _refused = stream.write_all(request);
    stream
}

fn read(stream: &mut TcpStream) -> Vec<u8> {
    stream.set_read_timeout(Some(LONG)).unwrap();
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    answer
}
