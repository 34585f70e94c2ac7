//! Queues as Azure Queue Storage has them: where a connection leads, and the names and limits that every such service keeps
//! (reference: Azure Functions, section 4).

mod connection;
pub mod protocol;

pub use connection::{
    DEFAULT_CONNECTION, DEVELOPMENT_ACCOUNT, DEVELOPMENT_KEY, Identity, IdentityKind, QueueConnection,
    QueueConnectionError, QueueCredential, QueueTarget,
};
