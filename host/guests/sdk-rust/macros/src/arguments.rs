//! Arguments of `#[http(...)]`: parsed and checked here, so that a mistake is a compile error at its own place.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitStr, Meta, Token};

/// Longest name of a function, in characters.
const MAX_NAME: usize = 128;
const AUTH_LEVELS: [&str; 3] = ["anonymous", "function", "admin"];

#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) name: Option<LitStr>,
    pub(crate) route: Option<LitStr>,
    pub(crate) methods: Vec<LitStr>,
    pub(crate) auth_level: Option<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self::default();
        for meta in Punctuated::<Meta, Token![,]>::parse_terminated(input)? {
            let key = meta.path().get_ident().map(ToString::to_string).unwrap_or_default();
            match key.as_str() {
                "name" => set(&mut arguments.name, &meta, checked_name)?,
                "route" => set(&mut arguments.route, &meta, checked_route)?,
                "auth_level" => set(&mut arguments.auth_level, &meta, checked_auth_level)?,
                "methods" if arguments.methods.is_empty() => arguments.methods = methods(&meta)?,
                "methods" => return Err(syn::Error::new(meta.span(), "`methods` is given twice")),
                _ => {
                    let message = "unknown argument: expected `name`, `route`, `methods` or `auth_level`";
                    return Err(syn::Error::new(meta.span(), message));
                }
            }
        }
        Ok(arguments)
    }
}

fn set(slot: &mut Option<LitStr>, meta: &Meta, check: fn(LitStr) -> syn::Result<LitStr>) -> syn::Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(meta.span(), "this argument is given twice"));
    }
    match &meta.require_name_value()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => *slot = Some(check(text.clone())?),
        other => return Err(syn::Error::new(other.span(), "expected a string literal")),
    }
    Ok(())
}

fn methods(meta: &Meta) -> syn::Result<Vec<LitStr>> {
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
    methods.into_iter().map(checked_method).collect()
}

/// The rule of function names in Azure Functions.
pub(crate) fn is_function_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= MAX_NAME
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn checked_name(name: LitStr) -> syn::Result<LitStr> {
    if is_function_name(&name.value()) {
        return Ok(name);
    }
    let message =
        format!("a function name is a letter, then letters, digits, `_` or `-`, at most {MAX_NAME} characters");
    Err(syn::Error::new(name.span(), message))
}

fn checked_route(route: LitStr) -> syn::Result<LitStr> {
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
    Ok(route)
}

fn checked_auth_level(level: LitStr) -> syn::Result<LitStr> {
    if AUTH_LEVELS.contains(&level.value().as_str()) {
        return Ok(level);
    }
    Err(syn::Error::new(level.span(), "expected `anonymous`, `function` or `admin`"))
}

fn checked_method(method: LitStr) -> syn::Result<LitStr> {
    let text = method.value();
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
        return Ok(method);
    }
    Err(syn::Error::new(method.span(), "an HTTP method is written in capital letters, such as \"GET\""))
}
