//! Batches that happen all or not at all, and bulks of operations of their own (reference: Cosmos DB, section 7.1).

use bytes::Bytes;
use http::StatusCode;

use super::answer::Answer;
use super::item_calls::{in_container, in_ranges, prefers_minimal};
use super::{Asked, headers, scope};
use crate::protocol::{BatchOperation, BatchResult, DocumentError, OperationKind, limits, read_batch};
use crate::service::{BatchRequest, DocumentsError};

pub(super) async fn perform(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    let operations = read_batch(body)?;
    if let Some(token) = &asked.caller.token {
        scope::check_keys(token, operations.iter().filter_map(BatchOperation::partition_key))?;
    }
    let atomic = asked.flag(&headers::BATCH_ATOMIC);
    let range = asked.text(&headers::PARTITION_KEY_RANGE_ID);
    let request = BatchRequest {
        container: asked.container(),
        partition_key: asked.text(&headers::PARTITION_KEY),
        range,
        continue_on_error: asked.flag(&headers::BATCH_CONTINUE_ON_ERROR),
    };
    let done = match atomic {
        true if request.partition_key.is_none() => {
            return Err(DocumentError::bad_request(
                "PartitionKey value must be supplied for a transactional batch: send the header x-ms-documentdb-partitionkey.",
            )
            .into());
        }
        true => asked.service.batch(&request, &operations).await?,
        false => asked.service.bulk(&request, &operations).await?,
    };
    let writer = &done.container.writer;
    let mut body = String::with_capacity(done.results.len() * 256);
    body.push('[');
    let minimal = asked.text(&headers::PREFER).is_some_and(prefers_minimal);
    for (at, (result, operation)) in done.results.iter().zip(&operations).enumerate() {
        if at > 0 {
            body.push(',');
        }
        let item = result.item.as_ref();
        let written = BatchResult {
            status: result.status,
            substatus: result.substatus,
            charge: result.charge.0,
            version: item.map(|item| item.version),
            retry_after: result.retry_after,
            message: result.message.as_deref(),
        };
        // What was written is known to who wrote it: an answer that grows too large goes on without it.
        let full = minimal || body.len() as u64 > limits::PAGE_BYTES;
        let shown = item.filter(|_| !full || operation.kind() == OperationKind::Read);
        let show = shown.map(|item| {
            |text: &mut String| writer.write(text, &item.body, item.number, item.version, item.timestamp, None)
        });
        written.write(&mut body, show);
    }
    body.push(']');
    let all = done.results.iter().all(crate::service::OperationResult::succeeded);
    let mut answer = Answer::json(if all { StatusCode::OK } else { StatusCode::MULTI_STATUS }, body);
    in_container(&mut answer, &done.container);
    in_ranges(&mut answer, &done.ranges, None);
    answer.set_charge(done.charge.0);
    Ok(answer)
}
