//! Batches in JSON: operations on the way in, results on the way out (reference: Cosmos DB, section 7.1).

#[cfg(test)]
mod tests;
mod write;

use std::borrow::Cow;
use std::str::FromStr as _;

use http::StatusCode;

pub use write::BatchResult;

use super::item::Indexing;
use super::json::{self, Object};
use super::patch::Patch;
use super::{DocumentError, limits};

/// The byte that rows of HybridRow begin with, which .NET sends batches and bulks in.
const HYBRID_ROW: u8 = 0x81;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Creates an item.
    Create,
    /// Creates or replaces one.
    Upsert,
    /// Reads one.
    Read,
    /// Replaces one.
    Replace,
    /// Deletes one.
    Delete,
    /// Patches one.
    Patch,
}

/// One operation of a batch or bulk.
#[derive(Clone, Debug)]
pub struct BatchOperation<'a> {
    kind: OperationKind,
    id: Option<Cow<'a, str>>,
    partition_key: Option<Cow<'a, str>>,
    body: Option<&'a str>,
    if_match: Option<Cow<'a, str>>,
    if_none_match: Option<Cow<'a, str>>,
    indexing: Indexing,
}

/// Reads the operations of a batch or bulk.
///
/// # Errors
/// 413 for a body that is too long; 400 for one in HybridRow, for none or too many operations, and for one that is none.
pub fn read_batch(body: &[u8]) -> Result<Vec<BatchOperation<'_>>, DocumentError> {
    if body.first() == Some(&HYBRID_ROW) {
        return Err(DocumentError::bad_request(
            "The batch is in HybridRow, the binary form of the .NET SDK, which this store does not read. Send the operations as a JSON \
             array: [{\"operationType\":\"Create\",\"resourceBody\":{...}}, ...]; with .NET, write items one by one, without \
             AllowBulkExecution and without TransactionalBatch.",
        ));
    }
    if body.len() > limits::BATCH_BYTES {
        let message = format!(
            "The batch has {} bytes, and a batch has at most {}: send less at a time.",
            body.len(),
            limits::BATCH_BYTES
        );
        return Err(DocumentError::new(StatusCode::PAYLOAD_TOO_LARGE, message));
    }
    let operations = json::array(json::utf8(body)?)?;
    if operations.is_empty() {
        return Err(DocumentError::bad_request("Batch request has no operations."));
    }
    if operations.len() > limits::BATCH_OPERATIONS {
        return Err(DocumentError::bad_request(format!(
            "Batch request has more operations than what is supported. It has {}, and at most {} are.",
            operations.len(),
            limits::BATCH_OPERATIONS
        )));
    }
    let read = |(at, text)| {
        BatchOperation::read(text).map_err(|why| {
            DocumentError::bad_request(format!("Operation {} of the batch is not valid: {why}.", at + 1))
        })
    };
    operations.into_iter().enumerate().map(read).collect()
}

impl<'a> BatchOperation<'a> {
    fn read(text: &'a str) -> Result<Self, String> {
        let object = Object::parse(text).map_err(|error| error.to_string())?;
        let given = |name: &str| object.get(name).filter(|value| *value != "null");
        let string = |name: &str| match given(name) {
            None => Ok(None),
            Some(value) => json::string(value).map(Some).ok_or_else(|| format!("'{name}' is not a string")),
        };
        let kind = match string("operationType")?.as_deref() {
            Some("Create") => OperationKind::Create,
            Some("Upsert") => OperationKind::Upsert,
            Some("Read") => OperationKind::Read,
            Some("Replace") => OperationKind::Replace,
            Some("Delete") => OperationKind::Delete,
            Some("Patch") => OperationKind::Patch,
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                return Err(format!("there is no '{shown}', only Create, Upsert, Read, Replace, Delete and Patch"));
            }
            None => return Err("'operationType' is missing".to_owned()),
        };
        let partition_key = match given("partitionKey") {
            // Some clients send the array itself, and not as a string.
            Some(key) if key.starts_with('[') => Some(Cow::Borrowed(key)),
            _ => string("partitionKey")?,
        };
        let indexing = string("indexingDirective")?;
        let indexing = indexing.map_or(Ok(Indexing::Default), |word| Indexing::from_str(&word));
        Ok(Self {
            kind,
            id: string("id")?,
            partition_key,
            body: given("resourceBody"),
            if_match: string("ifMatch")?,
            if_none_match: string("ifNoneMatch")?,
            indexing: indexing.map_err(|error| error.message)?,
        })
    }

    /// What it does.
    pub fn kind(&self) -> OperationKind {
        self.kind
    }

    /// The id of the item, where the operation names it.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Its partition key, as the header has it.
    pub fn partition_key(&self) -> Option<&str> {
        self.partition_key.as_deref()
    }

    /// The item that is written, or the patch.
    pub fn body(&self) -> Option<&'a str> {
        self.body
    }

    /// The etag that the item must have.
    pub fn if_match(&self) -> Option<&str> {
        self.if_match.as_deref()
    }

    /// The etag that the item must not have.
    pub fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref()
    }

    /// Whether queries find what is written.
    pub fn indexing(&self) -> Indexing {
        self.indexing
    }

    /// The patch that it is.
    ///
    /// # Errors
    /// 400 for a body that is no patch.
    pub fn patch(&self) -> Result<Patch<'a>, DocumentError> {
        Patch::parse(self.body.ok_or_else(|| DocumentError::bad_request("The operation has no 'resourceBody'."))?)
    }
}
