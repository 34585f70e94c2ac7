//! Write [Hearth](https://github.com/hearth-functions/hearth) function apps in Rust.
//!
//! A function is a Rust function with an attribute. Everything else is found from the code: no `function.json`, no
//! list of functions.
//!
//! ```
//! use hearth_sdk::prelude::*;
//!
//! #[http(name = "hello", route = "hello/{name?}", methods("GET", "POST"), auth_level = "anonymous")]
//! fn hello(request: Request) -> String {
//!     let name = request.param("name").or_else(|| request.query("name")).unwrap_or("stranger");
//!     format!("Hello, {name}!")
//! }
//!
//! // A handler is still a function: a unit test calls it on the developer's machine.
//! let request = Request::get("http://localhost/api/hello?name=Ada");
//! assert_eq!(hello(request), "Hello, Ada!");
//! ```
//!
//! # An app
//!
//! The crate is a `cdylib`, built for WebAssembly:
//!
//! ```toml
//! [lib]
//! crate-type = ["cdylib"]
//!
//! [dependencies]
//! hearth-sdk = { git = "https://github.com/hearth-functions/hearth" }
//! ```
//!
//! What is published is a folder with a `host.json` (at least `{"version": "2.0"}`) and the component beside it:
//!
//! ```console
//! $ rustup target add wasm32-wasip2
//! $ cargo build --release --target wasm32-wasip2
//! $ mkdir -p package && cp host.json package && cp target/wasm32-wasip2/release/hello.wasm package/app.wasm
//! $ hearth publish package --app hello
//! ```
//!
//! # Requests, answers, errors
//!
//! - A handler takes nothing, a [`Request`], or a [`Request`] and an [`Invocation`].
//! - It returns anything that is [`IntoResponse`]: text, bytes, [`Json`], `(status, body)`, a [`Response`], an
//!   `Option` (`None` is 404), or a [`Result`] of these.
//! - `?` works on every error. The caller sees a 500 without a word about it, the log has the message and its causes.
//!   An [`Error`] made with a status ([`Error::new`], [`Context::or_status`]) is shown to the caller; what
//!   [`Request::json`] reports about a bad body is such an error.
//!
//! ```
//! use hearth_sdk::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     count: u32,
//! }
//!
//! #[derive(Serialize)]
//! struct Receipt {
//!     total: u32,
//! }
//!
//! #[http(route = "orders/{price}", methods("POST"))]
//! fn order(request: Request) -> Result<Json<Receipt>> {
//!     let price: u32 = request.param("price").unwrap_or("1").parse().or_status(400, "The price is not a number.")?;
//!     let order: Order = request.json()?;
//!     log::info!("an order of {}", order.count);
//!     Ok(Json(Receipt { total: order.count * price }))
//! }
//!
//! let request = Request::post("http://localhost/api/orders/3").with_param("price", "3").with_body(r#"{"count": 2}"#);
//! assert_eq!(order(request)?.0.total, 6);
//!
//! let error = order(Request::post("http://localhost/api/orders/3").with_body("{")).err().unwrap();
//! assert_eq!(error.status(), 400);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Timers, queues, outputs
//!
//! - `#[timer]` runs a function by the clock; it takes nothing, a [`Timer`], or a [`Timer`] and an [`Invocation`].
//! - `#[queue]` runs a function for each message of a queue: as a `String`, as a `Vec<u8>`, or as any type that derives
//!   `serde::Deserialize`; a [`QueueMessage`] beside or instead of it tells the rest. After an error the message comes again,
//!   five times by default, and goes to the queue `<name>-poison` then.
//! - `#[output]` says where the returned value goes. An HTTP function returns its answer and the messages as a tuple.
//! - `#[retry]` says how a failed run of a timer is tried again.
//!
//! ```
//! use hearth_sdk::prelude::*;
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Order {
//!     id: String,
//!     count: u32,
//! }
//!
//! /// Takes orders.
//! #[http(methods("POST"))]
//! #[output(queue = "orders")]
//! fn submit(request: Request) -> Result<((u16, &'static str), Json<Order>)> {
//!     Ok(((202, "We are at it."), Json(request.json()?)))
//! }
//!
//! /// Works on them; the receipt of order 7 goes to the queue `receipts-7`.
//! #[queue(queue = "orders")]
//! #[output(queue = "receipts-{id}")]
//! #[output(queue = "alerts")]
//! fn bill(order: Order, message: QueueMessage) -> Result<(String, Option<String>)> {
//!     let alert = (message.dequeue_count > 1).then(|| format!("order {} took another try", order.id));
//!     Ok((format!("{} pieces", order.count), alert))
//! }
//!
//! /// Every day at half past three.
//! #[timer(schedule = "0 30 3 * * *")]
//! #[retry(strategy = "fixed_delay", max_retry_count = 3, delay_interval = "00:05:00")]
//! fn tidy(timer: Timer) -> Result<()> {
//!     log::info!("tidying up, late: {}", timer.is_past_due);
//!     Ok(())
//! }
//!
//! let message = QueueMessage::new(r#"{"id": "7", "count": 2}"#);
//! let (receipt, alert) = bill(message.json()?, message)?;
//! assert_eq!((receipt.as_str(), alert), ("2 pieces", None));
//! # Ok::<(), Error>(())
//! ```
//!
//! # The host
//!
//! - [`setting`] reads an app setting.
//! - [`fetch`] sends an HTTP request.
//! - [`log`](mod@log) is the crate of that name: `log::info!` and the lines of other crates arrive in the log of the
//!   running function. A panic is logged with its place before the instance ends.
//!
//! In a native build settings are environment variables, `fetch` answers with an error, and log lines go to
//! whatever logger is installed.

mod answer;
mod data;
mod error;
mod function;
#[cfg(target_family = "wasm")]
mod guest;
#[cfg(not(target_family = "wasm"))]
#[path = "native.rs"]
mod guest;
mod handler;
mod invocation;
mod outbound;
mod output;
mod queue;
mod request;
mod response;
mod timer;
mod timestamp;

pub use answer::{IntoResponse, Json};
pub use error::{Context, Error, Result};
pub use hearth_sdk_macros::{cosmos_db, http, input, output, queue, retry, timer};
pub use invocation::{Inputs, Invocation, RetryContext};
pub use log;
pub use outbound::{FetchError, fetch};
pub use output::{IntoOutput, Message};
pub use queue::{FromMessage, QueueMessage};
pub use request::Request;
pub use response::Response;
pub use timer::{ScheduleStatus, Timer};
pub use timestamp::Timestamp;

/// What most apps use: `use hearth_sdk::prelude::*;`.
pub mod prelude {
    pub use crate::{Context, Error, FetchError, IntoResponse, Invocation, Json, Request, Response, Result};
    pub use crate::{QueueMessage, Timer};
    pub use crate::{cosmos_db, fetch, http, input, log, output, queue, retry, setting, timer};
}

/// The app setting or platform variable (such as `WEBSITE_SITE_NAME`) with this name.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    guest::setting(name)
}

/// For the code that the attributes generate; not part of the API.
#[doc(hidden)]
pub mod __private {
    pub use crate::data::{Data, Trigger};
    pub use crate::function::{Function, HTTP_OUTPUT, functions, invoke};
    pub use crate::handler::{Answer, cosmos_db, http, queue, timer};
    pub use inventory::submit;
}
