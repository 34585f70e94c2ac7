//! Functions over TLS: both versions of HTTP, new certificates without a failed call, and pairs that cannot be used.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hearth_tests::{Call, DocumentStore, Hearth, Start, sample};
use http::{Method, Request, Version};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Writes a certificate of its own for the sample's host name; the certificate.
fn certificate(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["hello-http.localhost".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        // As careful installers do it: beside, then in its place.
        std::fs::write(folder.join("new"), text).unwrap();
        std::fs::rename(folder.join("new"), folder.join(name)).unwrap();
    };
    write("tls.crt", made.cert.pem());
    write("tls.key", made.signing_key.serialize_pem());
    CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()
}

fn with_tls(folder: &Path) -> Start {
    let start = Hearth::with().flag("--http-tls-certificate", folder.join("tls.crt"));
    start.flag("--http-tls-key", folder.join("tls.key"))
}

/// One call over a connection of its own that trusts these certificates: status, version, the server's certificate.
async fn call(
    to: SocketAddr,
    trusted: &[CertificateDer<'static>],
    version: Version,
) -> Result<(u16, Version, CertificateDer<'static>), String> {
    call_by("hello-http.localhost", "/api/hello", to, trusted, version).await
}

/// The same by another name and path.
async fn call_by(
    name: &'static str,
    path: &str,
    to: SocketAddr,
    trusted: &[CertificateDer<'static>],
    version: Version,
) -> Result<(u16, Version, CertificateDer<'static>), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(trusted.iter().cloned());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    let protocol = if version == Version::HTTP_2 { b"h2".to_vec() } else { b"http/1.1".to_vec() };
    config.alpn_protocols = vec![protocol.clone()];
    let stream = TcpStream::connect(to).await.map_err(|error| text(&error))?;
    let server = ServerName::try_from(name).unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(server, stream).await.map_err(|error| text(&error))?;
    let session = stream.get_ref().1;
    assert_eq!(session.alpn_protocol(), Some(&protocol[..]));
    let shown = session.peer_certificates().unwrap()[0].clone();
    let request = Request::get(format!("https://{name}{path}")).header("host", name);
    let response = if version == Version::HTTP_2 {
        let shaken = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|error| text(&error))?;
        tokio::spawn(connection);
        sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.map_err(|error| text(&error))?
    } else {
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = shaken.map_err(|error| text(&error))?;
        tokio::spawn(connection);
        sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.map_err(|error| text(&error))?
    };
    let (status, version) = (response.status().as_u16(), response.version());
    response.collect().await.map_err(|error| text(&error))?;
    Ok((status, version, shown))
}

#[tokio::test(flavor = "multi_thread")]
async fn both_versions_are_served_and_a_new_certificate_is_taken_without_a_failed_call() {
    let folder = tempfile::tempdir().unwrap();
    let first = certificate(folder.path());
    let (hearth, to) = tokio::task::block_in_place(|| {
        let hearth = with_tls(folder.path()).start();
        hearth.publish("hello-http", &sample("hello-http"));
        let to = hearth.http_address();
        (hearth, to)
    });
    assert!(hearth.http().starts_with("https://"), "{}", hearth.http());
    for version in [Version::HTTP_11, Version::HTTP_2] {
        let (status, spoken, shown) = call(to, std::slice::from_ref(&first), version).await.unwrap();
        assert_eq!((status, spoken, &shown), (200, version, &first));
    }

    let second = certificate(folder.path());
    let trusted = [first.clone(), second.clone()];
    let mut calls = 0;
    loop {
        let version = if calls % 2 == 0 { Version::HTTP_2 } else { Version::HTTP_11 };
        let (status, _, shown) = call(to, &trusted, version).await.unwrap();
        assert_eq!(status, 200);
        calls += 1;
        if shown == second {
            break;
        }
        assert!(calls < 100_000, "the new certificate was not taken");
    }

    std::fs::write(folder.path().join("tls.key"), "no key").unwrap();
    tokio::task::block_in_place(|| hearth.log().with(0, &["The certificate before stays in use"]));
    let (_, _, shown) = call(to, &trusted, Version::HTTP_2).await.unwrap();
    assert_eq!(shown, second);
}

/// The certificate that the document store shows without TLS.
fn shown_by(hearth: &Hearth) -> (SocketAddr, CertificateDer<'static>) {
    let store = DocumentStore::of(hearth.ready()["documentsConnectionString"].as_str().unwrap());
    let answer = Call::new(store.address(), Method::GET, "/_explorer/emulator.pem").send().expect(200);
    let text = answer.text();
    assert!(text.starts_with("-----BEGIN CERTIFICATE-----") && !text.contains("KEY"), "{text}");
    assert_eq!(store.account().status, 200, "plain HTTP on the same port");
    (store.address(), CertificateDer::from_pem_slice(text.as_bytes()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_store_speaks_both_on_one_port_with_a_certificate_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || tokio::task::block_in_place(|| Hearth::with().data(&data).start());
    let hearth = start();
    let (to, own) = tokio::task::block_in_place(|| shown_by(&hearth));
    for version in [Version::HTTP_11, Version::HTTP_2] {
        // Without a signature nobody gets in, but an answer is one.
        let (status, spoken, shown) =
            call_by("localhost", "/dbs", to, std::slice::from_ref(&own), version).await.unwrap();
        assert_eq!((status, spoken, &shown), (401, version, &own));
    }
    tokio::task::block_in_place(|| hearth.stop());
    let again = start();
    let (_, shown) = tokio::task::block_in_place(|| shown_by(&again));
    assert_eq!(shown, own, "who trusted it goes on trusting it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_store_shows_the_certificate_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let given = certificate(folder.path());
    let hearth = tokio::task::block_in_place(|| with_tls(folder.path()).start());
    let (to, shown) = tokio::task::block_in_place(|| shown_by(&hearth));
    assert_eq!(shown, given);
    let (status, _, shown) =
        call_by("hello-http.localhost", "/dbs", to, std::slice::from_ref(&given), Version::HTTP_2).await.unwrap();
    assert_eq!((status, shown), (401, given));
}

#[test]
fn a_pair_that_cannot_be_used_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    std::fs::write(folder.path().join("tls.key"), "no key").unwrap();
    let refused = with_tls(folder.path()).try_start().err().unwrap();
    assert_eq!(refused.code, Some(78), "{}", refused.log);
    assert!(refused.log.contains("--http-tls-key"), "{}", refused.log);
    let alone = Hearth::with().flag("--http-tls-certificate", folder.path().join("tls.crt")).try_start().err().unwrap();
    assert!(alone.code == Some(78) && alone.log.contains("--http-tls-key"), "{}", alone.log);
}
