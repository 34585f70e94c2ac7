//! Names of documents in a lease container (reference: Cosmos DB, section 8.1): every SDK finds them by these.

use super::feed::FeedIdentity;

/// What the documents of one deployment unit begin with: `{processorName}{accountHost}_{databaseRid}_{containerRid}`.
///
/// The parts stand side by side without separator, as the SDKs have it: units whose names are `a` and `ab` stay apart only because
/// the host follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasePrefix(String);

impl LeasePrefix {
    /// Of a processor of this name over this container. Azure Functions calls the name the lease container prefix; it may be empty.
    pub fn new(processor_name: &str, feed: &FeedIdentity) -> Self {
        Self(format!("{processor_name}{}_{}_{}", feed.account_host, feed.database_rid, feed.container_rid))
    }

    /// What leases' ids begin with.
    pub fn leases(&self) -> String {
        format!("{}..", self.0)
    }

    /// The id of a lease.
    pub fn lease(&self, token: &str) -> String {
        format!("{}..{token}", self.0)
    }

    /// The id of the document that says that leases were made.
    pub fn info(&self) -> String {
        format!("{}.info", self.0)
    }

    /// The id of the document that exists while somebody makes leases.
    pub fn lock(&self) -> String {
        format!("{}.lock", self.0)
    }

    /// The prefix itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
