//! Who may do what: a signature with a key of an account, or a resource token (reference: Cosmos DB, section 2).

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{AUTHORIZATION, DATE, HOST};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::call::{Call, is_for_tokens};
use super::headers as names;
use crate::protocol::resource_token::{PermissionMode, ResourceToken};
use crate::protocol::signature::{Authorization, CLOCK_SKEW, SignedParts};
use crate::protocol::{DocumentError, ResourceKind};
use crate::service::{Account, DocumentService, DocumentsError, KeyRights};

/// Whose resources are asked for, and with what right.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) account: Arc<Account>,
    /// None for whoever has a key.
    pub(super) token: Option<ResourceToken>,
}

/// The caller, if the request may do what it asks. What a resource token opens is only looked at as far as its kind goes; the
/// rest needs the resource: [`super::scope`].
///
/// # Errors
/// 401 for a request that shows nothing or something wrong, 403 for one that may not do this, or not now.
pub(super) async fn authorize(
    service: &DocumentService,
    parts: &Parts,
    call: &Call<'_>,
) -> Result<Caller, DocumentsError> {
    let Some(header) = parts.headers.get(AUTHORIZATION) else {
        return Err(unauthorized(
            "Required Header authorization is missing. Ensure a valid Authorization token is passed.",
        )
        .into());
    };
    match Authorization::read(header.as_bytes()) {
        Some(Authorization::Master(signature)) => by_key(service, parts, call, &signature).await,
        Some(Authorization::Resource(text)) => by_token(service, parts, call, &text).await,
        Some(Authorization::Identity) => Err(unauthorized(
            "Tokens of an identity provider (type=aad) are not taken by this store: sign with a key of the account, or use a \
             resource token.",
        )
        .into()),
        None => Err(unauthorized(
            "The input authorization token can't serve the request: the format of the Authorization header is invalid. It is the \
             URL-encoded text 'type=master&ver=1.0&sig=...'.",
        )
        .into()),
    }
}

async fn by_key(
    service: &DocumentService,
    parts: &Parts,
    call: &Call<'_>,
    signature: &[u8; 32],
) -> Result<Caller, DocumentsError> {
    let signed = SignedParts {
        method: parts.method.as_str(),
        resource_type: call.link.signed_type(),
        ms_date: names::text(&parts.headers, &names::MS_DATE).unwrap_or(""),
        date: names::text(&parts.headers, &DATE).unwrap_or(""),
    };
    let mut texts: Vec<_> = call.link.signed_links().map(|link| signed.text(&link)).collect();
    if call.link.kind == ResourceKind::PartitionKeyDelete {
        // Some clients sign it as something that is done with the container.
        let signed = SignedParts { resource_type: ResourceKind::Container.segment(), ..signed };
        texts.extend(call.link.signed_links().map(|link| signed.text(&link)));
    }
    let named = match first_label(parts) {
        Some(label) => service.account(label).await?,
        None => None,
    };
    let found = match named {
        Some(account) => account.signed(&texts, signature).map(|rights| (account, rights)),
        None => service.account_that_signed(&texts, signature).await?,
    };
    let Some((account, rights)) = found else {
        let text = texts.first().map(|text| String::from_utf8_lossy(text).replace('\n', "\\n")).unwrap_or_default();
        return Err(unauthorized(format!(
            "The input authorization token can't serve the request. The wrong key is being used or the expected payload is not \
             built as per the protocol. The MAC signature found in the HTTP request is not the same as the computed signature. \
             Server used the following payload to sign: '{text}'"
        ))
        .into());
    };
    // After the signature, so that who has no key learns nothing of the store's clock.
    let now = service.clock().now();
    match signed.distance(now) {
        Some(distance) if distance <= CLOCK_SKEW => {}
        Some(_) => {
            return Err(forbidden(format!(
                "The authorization token is not valid at the current time. Request date: '{}', server time: '{}'. Please set the \
                 clock of the client.",
                if signed.ms_date.is_empty() { signed.date } else { signed.ms_date },
                crate::protocol::http_date(now),
            ))
            .into());
        }
        None => {
            return Err(unauthorized(
                "The header x-ms-date (or date) is missing, or not of the form 'Tue, 15 Nov 1994 08:12:31 GMT'.",
            )
            .into());
        }
    }
    if rights == KeyRights::ReadOnly && !call.operation.reads() {
        return Err(forbidden(format!(
            "The given request [{} {}] cannot be authorized by provided read-only key; it takes a read-write key.",
            parts.method,
            parts.uri.path()
        ))
        .into());
    }
    if rights == KeyRights::ReadOnly && call.link.kind == ResourceKind::Permission {
        // Each is answered with a token that may allow more than this key does.
        return Err(forbidden(
            "A read-only key does not read permissions, which hold tokens: it takes a read-write key.",
        )
        .into());
    }
    Ok(Caller { account, token: None })
}

async fn by_token(
    service: &DocumentService,
    parts: &Parts,
    call: &Call<'_>,
    text: &str,
) -> Result<Caller, DocumentsError> {
    let named = match first_label(parts) {
        Some(label) => service.account(label).await?.map(|account| account.name.clone()),
        None => None,
    };
    // What was sent to one account is not done in another.
    let token = service.resource_token(text).filter(|token| named.is_none_or(|named| named == token.account));
    let Some(token) = token else {
        return Err(unauthorized(
            "The input authorization token can't serve the request: it is no resource token of this store, or not of the account that \
             the request was sent to.",
        )
        .into());
    };
    if token.has_expired(service.clock().now()) {
        return Err(forbidden(
            "The authorization token is not valid at the current time: the resource token has expired. Read its permission again.",
        )
        .into());
    }
    let account = service.account(&token.account).await?;
    let (Some(account), true) = (account, service.permission_is_current(&token).await?) else {
        return Err(forbidden(
            "The authorization token is not valid at the current time: the permission that it was made from was replaced or \
             deleted.",
        )
        .into());
    };
    if !is_for_tokens(call.link.kind) {
        return Err(forbidden(format!(
            "A resource token does not open '{}': it takes a key of the account.",
            call.link.kind.segment()
        ))
        .into());
    }
    if token.mode == PermissionMode::Read && !call.operation.reads() {
        return Err(
            forbidden("The permission of the resource token has the mode Read, which does not allow this.").into()
        );
    }
    Ok(Caller { account, token: Some(token) })
}

/// The first label of the host that the request was sent to, which may be the name of an account; none for an address.
fn first_label(parts: &Parts) -> Option<&str> {
    let host = host(parts)?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let (label, rest) = host.split_once('.')?;
    (!rest.is_empty() && !host.starts_with('[') && host.parse::<IpAddr>().is_err()).then_some(label)
}

/// Host and port that the request was sent to.
pub(super) fn host(parts: &Parts) -> Option<&str> {
    parts.uri.authority().map(http::uri::Authority::as_str).or_else(|| text(&parts.headers))
}

fn text(headers: &HeaderMap) -> Option<&str> {
    names::text(headers, &HOST).filter(|host| !host.is_empty())
}

pub(super) fn unauthorized(message: impl Into<String>) -> DocumentError {
    DocumentError::new(StatusCode::UNAUTHORIZED, message)
}

pub(super) fn forbidden(message: impl Into<String>) -> DocumentError {
    DocumentError::new(StatusCode::FORBIDDEN, message)
}
