//! Uploads on their way in: streamed to a file while they are hashed and counted.
//!
//! The file goes when the [`Upload`] is dropped, also when the client leaves half way; what a crash leaves is removed at
//! the next start. Nothing is in state before an upload is complete.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use hearth_model::ids::Digest;
use http::StatusCode;
use http_body_util::BodyDataStream;
use sha2::Digest as _;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use crate::answer::Failure;

const PREFIX: &str = "publish-";
const SUFFIX: &str = ".zip";
/// A client that sends nothing for this long is given up.
const SILENCE: Duration = Duration::from_secs(60);

/// The directory of uploads.
pub(crate) struct Spool {
    dir: PathBuf,
}

/// A complete upload.
pub(crate) struct Upload {
    pub(crate) file: NamedTempFile,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
}

impl Spool {
    /// Makes the directory where there is none, and removes what an earlier process left in it.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(dir)?;
        for entry in std::fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.to_str().is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX)) {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(Self { dir: dir.to_owned() })
    }

    /// Takes a body in.
    ///
    /// # Errors
    /// 400 for an empty or cut body, 408 for silence, 413 over `limit`, 507 when the disk is full.
    pub(crate) async fn receive(&self, body: &mut Body, limit: u64) -> Result<Upload, Failure> {
        let writing = |error: io::Error| Failure::writing("the upload", &error);
        let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(&self.dir).map_err(writing)?;
        let mut writer = tokio::fs::File::from_std(file.reopen().map_err(writing)?);
        let mut hash = sha2::Sha256::new();
        let mut size = 0u64;
        let mut stream = BodyDataStream::new(body);
        loop {
            let chunk = match tokio::time::timeout(SILENCE, stream.next()).await {
                Ok(Some(Ok(chunk))) => chunk,
                Ok(Some(Err(error))) => {
                    let message = "The upload broke off before its end; nothing was published. Publish again.";
                    let failure = Failure::invalid("upload_cut", message);
                    tracing::debug!(%error, "upload broke off");
                    return Err(failure);
                }
                Ok(None) => break,
                Err(_) => {
                    let message = format!("The upload was silent for {} s; nothing was published.", SILENCE.as_secs());
                    return Err(Failure::new(StatusCode::REQUEST_TIMEOUT, "upload_silent", message));
                }
            };
            size += chunk.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            hash.update(&chunk);
            writer.write_all(&chunk).await.map_err(writing)?;
        }
        writer.flush().await.map_err(writing)?;
        if size == 0 {
            let message = "The body is empty: send the package (a zip) as the body, for example with curl --data-binary @app.zip.";
            return Err(Failure::invalid("package_empty", message));
        }
        Ok(Upload { file, digest: Digest::from_bytes(&hash.finalize().into()), size })
    }
}

/// 413.
pub(crate) fn too_large(limit: u64) -> Failure {
    let message = format!(
        "The package is larger than {limit} bytes, the greatest upload that is accepted. Leave out what the app does not need, or raise the setting 'package-limit-mib' of management."
    );
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "package_too_large", message)
}

/// Reads on for a moment after a refusal, so that a client which sends first and listens later gets to see the answer
/// instead of a broken connection.
pub(crate) async fn drain(body: &mut Body) {
    const MOST: usize = 64 << 20;
    let mut left = MOST;
    let mut stream = BodyDataStream::new(body);
    let drained = async {
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether it was read to its end or not, the answer is the same.
    let _ = tokio::time::timeout(Duration::from_secs(5), drained).await;
}
