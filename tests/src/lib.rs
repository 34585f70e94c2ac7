//! What the whole-system tests are written with: the real `hearth` on ports that the system chooses, packages, callers.
//!
//! Everything is blocking, every wait is bounded by [`LONG`] and says what it waited for. Nothing started here outlives
//! the test binary: [`Hearth`] stops its processes when dropped, and a watchdog process does it for a static one, which
//! is never dropped.
//!
//! ```no_run
//! use hearth_tests::{Hearth, sample};
//!
//! let hearth = Hearth::start();
//! hearth.publish("hello-rust", &sample("hello-rust"));
//! assert_eq!(hearth.app("hello-rust").get("/api/hello?name=Ada").text(), "Hello, Ada!\n");
//! ```
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a harness fails the test that uses it; there is nobody to hand an error to"
)]

mod callers;
mod calls;
mod cluster;
mod configuration;
mod connection;
mod documents;
mod echo;
mod hearth;
mod http;
mod joined;
mod lines;
mod network;
mod package;
mod paths;
mod process;
mod server;
mod started;
mod wait;

pub use callers::{Callers, Seen};
pub use calls::expect_calls;
pub use cluster::{Cluster, Role};
pub use connection::{Connection, Protocol};
pub use documents::{Container, DocumentStore};
pub use echo::EchoServer;
pub use hearth::{App, Hearth, NotStarted, Start};
pub use http::{Answer, Call, Exchange, raw, raw_request};
pub use joined::{Joined, Machine, mode};
pub use lines::Lines;
pub use network::Network;
pub use package::{Zip, function_json, http_function};
pub use paths::{binary, curl, javascript, sample, samples_source, test_guest};
pub use process::{alive, client, client_at, descendants, kill, parent, signal};
pub use rustix::process::Signal;
pub use server::LocalServer;
pub use started::{Project, Started};
pub use wait::{LONG, eventually, pause};
