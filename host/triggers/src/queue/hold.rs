//! Keeping a message out of others' sight while its function runs.

use std::pin::pin;
use std::time::Duration;

use hearth_queues::Receipt;
use tokio::sync::Mutex;

use super::source::{HoldError, QueueSource};

/// The hold on one message.
pub(super) struct Hold<'a> {
    source: &'a QueueSource,
    id: &'a str,
    /// Locked while it is renewed, because then nobody knows which receipt counts.
    receipt: Mutex<Receipt>,
}

impl<'a> Hold<'a> {
    pub(super) fn new(source: &'a QueueSource, id: &'a str, receipt: Receipt) -> Self {
        Self { source, id, receipt: Mutex::new(receipt) }
    }

    /// Runs something while the message is renewed; answers with what that gave and the receipt that counts by then.
    pub(super) async fn during<T>(&self, run: impl Future<Output = T>) -> (T, Receipt) {
        let mut renewals = pin!(self.renew());
        let result = tokio::select! {
            result = run => result,
            never = &mut renewals => match never {},
        };
        // A renewal on its way must end first.
        let receipt = tokio::select! {
            biased;
            receipt = self.receipt.lock() => receipt.clone(),
            never = &mut renewals => match never {},
        };
        (result, receipt)
    }

    /// Renews at half of the invisibility, faster after errors, until the message is somebody else's.
    async fn renew(&self) -> Never {
        let regular = self.source.invisibility() / 2;
        let mut pause = regular;
        loop {
            tokio::time::sleep(pause).await;
            let mut receipt = self.receipt.lock().await;
            match self.source.renew(self.id, &receipt).await {
                Ok(next) => {
                    *receipt = next;
                    pause = regular;
                }
                Err(HoldError::Lost) => {
                    tracing::debug!(
                        category = "Host.Queues",
                        message = self.id,
                        "a message is held by somebody else now"
                    );
                    drop(receipt);
                    return std::future::pending().await;
                }
                Err(HoldError::Unavailable(error)) => {
                    tracing::warn!(category = "Host.Queues", message = self.id, %error, "a message could not be renewed");
                    pause = next_attempt(pause, self.source.shortest_renewal());
                }
            }
        }
    }
}

/// No value: renewals end only by being dropped.
enum Never {}

/// After an error: half as long, not below the shortest.
fn next_attempt(pause: Duration, shortest: Duration) -> Duration {
    (pause / 2).max(shortest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_make_it_faster_down_to_the_shortest() {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        assert_eq!(next_attempt(minutes(5), minutes(1)), Duration::from_secs(150));
        assert_eq!(next_attempt(Duration::from_secs(75), minutes(1)), minutes(1));
        assert_eq!(next_attempt(minutes(1), minutes(1)), minutes(1));
    }
}
