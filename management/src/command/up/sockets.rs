//! The sockets of the services beside function HTTP. Under `hearth start` they give way to other programs, because what a developer's
//! functions need of them needs no port.

use std::net::{SocketAddr, TcpListener};

use super::{Machine, address};
use crate::exit::Failure;
use crate::role;
use crate::supervisor::bind_after;

/// That of the queue service.
pub(super) async fn queues(machine: &Machine<'_>, after_kill: bool) -> Result<TcpListener, Failure> {
    let wanted = machine.arguments.serving.queues_listen;
    let concerned =
        "The functions here are not concerned; programs that use UseDevelopmentStorage=true reach the other program";
    let service = Service { flag: "--queues-listen", name: "the queue service", concerned };
    service.bind(wanted, machine.queues_elsewhere, after_kill).await
}

/// That of the document store.
pub(super) async fn documents(machine: &Machine<'_>, after_kill: bool) -> Result<TcpListener, Failure> {
    let wanted = machine.arguments.serving.documents_listen;
    let concerned = "Programs that use the emulator's usual address reach the other program";
    let service = Service { flag: "--documents-listen", name: "the document store", concerned };
    service.bind(wanted, machine.documents_elsewhere, after_kill).await
}

struct Service {
    flag: &'static str,
    name: &'static str,
    /// Who finds something else at the usual port.
    concerned: &'static str,
}

impl Service {
    async fn bind(&self, wanted: SocketAddr, elsewhere: bool, after_kill: bool) -> Result<TcpListener, Failure> {
        match bind_after(wanted, self.flag, after_kill).await {
            Err(_) if elsewhere => {
                let socket = role::bind(SocketAddr::new(wanted.ip(), 0), self.flag)?;
                tracing::warn!(
                    category = "Host.Startup",
                    "Port {} is in use by another program: {} answers at {} instead. {}",
                    wanted.port(),
                    self.name,
                    address(&socket)?,
                    self.concerned
                );
                Ok(socket)
            }
            bound => bound,
        }
    }
}
