//! Package bytes, kept by their SHA-256 in chunks of 1 MiB.
//!
//! Each upload writes chunks of its own, which nobody sees until one statement makes them the package; so uploads of the
//! same digest do not disturb each other, and one that lies about its digest harms nobody. What no deployment refers to
//! is collected, once it is older than [`COLLECT_GRACE`], chunk by chunk so that no writer waits long.

mod mssql;
mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use hearth_model::ids::Digest;
use sha2::Digest as _;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::operation::{Operation, Statement, Step, Value, micros};
use crate::{Database, StateError};

static EXISTS: Statement = Statement::query("packages.exists", sqlite::EXISTS, mssql::EXISTS);
static TOUCH: Statement = Statement::change("packages.touch", sqlite::TOUCH, mssql::TOUCH);
static TOUCH_UPLOAD: Statement = Statement::change("packages.touch-upload", sqlite::TOUCH_UPLOAD, mssql::TOUCH_UPLOAD);
static ADD_CHUNK: Statement = Statement::change("packages.add-chunk", sqlite::ADD_CHUNK, mssql::ADD_CHUNK);
static COMPLETE: Statement = Statement::change("packages.complete", sqlite::COMPLETE, mssql::COMPLETE);
static FORGET_UPLOAD: Statement =
    Statement::change("packages.forget-upload", sqlite::FORGET_UPLOAD, mssql::FORGET_UPLOAD);
static CHUNK: Statement = Statement::query("packages.chunk", sqlite::CHUNK, mssql::CHUNK);
static ABANDON: Statement = Statement::change("packages.abandon", sqlite::ABANDON, mssql::ABANDON);
static RETIRE: Statement = Statement::change("packages.retire", sqlite::RETIRE, mssql::RETIRE);
static REMOVE: Statement = Statement::change("packages.remove", sqlite::REMOVE, mssql::REMOVE);
static SWEEP_CHUNKS: Statement = Statement::change("packages.sweep-chunks", sqlite::SWEEP_CHUNKS, mssql::SWEEP_CHUNKS);
static SWEEP_UPLOADS: Statement =
    Statement::change("packages.sweep-uploads", sqlite::SWEEP_UPLOADS, mssql::SWEEP_UPLOADS);

/// Bytes of a chunk; the last one of a package may be shorter.
const CHUNK_BYTES: usize = 1 << 20;

/// How long a package without a deployment, or an upload without progress, is kept: the time between storing a package
/// and recording its deployment must fit in.
pub const COLLECT_GRACE: Duration = Duration::from_secs(600);

/// Operations on packages.
#[derive(Clone, Debug)]
pub struct Packages(pub(crate) Database);

impl Packages {
    /// Stores a package; one that is there already is not read again. Invisible until complete; a cancelled or failed
    /// call leaves nothing but chunks that are collected later.
    ///
    /// # Errors
    /// [`StateError::Rejected`] when the bytes are not of this size or digest, or cannot be read.
    pub async fn put(&self, digest: &Digest, size: u64, mut reader: impl AsyncRead + Unpin) -> Result<(), StateError> {
        let touch = Step::new(&TOUCH, vec![Value::Now(0), digest.as_str().into()]);
        if self.0.write(Operation::full(vec![touch])).await?.affected(0) == 1 {
            return Ok(());
        }
        let upload = uuid::Uuid::new_v4().to_string();
        let result = self.upload(&upload, digest, size, &mut reader).await;
        // The upload of another caller became the package, or this one failed: its chunks can go.
        if !matches!(result, Ok(true)) {
            let abandon = Step::new(&ABANDON, vec![upload.as_str().into()]);
            self.0.write(Operation::normal(vec![abandon])).await.ok();
        }
        result.map(|_| ())
    }

    /// Whether the package is stored completely.
    pub async fn exists(&self, digest: &Digest) -> Result<bool, StateError> {
        Ok(!self.0.read(Step::new(&EXISTS, vec![digest.as_str().into()])).await?.is_empty())
    }

