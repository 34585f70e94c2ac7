//! The management role: publishing, the management API and the scheduler that gives apps to workers.
//!
//! It is needed for change, not for running: workers keep serving while it is down. Everything it must remember is in
//! host state; what it holds in memory is rebuilt from there and from the workers' beats.

pub mod api;
mod error;
mod options;

pub use error::ManagementError;
pub use options::{ManagementOptions, Ready};

/// Serves until `shutdown` resolves and open requests have ended. `ready` is called once, when connections are accepted.
///
/// # Errors
/// When state can't be read, the spool directory can't be used, or a setting has no usable value. Single requests never end it.
pub async fn run(
    _options: ManagementOptions,
    _ready: impl FnOnce(Ready) + Send,
    _shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ManagementError> {
    Err(ManagementError::Setting("not built yet".into()))
}
