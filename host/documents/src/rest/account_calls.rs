//! The account as clients read it, which tells them where to send everything else.

use http::StatusCode;

use super::answer::Answer;
use super::{Asked, Peer, authorize, headers};
use crate::protocol::account::account_body;
use crate::protocol::limits;
use crate::service::DocumentsError;

/// Bytes in the megabytes that media are told in.
const MEGABYTE: u64 = 1024 * 1024;

/// `GET /`. The client is sent to where the operator said, else to where it came: behind a proxy that ends TLS, that is what the
/// proxy says.
pub(super) async fn read(asked: &Asked<'_>) -> Result<Answer, DocumentsError> {
    let parts = asked.parts;
    let https = parts.extensions.get::<Peer>().is_some_and(|peer| peer.https)
        || headers::text(&parts.headers, &headers::FORWARDED_PROTO).is_some_and(|scheme| scheme == "https");
    let scheme = if https { "https" } else { "http" };
    let host = authorize::host(parts).unwrap_or("localhost");
    let account = &asked.caller.account;
    let endpoint = asked.service.endpoint().map_or_else(|| format!("{scheme}://{host}/"), str::to_owned);
    let body = account_body(&account.name, &endpoint, &account.properties);
    let mut answer = Answer::json(StatusCode::OK, body);
    let megabytes = |bytes: u64| i64::try_from(bytes.div_ceil(MEGABYTE)).unwrap_or(i64::MAX);
    answer.set_number(&headers::MAX_MEDIA_USAGE, megabytes(limits::ACCOUNT_MEDIA_BYTES));
    answer.set_number(&headers::MEDIA_USAGE, megabytes(asked.service.media_usage(&account.name).await?));
    Ok(answer)
}
