//! Stands in for the host in a native build, where handlers are called by tests.

use crate::{FetchError, Request, Response};

pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(crate) fn fetch(request: Request) -> Result<Response, FetchError> {
    Err(FetchError::Failed(format!("{}: outbound HTTP needs the Hearth host, this is a native build", request.url())))
}
