//! Settings of an app: for the management API as a resource with a revision, for Kudu's clients as a flat object.

mod change;
mod kudu;
mod replace;
mod show;

pub(crate) use change::change;
pub(crate) use kudu::{kudu_delete, kudu_list, kudu_set, kudu_show};
pub(crate) use replace::replace;
pub(crate) use show::show;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};

use crate::answer::Failure;
use crate::api::Revision;

/// The revision that `If-Match` asks for; none where anything will do.
fn expected(headers: &HeaderMap) -> Result<Option<u64>, Failure> {
    let Some(wanted) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = wanted.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    text.trim_matches('"').parse().map(Some).map_err(|_| {
        let message = "If-Match must be the entity tag of the settings, such as \"12\", or *.";
        Failure::invalid("revision_invalid", message)
    })
}

/// An answer with the revision as its entity tag, kept by no cache.
fn tagged(revision: u64, body: impl IntoResponse) -> Response {
    let headers = [(header::ETAG, format!("\"{revision}\"")), (header::CACHE_CONTROL, "no-store".to_owned())];
    (headers, body).into_response()
}

fn changed(revision: u64) -> Response {
    tagged(revision, Json(Revision { revision }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_is_a_number_with_or_without_quotes() {
        let with = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, text.parse().unwrap());
            expected(&headers).map_err(|failure| failure.code)
        };
        assert_eq!(expected(&HeaderMap::new()).unwrap(), None);
        assert_eq!((with("\"12\""), with("12"), with("*")), (Ok(Some(12)), Ok(Some(12)), Ok(None)));
        assert_eq!(with("W/\"12\""), Err("revision_invalid"));
    }
}
