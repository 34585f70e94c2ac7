//! Batches that happen all or not at all, under one LSN.

use std::collections::HashMap;

use hearth_state::documents::{Committed, ItemKey, Looked, StoredItem};
use http::StatusCode;
use std::time::Duration;

use super::evaluate::{Target, evaluate};
use super::{BatchAnswer, BatchRequest, OperationResult};
use crate::protocol::{BatchOperation, DocumentError, OperationKind, PartitionKey, substatus};
use crate::service::charge::{self, Charge};
use crate::service::items::{locate, other_id, partition_key, prepare};
use crate::service::{Container, DocumentService, DocumentsError, Range};

/// How often a batch is worked out anew because others changed its items meanwhile.
pub(in crate::service) const ATTEMPTS: u32 = 10;

impl DocumentService {
    /// Does all operations or none. One that is refused makes the others 424; reads see what operations before them wrote.
    ///
    /// # Errors
    /// 400 without a partition key, 449 when others change the same items all the time; those of a container's lookup, of budgets
    /// and quotas, and of host state.
    pub async fn batch(
        &self,
        request: &BatchRequest<'_>,
        operations: &[BatchOperation<'_>],
    ) -> Result<BatchAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        let (mut attempts, mut turn) = (0, None);
        'again: loop {
            let container = lookup.next().await?;
            let header = partition_key(&container, request.partition_key)?.canonical();
            let range = locate(&container, Some(&header), "")?.range;
            self.admit(&container, range)?;
            if operations.iter().any(|operation| operation.kind() != OperationKind::Read) {
                self.within_quota(&container).await?;
            }
            loop {
                let targets: Vec<_> =
                    operations.iter().map(|operation| target(&container, &header, operation)).collect();
                let keys: Vec<ItemKey> = targets.iter().flatten().map(|target| target.key).collect();
                let looked = self.0.database.documents().items(range.place, &keys).await?;
                let Looked::At { lsn, found } = looked else { continue 'again };
                let mut stored: HashMap<[u8; 32], StoredItem> = HashMap::new();
                for (key, item) in keys.iter().zip(found) {
                    stored.extend(item.map(|item| (key.0, item)));
                }
                let read = |key: ItemKey| stored.get(&key.0).cloned();
                let evaluated = match evaluate(&container, &header, targets, read) {
                    Ok(evaluated) => evaluated,
                    Err(failure) => return Ok(self.failed(container.clone(), range, lsn, operations.len(), failure)),
                };
                if evaluated.writes.is_empty() {
                    let results = evaluated.results(&[]);
                    return Ok(self.answered(container.clone(), range, lsn, results));
                }
                match self.commit(&container, range, &evaluated.writes).await? {
                    Committed::Done { lsn, items } => {
                        let results = evaluated.results(&items);
                        return Ok(self.answered(container.clone(), range, lsn, results));
                    }
                    Committed::NotUnique => {
                        let failure = evaluated.not_unique();
                        return Ok(self.failed(container.clone(), range, lsn, operations.len(), failure));
                    }
                    Committed::Stale => continue 'again,
                    Committed::Unexpected(_) => {
                        attempts += 1;
                        if attempts >= ATTEMPTS {
                            return Err(retry_with().into());
                        }
                        if turn.is_none() {
                            turn = Some(self.0.turns.wait(header.as_bytes()).await);
                        }
                    }
                }
            }
        }
    }

    fn answered(
        &self,
        container: std::sync::Arc<Container>,
        range: &Range,
        lsn: i64,
        results: Vec<OperationResult>,
    ) -> BatchAnswer {
        let charge = results.iter().fold(Charge(0.0), |sum, result| sum + result.charge);
        self.pay(&container, range, charge);
        BatchAnswer { ranges: vec![(range.id, lsn)], container: container.clone(), results, charge }
    }

    fn failed(
        &self,
        container: std::sync::Arc<Container>,
        range: &Range,
        lsn: i64,
        operations: usize,
        (at, error): (usize, DocumentError),
    ) -> BatchAnswer {
        let mut results: Vec<_> = (0..operations).map(|_| OperationResult::dependent()).collect();
        if let Some(result) = results.get_mut(at) {
            *result = OperationResult::refused(error);
        }
        self.pay(&container, range, charge::NOTHING);
        BatchAnswer { ranges: vec![(range.id, lsn)], container: container.clone(), results, charge: charge::NOTHING }
    }
}

/// Which item an operation is about.
fn target<'c, 'a>(
    container: &'c Container,
    header: &str,
    operation: &'a BatchOperation<'a>,
) -> Result<Target<'c, 'a>, DocumentError> {
    if let Some(own) = operation.partition_key() {
        let own = PartitionKey::from_header(own, container.definition.partition_key())?.canonical();
        if own != header {
            let message = "The partition key of an operation is not the one of its batch.";
            return Err(DocumentError::bad_request(message).with_substatus(substatus::PARTITION_KEY_MISMATCH));
        }
    }
    let missing = |what: &str| DocumentError::bad_request(format!("An operation has no {what}."));
    match operation.kind() {
        OperationKind::Create | OperationKind::Upsert | OperationKind::Replace => {
            let body = operation.body().ok_or_else(|| missing("resourceBody"))?;
            let prepared = prepare(container, body, Some(header), operation.indexing())?;
            if operation.kind() == OperationKind::Replace && operation.id().is_some_and(|id| *id != *prepared.item.id) {
                return Err(other_id());
            }
            Ok(Target { operation, key: prepared.key, prepared: Some(prepared) })
        }
        OperationKind::Read | OperationKind::Delete | OperationKind::Patch => {
            let id = operation.id().ok_or_else(|| missing("id"))?;
            let key = locate(container, Some(header), id)?.key;
            Ok(Target { operation, key, prepared: None })
        }
    }
}

/// 449: others changed the same items again and again.
pub(in crate::service) fn retry_with() -> DocumentError {
    let status = StatusCode::from_u16(449).unwrap_or(StatusCode::CONFLICT);
    DocumentError::new(status, "Conflicting request to resource has been attempted. Retry to avoid conflicts.")
        .retry_after(Duration::from_millis(10))
}
