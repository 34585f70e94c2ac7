//! What can go wrong on the way, told apart by whether the service may have heard the request.

use std::error::Error;
use std::io;

use hyper_util::client::legacy;

/// Kinds of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendErrorKind {
    /// No connection could be made: the service has heard nothing, and repeating does nothing twice.
    Unreached,
    /// The service showed a certificate that is not trusted; it has heard nothing, and repeating does not help.
    Untrusted,
    /// The way broke, or no complete answer came in time: the service may have done what was asked.
    Broken,
}

/// Why there is no answer. Its text is for logs and holds neither the URL nor a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// What kind.
    pub kind: SendErrorKind,
    reason: String,
}

impl SendError {
    pub(crate) fn new(kind: SendErrorKind, reason: impl Into<String>) -> Self {
        Self { kind, reason: reason.into() }
    }

    pub(crate) fn of_client(error: &legacy::Error) -> Self {
        let kind = match error.is_connect() {
            _ if is_untrusted(error) => SendErrorKind::Untrusted,
            true => SendErrorKind::Unreached,
            false => SendErrorKind::Broken,
        };
        Self::new(kind, chain(error))
    }
}

/// Whether a certificate is the reason.
fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
            return true;
        }
        // What an I/O error wraps is not its source; the source is that one's.
        next = match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

/// An error and what caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
