//! The way to services elsewhere: one HTTP/1.1 client with TLS by the system's certificates (or `SSL_CERT_FILE`), the proxies of
//! the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`), and a bounded time and size for every answer.
//!
//! It knows nothing of what is asked: signing, repeating and understanding answers are its users' work.

mod certificates;
mod client;
mod connector;
mod error;

pub use client::{Answer, Outbound, OutboundOptions};
pub use error::{SendError, SendErrorKind};

/// Whether the host of a URL is this machine's alone: `localhost`, 127.0.0.0/8 or `::1`, with or without brackets.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}
