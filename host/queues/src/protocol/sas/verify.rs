//! Decides whether a shared access signature allows an operation.

use std::net::IpAddr;

use hearth_model::clock::Timestamp;

use super::operation::Operation;
use super::token::SasToken;
use crate::protocol::{AccessPolicy, AccountKey, ErrorCode, ProtocolError, sas_time};

/// What is known of a caller.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Its address; none where it is not known, and then no signature that names one opens.
    pub ip: Option<IpAddr>,
    /// Whether it came over TLS.
    pub https: bool,
}

/// Whether an account SAS allows an operation now. Any of the keys may have signed it.
///
/// # Errors
/// [`ErrorCode::AuthenticationFailed`] when it is not signed with a key, has ended, has not begun, or is malformed; one of the
/// `Authorization…Mismatch` codes when it is good for something else.
pub fn check_account(
    token: &SasToken,
    account: &str,
    keys: &[AccountKey],
    operation: Operation,
    caller: Caller,
    now: Timestamp,
) -> Result<(), ProtocolError> {
    if token.version.as_str() < "2015-04-05" {
        return Err(refused("sv is not a version of account signatures: 2015-04-05 or later"));
    }
    let text = token.account_text(account);
    if !keys.iter().any(|key| key.signed(&text, &token.signature)) {
        return Err(refused("Signature did not match."));
    }
    within(&token.start, &token.expiry, now)?;
    came(token, caller)?;
    if !token.services.contains('q') {
        return Err(ErrorCode::AuthorizationServiceMismatch.into());
    }
    if !token.resource_types.contains(operation.resource_type()) {
        return Err(ErrorCode::AuthorizationResourceTypeMismatch.into());
    }
    permitted(operation.account_permissions(), &token.permissions)
}

/// Whether a service SAS allows an operation on its queue now. `policy` is the stored access policy that it names, if the
/// queue has it.
///
/// # Errors
/// As [`check_account`].
pub fn check_service(
    token: &SasToken,
    (account, queue): (&str, &str),
    keys: &[AccountKey],
    policy: Option<&AccessPolicy>,
    operation: Operation,
    caller: Caller,
    now: Timestamp,
) -> Result<(), ProtocolError> {
    if token.version.as_str() < "2012-02-12" {
        return Err(refused("sv is not a version of signatures for queues: 2012-02-12 or later"));
    }
    let text = token.service_text(account, queue);
    if !keys.iter().any(|key| key.signed(&text, &token.signature)) {
        return Err(refused("Signature did not match."));
    }
    let none = AccessPolicy::default();
    let policy = match (token.identifier.is_empty(), policy) {
        (true, _) => &none,
        (false, Some(policy)) => policy,
        (false, None) => return Err(refused("the queue has no stored access policy of the name in si")),
    };
    let start = one_of("st", &token.start, &policy.start)?;
    let expiry = one_of("se", &token.expiry, &policy.expiry)?;
    let permissions = one_of("sp", &token.permissions, &policy.permissions)?;
    within(start, expiry, now)?;
    came(token, caller)?;
    permitted(operation.service_permissions(), permissions)
}

fn refused(detail: &str) -> ProtocolError {
    ProtocolError::new(ErrorCode::AuthenticationFailed, detail)
}

/// A value stands in the signature or in the policy, not in both.
fn one_of<'a>(name: &str, token: &'a str, policy: &'a str) -> Result<&'a str, ProtocolError> {
    match (token.is_empty(), policy.is_empty()) {
        (false, false) => {
            Err(refused(&format!("{name} stands in the signature and in its policy: leave it out in one")))
        }
        (true, _) => Ok(policy),
        (false, true) => Ok(token),
    }
}

fn within(start: &str, expiry: &str, now: Timestamp) -> Result<(), ProtocolError> {
    let time = |name: &str, text: &str| sas_time(text).ok_or_else(|| refused(&format!("{name} is not a time")));
    if expiry.is_empty() {
        return Err(refused("se is missing: a signature must end"));
    }
    let expiry = time("se", expiry)?;
    let start = if start.is_empty() { None } else { Some(time("st", start)?) };
    if now >= expiry || start.is_some_and(|start| now < start) {
        let begins = start.map(|start| format!("begins {start}, ")).unwrap_or_default();
        return Err(refused(&format!(
            "Signature not valid in the specified time frame: it {begins}ends {expiry}, now is {now}"
        )));
    }
    Ok(())
}

fn came(token: &SasToken, caller: Caller) -> Result<(), ProtocolError> {
    match token.protocol.as_str() {
        "" | "https,http" | "http,https" => {}
        "https" if caller.https => {}
        "https" => return Err(ErrorCode::AuthorizationProtocolMismatch.into()),
        _ => return Err(refused("spr is neither 'https' nor 'https,http'")),
    }
    if token.ip.is_empty() {
        return Ok(());
    }
    let (first, last) = token.ip.split_once('-').unwrap_or((&token.ip, &token.ip));
    let (Ok(first), Ok(last)) = (first.trim().parse::<IpAddr>(), last.trim().parse::<IpAddr>()) else {
        return Err(refused("sip is no address and no range of addresses"));
    };
    let ip = caller.ip.map(|ip| ip.to_canonical());
    match ip.is_some_and(|ip| ip.is_ipv4() == first.is_ipv4() && (first..=last).contains(&ip)) {
        true => Ok(()),
        false => Err(ErrorCode::AuthorizationSourceIPMismatch.into()),
    }
}

fn permitted(enough: &str, given: &str) -> Result<(), ProtocolError> {
    if enough.is_empty() {
        return Err(ErrorCode::AuthorizationFailure.into());
    }
    match enough.chars().any(|letter| given.contains(letter)) {
        true => Ok(()),
        false => Err(ErrorCode::AuthorizationPermissionMismatch.into()),
    }
}
