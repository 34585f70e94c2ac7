//! Operations on a queue.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::answer::Answer;
use super::call::Call;
use crate::protocol::{ErrorCode, read_policies, write_policies};
use crate::{Account, QueueError, QueueService};

/// Headers with metadata begin so.
const METADATA: &str = "x-ms-meta-";

pub(super) async fn create(
    service: &QueueService,
    account: &Account,
    call: &Call,
    headers: &HeaderMap,
) -> Result<Answer, QueueError> {
    let created = service.create_queue(&account.name, &call.queue, &sent(headers)?).await?;
    Ok(Answer::new(if created { StatusCode::CREATED } else { StatusCode::NO_CONTENT }))
}

pub(super) async fn delete(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    service.delete_queue(&account.name, &call.queue).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}

pub(super) async fn metadata(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    let details = service.queue(&account.name, &call.queue).await?;
    let count = details.approximate_count.to_string();
    let answer =
        Answer::new(StatusCode::OK).with("x-ms-approximate-messages-count", &count).with("cache-control", "no-cache");
    let add = |answer: Answer, (name, value): (&String, &String)| answer.with(&format!("{METADATA}{name}"), value);
    Ok(details.metadata.iter().fold(answer, add))
}

pub(super) async fn set_metadata(
    service: &QueueService,
    account: &Account,
    call: &Call,
    headers: &HeaderMap,
) -> Result<Answer, QueueError> {
    service.set_metadata(&account.name, &call.queue, &sent(headers)?).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}

pub(super) async fn policies(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    let policies = service.policies(&account.name, &call.queue).await?;
    Ok(Answer::xml(StatusCode::OK, write_policies(&policies)))
}

pub(super) async fn set_policies(
    service: &QueueService,
    account: &Account,
    call: &Call,
    body: &Bytes,
) -> Result<Answer, QueueError> {
    service.set_policies(&account.name, &call.queue, &read_policies(body)?).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT))
}

/// The metadata that a request brings.
fn sent(headers: &HeaderMap) -> Result<BTreeMap<String, String>, QueueError> {
    let mut metadata = BTreeMap::new();
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix(METADATA) else { continue };
        if name.is_empty() {
            return Err(ErrorCode::EmptyMetadataKey.into());
        }
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| ErrorCode::InvalidMetadata)?;
        metadata.insert(name.to_owned(), value.trim().to_owned());
    }
    Ok(metadata)
}
