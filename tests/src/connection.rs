//! Connections that are kept: many calls over one, by HTTP/1.1 or HTTP/2.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, Response, Uri, Version};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::http::{Answer, Call, Pieces, text};
use crate::wait::RUNTIME;

/// The version of HTTP that a [`Connection`] speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2 without TLS, from the first byte on.
    Http2,
}

enum Sender {
    Http1(http1::SendRequest<Pieces>),
    Http2(http2::SendRequest<Pieces>),
}

impl Sender {
    async fn connect(to: SocketAddr, protocol: Protocol) -> Result<Self, String> {
        let stream = tokio::net::TcpStream::connect(to).await.map_err(|error| format!("connecting: {error}"))?;
        let _quick = stream.set_nodelay(true);
        let stream = TokioIo::new(stream);
        Ok(match protocol {
            Protocol::Http1 => {
                let (sender, connection) = http1::handshake(stream).await.map_err(|error| text(&error))?;
                tokio::spawn(connection);
                Self::Http1(sender)
            }
            Protocol::Http2 => {
                let (sender, connection) =
                    http2::handshake(TokioExecutor::new(), stream).await.map_err(|error| text(&error))?;
                tokio::spawn(connection);
                Self::Http2(sender)
            }
        })
    }

    /// Whether the connection takes another request.
    async fn ready(&mut self) -> bool {
        match self {
            Self::Http1(sender) => sender.ready().await.is_ok(),
            Self::Http2(sender) => sender.ready().await.is_ok(),
        }
    }

    async fn send(&mut self, request: Request<Pieces>) -> hyper::Result<Response<Incoming>> {
        match self {
            Self::Http1(sender) => sender.send_request(request).await,
            Self::Http2(sender) => sender.send_request(request).await,
        }
    }
}

/// One connection to an address, opened with the first call and anew when the server has closed it.
pub struct Connection {
    to: SocketAddr,
    protocol: Protocol,
    sender: Option<Sender>,
}

impl Connection {
    /// A connection that will be opened.
    pub fn new(to: SocketAddr, protocol: Protocol) -> Self {
        Self { to, protocol, sender: None }
    }

    /// Sends a call and reads the whole answer. A call that the server did not take because it closed the connection at
    /// the same moment is sent again over a new one.
    pub fn send(&mut self, call: &Call) -> Result<Answer, String> {
        let answer = async {
            let first = self.exchange(call).await;
            match first {
                Err(error) if error.is_canceled() || error.is_closed() || error.is_incomplete_message() => {
                    self.sender = None;
                    self.exchange(call).await.map_err(|error| text(&error))
                }
                other => other.map_err(|error| text(&error)),
            }
        };
        let timeout = call.timeout;
        RUNTIME
            .block_on(async { tokio::time::timeout(timeout, answer).await })
            .unwrap_or_else(|_| Err(format!("not complete within {timeout:?}")))
            .map_err(|error| format!("{} {}: {error}", call.request.method, call.request.uri))
    }

    async fn exchange(&mut self, call: &Call) -> hyper::Result<Answer> {
        let mut sender = match self.sender.take() {
            Some(mut sender) => {
                if sender.ready().await {
                    Some(sender)
                } else {
                    None
                }
            }
            None => None,
        };
        if sender.is_none() {
            sender = Some(Sender::connect(self.to, self.protocol).await.unwrap());
        }
        let mut sender = sender.unwrap();
        let mut request = Request::from_parts(call.request.clone(), Pieces::of(call));
        if self.protocol == Protocol::Http2 {
            in_http2(&mut request);
        }
        let response = sender.send(request).await?;
        let answer = Answer::read(response).await;
        if answer.broken.is_none() {
            self.sender = Some(sender);
        }
        Ok(answer)
    }
}

/// The Host header becomes the authority of the target.
fn in_http2(request: &mut Request<Pieces>) {
    *request.version_mut() = Version::HTTP_2;
    if let Some(host) = request.headers_mut().remove("host") {
        let target = format!("http://{}{}", host.to_str().unwrap(), request.uri());
        *request.uri_mut() = target.parse::<Uri>().unwrap();
    }
}

impl Pieces {
    /// The body of a call: whole with its length, or in pieces without one.
    fn of(call: &Call) -> Self {
        if call.pieces.is_empty() {
            return Self { whole: Some(call.body.clone()), more: None };
        }
        let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(call.pieces.len());
        for piece in &call.pieces {
            sender.try_send(piece.clone()).unwrap();
        }
        Self { whole: None, more: Some(receiver) }
    }
}
