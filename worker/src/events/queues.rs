//! Where the queues of an app are, in the embedded service or at one elsewhere, and how messages get there.

mod embedded;

use std::time::Duration;

use hearth_model::ids::AppName;
use hearth_queues::{QueueClient, QueueClients, QueueService, QueueTarget};
use hearth_state::{NewMessage, QueuePuts, StateError, UnderLease};
use hearth_triggers::outputs::QueueSend;
use hearth_triggers::queue::QueueSource;
use hearth_triggers::{Acknowledgement, InvocationFailure};

use crate::app::LoadedApp;
pub(super) use embedded::Embedded;

/// As a message has it that a client puts without saying otherwise.
const TIME_TO_LIVE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Where a connection leads.
enum Place {
    /// To this account of the embedded service.
    Embedded(String),
    /// To a service elsewhere.
    Elsewhere(QueueClient),
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Queues {
    clients: QueueClients,
    embedded: Embedded,
}

impl Queues {
    pub(super) fn new(clients: QueueClients, embedded: Embedded) -> Self {
        Self { clients, embedded }
    }

    /// The embedded service.
    pub(crate) fn service(&self) -> &QueueService {
        &self.embedded.service
    }

    /// The queue of this name that a connection of an app leads to; the error is public text.
    pub(crate) async fn source(&self, app: &AppName, target: &QueueTarget, queue: &str) -> Result<QueueSource, String> {
        match self.place(app, target).await.map_err(|failure| failure.to_string())? {
            Place::Elsewhere(client) => Ok(QueueSource::remote(client, queue)),
            Place::Embedded(account) => {
                Ok(QueueSource::embedded(&self.embedded.service, self.embedded.state.clone(), &account, queue))
            }
        }
    }

    /// Sends messages, to services elsewhere first and in order; then what else is to be done is done, and the rest is committed with the
    /// acknowledgement.
    pub(super) async fn send(
        &self,
        app: &LoadedApp,
        sends: Vec<QueueSend>,
        before_the_end: impl Future<Output = Result<(), InvocationFailure>>,
        acknowledgement: Acknowledgement,
    ) -> Result<(), InvocationFailure> {
        let failed = |error: &dyn std::fmt::Display| InvocationFailure::Failed(error.to_string());
        // Where everything goes is found out before anything is sent.
        let (mut elsewhere, mut puts) = (Vec::new(), Vec::new());
        for send in sends {
            let target =
                QueueTarget::find(&app.settings, send.connection.as_deref()).map_err(|error| failed(&error))?;
            match self.place(&app.name, &target).await? {
                Place::Elsewhere(client) => elsewhere.push((client, send)),
                Place::Embedded(account) => {
                    let messages = send.messages.into_iter().map(|text| NewMessage::new(text, Some(TIME_TO_LIVE)));
                    let messages = messages.collect::<Result<_, _>>().map_err(|error| failed(&error))?;
                    puts.push(QueuePuts { account, queue: send.queue, messages });
                }
            }
        }
        for (client, send) in elsewhere {
            for message in &send.messages {
                client.put(&send.queue, message).await.map_err(|error| {
                    failed(&format_args!("the output '{}' could not be sent: {error}", send.binding))
                })?;
            }
        }
        before_the_end.await?;
        let settling = acknowledgement.settle().await?;
        match self.embedded.state.effects().commit(&puts, settling.settlement()).await {
            Ok(UnderLease::Done(())) => {
                settling.committed();
                for put in &puts {
                    self.embedded.service.ring(&put.account, &put.queue);
                }
                Ok(())
            }
            Ok(UnderLease::Stale) => Err(InvocationFailure::Superseded),
            // The function is not to blame: the event is as it was, and runs again when host state is back.
            Err(error) if error.is_transient() => {
                Err(InvocationFailure::NotRun(format!("what the function gave out could not be committed: {error}")))
            }
            Err(error) => {
                if matches!(error, StateError::Missing(_)) {
                    self.embedded.forget();
                }
                Err(failed(&format_args!("what the function gave out could not be committed: {error}")))
            }
        }
    }

    async fn place(&self, app: &AppName, target: &QueueTarget) -> Result<Place, InvocationFailure> {
        let account = self.embedded.account(app, target).await.map_err(|error| {
            InvocationFailure::NotRun(format!("the queue service can't be asked for its accounts: {error}"))
        })?;
        Ok(match (account, target) {
            (Some(account), _) => Place::Embedded(account),
            (None, QueueTarget::Development(connection) | QueueTarget::Endpoint(connection)) => {
                Place::Elsewhere(self.clients.client(connection))
            }
            (None, QueueTarget::Own) => {
                return Err(InvocationFailure::Failed("the app has no account of the queue service".to_owned()));
            }
        })
    }
}
