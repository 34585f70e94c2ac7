//! Queues as Azure Queue Storage has them: where a connection leads, and the names and limits that every such service keeps
//! (reference: Azure Functions, section 4).

mod client;
mod connection;
pub mod protocol;
pub mod rest;
mod service;

pub use client::{ClientError, ClientErrorKind, IdentityEnvironment, QueueClient, QueueClients, Receipt};
pub use connection::{
    DEFAULT_CONNECTION, DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, Identity, IdentityKind, QueueConnection,
    QueueConnectionError, QueueCredential, QueueTarget,
};
pub use service::{Account, Doorbell, PopReceipt, QueueDetails, QueueError, QueueService, Received, ServiceOptions};
