//! Arguments of the attributes: parsed and checked here, so that a mistake is a compile error at its own place.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, ExprUnary, Lit, LitStr, Meta, Token, UnOp};

/// Longest name of a function, in characters.
const MAX_NAME: usize = 128;

/// `key = value` and the like, none of them twice.
pub(crate) struct Arguments(Vec<Meta>);

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let all: Vec<Meta> = Punctuated::<Meta, Token![,]>::parse_terminated(input)?.into_iter().collect();
        for (at, meta) in all.iter().enumerate() {
            if all[..at].iter().any(|other| key(other) == key(meta)) {
                return Err(syn::Error::new(meta.span(), "this argument is given twice"));
            }
        }
        Ok(Self(all))
    }
}

impl Arguments {
    /// Refuses what none of these is the name of.
    pub(crate) fn expect(&self, known: &[&str]) -> syn::Result<()> {
        let Some(unknown) = self.0.iter().find(|meta| !known.contains(&&*key(meta))) else { return Ok(()) };
        let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let (last, first) =
            list.split_last().map_or((String::new(), [].as_slice()), |(last, rest)| (last.clone(), rest));
        let list = if first.is_empty() { last } else { format!("{} or {last}", first.join(", ")) };
        Err(syn::Error::new(unknown.span(), format!("unknown argument: expected {list}")))
    }

    /// The whole argument.
    pub(crate) fn get(&self, name: &str) -> Option<&Meta> {
        self.0.iter().find(|meta| key(meta) == name)
    }

    /// `name = "text"`, checked.
    pub(crate) fn text(&self, name: &str, check: fn(&LitStr) -> syn::Result<()>) -> syn::Result<Option<LitStr>> {
        let Some(meta) = self.get(name) else { return Ok(None) };
        match value(meta)? {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                check(text)?;
                Ok(Some(text.clone()))
            }
            other => Err(syn::Error::new(other.span(), "expected a string literal")),
        }
    }

    /// `name = true`.
    pub(crate) fn flag(&self, name: &str) -> syn::Result<Option<bool>> {
        let Some(meta) = self.get(name) else { return Ok(None) };
        match value(meta)? {
            Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => Ok(Some(flag.value)),
            other => Err(syn::Error::new(other.span(), "expected `true` or `false`")),
        }
    }

    /// `name = -1`.
    pub(crate) fn integer(&self, name: &str) -> syn::Result<Option<i32>> {
        let Some(meta) = self.get(name) else { return Ok(None) };
        let expression = value(meta)?;
        let (sign, literal) = match expression {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => (-1, &**expr),
            other => (1, other),
        };
        match literal {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => Ok(Some(sign * number.base10_parse::<i32>()?)),
            other => Err(syn::Error::new(other.span(), "expected a whole number")),
        }
    }
}

fn key(meta: &Meta) -> String {
    meta.path().get_ident().map(ToString::to_string).unwrap_or_default()
}

fn value(meta: &Meta) -> syn::Result<&Expr> {
    Ok(&meta.require_name_value()?.value)
}

/// Any text that is not empty.
pub(crate) fn not_empty(text: &LitStr) -> syn::Result<()> {
    if text.value().trim().is_empty() { Err(syn::Error::new(text.span(), "this must not be empty")) } else { Ok(()) }
}

/// The rule of function names in Azure Functions.
pub(crate) fn is_function_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= MAX_NAME
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// `name` of a function.
pub(crate) fn function_name(name: &LitStr) -> syn::Result<()> {
    if is_function_name(&name.value()) {
        return Ok(());
    }
    let message =
        format!("a function name is a letter, then letters, digits, `_` or `-`, at most {MAX_NAME} characters");
    Err(syn::Error::new(name.span(), message))
}

/// `name` of a binding.
pub(crate) fn binding_name(name: &LitStr) -> syn::Result<()> {
    let text = name.value();
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.len() <= MAX_NAME
        && text.chars().all(|c| c.is_ascii_alphanumeric());
    if plain {
        return Ok(());
    }
    let message = format!("the name of a binding is a letter, then letters or digits, at most {MAX_NAME} characters");
    Err(syn::Error::new(name.span(), message))
}
