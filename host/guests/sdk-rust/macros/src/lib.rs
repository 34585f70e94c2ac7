//! The attributes of `hearth-sdk`, re-exported there; do not depend on this crate directly.

mod arguments;
mod declaration;
mod http;
mod json;
mod output;
mod queue;
mod retry;
mod schedule;
mod timer;

use proc_macro::TokenStream;

/// Declares an HTTP function.
///
/// The function takes nothing, a `Request`, or a `Request` and an `Invocation`, and returns anything that is
/// `IntoResponse`, or a `Result` of it. With [`macro@output`] it returns a tuple: the answer, then a value for each output.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `name = "hello"` | name of the function: a letter, then letters, digits, `_` or `-`, at most 128 characters | the name of the Rust function |
/// | `route = "hello/{name?}"` | route template below the app's route prefix | the name of the function |
/// | `methods("GET", "POST")` | methods it answers | every method |
/// | `auth_level = "anonymous"` | `anonymous`, `function` or `admin` | `function` |
///
/// All functions of an app are found without a list of them. Two functions of one name are refused when the app is
/// published.
#[proc_macro_attribute]
pub fn http(arguments: TokenStream, item: TokenStream) -> TokenStream {
    http::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares a function that a timer runs.
///
/// The function takes nothing, a `Timer`, or a `Timer` and an `Invocation`, and returns `()`, or what its [outputs](macro@output) get, or a
/// `Result` of that.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `schedule = "0 */5 * * * *"` | NCRONTAB with six fields (second, minute, hour, day, month, day of the week) or five without the seconds, a time span such as `"00:05:00"`, or `"%SETTING%"` | an error |
/// | `run_on_startup = true` | runs whenever the app starts, too | `false` |
/// | `use_monitor = false` | forgets what it missed | `true`; `false` for what runs more often than once a minute |
/// | `name = "tidy"` | name of the function | the name of the Rust function |
#[proc_macro_attribute]
pub fn timer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    timer::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares a function that takes the messages of a queue.
///
/// Its first parameter is the payload: a `String` is the message's text, a `Vec<u8>` its bytes, any type that derives
/// `serde::Deserialize` is read from its JSON. After it may come a `QueueMessage` with what the queue tells of the message (which may also stand
/// alone), and last an `Invocation`. It returns `()`, or what its [outputs](macro@output) get, or a `Result` of that. After an error the message is
/// delivered again, and put into the queue's poison queue in the end.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `queue = "orders"` | name of the queue; may hold `%SETTING%` | an error |
/// | `connection = "ShopStorage"` | setting with the connection | `AzureWebJobsStorage` |
/// | `name = "bill"` | name of the function | the name of the Rust function |
#[proc_macro_attribute]
pub fn queue(arguments: TokenStream, item: TokenStream) -> TokenStream {
    queue::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares where what a function returns goes, together with [`macro@http`], [`macro@timer`] or [`macro@queue`]; at most four times.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `queue = "orders-{id}"` | name of the queue; may hold `%SETTING%` and expressions of the trigger's data | an error |
/// | `connection = "ShopStorage"` | setting with the connection | `AzureWebJobsStorage` |
/// | `name = "receipts"` | name of the binding | `output`, `output2`, … |
///
/// A value for it is text, a `Vec<u8>`, `Json<T>`, a `Vec` or an `Option` of these, or `()`. Several outputs get a tuple in the order of their
/// declarations. Messages are sent when the function has returned without an error.
#[proc_macro_attribute]
pub fn output(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let moved = output::below_the_trigger("output", arguments.into(), item.into());
    moved.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares how a failed run of a function is tried again, together with [`macro@timer`]. A queue delivers what failed again by itself, and an
/// HTTP function has a caller who may try again.
///
/// | argument | meaning |
/// |---|---|
/// | `strategy = "fixed_delay"` | or `"exponential_backoff"` |
/// | `max_retry_count = 4` | tries after the first; -1 for no end |
/// | `delay_interval = "00:00:10"` | the wait of `fixed_delay` |
/// | `minimum_interval = "00:00:10"`, `maximum_interval = "00:15:00"` | the first and the longest wait of `exponential_backoff` |
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let moved = output::below_the_trigger("retry", arguments.into(), item.into());
    moved.unwrap_or_else(syn::Error::into_compile_error).into()
}
