//! The floor of the comparison: the answer of the sample `hello-http` from native code, with the same HTTP library and
//! no WebAssembly, routes or limits.

use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;
use clap::Parser;

/// Answers GET /api/hello until it is killed.
#[derive(Debug, Parser)]
struct Arguments {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(Arguments::parse().listen).await?;
    // As the other servers do: an answer does not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, Router::new().route("/api/hello", get(|| async { "Hello, WASI!\n" }))).await
}
