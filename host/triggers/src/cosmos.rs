//! The Cosmos DB trigger: gives a function the changes of a container, range by range and in order, and moves on only when they are
//! handled (reference: Cosmos DB, sections 8 and 9).
//!
//! A listener is one instance of a change feed processor. Its leases lie in a lease container, where instances of other hosts share
//! them, or in host state, where a batch's outputs on embedded services and its position are one transaction. The feed of the
//! embedded store is waited for in process; any other is polled.

mod account;
mod dead_letter;
mod embedded;
mod event;
mod handler;
mod host_leases;
mod listen;
mod news;
mod operate;
mod watch;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use hearth_model::binding::CosmosTrigger;
use hearth_model::clock::Clock;
use hearth_model::ids::{AppName, FunctionName};
use hearth_model::retry::RetryPolicy;
use hearth_state::Database;

pub use account::{AccountError, CosmosAccount, LeaseContainer};
pub use embedded::EmbeddedAccount;
pub(crate) use host_leases::{checkpoint, etag_after};
pub use news::{FeedNews, TellFeedNews};
pub use operate::FeedReset;

use crate::queue::ListenerLog;
use handler::Failing;

/// What listens to one container's changes for one function.
///
/// Make one when the function's version begins to answer, with the accounts that its connections lead to, and spawn
/// [`CosmosListener::run`]. Cancel the token to stop: nothing new is taken, what runs goes on, renewed, and `run` returns when it is done
/// and its leases are given back. Dropping `run`'s future ends what runs; its leases expire, and others go on from where it stood.
#[derive(Clone)]
pub struct CosmosListener {
    /// The app.
    pub app: AppName,
    /// The function.
    pub function: FunctionName,
    /// Its trigger.
    pub trigger: CosmosTrigger,
    /// Its own retry policy, else that of its app's host.json.
    pub retry: Option<RetryPolicy>,
    /// The monitored account.
    pub account: CosmosAccount,
    /// The account of the lease container.
    pub lease_account: CosmosAccount,
    /// Where leases lie with `leaseStore: host`.
    pub state: Database,
    /// Tells how old locks are.
    pub clock: Arc<dyn Clock>,
    /// Begins the name of this instance; made unique.
    pub worker: String,
    /// Where lines about the feed and its batches go.
    pub log: ListenerLog,
    /// Takes what else is to be known of it.
    pub news: TellFeedNews,
}

impl CosmosListener {
    /// A range's batch got done, or is another worker's.
    fn is_free_of(&self, stuck: &Mutex<HashMap<Arc<str>, Failing>>, token: &Arc<str>) {
        if stuck.lock().unwrap_or_else(PoisonError::into_inner).remove(token).is_some() {
            self.news.tell(FeedNews::Stuck { lease_token: token.clone(), error: None });
        }
    }
}

impl std::fmt::Debug for CosmosListener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CosmosListener")
            .field("app", &self.app)
            .field("function", &self.function)
            .finish_non_exhaustive()
    }
}
