//! Queues as a client of Azure Storage meets them: over the protocol, by a connection string.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hearth_model::clock::SystemClock;
use hearth_model::settings::Settings;
use hearth_queues::{
    ClientErrorKind, IdentityEnvironment, QueueClient, QueueClients, QueueConnection, QueueTarget, Receipt,
};
use hearth_tests::eventually;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Outside(Runtime, QueueClient);

impl Outside {
    /// What a connection string says.
    #[track_caller]
    pub(crate) fn connection(text: &str) -> QueueConnection {
        let settings = Settings::from_iter([("AzureWebJobsStorage".to_owned(), text.trim().to_owned())]);
        let QueueTarget::Endpoint(connection) = QueueTarget::find(&settings, None).unwrap() else { panic!("{text}") };
        connection
    }

    pub(crate) fn of(connection: &QueueConnection) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let client = QueueClients::new(Arc::new(SystemClock), IdentityEnvironment::default()).client(connection);
        Self(runtime, client)
    }

    /// Puts a message; makes the queue.
    pub(crate) fn put(&self, queue: &str, text: &str) {
        self.0.block_on(async {
            self.1.create(queue).await.unwrap();
            self.1.put(queue, &STANDARD.encode(text)).await.unwrap();
        });
    }

    /// Waits for the next message of a queue and takes it for good.
    #[track_caller]
    pub(crate) fn next(&self, queue: &str) -> String {
        eventually(&format!("a message in {queue}"), || {
            let mut found = match self.0.block_on(self.1.get(queue, 1, Duration::from_secs(600))) {
                Err(error) if error.kind == ClientErrorKind::QueueNotFound => return None,
                found => found.unwrap(),
            };
            let message = found.pop()?;
            let receipt = Receipt(message.pop_receipt.unwrap());
            self.0.block_on(self.1.delete(queue, &message.id, &receipt)).unwrap();
            Some(String::from_utf8(STANDARD.decode(message.text.unwrap()).unwrap()).unwrap())
        })
    }
}
