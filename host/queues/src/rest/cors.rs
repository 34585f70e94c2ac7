//! Cross-origin requests of scripts in web pages, by the rules of the account's service properties (REST reference: CORS Support,
//! Preflight Queue Request). The first rule that fits counts.

use http::StatusCode;
use http::request::Parts;

use super::answer::Answer;
use crate::protocol::{CorsRule, ErrorCode, ProtocolError};
use crate::{Account, QueueError, QueueService};

/// Answers whether a browser may send the request that it announces. Needs no authorization, as browsers send none.
pub(super) async fn preflight(service: &QueueService, parts: &Parts) -> Result<Answer, QueueError> {
    let needed = |name: &str| {
        let detail = || ProtocolError::new(ErrorCode::MissingRequiredHeader, name);
        header(parts, name).ok_or_else(detail)
    };
    let (origin, method) = (needed("origin")?, needed("access-control-request-method")?);
    let asked = header(parts, "access-control-request-headers").unwrap_or("");
    let account = parts.uri.path().trim_start_matches('/').split('/').next().unwrap_or("");
    let account = service.account(account).await?;
    let fits =
        |rule: &&CorsRule| fits(rule, origin, method) && words(asked).all(|name| matches(&rule.allowed_headers, name));
    let rules = account.as_deref().and_then(|account| account.properties.cors.as_deref()).unwrap_or_default();
    let Some(rule) = rules.iter().find(fits) else { return Err(ErrorCode::CorsPreflightFailure.into()) };
    let answer = allowed(Answer::new(StatusCode::OK), rule, origin)
        .with("access-control-allow-methods", method)
        .with("access-control-max-age", &rule.max_age_seconds.to_string());
    Ok(if asked.is_empty() { answer } else { answer.with("access-control-allow-headers", asked) })
}

/// Lets the script of a page see an answer, where a rule says so.
pub(super) fn allow(answer: Answer, account: &Account, parts: &Parts) -> Answer {
    let rules = account.properties.cors.as_deref().unwrap_or_default();
    let Some(origin) = header(parts, "origin").filter(|_| !rules.is_empty()) else { return answer };
    let answer = answer.with("vary", "Origin");
    match rules.iter().find(|rule| fits(rule, origin, parts.method.as_str())) {
        Some(rule) if rule.exposed_headers.is_empty() => allowed(answer, rule, origin),
        Some(rule) => allowed(answer, rule, origin).with("access-control-expose-headers", &rule.exposed_headers),
        None => answer,
    }
}

fn allowed(answer: Answer, rule: &CorsRule, origin: &str) -> Answer {
    // With one that names everybody, a browser must not send what it knows of its user.
    match words(&rule.allowed_origins).any(|known| known == "*") {
        true => answer.with("access-control-allow-origin", "*"),
        false => answer.with("access-control-allow-origin", origin).with("access-control-allow-credentials", "true"),
    }
}

fn fits(rule: &CorsRule, origin: &str, method: &str) -> bool {
    words(&rule.allowed_origins).any(|known| known == "*" || known.eq_ignore_ascii_case(origin))
        && words(&rule.allowed_methods).any(|known| known.eq_ignore_ascii_case(method))
}

/// Whether one of the words is this name, or its beginning before a `*`.
fn matches(allowed: &str, name: &str) -> bool {
    words(allowed).any(|known| match known.strip_suffix('*') {
        Some(beginning) => name.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning)),
        None => known.eq_ignore_ascii_case(name),
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name).and_then(|value| value.to_str().ok())
}
