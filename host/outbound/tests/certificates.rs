//! Whom a client trusts, tried on servers with certificates that nobody vouches for.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearth_outbound::{Outbound, OutboundOptions, SendErrorKind};
use http::Request;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Answers every request over TLS with a certificate of its own; returns its port.
async fn self_signed() -> u16 {
    let made = rcgen::generate_simple_self_signed(vec!["somebody.example".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nheard").await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

fn outbound(only_this_machine: bool) -> Outbound {
    Outbound::new(OutboundOptions { timeout: Duration::from_secs(20), max_answer_bytes: 1024, only_this_machine })
}

fn get(url: String) -> Request<Bytes> {
    Request::get(url).body(Bytes::new()).unwrap()
}

#[tokio::test]
async fn any_certificate_of_this_machine_will_do_where_that_is_asked_for() {
    let port = self_signed().await;
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("https://{host}:{port}/");
        let answer = outbound(true).send_direct(get(url.clone())).await.unwrap();
        assert_eq!(answer.body, "heard");
        let error = outbound(false).send_direct(get(url)).await.unwrap_err();
        assert_eq!(error.kind, SendErrorKind::Untrusted, "{error}");
    }
}

#[tokio::test]
async fn another_host_is_refused_where_any_certificate_of_this_machine_will_do() {
    let port = self_signed().await;
    // Unix connects this address to itself, and it is no loopback address.
    let error = outbound(true).send_direct(get(format!("https://0.0.0.0:{port}/"))).await.unwrap_err();
    assert_eq!(error.kind, SendErrorKind::Untrusted, "{error}");
}
