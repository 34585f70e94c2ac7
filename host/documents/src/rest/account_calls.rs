//! The account as clients read it, which tells them where to send everything else.

use http::StatusCode;

use super::answer::Answer;
use super::{Asked, Peer, authorize, headers};
use crate::protocol::account::account_body;

/// Bytes of attachments that an account may have, in MB, as the account read tells it.
const MEDIA_MB: i64 = 2048;

/// `GET /`. The client is sent to where the operator said, else to where it came: behind a proxy that ends TLS, that is what the
/// proxy says.
pub(super) fn read(asked: &Asked<'_>) -> Answer {
    let parts = asked.parts;
    let https = parts.extensions.get::<Peer>().is_some_and(|peer| peer.https)
        || headers::text(&parts.headers, &headers::FORWARDED_PROTO).is_some_and(|scheme| scheme == "https");
    let scheme = if https { "https" } else { "http" };
    let host = authorize::host(parts).unwrap_or("localhost");
    let account = &asked.caller.account;
    let endpoint = asked.service.endpoint().map_or_else(|| format!("{scheme}://{host}/"), str::to_owned);
    let body = account_body(&account.name, &endpoint, &account.properties);
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.set_number(&headers::MAX_MEDIA_USAGE, MEDIA_MB);
    answer.set_number(&headers::MEDIA_USAGE, 0);
    answer
}
