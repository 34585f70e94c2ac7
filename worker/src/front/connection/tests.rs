//! Connections over HTTP/2 with short limits. "Longer than the limit" is a connection that was opened meanwhile and has ended by it.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::client::conn::http2::{self, SendRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::front::answer::full;

const IDLE: Duration = Duration::from_millis(100);
const UNREAD: Duration = Duration::from_millis(200);
const GRACE: Duration = Duration::from_millis(50);

type Ended = JoinHandle<Result<(), String>>;

fn serve<A>(answer: impl Fn(Request<Incoming>) -> A + Send + 'static) -> (DuplexStream, Ended, watch::Sender<()>)
where
    A: Future<Output = Response<ResponseBody>> + Send + 'static,
{
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (stop, stopping) = watch::channel(());
    let limits = Limits { builder: builder(HEADER_TIMEOUT), idle: IDLE, unread: UNREAD, grace: GRACE };
    let ended =
        tokio::spawn(async move { limits.serve(near, answer, stopping).await.map_err(|error| error.to_string()) });
    (far, ended, stop)
}

/// A client with windows of this size, and its connection.
async fn client(
    stream: DuplexStream,
    window: u32,
) -> (SendRequest<Empty<bytes::Bytes>>, JoinHandle<hyper::Result<()>>) {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.initial_stream_window_size(window);
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

fn get() -> Request<Empty<bytes::Bytes>> {
    Request::get("http://app.localhost/").body(Empty::new()).unwrap()
}

/// Waits until other connections have been given up, both limits long.
async fn meanwhile() {
    for _ in 0..4 {
        let (stream, ended, _stop) = serve(|_| async { Response::new(full("ok".into())) });
        let (mut sender, connection) = client(stream, 65_535).await;
        sender.send_request(get()).await.unwrap().collect().await.unwrap();
        left(ended).await;
        drop(connection);
    }
}

/// Waits for the end of a connection. Clients that are told to leave close it themselves, at a moment of their choice.
async fn left(ended: Ended) {
    if let Err(error) = ended.await.unwrap() {
        assert!(!error.contains("takes nothing"), "{error}");
    }
}

#[tokio::test]
async fn a_connection_without_requests_ends() {
    let begun = Instant::now();
    let (stream, ended, _stop) = serve(|_| async { Response::new(full(vec![7; 100_000].into())) });
    let (mut sender, connection) = client(stream, 20_000).await;
    let answer = sender.send_request(get()).await.unwrap().collect().await.unwrap();
    assert_eq!(answer.to_bytes(), vec![7; 100_000], "an answer is whole, whatever the pieces");
    left(ended).await;
    assert!(begun.elapsed() >= IDLE);
    drop(connection);
    assert!(sender.send_request(get()).await.is_err());
}

#[tokio::test]
async fn a_client_that_says_no_more_is_dropped_after_the_grace() {
    let begun = Instant::now();
    let (mut stream, ended, _stop) = serve(|_| async { Response::new(full("ok".into())) });
    // The preface, settings, and HEADERS of `GET http://a/`: an answer, a ping and GOAWAY are left unread.
    let head = b"\0\0\x06\x01\x05\0\0\0\x01\x82\x84\x86\x41\x01a";
    stream.write_all(&[&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..], head].concat()).await.unwrap();
    ended.await.unwrap().unwrap();
    assert!(begun.elapsed() >= IDLE + GRACE);
    let mut seen = Vec::new();
    stream.read_to_end(&mut seen).await.unwrap();
    let mut frames = Vec::new();
    while let [a, b, c, kind, ..] = seen[..] {
        frames.push(kind);
        seen.drain(..9 + u32::from_be_bytes([0, a, b, c]) as usize);
    }
    assert!(frames.contains(&1) && frames.contains(&7), "HEADERS of the answer, GOAWAY: {frames:?}");
}

#[tokio::test]
async fn work_takes_as_long_as_it_takes() {
    let go = Arc::new(Notify::new());
    let waits = go.clone();
    let (stream, ended, _stop) = serve(move |_| {
        let waits = waits.clone();
        async move {
            waits.notified().await;
            let tail = futures_util::stream::once(async move {
                waits.notified().await;
                Ok(http_body::Frame::data("late".into()))
            });
            let first = futures_util::stream::iter([Ok(http_body::Frame::data("soon, ".into()))]);
            Response::new(ResponseBody::streamed(StreamBody::new(futures_util::StreamExt::chain(first, tail))))
        }
    });
    let (mut sender, _connection) = client(stream, 65_535).await;
    let answer = tokio::spawn(sender.send_request(get()));
    meanwhile().await;
    go.notify_one();
    let mut body = answer.await.unwrap().unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "soon, ");
    // A stream that is silent is the function's affair.
    meanwhile().await;
    go.notify_one();
    assert_eq!(body.collect().await.unwrap().to_bytes(), "late");
    left(ended).await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_ends_the_connection() {
    // Also one that the server's library holds whole, its window being open by a byte.
    for (window, length) in [(0, 1 << 20), (1000, 1 << 20), (1, 1000)] {
        let begun = Instant::now();
        let (stream, ended, _stop) = serve(move |_| async move { Response::new(full(vec![7; length].into())) });
        let (mut sender, _connection) = client(stream, window).await;
        let _answer = sender.send_request(get()).await.unwrap();
        let error = ended.await.unwrap().unwrap_err();
        assert!(error.contains("takes nothing"), "{window}: {error}");
        assert!(begun.elapsed() >= UNREAD);
    }
}

#[tokio::test]
async fn each_piece_taken_begins_the_time_anew() {
    let activity = Activity::begin();
    let mut answer = Answer::new(full(vec![7; 40_000].into()), activity.request(http::Version::HTTP_2));
    assert_eq!(activity.state(), State::Working);
    let mut since = Instant::now();
    for length in [16_384, 16_384, 40_000 - 2 * 16_384] {
        let piece = answer.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(piece.len(), length);
        let State::Unread(now) = activity.state() else { panic!("{:?}", activity.state()) };
        assert!(now > since);
        since = now;
    }
    assert!(http_body::Body::is_end_stream(&answer));
    drop(answer);
    assert!(matches!(activity.state(), State::Idle(now) if now > since));
}

#[tokio::test]
async fn a_stop_lets_requests_end() {
    let go = Arc::new(Notify::new());
    let (asked, waits) = (Arc::new(Notify::new()), go.clone());
    let comes = asked.clone();
    let (stream, ended, stop) = serve(move |_| {
        comes.notify_one();
        let waits = waits.clone();
        async move {
            waits.notified().await;
            Response::new(full("ok".into()))
        }
    });
    let (mut sender, _connection) = client(stream, 65_535).await;
    let answer = tokio::spawn(sender.send_request(get()));
    asked.notified().await;
    stop.send(()).unwrap();
    meanwhile().await;
    go.notify_one();
    assert_eq!(answer.await.unwrap().unwrap().collect().await.unwrap().to_bytes(), "ok");
    left(ended).await;
    stop.closed().await;
}
