//! `#[queue]`, and the rules of queue names.

use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use crate::arguments::{Arguments, function_name, not_empty};
use crate::declaration::Declaration;
use crate::json::Object;

const PARAMETERS: &str = "the payload (a `String`, a `Vec<u8>` or a type that derives `serde::Deserialize`) or a `QueueMessage`, \
                          then perhaps a `QueueMessage` and an `Invocation`";

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let trigger = trigger(&arguments)?;
    let name = arguments.text("name", function_name)?;
    let declaration = Declaration::read(name, item, (3, PARAMETERS))?;
    if let Some(span) = declaration.retry_span() {
        let message = "a queue delivers what failed again by itself: `extensions.queues` of host.json says how often (`maxDequeueCount`) and when \
                       (`visibilityTimeout`)";
        return Err(syn::Error::new(span, message));
    }
    Ok(declaration.expand(trigger, None, "queue"))
}

/// One element of function.json's `bindings`, as JSON text (reference: section 4). The message is asked for as bytes, of which the SDK
/// makes what the function takes.
fn trigger(arguments: &Arguments) -> syn::Result<String> {
    arguments.expect(&["name", "queue", "connection"])?;
    let queue = arguments
        .text("queue", |name| check(name, '%'))?
        .ok_or_else(|| syn::Error::new(Span::call_site(), "say whose messages it takes: `queue = \"orders\"`"))?;
    let mut json = Object::binding("queueTrigger", "in", "message").text("queueName", &queue.value());
    if let Some(connection) = arguments.text("connection", not_empty)? {
        json = json.text("connection", &connection.value());
    }
    Ok(json.text("dataType", "binary").end())
}

/// The rules of Azure Queue Storage. Names with one of these characters are put together later.
pub(crate) fn check(name: &LitStr, later: char) -> syn::Result<()> {
    let text = name.value();
    if text.contains('%') || text.contains(later) {
        return Ok(());
    }
    let wrong = if text.chars().any(|c| c.is_ascii_uppercase()) {
        "it is written in lower case"
    } else if !text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        "it has letters, digits and hyphens only"
    } else if !(3..=63).contains(&text.len()) {
        "it has 3 to 63 characters"
    } else if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
        "a hyphen stands between letters or digits, one at a time"
    } else {
        return Ok(());
    };
    Err(syn::Error::new(name.span(), format!("this is no name of a queue: {wrong}")))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_trigger_is_an_element_of_function_json() {
        for (arguments, expected) in [
            (
                quote!(queue = "orders"),
                r#"{"type":"queueTrigger","direction":"in","name":"message","queueName":"orders","dataType":"binary"}"#,
            ),
            (
                quote!(name = "Bill", queue = "%ORDERS%", connection = "ShopStorage"),
                r#"{"type":"queueTrigger","direction":"in","name":"message","queueName":"%ORDERS%","connection":"ShopStorage","dataType":"binary"}"#,
            ),
        ] {
            assert_eq!(trigger(&syn::parse2(arguments).unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn mistakes_are_named() {
        let long = "q".repeat(64);
        for (arguments, expected) in [
            (quote!(), "queue = \"orders\""),
            (quote!(queue = "Orders"), "lower case"),
            (quote!(queue = "or_ders"), "hyphens only"),
            (quote!(queue = "orders-{id}"), "hyphens only"),
            (quote!(queue = "or"), "3 to 63"),
            (quote!(queue = #long), "3 to 63"),
            (quote!(queue = "or--ders"), "one at a time"),
            (quote!(queue = "orders-"), "one at a time"),
            (quote!(queue = "orders", connection = ""), "must not be empty"),
            (quote!(queue_name = "orders"), "expected `name`, `queue` or `connection`"),
        ] {
            let error = expand(
                arguments,
                quote!(
                    fn f(text: String) {}
                ),
            )
            .unwrap_err()
            .to_string();
            assert!(error.contains(expected), "{error}");
        }
        let retried = quote!(
            #[retry(strategy = "fixed_delay", max_retry_count = 1, delay_interval = "00:00:01")]
            fn f(text: String) {}
        );
        assert!(expand(quote!(queue = "orders"), retried).unwrap_err().to_string().contains("maxDequeueCount"));
        let item = quote!(
            fn f(a: A, b: B, c: C, d: D) {}
        );
        assert!(expand(quote!(queue = "orders"), item).unwrap_err().to_string().contains("takes the payload"));
    }
}
