//! How the connections of a service are secured: as function HTTP is, or plainly and by TLS on one port, as emulators of Azure's stores do it,
//! so that clients work by whichever address they were given.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use hearth_engine::ResponseBody;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::development::{is_from_elsewhere, is_to_this_machine};
use crate::front::Front;
use crate::front::answer::{full, json, refusal};
use crate::front::connection::{HEADER_TIMEOUT, PRESSED_HEADER_TIMEOUT};
use crate::front::own_certificate::OwnCertificate;

/// Where a service that speaks both shows its certificate, for clients to trust; the path is that of the original's emulator.
const PEM_PATH: &str = "/_explorer/emulator.pem";
/// Why a request is refused where everybody knows a key.
const GUARDED: &str = "This store has an account whose key everybody knows, so it answers requests for localhost and loopback addresses only, \
                       and none of web pages from elsewhere: the Host, Origin or Sec-Fetch-Site header of this one tells of such.";
/// What every TLS connection begins with and no request does: the record type of a handshake (RFC 8446, section 5.1).
const HANDSHAKE: u8 = 0x16;

/// See the module's documentation.
pub(crate) enum Security {
    /// TLS with the certificate of the settings, plain where there is none.
    AsFunctions,
    /// TLS for whoever begins with it, with the certificate of the settings or else this one; plain for others.
    Both {
        /// Where the settings name none.
        own: Arc<OwnCertificate>,
        /// Everybody knows a key, so that nothing else tells a program of this machine from a web page that its user looks at.
        guarded: bool,
    },
}

impl Security {
    /// Whether a connection is to be secured, and how. Nothing is taken of what it sends.
    pub(super) async fn choose(
        &self,
        front: &Front,
        stream: &TcpStream,
        pressed: bool,
        stopping: &mut watch::Receiver<()>,
    ) -> Result<Option<TlsAcceptor>, Box<dyn Error + Send + Sync>> {
        let Self::Both { own, .. } = self else { return Ok(front.acceptor()) };
        let limit = if pressed { PRESSED_HEADER_TIMEOUT } else { HEADER_TIMEOUT };
        let first = tokio::select! {
            first = first_byte(stream, limit) => first?,
            _ = stopping.changed() => return Err("it had said nothing when the worker stopped".into()),
        };
        match (first == Some(HANDSHAKE), front.acceptor()) {
            (false, _) => Ok(None),
            (true, Some(configured)) => Ok(Some(configured)),
            (true, None) => Ok(Some(own.acceptor().await?)),
        }
    }

    /// The answer to a request for the certificate, and to one that is none of this machine's where only those are answered.
    pub(super) async fn answer(&self, front: &Front, request: &Request<Incoming>) -> Option<Response<ResponseBody>> {
        let Self::Both { own, guarded } = self else { return None };
        if *guarded && (!is_to_this_machine(request) || is_from_elsewhere(request.headers())) {
            return Some(json(StatusCode::FORBIDDEN, serde_json::json!({ "code": "Forbidden", "message": GUARDED })));
        }
        if request.uri().path() != PEM_PATH {
            return None;
        }
        if ![Method::GET, Method::HEAD].contains(request.method()) {
            return Some(refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "GET shows the certificate."));
        }
        let pem = match front.chain() {
            Some(file) => tokio::task::spawn_blocking(move || std::fs::read_to_string(file)).await.ok()?.ok(),
            None => own.pem().await.ok().map(str::to_owned),
        };
        let Some(pem) = pem else {
            let message = "The certificate can't be read just now; try again.";
            return Some(refusal(StatusCode::SERVICE_UNAVAILABLE, "StateUnavailable", message));
        };
        let mut response = Response::new(full(only_certificates(&pem).into()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-pem-file"));
        headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"emulator.pem\""));
        Some(response)
    }
}

/// The first byte that comes, which is left where it is; none when the other end has closed.
async fn first_byte(stream: &TcpStream, limit: Duration) -> Result<Option<u8>, Box<dyn Error + Send + Sync>> {
    let mut byte = [0; 1];
    let seen = tokio::time::timeout(limit, stream.peek(&mut byte)).await.map_err(|_| "it says nothing")??;
    Ok((seen > 0).then_some(byte[0]))
}

/// Somebody may keep the key in the same file as the chain.
fn only_certificates(pem: &str) -> String {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = pem.split(BEGIN).skip(1).filter_map(|rest| Some(rest.split_once(END)?.0));
    blocks.map(|block| format!("{BEGIN}{block}{END}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_beside_the_chain_is_not_shown() {
        let block = |what: &str, text: &str| format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n");
        let (one, two) = (block("CERTIFICATE", "AAAA"), block("CERTIFICATE", "BBBB"));
        let file = format!("{}# the leaf\n{one}{two}", block("PRIVATE KEY", "CCCC"));
        assert_eq!(only_certificates(&file), format!("{one}{two}"));
        assert_eq!(only_certificates("nothing"), "");
    }

    #[tokio::test]
    async fn the_first_byte_is_looked_at_and_left() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut caller = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut taken, _) = listener.accept().await.unwrap();
        caller.write_all(b"GET").await.unwrap();
        assert_eq!(first_byte(&taken, Duration::from_secs(20)).await.unwrap(), Some(b'G'));
        let mut whole = [0; 3];
        taken.read_exact(&mut whole).await.unwrap();
        assert_eq!(&whole, b"GET");
        let silent = first_byte(&taken, Duration::from_millis(10)).await.unwrap_err();
        assert_eq!(silent.to_string(), "it says nothing");
        drop(caller);
        assert_eq!(first_byte(&taken, Duration::from_secs(20)).await.unwrap(), None);
    }
}
