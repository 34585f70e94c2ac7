//! `#[timer]`.

use proc_macro2::{Span, TokenStream};

use crate::arguments::{Arguments, function_name};
use crate::declaration::Declaration;
use crate::json::Object;
use crate::schedule;

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let trigger = trigger(&arguments)?;
    let name = arguments.text("name", function_name)?;
    let declaration = Declaration::read(name, item, (2, "nothing, a `Timer`, or a `Timer` and an `Invocation`"))?;
    Ok(declaration.expand(trigger, None, "timer"))
}

/// One element of function.json's `bindings`, as JSON text (reference: section 3.1).
fn trigger(arguments: &Arguments) -> syn::Result<String> {
    arguments.expect(&["name", "schedule", "run_on_startup", "use_monitor"])?;
    let schedule = arguments.text("schedule", schedule::check)?.ok_or_else(|| {
        let message = "say when it runs: `schedule = \"0 */5 * * * *\"` is every five minutes (second, minute, hour, day, month, day of the week)";
        syn::Error::new(Span::call_site(), message)
    })?;
    let mut json = Object::binding("timerTrigger", "in", "timer").text("schedule", &schedule.value());
    for (argument, property) in [("run_on_startup", "runOnStartup"), ("use_monitor", "useMonitor")] {
        if let Some(flag) = arguments.flag(argument)? {
            json = json.raw(property, if flag { "true" } else { "false" });
        }
    }
    Ok(json.end())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn the_trigger_is_an_element_of_function_json() {
        for (arguments, expected) in [
            (
                quote!(schedule = "0 */5 * * * *"),
                r#"{"type":"timerTrigger","direction":"in","name":"timer","schedule":"0 */5 * * * *"}"#,
            ),
            (
                quote!(name = "tidy", schedule = "%TIDY%", run_on_startup = true, use_monitor = false),
                r#"{"type":"timerTrigger","direction":"in","name":"timer","schedule":"%TIDY%","runOnStartup":true,"useMonitor":false}"#,
            ),
        ] {
            assert_eq!(trigger(&syn::parse2(arguments).unwrap()).unwrap(), expected);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (arguments, item, expected) in [
            (
                quote!(),
                quote!(
                    fn f() {}
                ),
                "say when it runs",
            ),
            (
                quote!("0 * * * * *"),
                quote!(
                    fn f() {}
                ),
                "expected",
            ),
            (
                quote!(schedule = "0 * * *"),
                quote!(
                    fn f() {}
                ),
                "six fields",
            ),
            (
                quote!(schedule = "0 * * * * *", run_on_startup = "yes"),
                quote!(
                    fn f() {}
                ),
                "`true` or `false`",
            ),
            (
                quote!(schedule = "0 * * * * *", queue = "q"),
                quote!(
                    fn f() {}
                ),
                "expected `name`, `schedule`",
            ),
            (
                quote!(schedule = "0 * * * * *"),
                quote!(
                    fn f(a: A, b: B, c: C) {}
                ),
                "a `Timer`",
            ),
        ] {
            let error = expand(arguments, item).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
