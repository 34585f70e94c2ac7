//! What comes back from the way when it is broken, by whether the service may have heard the request.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::Duration;

use bytes::Bytes;
use hearth_outbound::{Outbound, OutboundOptions, SendError, SendErrorKind};
use http::{Request, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that says this to each request and closes the connection; without an end it keeps it open.
async fn says(text: &'static str, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(text.as_bytes()).await;
            if !closes {
                kept.push(stream);
            }
        }
    });
    url
}

fn outbound() -> Outbound {
    Outbound::new(OutboundOptions { timeout: Duration::from_secs(20), max_answer_bytes: 8, only_this_machine: false })
}

async fn asked(outbound: &Outbound, url: String) -> Result<(StatusCode, Bytes), SendError> {
    let answer = outbound.send_direct(Request::get(url).body(Bytes::new()).unwrap()).await?;
    Ok((answer.status, answer.body))
}

#[tokio::test]
async fn an_answer_of_any_status_is_an_answer() {
    let url = says("HTTP/1.1 503 Busy\r\ncontent-length: 5\r\n\r\nlater", true).await;
    let (status, body) = asked(&outbound(), url).await.unwrap();
    assert_eq!((status, body.as_ref()), (StatusCode::SERVICE_UNAVAILABLE, b"later".as_slice()));
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let error = asked(&outbound(), url).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Unreached, "{error}");
}

#[tokio::test]
async fn what_breaks_later_may_have_been_heard() {
    for (text, closes, expected) in [
        ("", true, ""),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nla", true, "reading the answer failed"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123456789", true, "length limit exceeded"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nla", false, "no complete answer within 1 s"),
    ] {
        let url = says(text, closes).await;
        let outbound = if closes { outbound() } else { outbound().waiting(Duration::from_secs(1)) };
        let error = asked(&outbound, url).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Broken, "{text}: {error}");
        assert!(error.to_string().contains(expected), "{text}: {error}");
    }
}
