//! Bulks: operations that have nothing to do with one another, each with a partition key of its own. They run side by side, so that
//! host state commits many of them at once; those of one item run in their order.

use std::collections::HashMap;

use futures_util::future::join_all;
use http::StatusCode;

use super::{BatchAnswer, BatchRequest, OperationResult, answer_too_large};
use crate::protocol::{BatchOperation, DocumentError, ItemBody, OperationKind, limits};
use crate::service::charge::Charge;
use crate::service::items::{ItemAnswer, ItemOutcome, ItemRequest};
use crate::service::scope::range_gone;
use crate::service::{DocumentService, DocumentsError};

impl DocumentService {
    /// Does each operation, whatever becomes of the others; unless it is to stop at the first that is refused: then those behind it
    /// are 424.
    ///
    /// # Errors
    /// 410 with sub-status 1002 for a range that the container does not have; those of a container's lookup, and of host state when it
    /// failed for all of them.
    pub async fn bulk(
        &self,
        request: &BatchRequest<'_>,
        operations: &[BatchOperation<'_>],
    ) -> Result<BatchAnswer, DocumentsError> {
        let container = self.lookup(request.container).next_with(request.range).await?;
        // Clients sort operations by the range that they have worked out, not all of them alike: where an item lies is decided by its
        // partition key, and a range that is not there any more makes them sort anew.
        if let Some(range) = request.range {
            range.parse().ok().and_then(|id| container.range(id)).ok_or_else(range_gone)?;
        }
        let mut results: Vec<Option<(i64, i64, OperationResult)>> = Vec::new();
        results.resize_with(operations.len(), || None);
        if request.continue_on_error {
            let mut groups: HashMap<(&str, String), Vec<usize>> = HashMap::new();
            for (at, operation) in operations.iter().enumerate() {
                let key = (operation.partition_key().unwrap_or(""), id_of(operation));
                groups.entry(key).or_default().push(at);
            }
            let run = async |group: Vec<usize>| {
                let mut done = Vec::with_capacity(group.len());
                for at in group {
                    done.push((at, self.operation(request, &operations[at]).await));
                }
                done
            };
            for (at, result) in join_all(groups.into_values().map(run)).await.into_iter().flatten() {
                results[at] = Some(result?);
            }
        } else {
            for (at, operation) in operations.iter().enumerate() {
                let result = self.operation(request, operation).await?;
                let succeeded = result.2.succeeded();
                results[at] = Some(result);
                if !succeeded {
                    break;
                }
            }
        }
        let mut shown = 0;
        let (mut ranges, mut all) = (Vec::<(i64, i64)>::new(), Vec::with_capacity(results.len()));
        for (result, operation) in results.into_iter().zip(operations) {
            let Some((range, lsn, mut result)) = result else {
                all.push(OperationResult::dependent());
                continue;
            };
            match ranges.iter_mut().find(|(known, _)| *known == range) {
                Some((_, known)) => *known = lsn.max(*known),
                None if lsn > 0 => ranges.push((range, lsn)),
                None => {}
            }
            shown += result.shown();
            if shown > limits::PAGE_BYTES && operation.kind() == OperationKind::Read {
                shown -= result.shown();
                result = OperationResult::refused(answer_too_large());
            }
            all.push(result);
        }
        let charge = all.iter().fold(Charge(0.0), |sum, result| sum + result.charge);
        Ok(BatchAnswer { container, ranges, results: all, charge })
    }

    /// One operation: its range with the LSN, and its result.
    async fn operation(
        &self,
        request: &BatchRequest<'_>,
        operation: &BatchOperation<'_>,
    ) -> Result<(i64, i64, OperationResult), DocumentsError> {
        match self.try_operation(request, operation).await {
            Ok(answer) => Ok((answer.range, answer.lsn, result_of(answer))),
            Err(DocumentsError::Refused(error)) => Ok((0, 0, OperationResult::refused(error))),
            Err(error @ DocumentsError::State(_)) => Err(error),
        }
    }

    async fn try_operation(
        &self,
        request: &BatchRequest<'_>,
        operation: &BatchOperation<'_>,
    ) -> Result<ItemAnswer, DocumentsError> {
        let header = operation.partition_key().or(request.partition_key);
        let id = operation.id().unwrap_or("");
        let request = ItemRequest {
            if_match: operation.if_match(),
            if_none_match: operation.if_none_match(),
            indexing: operation.indexing(),
            ..ItemRequest::new(request.container, id, header)
        };
        let missing = |what: &str| DocumentError::bad_request(format!("An operation has no {what}."));
        let body = || operation.body().ok_or_else(|| missing("resourceBody"));
        match operation.kind() {
            OperationKind::Create => self.create_item(&request, body()?).await,
            OperationKind::Upsert => self.upsert_item(&request, body()?).await,
            _ if id.is_empty() => Err(missing("id").into()),
            OperationKind::Replace => self.replace_item(&request, body()?).await,
            OperationKind::Read => self.read_item(&request).await,
            OperationKind::Delete => self.delete_item(&request).await,
            OperationKind::Patch => self.patch_item(&request, &operation.patch()?).await,
        }
    }
}

fn result_of(answer: ItemAnswer) -> OperationResult {
    let status = match answer.outcome {
        ItemOutcome::Read | ItemOutcome::Replaced => StatusCode::OK,
        ItemOutcome::NotModified => StatusCode::NOT_MODIFIED,
        ItemOutcome::Created => StatusCode::CREATED,
        ItemOutcome::Deleted => StatusCode::NO_CONTENT,
    };
    OperationResult::done(status, answer.charge, answer.item)
}

/// The id that an operation is about; empty where it has none.
fn id_of(operation: &BatchOperation<'_>) -> String {
    let of_body = || Some(ItemBody::parse(operation.body()?).ok()?.id().to_owned());
    operation.id().map(str::to_owned).or_else(of_body).unwrap_or_default()
}