    /// Writes the package's bytes and checks them against the digest. False if it is not stored. On an error what was
    /// written must be thrown away.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when the stored bytes are damaged, [`StateError::Missing`] when the package was deleted
    /// meanwhile, [`StateError::Rejected`] when the writer fails.
    pub async fn fetch(&self, digest: &Digest, writer: &mut (impl AsyncWrite + Unpin)) -> Result<bool, StateError> {
        let found = self.0.read(Step::new(&EXISTS, vec![digest.as_str().into()])).await?;
        let Some(row) = found.first() else { return Ok(false) };
        let (size, upload) = (row.unsigned(0)?, row.text(1)?.to_owned());
        let failed =
            |error: std::io::Error| StateError::Rejected(format!("package {digest} cannot be written: {error}"));
        let (mut hash, mut written, mut seq) = (sha2::Sha256::new(), 0_u64, 0_i64);
        while written < size {
            let chunk = self.0.read(Step::new(&CHUNK, vec![upload.as_str().into(), seq.into()])).await?;
            let Some(row) = chunk.first() else {
                return match self.exists(digest).await? {
                    true => Err(damaged(digest)),
                    false => Err(StateError::Missing(format!("package {digest} was deleted while it was read"))),
                };
            };
            let bytes = row.bytes(0)?;
            hash.update(bytes);
            writer.write_all(bytes).await.map_err(failed)?;
            written += bytes.len() as u64;
            seq += 1;
        }
        writer.flush().await.map_err(failed)?;
        if written == size && Digest::from_bytes(&hash.finalize().into()) == *digest {
            Ok(true)
        } else {
            Err(damaged(digest))
        }
    }

    /// Deletes packages that no deployment refers to, and what broken uploads left; answers how many packages went.
    /// May run in several processes at once.
    pub async fn collect_unreferenced(&self) -> Result<u64, StateError> {
        let before = || vec![Value::Now(-micros(COLLECT_GRACE))];
        let steps = vec![Step::new(&RETIRE, before()), Step::new(&REMOVE, before())];
        let removed = self.0.write(Operation::full(steps)).await?.affected(1);
        loop {
            let sweep = Operation::normal(vec![Step::new(&SWEEP_CHUNKS, before())]);
            if self.0.write(sweep).await?.affected(0) == 0 {
                break;
            }
        }
        self.0.write(Operation::normal(vec![Step::new(&SWEEP_UPLOADS, before())])).await?;
        Ok(removed)
    }

    /// Stores the chunks and makes them the package; false if another upload already is.
    async fn upload(
        &self,
        upload: &str,
        digest: &Digest,
        size: u64,
        reader: &mut (impl AsyncRead + Unpin),
    ) -> Result<bool, StateError> {
        let (mut hash, mut received, mut seq) = (sha2::Sha256::new(), 0_u64, 0_i64);
        loop {
            let mut chunk =
                Vec::with_capacity(CHUNK_BYTES.min(usize::try_from(size - received).unwrap_or(CHUNK_BYTES) + 1));
            let mut part = (&mut *reader).take(CHUNK_BYTES as u64);
            part.read_to_end(&mut chunk)
                .await
                .map_err(|error| StateError::Rejected(format!("package {digest} cannot be read: {error}")))?;
            if chunk.is_empty() {
                break;
            }
            received += chunk.len() as u64;
            if received > size {
                return Err(StateError::Rejected(format!("package {digest} is longer than its {size} bytes")));
            }
            hash.update(&chunk);
            let args = vec![upload.into(), seq.into(), Value::Bytes(Arc::new(chunk))];
            let touch = Step::new(&TOUCH_UPLOAD, vec![upload.into(), Value::Now(0)]);
            // The commit that completes the package flushes these, too.
            self.0.write(Operation::normal(vec![touch, Step::new(&ADD_CHUNK, args)])).await?;
            seq += 1;
        }
        if received != size {
            return Err(StateError::Rejected(format!("package {digest} ends after {received} of {size} bytes")));
        }
        let actual = Digest::from_bytes(&hash.finalize().into());
        if actual != *digest {
            return Err(StateError::Rejected(format!("package {digest} has another SHA-256: {actual}")));
        }
        let args = vec![
            digest.as_str().into(),
            size.into(),
            upload.into(),
            Value::Now(0),
            Value::Now(0),
            upload.into(),
            seq.into(),
        ];
        let steps = vec![
            Step::new(&COMPLETE, args),
            Step::new(&FORGET_UPLOAD, vec![upload.into(), upload.into()]),
            Step::new(&EXISTS, vec![digest.as_str().into()]),
        ];
        let outcome = self.0.write(Operation::full(steps)).await?;
        match outcome.row(2) {
            Some(row) => Ok(row.text(1)? == upload),
            None => Err(StateError::Unavailable(format!("the upload of package {digest} took too long"))),
        }
    }
}

fn damaged(digest: &Digest) -> StateError {
    StateError::Corrupt(format!("package {digest} is damaged in the state database: publish it again"))
}
