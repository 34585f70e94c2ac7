//! Host state: everything Hearth must remember, in one database.
//!
//! One struct per concern ([`Apps`], [`AppSettings`], [`AppKeys`], [`Configuration`], [`Packages`], [`Deployments`],
//! [`Workers`], [`Assignments`], [`Scheduling`], [`Installation`], [`Leases`], [`Timers`], [`FeedLeases`], [`QueueAccounts`],
//! [`Queues`], [`documents::Documents`]) over one [`Database`]; their methods are whole operations, each all-or-nothing. What a method has answered
//! is in the database: a killed process loses nothing that was acknowledged. A caller that goes away does not cut its
//! operation short. Only the engine behind [`Database`] knows a driver: SQLite in a file, or SQL Server. The SQL text of each lies
//! beside its concern.

mod app_keys;
mod app_settings;
mod apps;
mod assignments;
mod backup;
mod configuration;
mod database;
mod deployments;
pub mod documents;
mod effects;
mod engine;
mod error;
pub mod faults;
mod feed_leases;
mod generation;
mod installation;
mod keyring;
mod leases;
mod members;
mod metrics;
mod migrations;
mod mssql;
mod operation;
mod packages;
mod platform;
mod queues;
mod rotation;
mod scheduling;
pub mod sealed;
mod sqlite;
mod timers;
mod url;
mod workers;

pub use app_keys::{AppKeys, KeyPut, MAX_KEYS};
pub use app_settings::{AppSettings, MAX_SETTING_BYTES, MAX_SETTINGS, SettingSizes, SettingsChange, StoredSettings};
pub use apps::{App, Apps};
pub use assignments::{Assignment, Assignments};
pub use backup::{Backup, Restored, backup, check_key, restore};
pub use configuration::{AppMode, AppRevision, Configuration};
pub use database::{Database, OpenOptions};
pub use deployments::{Deployment, DeploymentStatus, DeploymentUpdate, Deployments, LogEntry, LogKind, NewDeployment};
pub use effects::{Effects, QueuePuts, Settlement};
pub use error::StateError;
pub use faults::Faults;
pub use feed_leases::{FeedCheckpoint, FeedLease, FeedLeases, MAX_FEED_LEASE_ID, MAX_FEED_LEASE_OWNER};
pub use installation::Installation;
pub use keyring::{Delivery, Keyring, join_proof};
pub use leases::{Lease, LeaseHolder, Leases, UnderLease};
pub use members::{JoinOutcome, Member, Members};
pub use metrics::StateMetrics;
pub use packages::{COLLECT_GRACE, Packages};
pub use queues::{
    AccountKeyName, ClaimedMessage, NewMessage, OnMessage, PutMessage, QueueAccount, QueueAccounts, QueueCreation,
    QueuePlace, Queues, StoredMessage, StoredQueue,
};
pub use rotation::{Rotation, rotate};
pub use scheduling::{Decision, Scheduling};
pub use timers::{
    ClaimOutcome, Completion, NEVER, Occurrence, OccurrenceKind, OccurrenceState, TimerClaim, TimerKey, TimerPlan,
    TimerStatus, Timers,
};
pub use url::{Encryption, SqlServer, StateUrl};
pub use workers::{NewWorker, Worker, Workers};
