//! `#[retry]`: `retry` of a function.json (reference: section 6.1), named as in Azure's Python model.

use proc_macro2::Span;
use syn::LitStr;

use crate::arguments::Arguments;
use crate::json::Object;
use crate::schedule::is_time_span;

/// `retry` of a function.json, as JSON text.
pub(crate) fn policy(arguments: &Arguments) -> syn::Result<String> {
    let missing = |text: &str| syn::Error::new(Span::call_site(), text);
    arguments.expect(&["strategy", "max_retry_count", "delay_interval", "minimum_interval", "maximum_interval"])?;
    let strategy = arguments.text("strategy", |_| Ok(()))?.ok_or_else(|| {
        missing("say how long to wait: `strategy = \"fixed_delay\"` or `strategy = \"exponential_backoff\"`")
    })?;
    let (name, intervals): (_, &[(&str, &str)]) = match strategy.value().as_str() {
        "fixed_delay" | "fixedDelay" => ("fixedDelay", &[("delay_interval", "delayInterval")]),
        "exponential_backoff" | "exponentialBackoff" => {
            ("exponentialBackoff", &[("minimum_interval", "minimumInterval"), ("maximum_interval", "maximumInterval")])
        }
        _ => return Err(syn::Error::new(strategy.span(), "expected `fixed_delay` or `exponential_backoff`")),
    };
    let count = arguments
        .integer("max_retry_count")?
        .filter(|count| *count >= -1)
        .ok_or_else(|| missing("say how often it is tried again: `max_retry_count = 4`, or -1 for no end"))?;
    let mut json = Object::new().text("strategy", name).raw("maxRetryCount", &count.to_string());
    for (argument, property) in intervals {
        let interval = arguments
            .text(argument, interval)?
            .ok_or_else(|| missing(&format!("{name} needs `{argument}`, a time such as \"00:00:10\"")))?;
        json = json.text(property, &interval.value());
    }
    Ok(json.end())
}

fn interval(text: &LitStr) -> syn::Result<()> {
    if is_time_span(&text.value()) {
        return Ok(());
    }
    Err(syn::Error::new(text.span(), "expected a time as hours, minutes and seconds, such as \"00:00:10\""))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn policies_are_those_of_function_json() {
        let read = |tokens| policy(&syn::parse2(tokens).unwrap()).map_err(|error| error.to_string());
        assert_eq!(
            read(quote!(strategy = "fixed_delay", max_retry_count = 4, delay_interval = "00:00:10")).unwrap(),
            r#"{"strategy":"fixedDelay","maxRetryCount":4,"delayInterval":"00:00:10"}"#
        );
        let backoff = quote!(
            strategy = "exponential_backoff",
            max_retry_count = -1,
            minimum_interval = "00:00:10",
            maximum_interval = "00:15:00"
        );
        assert_eq!(
            read(backoff).unwrap(),
            r#"{"strategy":"exponentialBackoff","maxRetryCount":-1,"minimumInterval":"00:00:10","maximumInterval":"00:15:00"}"#
        );
        for (tokens, expected) in [
            (quote!(), "say how long to wait"),
            (quote!(strategy = "never"), "expected `fixed_delay`"),
            (quote!(strategy = "fixed_delay"), "max_retry_count = 4"),
            (quote!(strategy = "fixed_delay", max_retry_count = -2), "max_retry_count = 4"),
            (quote!(strategy = "fixed_delay", max_retry_count = 1), "needs `delay_interval`"),
            (quote!(strategy = "fixed_delay", max_retry_count = 1, delay_interval = "10s"), "00:00:10"),
            (quote!(strategy = "fixed_delay", max_retry_count = "1", delay_interval = "00:00:01"), "whole number"),
        ] {
            let error = read(tokens).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
