//! Batches: several operations on one partition key that happen all or not at all, and bulks of operations that have nothing to do
//! with one another.

mod atomic;
mod bulk;
mod evaluate;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

pub(super) use atomic::{ATTEMPTS, retry_with};

use super::charge::Charge;
use super::items::ItemView;
use super::{Container, ContainerRef};
use crate::protocol::{DocumentError, substatus};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct BatchRequest<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// The header with the partition key; of a batch, and not of a bulk.
    pub partition_key: Option<&'a str>,
    /// The range that a bulk is for.
    pub range: Option<&'a str>,
    /// Whether a bulk goes on after an operation that was refused.
    pub continue_on_error: bool,
}

/// What became of one operation.
#[derive(Clone, Debug)]
pub struct OperationResult {
    /// The status; 424 for one that was not done because of another.
    pub status: StatusCode,
    /// The sub-status.
    pub substatus: u32,
    /// What it cost.
    pub charge: Charge,
    /// The item, where there is one to show.
    pub item: Option<ItemView>,
    /// When another try makes sense.
    pub retry_after: Option<Duration>,
    /// Why it was refused.
    pub message: Option<String>,
}

impl OperationResult {
    fn done(status: StatusCode, charge: Charge, item: Option<ItemView>) -> Self {
        Self { status, substatus: 0, charge, item, retry_after: None, message: None }
    }

    fn refused(error: DocumentError) -> Self {
        Self {
            status: error.status,
            substatus: error.substatus,
            charge: super::charge::NOTHING,
            item: None,
            retry_after: error.retry_after,
            message: Some(error.message),
        }
    }

    /// Bytes of the item that it answers with.
    fn shown(&self) -> u64 {
        self.item.as_ref().map_or(0, |item| item.body.len() as u64)
    }

    /// Not done because of another.
    fn dependent() -> Self {
        Self::done(StatusCode::FAILED_DEPENDENCY, Charge(0.0), None)
    }

    /// Whether it was done.
    pub fn succeeded(&self) -> bool {
        self.status.is_success() || self.status == StatusCode::NOT_MODIFIED
    }
}

/// 413/3402: reads of a batch find more than one answer may have.
fn answer_too_large() -> DocumentError {
    let message = "The answer to the batch would be larger than 4 MB: read fewer items at a time.";
    DocumentError::new(StatusCode::PAYLOAD_TOO_LARGE, message).with_substatus(substatus::BATCH_ANSWER_TOO_LARGE)
}

/// The answer to a batch or bulk.
#[derive(Clone, Debug)]
pub struct BatchAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// Ranges that were looked at or written to, with their LSNs.
    pub ranges: Vec<(i64, i64)>,
    /// One result for each operation, in order.
    pub results: Vec<OperationResult>,
    /// What all of them cost.
    pub charge: Charge,
}
