//! What events need of this worker, shared by all apps.

use std::sync::Arc;

use hearth_cosmos::CosmosClients;
use hearth_documents::service::DocumentService;
use hearth_model::clock::Clock;
use hearth_model::expression::Environment;
use hearth_model::index::FunctionDefinition;
use hearth_queues::{IdentityEnvironment, QueueClients, QueueService, ServiceOptions};
use hearth_state::Database;
use hearth_triggers::timer::{MachineTime, TimerClaims};
use uuid::Uuid;

use super::cosmos::Cosmos;
use super::counters::EventCounters;
use super::feeds::FeedStandings;
use super::queues::{Embedded, Queues};
use crate::options::WorkerOptions;

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) counters: Arc<EventCounters>,
    /// How listeners to change feeds stand.
    pub(crate) feeds: Arc<FeedStandings>,
    /// Host state, for leases that lie in it.
    pub(crate) state: Database,
    /// Name of this worker.
    pub(crate) worker: String,
    pub(crate) queues: Queues,
    pub(crate) documents: DocumentService,
    /// Where connections to Cosmos DB lead.
    pub(crate) cosmos: Cosmos,
    /// What the listeners to timers share.
    pub(crate) timers: TimerClaims<MachineTime>,
    /// Cores of this machine.
    pub(crate) cores: u32,
    /// Whether this is `hearth start`.
    pub(crate) development: bool,
}

impl Services {
    pub(crate) fn new(options: &WorkerOptions) -> Self {
        let development = options.development.is_some();
        let clients = QueueClients::new(options.clock.clone(), IdentityEnvironment::of_process());
        let port = options.queues.local_addr().ok().map(|address| address.port());
        let endpoint = options.queues_url.clone().unwrap_or_else(|| {
            let scheme = if options.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://127.0.0.1:{}", port.unwrap_or_default())
        });
        let (state, keyring, clock) = (options.state.clone(), options.keyring.clone(), options.clock.clone());
        let documents =
            DocumentService::new(state.clone(), keyring.clone(), clock.clone(), options.document_options.clone());
        let documents_port = options.documents.local_addr().ok().map(|address| address.port());
        let service = QueueService::new(state.clone(), keyring, clock, ServiceOptions { endpoint, development });
        let embedded = Embedded::new(state, service, development, port);
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            clock: options.clock.clone(),
            counters: Arc::default(),
            feeds: Arc::default(),
            state: options.state.clone(),
            worker: options.name.to_string(),
            queues: Queues::new(clients, embedded),
            cosmos: Cosmos::new(
                documents.clone(),
                CosmosClients::new(options.clock.clone()),
                development,
                documents_port,
            ),
            documents,
            timers: TimerClaims::new(options.state.timers(), &options.name, Arc::new(MachineTime)),
            cores: u32::try_from(cores).unwrap_or(u32::MAX),
            development,
        }
    }

    /// What expressions in the bindings of a function may ask of the host.
    pub(super) fn environment<'a>(&'a self, function: &'a FunctionDefinition) -> Environment<'a> {
        Environment { function: function.name.as_str(), clock: &*self.clock, new_guid: &Uuid::new_v4 }
    }
}
