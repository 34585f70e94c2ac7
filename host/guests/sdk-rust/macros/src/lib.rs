//! The attributes of `hearth-sdk`, re-exported there; do not depend on this crate directly.

mod arguments;
mod http;

use proc_macro::TokenStream;

/// Declares an HTTP function.
///
/// The function takes nothing, a `Request`, or a `Request` and an `Invocation`, and returns anything that is
/// `IntoResponse`, or a `Result` of it.
///
/// | argument | meaning | when absent |
/// |---|---|---|
/// | `name = "hello"` | name of the function: a letter, then letters, digits, `_` or `-`, at most 127 characters | the name of the Rust function |
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
