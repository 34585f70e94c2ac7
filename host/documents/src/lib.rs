//! Documents as Azure Cosmos DB for NoSQL has them, on host state: the words of its protocol, its query language, the
//! embedded store, and the store's REST face (reference: Cosmos DB).

pub mod protocol;
pub mod query;
pub mod rest;
pub mod service;
