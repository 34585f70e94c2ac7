//! The Unix half of [`super`].

use std::ffi::OsStr;
use std::io;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Mutex, OnceLock, PoisonError};

use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// Connections that wait for `accept`; the kernel cuts it to its own limit.
const BACKLOG: i32 = 4096;
/// First descriptor of the `LISTEN_FDS` protocol.
const FIRST_LISTEN_FD: i32 = 3;
/// Longest path that fits a socket address, its final zero included.
const SOCKET_PATH_MAX: usize = 104;

/// Whether this process runs as the superuser.
pub(crate) fn is_superuser() -> bool {
    rustix::process::geteuid().is_root()
}

/// The machine's name, made fit for a worker's name.
pub(crate) fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let fit: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).take(100).collect();
    if fit.is_empty() { "worker".to_owned() } else { fit }
}

/// Raises the number of files, sockets included, that this process and its children may have open to `wanted`, as far as
/// the system lets it without further rights; answers how many they may.
pub(crate) fn raise_open_files(wanted: u64) -> io::Result<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    match limit.current {
        Some(current) if current < allowed => {
            limit.current = Some(allowed);
            setrlimit(Resource::Nofile, limit)?;
            Ok(allowed)
        }
        current => Ok(current.unwrap_or(u64::MAX)),
    }
}

/// Makes a directory with its parents, mode 0700 where it is new.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Whether users besides the owner and its group can enter a directory.
pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o007 != 0)
}

/// Takes the rights of others away from a directory.
pub(crate) fn close_to_others(path: &Path) -> io::Result<()> {
    let mode = std::fs::metadata(path)?.permissions().mode();
    if mode & 0o007 == 0 {
        return Ok(());
    }
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o700))
}

/// Lets more connections wait than the standard library does, so that a burst during a child's restart is kept.
pub(crate) fn deepen_backlog(listener: &TcpListener) -> io::Result<()> {
    rustix::net::listen(listener, BACKLOG).map_err(io::Error::from)
}

/// Hands listening sockets to a child that will be spawned, in their order (`LISTEN_FDS` protocol).
pub(crate) fn hand_over<'a>(command: &mut Command, listeners: impl Iterator<Item = &'a TcpListener>) -> io::Result<()> {
    let mapping = |(listener, child_fd): (&TcpListener, i32)| {
        Ok(FdMapping { parent_fd: OwnedFd::from(listener.try_clone()?), child_fd })
    };
    let mappings: Vec<FdMapping> = listeners.zip(FIRST_LISTEN_FD..).map(mapping).collect::<io::Result<_>>()?;
    let count = mappings.len();
    command.fd_mappings(mappings).map_err(|collision| io::Error::other(collision.to_string()))?;
    // The child's process id is not known before it exists, so LISTEN_PID is left out, as the protocol's readers allow.
    command.env("LISTEN_FDS", count.to_string()).env_remove("LISTEN_PID").env_remove("LISTEN_FDS_FIRST_FD");
    Ok(())
}

/// Takes over the listening socket at this place of those that this process was started with, if there is one.
pub(crate) fn inherited_listener(place: usize) -> io::Result<Option<TcpListener>> {
    // The variables are read once: they are no child's business, and gone after that.
    static INHERITED: OnceLock<Mutex<listenfd::ListenFd>> = OnceLock::new();
    let inherited = INHERITED.get_or_init(|| Mutex::new(listenfd::ListenFd::from_env()));
    inherited.lock().unwrap_or_else(PoisonError::into_inner).take_tcp_listener(place)
}

/// Tells a waiting supervisor or systemd how this process is, for example `READY=1`. Without one, does nothing.
pub(crate) fn notify(state: &str) -> io::Result<()> {
    let Some(address) = std::env::var_os(super::NOTIFY_SOCKET) else { return Ok(()) };
    let socket = UnixDatagram::unbound()?;
    match abstract_name(&address) {
        Some(name) => send_abstract(&socket, name, state),
        None => socket.send_to(state.as_bytes(), Path::new(&address)).map(|_| ()),
    }
}

