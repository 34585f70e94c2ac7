//! Host state: everything Hearth must remember, in one database.
//!
//! One struct per concern ([`Apps`], [`Packages`], [`Deployments`], [`Workers`], [`Assignments`], [`Installation`],
//! [`Leases`]) over one [`Database`]; their methods are whole operations, each all-or-nothing. What a method has answered
//! is in the database: a killed process loses nothing that was acknowledged. A caller that goes away does not cut its
//! operation short. Only the engine behind [`Database`] knows a driver, so a second engine lays its SQL text beside the first.

mod apps;
mod assignments;
mod database;
mod deployments;
mod engine;
mod error;
pub mod faults;
mod installation;
mod keyring;
mod leases;
mod migrations;
mod operation;
mod packages;
mod platform;
mod sqlite;
mod url;
mod workers;

pub use apps::{App, Apps};
pub use assignments::{Assignment, Assignments};
pub use database::{Database, OpenOptions};
pub use deployments::{Deployment, DeploymentStatus, DeploymentUpdate, Deployments, LogEntry, LogKind, NewDeployment};
pub use error::StateError;
pub use faults::Faults;
pub use installation::Installation;
pub use keyring::Keyring;
pub use leases::{Lease, Leases};
pub use packages::{COLLECT_GRACE, Packages};
pub use url::StateUrl;
pub use workers::{NewWorker, Worker, Workers};
