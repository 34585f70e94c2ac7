//! The half of [`super`] for systems that are not Unix: sockets can't be handed over, so children bind for themselves, and
//! readiness is not reported.

use std::io;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitStatus;

use tokio::process::Command;

fn unsupported(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, format!("{what} is not available on this system"))
}

/// Whether this process runs as the superuser.
pub(crate) fn is_superuser() -> bool {
    false
}

/// The machine's name, made fit for a worker's name.
pub(crate) fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "worker".to_owned())
}

/// Nothing limits them here.
pub(crate) fn raise_open_files(_wanted: u64) -> io::Result<u64> {
    Ok(u64::MAX)
}

/// Makes a directory with its parents; it takes the rights of its parent.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

/// Does nothing here: a directory takes the rights of its parent.
pub(crate) fn close_to_others(_path: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether users besides the owner and its group can enter a directory.
pub(crate) fn is_open_to_others(_path: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Does nothing here.
pub(crate) fn deepen_backlog(_listener: &TcpListener) -> io::Result<()> {
    Ok(())
}

/// Hands listening sockets to a child.
pub(crate) fn hand_over<'a>(
    _command: &mut Command,
    _listeners: impl Iterator<Item = &'a TcpListener>,
) -> io::Result<()> {
    Err(unsupported("handing a listening socket to another process"))
}

/// Takes over the listening socket at this place of those that this process was started with, if there is one.
pub(crate) fn inherited_listener(_place: usize) -> io::Result<Option<TcpListener>> {
    Ok(None)
}

/// Does nothing here.
pub(crate) fn notify(_state: &str) -> io::Result<()> {
    Ok(())
}

/// Receives the readiness messages of one child.
pub(crate) struct NotifySocket;

impl NotifySocket {
    /// Binds at `path`.
    pub(crate) fn bind(_path: &Path) -> io::Result<Self> {
        Err(unsupported("the readiness socket"))
    }

    /// Waits until the child says that it is ready.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        std::future::pending().await
    }
}

/// Whether a socket can be bound at `path`.
pub(crate) fn fits_socket(_path: &Path) -> bool {
    true
}

/// Signals that ask a process to stop.
pub(crate) struct StopSignals;

impl StopSignals {
    /// Starts to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Ctrl-C reaches every process of the console; a supervised one leaves it to its supervisor.
    pub(crate) async fn next_for_supervised(&mut self) {
        std::future::pending::<()>().await;
    }
}

/// How a process ended, for people.
pub(crate) fn describe_exit(status: ExitStatus) -> String {
    format!("ended ({status})")
}