fn abstract_name(address: &OsStr) -> Option<&[u8]> {
    address.as_encoded_bytes().strip_prefix(b"@")
}

#[cfg(target_os = "linux")]
fn send_abstract(socket: &UnixDatagram, name: &[u8], state: &str) -> io::Result<()> {
    use std::os::linux::net::SocketAddrExt;
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    socket.send_to_addr(state.as_bytes(), &address).map(|_| ())
}

#[cfg(not(target_os = "linux"))]
fn send_abstract(_socket: &UnixDatagram, _name: &[u8], _state: &str) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "NOTIFY_SOCKET names an abstract socket, which this system lacks"))
}

/// Receives the readiness messages of one child.
pub(crate) struct NotifySocket {
    socket: tokio::net::UnixDatagram,
}

impl NotifySocket {
    /// Binds at `path`, which replaces a socket that a killed process left there.
    pub(crate) fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        Ok(Self { socket: tokio::net::UnixDatagram::bind(path)? })
    }

    /// Waits until the child says that it is ready. Cancellation safe.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        let mut buffer = [0; 1024];
        loop {
            let length = self.socket.recv(&mut buffer).await?;
            if buffer[..length].split(|byte| *byte == b'\n').any(|line| line == b"READY=1") {
                return Ok(());
            }
        }
    }
}

/// Whether a socket can be bound at `path`.
pub(crate) fn fits_socket(path: &Path) -> bool {
    path.as_os_str().len() < SOCKET_PATH_MAX
}

/// Signals that ask a process to stop. Made before anything else starts, so that none is missed.
pub(crate) struct StopSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl StopSignals {
    /// Starts to listen; from here on the signals no longer end the process by themselves.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next one. Cancellation safe.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for a request to end that is meant for this process alone: an interrupt from the terminal reaches the whole
    /// group, and a supervised process leaves it to its supervisor. Cancellation safe.
    pub(crate) async fn next_for_supervised(&mut self) {
        self.terminate.recv().await;
    }
}

/// How a process ended, for people.
pub(crate) fn describe_exit(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (None, Some(signal)) => match signal_name(signal) {
            Some(name) => format!("was killed by signal {signal} ({name})"),
            None => format!("was killed by signal {signal}"),
        },
        (None, None) => format!("ended ({status})"),
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL, for example when memory is exhausted",
        11 => "SIGSEGV",
        15 => "SIGTERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exits_are_described() {
        assert_eq!(describe_exit(ExitStatus::from_raw(3 << 8)), "exited with status 3");
        assert_eq!(describe_exit(ExitStatus::from_raw(11)), "was killed by signal 11 (SIGSEGV)");
        assert_eq!(describe_exit(ExitStatus::from_raw(40)), "was killed by signal 40");
    }

    #[tokio::test]
    async fn readiness_is_one_line_among_others() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("child.sock");
        let socket = NotifySocket::bind(&path).unwrap();
        let sender = UnixDatagram::unbound().unwrap();
        sender.send_to(b"STATUS=starting", &path).unwrap();
        sender.send_to(b"STATUS=up\nREADY=1", &path).unwrap();
        socket.ready().await.unwrap();
        drop(socket);
        NotifySocket::bind(&path).unwrap();
    }

    #[test]
    fn private_files_and_directories_are_closed_to_others() {
        let directory = tempfile::tempdir().unwrap();
        let nested = directory.path().join("a/b");
        create_private_dir(&nested).unwrap();
        assert!(!is_open_to_others(&nested).unwrap());
        std::fs::set_permissions(&nested, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(is_open_to_others(&nested).unwrap());
        close_to_others(&nested).unwrap();
        assert_eq!(std::fs::metadata(&nested).unwrap().permissions().mode() & 0o777, 0o700);
        let file = nested.join("profile.json");
        super::super::write_private(&file, b"{}").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read(&file).unwrap(), b"{}");
    }
}
