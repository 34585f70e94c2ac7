//! `#[http]`: the function stays as it is; beside it stands its entry in the app's list of functions.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, ItemFn, LitStr};

use crate::arguments::{Arguments, is_function_name};

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let function: ItemFn = syn::parse2(item)?;
    check(&function)?;

    let ident = &function.sig.ident;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => named_after(ident)?,
    };
    let entry_point = LitStr::new(&format!("::{ident}"), ident.span());
    let trigger = LitStr::new(&trigger_binding(&arguments), Span::call_site());
    // Spanned at the function's name: a wrong parameter or return type is reported there.
    let call = quote_spanned! {ident.span()=>
        |request, invocation| ::hearth_sdk::__private::Handler::call(&#ident, request, invocation)
    };

    Ok(quote! {
        #function

        ::hearth_sdk::__private::submit! {
            ::hearth_sdk::__private::Function {
                name: #name,
                entry_point: ::core::concat!(::core::module_path!(), #entry_point),
                bindings: &[#trigger, ::hearth_sdk::__private::HTTP_OUTPUT],
                call: #call,
            }
        }
    })
}

fn check(function: &ItemFn) -> syn::Result<()> {
    let signature = &function.sig;
    if let Some(token) = &signature.asyncness {
        return Err(syn::Error::new(
            token.span(),
            "handlers are not async: each invocation has its own instance, so blocking is fine",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(syn::Error::new(signature.generics.span(), "a handler has no generic parameters"));
    }
    if let Some(receiver @ FnArg::Receiver(_)) = signature.inputs.first() {
        return Err(syn::Error::new(receiver.span(), "a handler is a free function, not a method"));
    }
    if signature.inputs.len() > 2 {
        return Err(syn::Error::new(
            signature.inputs.span(),
            "a handler takes nothing, a `Request`, or a `Request` and an `Invocation`",
        ));
    }
    Ok(())
}

fn named_after(ident: &syn::Ident) -> syn::Result<LitStr> {
    let name = ident.to_string();
    if is_function_name(&name) {
        return Ok(LitStr::new(&name, ident.span()));
    }
    Err(syn::Error::new(
        ident.span(),
        "this is not a function name (a letter first, ASCII only): give one with `name = \"...\"`",
    ))
}

/// One element of function.json's `bindings`, as JSON text.
fn trigger_binding(arguments: &Arguments) -> String {
    let level = arguments.auth_level.as_ref().map_or_else(|| "function".to_owned(), LitStr::value);
    let mut json = format!(r#"{{"type":"httpTrigger","direction":"in","name":"request","authLevel":"{level}""#);
    if !arguments.methods.is_empty() {
        let methods: Vec<String> =
            arguments.methods.iter().map(|m| format!("\"{}\"", m.value().to_ascii_lowercase())).collect();
        json.push_str(&format!(r#","methods":[{}]"#, methods.join(",")));
    }
    if let Some(route) = &arguments.route {
        json.push_str(&format!(r#","route":{}"#, json_string(&route.value())));
    }
    json.push('}');
    json
}

fn json_string(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            c if c.is_control() => json.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => json.push(c),
        }
    }
    json.push('"');
    json
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
        let arguments: Arguments = syn::parse2(arguments).unwrap();
        assert_eq!(
            trigger_binding(&arguments),
            r#"{"type":"httpTrigger","direction":"in","name":"request","authLevel":"admin","methods":["get","put"],"route":"items/{id:regex(^\\d+$)}"}"#
        );
    }

    #[test]
    fn without_arguments_the_host_defaults_hold() {
        assert_eq!(
            trigger_binding(&Arguments::default()),
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
            (quote!(nam = "hello"), "expected `name`, `route`"),
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
        ] {
            let error = error_of(quote!(), item);
            assert!(error.contains(expected), "{error}");
        }
    }
}
