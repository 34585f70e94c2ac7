//! The server that conformance tests of `fetch` talk to, with the routes of `tests/javascript/echo.mjs`: what it is asked comes
//! back, in whole, in pieces, late, broken off or never.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::wait::RUNTIME;

/// Serves on two addresses, which are two origins, until dropped.
pub struct EchoServer {
    here: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl EchoServer {
    /// Listens on two free ports of 127.0.0.1.
    pub fn start() -> Self {
        let [first, second] = [(); 2].map(|()| RUNTIME.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap());
        let here = first.local_addr().unwrap();
        let routes = Arc::new(Routes { there: second.local_addr().unwrap(), open: AtomicU64::new(0) });
        let tasks = [first, second].map(|listener| RUNTIME.spawn(serve(listener, routes.clone())));
        Self { here, tasks }
    }

    /// Base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.here)
    }
}

impl Drop for EchoServer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn serve(listener: tokio::net::TcpListener, routes: Arc<Routes>) {
    while let Ok((stream, _)) = listener.accept().await {
        let routes = routes.clone();
        let service = service_fn(move |request| {
            let routes = routes.clone();
            async move { Ok::<_, Infallible>(routes.answer(request).await) }
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

struct Routes {
    /// The other origin.
    there: SocketAddr,
    /// Calls of `/forever` that nobody has ended.
    open: AtomicU64,
}

impl Routes {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Response<Pieces> {
        let path = request.uri().path().to_owned();
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let (kind, argument) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let number: u16 = argument.parse().unwrap_or_default();
        match kind {
            "echo" => echo(request).await,
            "status" if matches!(number, 204 | 205 | 304) => with(number, &[], Pieces::none()),
            "status" => with(number, &[], Pieces::whole(format!("status {number}"))),
            "redirect" => redirect(number, parameter(request.uri(), "to").as_deref()),
            "away" => redirect(number, Some(&format!("http://{}/echo", self.there))),
            "loop" => redirect(302, Some("/loop")),
            "hops" if number > 1 => redirect(302, Some(&format!("/hops/{}", number - 1))),
            "hops" => redirect(302, Some("/echo")),
            "cookies" => {
                let headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("x-twice", "1"), ("x-twice", "2")];
                with(200, &headers, Pieces::none())
            }
            "bytes" => {
                let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(argument.parse().unwrap_or_default()).collect();
                with(200, &[], Pieces::whole(bytes))
            }
            "coded" => {
                let bytes = bytes(&parameter(request.uri(), "hex").unwrap_or_default());
                with(200, &[("content-encoding", argument)], Pieces::whole(bytes))
            }
            "pieces" => with(200, &[], Pieces::of(["one", "two", "three"].map(piece).into(), End::Proper)),
            "forever" => {
                self.open.fetch_add(1, Ordering::SeqCst);
                with(200, &[], Pieces::of(vec![piece("first")], End::Never(self.clone())))
            }
            "calls" => {
                let told = json!({ "open": self.open.load(Ordering::SeqCst) });
                with(200, &[], Pieces::whole(told.to_string()))
            }
            "hang" => std::future::pending().await,
            "broken" => {
                with(200, &[("content-length", "100")], Pieces::of(vec![piece("half")], End::Broken { flushed: false }))
            }
            _ => with(404, &[], Pieces::none()),
        }
    }
}

async fn echo(request: Request<Incoming>) -> Response<Pieces> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let headers: Vec<_> =
        head.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect();
    let told = json!({
        "method": head.method.as_str(),
        "path": head.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    let headers = [("content-type", "application/json"), ("x-method", head.method.as_str())];
    with(200, &headers, Pieces::whole(told.to_string()))
}

fn redirect(status: u16, location: Option<&str>) -> Response<Pieces> {
    let headers: Vec<_> = location.map(|location| ("location", location)).into_iter().collect();
    with(status, &headers, Pieces::whole("redirecting"))
}

fn with(status: u16, headers: &[(&str, &str)], body: Pieces) -> Response<Pieces> {
    let mut response = Response::builder().status(StatusCode::from_u16(status).unwrap());
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body).unwrap()
}

/// A parameter of the query, decoded.
fn parameter(uri: &Uri, wanted: &str) -> Option<String> {
    let (_, value) =
        uri.query()?.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == wanted)?;
    Some(value.replace("%3A", ":").replace("%2F", "/").replace("%3F", "?"))
}

/// Hexadecimal digits as bytes.
fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).filter_map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()).collect()
}

fn piece(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// A body that comes piece by piece.
struct Pieces {
    left: Vec<Bytes>,
    end: End,
}

enum End {
    Proper,
    /// The connection ends first, once what came before is on its way.
    Broken {
        flushed: bool,
    },
    /// Counted among the open calls until the caller gives up.
    Never(Arc<Routes>),
}

impl Pieces {
    fn of(mut pieces: Vec<Bytes>, end: End) -> Self {
        pieces.reverse();
        Self { left: pieces, end }
    }

    fn whole(body: impl Into<Bytes>) -> Self {
        Self::of(vec![body.into()], End::Proper)
    }

    fn none() -> Self {
        Self::of(Vec::new(), End::Proper)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if let Some(piece) = self.left.pop() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut self.end {
            End::Proper => Poll::Ready(None),
            End::Broken { flushed: true } => Poll::Ready(Some(Err(std::io::Error::other("broken off on purpose")))),
            End::Broken { flushed } => {
                *flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Never(_) => Poll::Pending,
        }
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        if let End::Never(routes) = &self.end {
            routes.open.fetch_sub(1, Ordering::SeqCst);
        }
    }
}
