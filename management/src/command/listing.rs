//! What listings share: the choice of form, and how an app's functions are shown.

use clap::Args;
use hearth_management::api::FunctionView;

use crate::output::Format;

/// Form of a result.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct OutputSettings {
    /// Form of the result
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    pub(super) output: Format,
}

/// The functions of an app in the manner of `func azure functionapp publish` (azure-functions reference, section 8.4).
pub(super) fn functions(app: &str, functions: &[FunctionView]) -> String {
    let mut lines = vec![format!("Functions in {app}:")];
    for function in functions {
        let trigger = function.trigger.as_deref().unwrap_or("unknown trigger");
        lines.push(format!("    {} - [{trigger}]", function.name));
        match (&function.error, &function.invoke_url) {
            // The lines of a script around an error stay below it.
            (Some(error), _) => lines.push(format!("        Error: {}", error.replace('\n', "\n        "))),
            (None, Some(url)) => lines.push(format!("        Invoke url: {url}")),
            (None, None) => {}
        }
        if let Some(trouble) = &function.listener_error {
            lines.push(format!("        Not listening: {}", trouble.replace('\n', "\n        ")));
        }
        if function.disabled {
            lines.push("        Disabled by an app setting".to_owned());
        }
    }
    if functions.is_empty() {
        lines.push("    none".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_shown_as_func_does() {
        let hello = FunctionView {
            name: "hello".into(),
            trigger: Some("httpTrigger".into()),
            route: Some("api/hello/{name?}".into()),
            methods: vec!["GET".into()],
            auth_level: Some("anonymous".into()),
            disabled: false,
            invoke_url: Some("http://shop.localhost:7071/api/hello/{name?}".into()),
            error: None,
            listener_error: None,
        };
        let waits = FunctionView {
            name: "waits".into(),
            trigger: Some("queueTrigger".into()),
            invoke_url: None,
            listener_error: Some("waits for the queue 'a'".into()),
            ..hello.clone()
        };
        let off = FunctionView { name: "off".into(), invoke_url: None, disabled: true, ..hello.clone() };
        let broken = FunctionView {
            name: "broken".into(),
            trigger: None,
            error: Some("two triggers".into()),
            invoke_url: None,
            ..hello.clone()
        };
        assert_eq!(
            functions("shop", &[hello, broken, waits, off]),
            "Functions in shop:\n\
             \x20   hello - [httpTrigger]\n\
             \x20       Invoke url: http://shop.localhost:7071/api/hello/{name?}\n\
             \x20   broken - [unknown trigger]\n\
             \x20       Error: two triggers\n\
             \x20   waits - [queueTrigger]\n\
             \x20       Not listening: waits for the queue 'a'\n\
             \x20   off - [httpTrigger]\n\
             \x20       Disabled by an app setting"
        );
    }
}
