//! Binding the ports of a data directory whose last supervisor was killed.
//!
//! Its children notice that they are orphans and stop, but a new `hearth up` can be faster than they are. Only then is a
//! port in use worth waiting for; in every other case it is somebody else's and the command says so at once.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use crate::exit::Failure;
use crate::role;

/// How long orphans get to give their ports free.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(50);

/// Binds `address`, the value of the setting `flag`; waits for orphans if the last holder was killed.
pub(crate) async fn bind_after(address: SocketAddr, flag: &str, after_kill: bool) -> Result<TcpListener, Failure> {
    if !after_kill {
        return role::bind(address, flag);
    }
    let attempts = async {
        loop {
            match role::bind(address, flag) {
                Ok(listener) => return listener,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
    };
    match tokio::time::timeout(PATIENCE, attempts).await {
        Ok(listener) => Ok(listener),
        Err(_) => role::bind(address, flag),
    }
}
