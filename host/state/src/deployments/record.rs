//! What a deployment consists of.

use hearth_model::clock::Timestamp;
use hearth_model::ids::{AppName, DeploymentId, Digest};

use crate::StateError;
use crate::operation::Row;

/// How far a deployment got; the numbers are those of the Kudu deployment API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// Received, not begun.
    Pending = 0,
    /// Being checked and indexed.
    Building = 1,
    /// Being brought to workers.
    Deploying = 2,
    /// Ended without effect.
    Failed = 3,
    /// Serving.
    Success = 4,
}

impl DeploymentStatus {
    /// The number of the Kudu deployment API.
    pub fn code(self) -> i64 {
        self as i64
    }

    fn from_code(code: i64) -> Option<Self> {
        [Self::Pending, Self::Building, Self::Deploying, Self::Failed, Self::Success]
            .into_iter()
            .find(|s| s.code() == code)
    }
}

/// A deployment as it is first recorded.
#[derive(Clone, Debug)]
pub struct NewDeployment {
    /// A new version 7 UUID.
    pub id: DeploymentId,
    /// The app it is for.
    pub app: AppName,
    /// Digest of its package.
    pub digest: Digest,
    /// Size of its package in bytes.
    pub size: u64,
    /// Who published, or empty.
    pub author: String,
    /// Their address, or empty.
    pub author_email: String,
    /// The tool that published, or empty.
    pub deployer: String,
    /// What they said about it, or empty.
    pub message: String,
}

/// A change to a deployment in progress; None leaves a value as it is.
#[derive(Clone, Debug, Default)]
pub struct DeploymentUpdate {
    /// New status.
    pub status: Option<DeploymentStatus>,
    /// New text beside the status, fit to be shown.
    pub status_text: Option<String>,
    /// New progress text.
    pub progress: Option<String>,
    /// True ends the deployment now; it can then no longer change. False leaves it in progress.
    pub complete: bool,
    /// What indexing found.
    pub functions_json: Option<String>,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its identity.
    pub id: DeploymentId,
    /// The app it is for.
    pub app: AppName,
    /// Digest of its package.
    pub digest: Digest,
    /// Size of its package in bytes.
    pub size: u64,
    /// How far it got.
    pub status: DeploymentStatus,
    /// Text beside the status.
    pub status_text: String,
    /// Who published, or empty.
    pub author: String,
    /// Their address, or empty.
    pub author_email: String,
    /// The tool that published, or empty.
    pub deployer: String,
    /// What they said about it, or empty.
    pub message: String,
    /// Progress text while it runs.
    pub progress: String,
    /// When the package had arrived.
    pub received: Timestamp,
    /// When work on it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// Whether it has ended.
    pub complete: bool,
    /// What indexing found, once it has.
    pub functions_json: Option<String>,
}

impl Deployment {
    pub(super) fn from_row(row: &Row) -> Result<Self, StateError> {
        let functions = row.text(15)?;
        Ok(Self {
            id: row.id(0)?,
            app: row.id(1)?,
            digest: row.id(2)?,
            size: row.unsigned(3)?,
            status: DeploymentStatus::from_code(row.int(4)?).ok_or_else(|| row.unexpected(4))?,
            status_text: row.text(5)?.to_owned(),
            author: row.text(6)?.to_owned(),
            author_email: row.text(7)?.to_owned(),
            deployer: row.text(8)?.to_owned(),
            message: row.text(9)?.to_owned(),
            progress: row.text(10)?.to_owned(),
            received: row.time(11)?,
            start: row.time(12)?,
            end: row.optional_time(13)?,
            complete: row.flag(14)?,
            functions_json: (!functions.is_empty()).then(|| functions.to_owned()),
        })
    }
}

/// Weight of a log line; the numbers are those of the Kudu deployment log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogKind {
    /// Ordinary progress.
    #[default]
    Message = 0,
    /// Something to look at.
    Warning = 1,
    /// Why it failed.
    Error = 2,
}

impl LogKind {
    /// The number of the Kudu deployment log.
    pub fn code(self) -> i64 {
        self as i64
    }
}

/// A line of a deployment's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its place in the log, from 1.
    pub seq: u64,
    /// When it was written.
    pub time: Timestamp,
    /// Its weight.
    pub kind: LogKind,
    /// Its text.
    pub message: String,
}

impl LogEntry {
    pub(super) fn from_row(row: &Row) -> Result<Self, StateError> {
        let kind = match row.int(2)? {
            0 => LogKind::Message,
            1 => LogKind::Warning,
            2 => LogKind::Error,
            _ => return Err(row.unexpected(2)),
        };
        Ok(Self { seq: row.unsigned(0)?, time: row.time(1)?, kind, message: row.text(3)?.to_owned() })
    }
}
