//! Operations on messages.

use std::time::Duration;

use bytes::Bytes;
use hearth_state::ClaimedMessage;
use http::{HeaderMap, StatusCode};

use super::answer::Answer;
use super::call::Call;
use crate::protocol::{ErrorCode, ProtocolError, http_date, limits, read_message_body, write_messages};
use crate::service::message_of;
use crate::{Account, PopReceipt, QueueError, QueueService, Received};

pub(super) async fn put(
    service: &QueueService,
    account: &Account,
    call: &Call,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Answer, QueueError> {
    let text = read_message_body(body)?.text.unwrap_or_default();
    let visibility = call.visibility(0)?.unwrap_or(Duration::ZERO);
    let put = service.put(&account.name, &call.queue, text, visibility, time_to_live(call, headers)?).await?;
    Ok(Answer::xml(StatusCode::CREATED, write_messages([&put])))
}

pub(super) async fn get(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    let visibility = call.visibility(1)?.unwrap_or(limits::DEFAULT_VISIBILITY);
    let messages = match service.receive(&account.name, &call.queue, number(call)?, visibility).await? {
        Received::Messages(messages) => messages.into_iter().map(message_of).collect(),
        Received::Empty(_) => Vec::new(),
        Received::NoQueue => return Err(ErrorCode::QueueNotFound.into()),
    };
    Ok(Answer::xml(StatusCode::OK, write_messages(&messages)))
}

pub(super) async fn peek(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    let messages = service.peek(&account.name, &call.queue, number(call)?).await?;
    Ok(Answer::xml(StatusCode::OK, write_messages(&messages)))
}

pub(super) async fn update(
    service: &QueueService,
    account: &Account,
    call: &Call,
    body: &Bytes,
) -> Result<Answer, QueueError> {
    call.needed("visibilitytimeout")?;
    let visibility = call.visibility(0)?.unwrap_or(Duration::ZERO);
    let text = if body.is_empty() { None } else { read_message_body(body)?.text };
    let (receipt, visible) = service.update(&named(account, call)?, visibility, text.as_deref()).await?;
    let answer = Answer::new(StatusCode::NO_CONTENT).with("x-ms-popreceipt", receipt.as_str());
    Ok(answer.with("x-ms-time-next-visible", &http_date(visible)))
}

pub(super) async fn delete(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    service.delete(&named(account, call)?).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}

pub(super) async fn clear(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    service.clear(&account.name, &call.queue).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}

/// The message that the path and the pop receipt name.
fn named(account: &Account, call: &Call) -> Result<ClaimedMessage, ProtocolError> {
    let receipt = PopReceipt::read(call.needed("popreceipt")?, &call.message)?;
    Ok(ClaimedMessage {
        account: account.name.clone(),
        queue: call.queue.clone(),
        id: call.message.to_ascii_lowercase(),
        receipt,
    })
}

fn number(call: &Call) -> Result<u32, ProtocolError> {
    let asked = call.number("numofmessages", 1, i64::from(limits::MESSAGES_PER_GET))?;
    Ok(asked.and_then(|number| u32::try_from(number).ok()).unwrap_or(1))
}

/// None for ever. Since 2017-07-29 a message may live as long as one wants; before, for 7 days at most.
fn time_to_live(call: &Call, headers: &HeaderMap) -> Result<Option<Duration>, ProtocolError> {
    let version = headers.get("x-ms-version").and_then(|version| version.to_str().ok());
    let early = version.is_some_and(|version| version < "2017-07-29");
    let most = if early { limits::DEFAULT_TIME_TO_LIVE.as_secs().cast_signed() } else { i64::from(i32::MAX) };
    match call.number("messagettl", if early { 1 } else { -1 }, most)? {
        None => Ok(Some(limits::DEFAULT_TIME_TO_LIVE)),
        Some(-1) => Ok(None),
        Some(seconds @ 1..) => Ok(Some(Duration::from_secs(seconds.unsigned_abs()))),
        Some(_) => Err(ProtocolError::new(ErrorCode::OutOfRangeQueryParameterValue, "messagettl is -1, or 1 and more")),
    }
}
