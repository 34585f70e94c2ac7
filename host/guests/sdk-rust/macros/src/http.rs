//! `#[http]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{LitStr, Token};

use crate::arguments::{Arguments, function_name};
use crate::declaration::Declaration;
use crate::json::Object;

const AUTH_LEVELS: [&str; 3] = ["anonymous", "function", "admin"];

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let trigger = trigger(&arguments)?;
    let name = arguments.text("name", function_name)?;
    let declaration = Declaration::read(name, item, (2, "nothing, a `Request`, or a `Request` and an `Invocation`"))?;
    if let Some(span) = declaration.retry_span() {
        return Err(syn::Error::new(span, "an HTTP function is not tried again: its caller is there to do so"));
    }
    Ok(declaration.expand(trigger, Some(quote!(::hearth_sdk::__private::HTTP_OUTPUT)), "http"))
}

/// One element of function.json's `bindings`, as JSON text.
fn trigger(arguments: &Arguments) -> syn::Result<String> {
    arguments.expect(&["name", "route", "methods", "auth_level"])?;
    let level = arguments.text("auth_level", auth_level)?.map_or_else(|| "function".to_owned(), |level| level.value());
    let mut json = Object::binding("httpTrigger", "in", "request").text("authLevel", &level);
    let methods = methods(arguments)?;
    if !methods.is_empty() {
        json = json.texts("methods", &methods);
    }
    if let Some(given) = arguments.text("route", route)? {
        json = json.text("route", &given.value());
    }
    Ok(json.end())
}

fn methods(arguments: &Arguments) -> syn::Result<Vec<String>> {
    let Some(meta) = arguments.get("methods") else { return Ok(Vec::new()) };
    let list = meta
        .require_list()
        .map_err(|_| syn::Error::new(meta.span(), r#"write the methods as `methods("GET", "POST")`"#))?;
    let methods = list.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated)?;
    if methods.is_empty() {
        return Err(syn::Error::new(
            meta.span(),
            "name at least one method, or leave `methods` out to answer every one",
        ));
    }
    methods.iter().map(method).collect()
}

fn method(method: &LitStr) -> syn::Result<String> {
    let text = method.value();
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
        return Ok(text.to_ascii_lowercase());
    }
    Err(syn::Error::new(method.span(), "an HTTP method is written in capital letters, such as \"GET\""))
}

fn route(route: &LitStr) -> syn::Result<()> {
    let text = route.value();
    let first = text.trim_start_matches('/').to_ascii_lowercase();
    if first.starts_with("admin") || first.starts_with("runtime") {
        return Err(syn::Error::new(
            route.span(),
            "a route must not start with `admin` or `runtime`: the host owns them",
        ));
    }
    if text.contains(['?', '#']) && !text.contains('{') {
        return Err(syn::Error::new(route.span(), "a route is a path: the query is read with `request.query(name)`"));
    }
    Ok(())
}

fn auth_level(level: &LitStr) -> syn::Result<()> {
    if AUTH_LEVELS.contains(&level.value().as_str()) {
        return Ok(());
    }
    Err(syn::Error::new(level.span(), "expected `anonymous`, `function` or `admin`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(arguments: TokenStream, item: TokenStream) -> String {
        expand(arguments, item).unwrap_err().to_string()
    }

    #[test]
    fn the_trigger_is_an_element_of_function_json() {
        let arguments =
            quote!(name = "items", route = r"items/{id:regex(^\d+$)}", methods("GET", "PUT"), auth_level = "admin");
        assert_eq!(
            trigger(&syn::parse2(arguments).unwrap()).unwrap(),
            r#"{"type":"httpTrigger","direction":"in","name":"request","authLevel":"admin","methods":["get","put"],"route":"items/{id:regex(^\\d+$)}"}"#
        );
    }

    #[test]
    fn without_arguments_the_host_defaults_hold() {
        assert_eq!(
            trigger(&syn::parse2(quote!()).unwrap()).unwrap(),
            r#"{"type":"httpTrigger","direction":"in","name":"request","authLevel":"function"}"#
        );
    }

    #[test]
    fn mistakes_are_named() {
        let handler = quote!(
            fn hello() {}
        );
        for (arguments, expected) in [
            (quote!(name = "1st"), "a letter, then letters"),
            (quote!(nam = "hello"), "expected `name`, `route`, `methods` or `auth_level`"),
            (quote!(name = "a", name = "b"), "given twice"),
            (quote!(name = hello), "string literal"),
            (quote!(route = "/admin/x"), "must not start with `admin`"),
            (quote!(methods = "GET"), "write the methods as"),
            (quote!(methods("get")), "capital letters"),
            (quote!(methods()), "at least one method"),
            (quote!(auth_level = "user"), "expected `anonymous`"),
        ] {
            let error = error_of(arguments, handler.clone());
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_handler_is_a_plain_function() {
        for (item, expected) in [
            (
                quote!(
                    async fn hello() {}
                ),
                "not async",
            ),
            (
                quote!(
                    fn hello<T>() {}
                ),
                "generic",
            ),
            (
                quote!(
                    fn hello(&self) {}
                ),
                "free function",
            ),
            (
                quote!(
                    fn hello(a: A, b: B, c: C) {}
                ),
                "takes nothing, a `Request`",
            ),
            (
                quote!(
                    fn _hello() {}
                ),
                "give one with `name",
            ),
            (
                quote!(
                    #[timer(schedule = "0 * * * * *")]
                    fn hello() {}
                ),
                "one trigger",
            ),
            (
                quote!(
                    #[retry(strategy = "fixed_delay", max_retry_count = 1, delay_interval = "00:00:01")]
                    fn hello() {}
                ),
                "not tried again",
            ),
        ] {
            let error = error_of(quote!(), item);
            assert!(error.contains(expected), "{error}");
        }
    }
}
