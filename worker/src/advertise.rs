//! Under which address management and other workers reach the private listener.
//!
//! It is the listening address where that is one, else what the operator says. A listener at every address of the machine is told by
//! the address from which management is reached: the one that leads back.

use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};

use tokio::net::TcpListener;

use crate::options::{WorkerError, WorkerOptions};

/// Base URL of the private listener for others.
pub(crate) fn control_url(options: &WorkerOptions, listener: &TcpListener) -> Result<String, WorkerError> {
    let bound = listener.local_addr().map_err(WorkerError::io("the control listener failed"))?;
    let authority = match &options.advertise {
        Some(told) => with_port(told, bound.port()),
        None if bound.ip().is_unspecified() => towards(&options.management_url, bound).ok_or_else(|| {
            WorkerError::Failed(format!(
                "others can't be told how to reach the control listener at {bound}: the address that leads to management at {} \
                 can't be found. Give --advertise, the host name or address of this machine",
                options.management_url
            ))
        })?,
        None => bound.to_string(),
    };
    Ok(format!("http://{authority}"))
}

/// What the operator says, with the port of the listener where none is given.
fn with_port(told: &str, port: u16) -> String {
    let is_bare_v6 = told.parse::<std::net::Ipv6Addr>().is_ok();
    match told.rsplit_once(':') {
        _ if is_bare_v6 => format!("[{told}]:{port}"),
        Some((_, digits)) if digits.parse::<u16>().is_ok() => told.to_owned(),
        _ => format!("{told}:{port}"),
    }
}

/// This machine's address on the way to management; nothing is sent.
fn towards(management: &str, bound: SocketAddr) -> Option<String> {
    let url: http::Uri = management.parse().ok()?;
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    let host = url.host()?.trim_start_matches('[').trim_end_matches(']');
    (host, port).to_socket_addrs().ok()?.find_map(|management| {
        let any: SocketAddr = if management.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(management).ok()?;
        Some(SocketAddr::new(socket.local_addr().ok()?.ip(), bound.port()).to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_the_listeners_where_none_is_told() {
        assert_eq!(with_port("node1", 7072), "node1:7072");
        assert_eq!(with_port("node1:80", 7072), "node1:80");
        assert_eq!(with_port("10.0.0.1", 7072), "10.0.0.1:7072");
        assert_eq!(with_port("fd00::1", 7072), "[fd00::1]:7072");
        assert_eq!(with_port("[fd00::1]:80", 7072), "[fd00::1]:80");
    }

    #[test]
    fn the_address_towards_management_leads_back() {
        let bound = ([0, 0, 0, 0], 7072).into();
        assert_eq!(towards("http://127.0.0.1:7070", bound).as_deref(), Some("127.0.0.1:7072"));
        assert_eq!(towards("not a url", bound), None);
    }
}
