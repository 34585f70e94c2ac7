//! Who may do what: the account's key over the request, or a shared access signature in its query.

use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::call::Call;
use crate::protocol::sas::{Caller, SasToken, check_account, check_service};
use crate::protocol::{ErrorCode, ProtocolError, Scheme, SignedParts, limits, parse_http_date, string_to_sign, verify};
use crate::{Account, QueueError, QueueService};

/// The account whose resource is asked for, if the request may do what it asks.
///
/// # Errors
/// [`ErrorCode::AuthenticationFailed`] for a request that shows nothing or something wrong, and for an account that does not
/// exist: who has no key does not learn which there are.
pub(super) async fn authorize(
    service: &QueueService,
    parts: &Parts,
    call: &Call,
    caller: Caller,
) -> Result<Arc<Account>, QueueError> {
    check_version(&parts.headers)?;
    let account = service.account(&call.account).await?;
    let Some(header) = parts.headers.get(AUTHORIZATION) else {
        let token = SasToken::parse(parts.uri.query().unwrap_or(""));
        return match (token, account) {
            (Some(token), Some(account)) => by_signature(service, account, &token, call, caller).await,
            (None, _) => Err(ErrorCode::AuthenticationFailed.into()),
            (Some(_), None) => Err(refused("Signature did not match.").into()),
        };
    };
    let header = header.to_str().ok().and_then(read_header);
    let Some((scheme, name, signature)) = header else { return Err(ErrorCode::InvalidAuthenticationInfo.into()) };
    check_date(service, &parts.headers)?;
    let signed = SignedParts {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or(""),
        headers: &parts.headers,
    };
    match account.filter(|account| account.name == name) {
        Some(account) if account.keys.iter().any(|key| verify(scheme, name, key, &signed, signature)) => Ok(account),
        _ => {
            let text = string_to_sign(scheme, name, &signed);
            let detail = format!(
                "The MAC signature found in the HTTP request is not the same as any computed signature. Server used following \
                 string to sign: '{text}'."
            );
            Err(refused(&detail).into())
        }
    }
}

async fn by_signature(
    service: &QueueService,
    account: Arc<Account>,
    token: &SasToken,
    call: &Call,
    caller: Caller,
) -> Result<Arc<Account>, QueueError> {
    let now = service.clock().now();
    if token.is_of_account() {
        check_account(token, &account.name, &account.keys, call.operation, caller, now)?;
        return Ok(account);
    }
    if call.queue.is_empty() {
        return Err(ErrorCode::AuthorizationFailure.into());
    }
    let policies = match token.identifier.is_empty() {
        true => Vec::new(),
        // A queue that does not exist has no policies.
        false => match service.policies(&account.name, &call.queue).await {
            Err(error) if error.code() == Some(ErrorCode::QueueNotFound) => Vec::new(),
            policies => policies?,
        },
    };
    let policy = policies.iter().find(|policy| policy.id == token.identifier);
    check_service(token, (&account.name, &call.queue), &account.keys, policy, call.operation, caller, now)?;
    Ok(account)
}

/// `SharedKey account:signature`.
fn read_header(header: &str) -> Option<(Scheme, &str, &str)> {
    let (scheme, rest) = header.trim().split_once(' ')?;
    let scheme = [Scheme::SharedKey, Scheme::SharedKeyLite]
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(scheme))?;
    let (account, signature) = rest.trim().split_once(':')?;
    Some((scheme, account, signature))
}

fn check_version(headers: &HeaderMap) -> Result<(), ProtocolError> {
    let Some(version) = headers.get("x-ms-version") else { return Ok(()) };
    let shape = |text: &str| {
        text.len() == 10
            && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
    };
    match version.to_str().is_ok_and(|text| shape(text) && text >= "2011-08-18") {
        true => Ok(()),
        false => {
            Err(ProtocolError::new(ErrorCode::InvalidHeaderValue, "x-ms-version is a date of 2011-08-18 or later"))
        }
    }
}

/// A signed request is good for a quarter of an hour, so that one that was overheard is of no use later.
fn check_date(service: &QueueService, headers: &HeaderMap) -> Result<(), ProtocolError> {
    let date = headers.get("x-ms-date").or_else(|| headers.get(http::header::DATE));
    let Some(date) = date else {
        return Err(refused("neither x-ms-date nor Date tells when the request was made"));
    };
    let Some(at) = date.to_str().ok().and_then(parse_http_date) else {
        return Err(refused("the date is not of the form 'Sun, 06 Nov 1994 08:49:37 GMT'"));
    };
    let now = service.clock().now();
    if at.since(now).max(now.since(at)) > limits::CLOCK_SKEW {
        return Err(refused(&format!(
            "Request date header too old or in the future: it is {at}, and here it is {now}"
        )));
    }
    Ok(())
}

fn refused(detail: &str) -> ProtocolError {
    ProtocolError::new(ErrorCode::AuthenticationFailed, detail)
}
