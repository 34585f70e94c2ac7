//! What a program needs to use documents of Azure Cosmos DB for NoSQL, wherever they are: in Azure, in an emulator, or in the
//! document store of a Hearth. It holds no host state and runs no functions.

pub mod client;
mod connection;
mod containers;
pub mod processor;

pub use client::{CosmosClient, CosmosClients, CosmosError, CosmosErrorKind};
pub use connection::{CosmosConnection, CosmosConnectionError, CosmosTarget, DEFAULT_CONNECTION};
pub use containers::{ContainerFeed, ContainerLeases};
