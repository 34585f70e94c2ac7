//! Operations on an account's service.

use bytes::Bytes;
use http::StatusCode;

use super::answer::Answer;
use super::call::Call;
use crate::protocol::{Statistics, limits, read_properties, write_properties};
use crate::{Account, QueueError, QueueService};

pub(super) async fn list(service: &QueueService, account: &Account, call: &Call) -> Result<Answer, QueueError> {
    let asked = call.number("maxresults", 1, i64::from(u32::MAX))?.and_then(|most| u32::try_from(most).ok());
    let (prefix, marker) = (call.get("prefix").unwrap_or(""), call.get("marker").unwrap_or(""));
    let most = asked.unwrap_or(limits::QUEUES_PER_PAGE);
    let with_metadata = call.lists("include", "metadata");
    let page = service.list_queues(&account.name, prefix, marker, most, with_metadata).await?;
    let endpoint = format!("{}/{}", service.endpoint(), account.name);
    Ok(Answer::xml(StatusCode::OK, page.to_xml(&endpoint, prefix, marker, asked)))
}

pub(super) fn properties(account: &Account) -> Answer {
    Answer::xml(StatusCode::OK, write_properties(&account.properties))
}

pub(super) async fn set_properties(
    service: &QueueService,
    account: &Account,
    body: &Bytes,
) -> Result<Answer, QueueError> {
    service.set_properties(&account.name, read_properties(body)?).await?;
    Ok(Answer::new(StatusCode::ACCEPTED))
}

pub(super) fn statistics(service: &QueueService) -> Answer {
    Answer::xml(StatusCode::OK, Statistics { last_sync: service.clock().now() }.to_xml())
}
