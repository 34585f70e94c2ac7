//! The management role: publishing, the management API and the scheduler that gives apps to workers.
//!
//! It is needed for change, not for running: workers keep serving while it is down. Everything it must remember is in
//! host state; what it holds in memory is rebuilt from there and from the workers' beats.

mod address;
mod answer;
pub mod api;
mod auth;
mod context;
mod controllers;
pub mod documents;
mod error;
mod folder;
mod generation;
mod links;
mod logs;
mod options;
mod publish;
pub mod queues;
mod rotation;
mod router;
mod schedule;
mod secret;
mod secrets;
mod serve;
mod settings;
mod standby;
mod startup;
mod telemetry;
#[cfg(test)]
mod tests;

pub use error::ManagementError;
pub use folder::FolderApp;
pub use options::{ManagementOptions, Ready};
pub use secrets::Secrets;

use tokio_util::sync::CancellationToken;

/// Serves until `shutdown` resolves and open requests have ended (at most 10 s). `ready` is called once, when connections
/// are accepted. Dropping the future stops the role without waiting for open requests.
///
/// # Errors
/// When state can't be read, the spool directory can't be used, or a setting has no usable value. Single requests never end it.
pub async fn run(
    options: ManagementOptions,
    ready: impl FnOnce(Ready) + Send,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ManagementError> {
    let stop = CancellationToken::new();
    let _stop_when_dropped = stop.clone().drop_guard();
    let role = startup::prepare(options, stop.clone()).await?;
    let owner = tokio::spawn(role.seat.run(stop.clone()));
    let life = tokio::spawn(generation::watch(role.context.state.clone(), role.generation, stop.clone()));
    tokio::spawn({
        let stop = stop.clone();
        async move {
            tokio::select! {
                () = shutdown => stop.cancel(),
                () = stop.cancelled() => {}
            }
        }
    });
    ready(role.ready);
    serve::serve(role.listener, router::router(role.context), role.entrance, stop).await;
    owner.await.map_err(|error| ManagementError::Setting(format!("the scheduler broke: {error}")))?;
    life.await.unwrap_or(Ok(()))
}
