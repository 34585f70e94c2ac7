//! What one function is listened for: what its listener depends on, and nothing else.

use hearth_cosmos::CosmosTarget;
use hearth_model::binding::{CosmosTrigger, FeedLeaseStore};
use hearth_model::host_json::QueuesOptions;
use hearth_model::index::{QueueTrigger, TimerTrigger, Trigger};
use hearth_model::retry::RetryPolicy;
use hearth_queues::QueueTarget;

use crate::app::{EventFunction, ListeningApp};

/// Two that are equal need one listener.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    Timer(Timer),
    Queue(Queue),
    Feed(Box<Feed>),
}

/// A schedule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Timer {
    pub(super) trigger: TimerTrigger,
    pub(super) retry: Option<RetryPolicy>,
    /// Tells one start of the app from another, where the function wants to run at each.
    pub(super) start: String,
}

/// A queue, wherever it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Queue {
    pub(super) trigger: QueueTrigger,
    pub(super) options: QueuesOptions,
    pub(super) target: QueueTarget,
}

/// The changes of a container, wherever it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Feed {
    pub(super) trigger: CosmosTrigger,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) target: CosmosTarget,
    /// Where the lease container is; as the target where leases are in host state.
    pub(super) leases: CosmosTarget,
}

impl Source {
    /// The error is public text: what keeps the function from being listened for.
    pub(super) fn of(app: &ListeningApp, function: &EventFunction) -> Result<Self, String> {
        let definition = &function.definition;
        let host = &app.sources.host;
        match &definition.trigger {
            Trigger::Timer(trigger) => {
                let start = match trigger.run_on_startup {
                    true => format!("{}.{}", app.deployment, app.sources.revision),
                    false => String::new(),
                };
                Ok(Self::Timer(Timer { trigger: trigger.clone(), retry: definition.retry.or(host.retry), start }))
            }
            Trigger::Queue(trigger) => {
                let target = QueueTarget::find(&app.sources.settings, trigger.connection.as_deref());
                let target = target.map_err(|error| error.to_string())?;
                Ok(Self::Queue(Queue { trigger: trigger.clone(), options: host.queues.clone(), target }))
            }
            Trigger::Cosmos(trigger) => {
                let find = |connection: &Option<String>| {
                    let target = CosmosTarget::find(&app.sources.settings, connection.as_deref());
                    target.map_err(|error| error.to_string())
                };
                let target = find(&trigger.connection)?;
                let leases = match trigger.lease_store {
                    FeedLeaseStore::Container => find(&trigger.lease_connection)?,
                    FeedLeaseStore::Host => target.clone(),
                };
                let (trigger, retry) = (trigger.clone(), definition.retry.or(host.retry));
                Ok(Self::Feed(Box::new(Feed { trigger, retry, target, leases })))
            }
            Trigger::Http(_) => Err("nothing listens for its trigger".to_owned()),
        }
    }
}
