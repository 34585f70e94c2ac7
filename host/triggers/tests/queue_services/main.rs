//! The client and the queue trigger against services that speak Azure Queue Storage's REST API: Azurite, and Hearth's own. What is
//! expected of them is written once.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]

mod azurite;
mod expectations;
mod ours;
mod played;

use std::sync::Arc;

use hearth_model::clock::SystemClock;
use hearth_queues::{IdentityEnvironment, QueueClient, QueueClients, QueueConnection};

/// A client with nothing but the connection.
fn client(connection: &QueueConnection) -> QueueClient {
    QueueClients::new(Arc::new(SystemClock), IdentityEnvironment::default()).client(connection)
}

macro_rules! on_every_service {
    ($($name:ident,)+) => {
        mod on_azurite {
            $(
                #[tokio::test]
                async fn $name() {
                    let Some(azurite) = crate::azurite::get() else { return };
                    crate::expectations::$name(crate::client(azurite)).await;
                }
            )+
        }

        mod on_ours {
            $(
                #[tokio::test]
                async fn $name() {
                    let ours = crate::ours::Ours::start().await;
                    crate::expectations::$name(crate::client(&ours.connection)).await;
                }
            )+
        }
    };
}

on_every_service!(
    messages_are_put_got_held_and_deleted,
    a_queue_that_is_not_there_is_told,
    a_put_makes_its_queue,
    texts_arrive_as_they_were_sent,
    success_deletes,
    failures_end_in_the_poison_queue,
    what_is_not_base64_is_moved_at_once,
    a_stop_gives_back_what_was_not_begun,
    a_put_of_this_process_wakes,
    a_listener_that_dies_deletes_nothing,
);
