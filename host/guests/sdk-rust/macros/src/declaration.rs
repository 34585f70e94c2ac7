//! What the triggers have in common: the function stays as it is; beside it stands its entry in the app's list of functions.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, ItemFn, LitStr};

use crate::arguments::is_function_name;
use crate::output::Output;
use crate::{cosmos, retry};

/// The attributes that say what starts a function.
pub(crate) const TRIGGERS: [&str; 4] = ["http", "timer", "queue", "cosmos_db"];

/// A function with what was declared of it besides its trigger.
pub(crate) struct Declaration {
    function: ItemFn,
    name: LitStr,
    outputs: Vec<Output>,
    /// Bindings of inputs.
    inputs: Vec<String>,
    retry: Option<(Span, String)>,
}

impl Declaration {
    /// Takes `#[output]`, `#[input]` and `#[retry]` off a function. `parameters` tells how many it may have, and what they are.
    pub(crate) fn read(name: Option<LitStr>, item: TokenStream, parameters: (usize, &str)) -> syn::Result<Self> {
        let mut function: ItemFn = syn::parse2(item)?;
        check(&function, parameters)?;
        let name = match name {
            Some(name) => name,
            None => named_after(&function.sig.ident)?,
        };
        let (mut outputs, mut policy): (Vec<Output>, _) = (Vec::new(), None);
        let mut inputs: Vec<(String, String)> = Vec::new();
        for attribute in std::mem::take(&mut function.attrs) {
            if is(&attribute, &["output"]) {
                let output = Output::read(attribute.parse_args()?, outputs.len())?;
                if outputs.iter().any(|other| other.name.eq_ignore_ascii_case(&output.name)) {
                    let message = "another output has this name: give each of them one with `name = \"...\"`";
                    return Err(syn::Error::new(attribute.span(), message));
                }
                outputs.push(output);
            } else if is(&attribute, &["input"]) {
                let input = cosmos::input(&attribute.parse_args()?)?;
                if inputs.iter().any(|(other, _)| other.eq_ignore_ascii_case(&input.0)) {
                    return Err(syn::Error::new(attribute.span(), "another input has this name"));
                }
                inputs.push(input);
            } else if is(&attribute, &["retry"]) {
                if policy.is_some() {
                    return Err(syn::Error::new(attribute.span(), "a function has one retry policy"));
                }
                policy = Some((attribute.span(), retry::policy(&attribute.parse_args()?)?));
            } else if is(&attribute, &TRIGGERS) {
                let message = "a function has one trigger: make two functions that call a third";
                return Err(syn::Error::new(attribute.span(), message));
            } else {
                function.attrs.push(attribute);
            }
        }
        let inputs = inputs.into_iter().map(|(_, binding)| binding).collect();
        Ok(Self { function, name, outputs, inputs, retry: policy })
    }

    /// Where `#[retry]` stands.
    pub(crate) fn retry_span(&self) -> Option<Span> {
        self.retry.as_ref().map(|(span, _)| *span)
    }

    /// The function, and its entry with this trigger. `own` are bindings that every function of the kind has; `call` is the function of the
    /// SDK that runs it.
    pub(crate) fn expand(self, trigger: String, own: Option<TokenStream>, call: &str) -> TokenStream {
        let Self { function, name, outputs, inputs, retry } = self;
        let ident = &function.sig.ident;
        let entry_point = LitStr::new(&format!("::{ident}"), ident.span());
        let trigger = LitStr::new(&trigger, Span::call_site());
        let own = own.into_iter();
        let bindings = outputs.iter().map(|output| LitStr::new(&output.binding, Span::call_site()));
        let inputs = inputs.iter().map(|binding| LitStr::new(binding, Span::call_site()));
        let names = outputs.iter().map(|output| LitStr::new(&output.name, Span::call_site()));
        let retry = match retry {
            Some((_, policy)) => quote!(::core::option::Option::Some(#policy)),
            None => quote!(::core::option::Option::None),
        };
        let runner = syn::Ident::new(call, Span::call_site());
        // Told before the compiler finds it out, so that a function that returns too few or too many values hears of that.
        let count = outputs.len();
        // Spanned at the function's name: a wrong parameter or return type is reported there.
        let call = quote_spanned! {ident.span()=>
            |trigger, invocation| {
                ::hearth_sdk::__private::#runner::<#count, _, _>(#ident, trigger, invocation, &[#(#names),*])
            }
        };
        quote! {
            #function

            ::hearth_sdk::__private::submit! {
                ::hearth_sdk::__private::Function {
                    name: #name,
                    entry_point: ::core::concat!(::core::module_path!(), #entry_point),
                    bindings: &[#trigger, #(#own,)* #(#inputs,)* #(#bindings),*],
                    retry: #retry,
                    call: #call,
                }
            }
        }
    }
}

/// Whether an attribute is one of these, by the last part of its path.
pub(crate) fn is(attribute: &Attribute, names: &[&str]) -> bool {
    attribute.path().segments.last().is_some_and(|last| names.contains(&&*last.ident.to_string()))
}

fn check(function: &ItemFn, (most, what): (usize, &str)) -> syn::Result<()> {
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
    if signature.inputs.len() > most {
        return Err(syn::Error::new(signature.inputs.span(), format!("a handler takes {what}")));
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
