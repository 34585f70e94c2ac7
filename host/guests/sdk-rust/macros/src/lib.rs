//! The attributes of `hearth-sdk`, re-exported there; do not depend on this crate directly.

mod arguments;
mod cosmos;
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

/// Declares a function that takes the changes of a container, a batch at a time.
///
/// Its first parameter is a `Vec` of documents of any type that derives `serde::Deserialize`; an `Invocation` may follow. It returns `()`, or
/// what its [outputs](macro@output) get, or a `Result` of that. After an error the batch stays, unless a [retry policy](macro@retry) or the
/// arguments say otherwise.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `database = "shop"`, `container = "orders"` | whose changes; may hold `%SETTING%` | an error |
/// | `connection = "Shop"` | setting with the connection | `CosmosDB`, else the app's own account |
/// | `mode = "AllVersionsAndDeletes"` | every version and deletes: each element has `current`, `previous` and `metadata` | `LatestVersion` |
/// | `start_from_beginning = true`, `start_from_time = "2026-01-31T12:00:00Z"` | where a range without a lease is begun | with what changes from now on |
/// | `lease_container`, `lease_database`, `lease_connection`, `lease_prefix`, `create_lease_container = true` | where the leases are | `leases` beside the container |
/// | `lease_store = "host"` | leases in host state | in the lease container |
/// | `dead_letter_container = "failed"`, `checkpoint_on_failure = true` | what becomes of a batch that does not get done | it stays |
/// | `max_items = 100`, `feed_poll_delay = 5000`, `lease_acquire_interval`, `lease_expiration_interval`, `lease_renew_interval` | items of a batch; milliseconds | as in Azure |
/// | `name = "view"` | name of the function | the name of the Rust function |
#[proc_macro_attribute]
pub fn cosmos_db(arguments: TokenStream, item: TokenStream) -> TokenStream {
    cosmos::expand(arguments.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares documents that are read before a function is called, together with a trigger; `Invocation::inputs` has them.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `name = "order"` | name of the binding | an error |
/// | `database = "shop"`, `container = "orders"` | where; may hold `%SETTING%` and expressions of the trigger's data | an error |
/// | `id = "{id}"`, `partition_key = "{customer}"` | one document: read it as an `Option` | |
/// | `sql_query = "SELECT * FROM c WHERE c.n > {n}"` | a list: read it as a `Vec`; expressions become parameters | all documents, of `partition_key` if that is given |
/// | `connection = "Shop"` | setting with the connection | `CosmosDB`, else the app's own account |
#[proc_macro_attribute]
pub fn input(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let moved = output::below_the_trigger("input", arguments.into(), item.into());
    moved.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares where what a function returns goes, together with a trigger; at most four times.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `queue = "orders-{id}"` | name of the queue; may hold `%SETTING%` and expressions of the trigger's data | an error |
/// | `database = "shop"`, `container = "orders"` | in place of a queue: documents go there, each as `Json<T>` or a `serde_json::Value`, or in a `Vec`; with `create_if_not_exists = true`, `partition_key = "/id"` and `throughput = 400` the container is made | |
/// | `connection = "ShopStorage"` | setting with the connection | `AzureWebJobsStorage`; `CosmosDB` |
/// | `name = "receipts"` | name of the binding | `output`, `output2`, … |
///
/// A value for it is text, a `Vec<u8>`, `Json<T>`, a `Vec` or an `Option` of these, or `()`. Several outputs get a tuple in the order of their
/// declarations. Messages are sent when the function has returned without an error.
#[proc_macro_attribute]
pub fn output(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let moved = output::below_the_trigger("output", arguments.into(), item.into());
    moved.unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares how a failed run of a function is tried again, together with [`macro@timer`] or [`macro@cosmos_db`]. A queue delivers what failed again by itself, and an
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
