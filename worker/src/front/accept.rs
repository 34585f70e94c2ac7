//! The accept loop: a permit before each accept, NODELAY.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// Connections open at once on one listener.
const MAX_CONNECTIONS: usize = 10_000;
/// When fewer than these are left, new connections are given less time.
const PRESSED_BELOW: usize = MAX_CONNECTIONS / 5;
/// Pause after a failed accept (out of file descriptors, mostly), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A connection that came.
pub(super) struct Accepted {
    pub(super) stream: TcpStream,
    pub(super) from: SocketAddr,
    /// Few places are left.
    pub(super) pressed: bool,
    /// Its place, to be kept until its end.
    pub(super) permit: OwnedSemaphorePermit,
}

/// Accepts until `stop`, then closes the listener.
pub(super) async fn accept(listener: TcpListener, stop: &CancellationToken, mut take: impl FnMut(Accepted)) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = async {
                let permit = permits.clone().acquire_owned().await;
                (permit, listener.accept().await)
            } => accepted,
        };
        let (Ok(permit), accepted) = accepted else { break };
        match accepted {
            Ok((stream, from)) => {
                // Small answers must not wait for the acknowledgement of earlier ones.
                let _ = stream.set_nodelay(true);
                let pressed = permits.available_permits() < PRESSED_BELOW;
                take(Accepted { stream, from, pressed, permit });
            }
            Err(error) => {
                tracing::warn!(category = "Host.General", "a connection could not be accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
