//! `#[output]`: read by the attribute of the trigger. Where it stands above that, it puts itself below.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{ItemFn, parse_quote};

use crate::arguments::{Arguments, binding_name, not_empty};
use crate::declaration::{TRIGGERS, is};
use crate::json::Object;
use crate::{cosmos, queue};

/// One output of a function.
pub(crate) struct Output {
    /// Of the binding.
    pub(crate) name: String,
    /// One element of function.json's `bindings`, as JSON text.
    pub(crate) binding: String,
}

impl Output {
    /// The output after so many others (reference: sections 4.5 and 5.5).
    pub(crate) fn read(arguments: Arguments, before: usize) -> syn::Result<Self> {
        let name = match arguments.text("name", binding_name)? {
            Some(name) => name.value(),
            None if before == 0 => "output".to_owned(),
            None => format!("output{}", before + 1),
        };
        if arguments.get("container").is_some() || arguments.get("database").is_some() {
            let binding = cosmos::output(&arguments, &name)?;
            return Ok(Self { name, binding });
        }
        arguments.expect(&["queue", "connection", "name"])?;
        let queue = arguments.text("queue", |name| queue::check(name, '{'))?.ok_or_else(|| {
            syn::Error::new(Span::call_site(), "say where the messages go: `#[output(queue = \"orders\")]`")
        })?;
        let mut json = Object::binding("queue", "out", &name).text("queueName", &queue.value());
        if let Some(connection) = arguments.text("connection", not_empty)? {
            json = json.text("connection", &connection.value());
        }
        Ok(Self { name, binding: json.end() })
    }
}

/// Puts `#[output]` or `#[retry]` that the compiler met before the trigger's attribute behind that.
pub(crate) fn below_the_trigger(name: &str, arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let mut function: ItemFn = syn::parse2(item)?;
    if !function.attrs.iter().any(|attribute| is(attribute, &TRIGGERS)) {
        let message = format!("#[{name}] belongs to a function with #[http], #[timer], #[queue] or #[cosmos_db]");
        return Err(syn::Error::new(function.sig.ident.span(), message));
    }
    let ident = syn::Ident::new(name, Span::call_site());
    // Before those that are below already: the order of outputs is that in which they are written.
    let at = function.attrs.iter().position(|attribute| is(attribute, &TRIGGERS)).map_or(0, |at| at + 1);
    function.attrs.insert(at, parse_quote!(#[::hearth_sdk::#ident(#arguments)]));
    Ok(quote!(#function).into_token_stream())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_an_element_of_function_json() {
        for (arguments, before, expected) in [
            (
                quote!(queue = "orders-{id}"),
                0,
                r#"{"type":"queue","direction":"out","name":"output","queueName":"orders-{id}"}"#,
            ),
            (
                quote!(queue = "orders", connection = "Shop"),
                1,
                r#"{"type":"queue","direction":"out","name":"output2","queueName":"orders","connection":"Shop"}"#,
            ),
            (
                quote!(queue = "%Q%", name = "billed"),
                1,
                r#"{"type":"queue","direction":"out","name":"billed","queueName":"%Q%"}"#,
            ),
        ] {
            assert_eq!(Output::read(syn::parse2(arguments).unwrap(), before).unwrap().binding, expected);
        }
        for (arguments, expected) in [
            (quote!(), "say where the messages go"),
            (quote!(queue = "Orders"), "lower case"),
            (quote!(queue = "orders", name = "a-b"), "letters or digits"),
            (quote!(blob = "orders"), "expected `queue`"),
        ] {
            let error = Output::read(syn::parse2(arguments).unwrap(), 0).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn an_output_above_the_trigger_goes_below_it() {
        let item = quote!(
            #[http]
            #[output(queue = "second")]
            fn f() {}
        );
        let moved = below_the_trigger("output", quote!(queue = "first"), item).unwrap();
        let expected = quote!(
            #[http]
            #[::hearth_sdk::output(queue = "first")]
            #[output(queue = "second")]
            fn f() {}
        );
        assert_eq!(moved.to_string(), expected.to_string());
        let error = below_the_trigger(
            "output",
            quote!(queue = "first"),
            quote!(
                fn f() {}
            ),
        )
        .unwrap_err();
        assert!(error.to_string().contains("#[output] belongs to"), "{error}");
    }
}
