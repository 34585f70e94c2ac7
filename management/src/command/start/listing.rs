//! The list of functions as `func start` prints it (reference: Azure Functions, section 10).

use hearth_model::control::FunctionReport;

/// The list, with what is disabled or in error after the others.
pub(super) fn listing(functions: &[FunctionReport], base: &str, color: bool) -> String {
    let paint = |code: &str, text: String| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text };
    let (mut lines, mut disabled, mut broken) = (Vec::new(), Vec::new(), Vec::new());
    for function in functions {
        let name = &function.name;
        match &function.error {
            Some(error) => broken.push(paint("31", format!("\t{name}: error: {}", error.replace('\n', "\n\t  ")))),
            None if function.disabled => disabled.push(paint("33", format!("Function {name} is disabled."))),
            None => {
                let name = paint("33", name.clone());
                lines.push(format!("\t{name}: {}", paint("32", invocation(function, base))));
            }
        }
    }
    if functions.is_empty() {
        return "\nNo functions found. Make one with 'hearth new'.\n".to_owned();
    }
    let all: Vec<String> = [lines, disabled, broken].concat();
    format!("\n{}\n\n{}\n", paint("33", "Functions:".to_owned()), all.join("\n\n"))
}

/// How the function is invoked: its methods and URL, or its trigger.
fn invocation(function: &FunctionReport, base: &str) -> String {
    let Some(route) = &function.route else { return function.trigger.clone().unwrap_or_default() };
    let methods = if function.methods.is_empty() {
        String::new()
    } else {
        format!("[{}] ", function.methods.join(",").to_ascii_uppercase())
    };
    format!("{methods}{base}/{route}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(name: &str) -> FunctionReport {
        FunctionReport {
            name: name.to_owned(),
            trigger: Some("httpTrigger".to_owned()),
            route: Some(format!("api/{name}/{{id?}}")),
            methods: Vec::new(),
            auth_level: None,
            disabled: false,
            error: None,
            listener_error: None,
        }
    }

    #[test]
    fn functions_are_listed_as_func_does() {
        let functions = [
            FunctionReport { methods: vec!["GET".into(), "POST".into()], ..function("Hello") },
            FunctionReport { error: Some("index.js:1\nunexpected".into()), ..function("Broken") },
            FunctionReport { disabled: true, ..function("Off") },
            function("Any"),
            FunctionReport { trigger: Some("timerTrigger".into()), route: None, ..function("Tick") },
        ];
        let list = "\nFunctions:\n\n\tHello: [GET,POST] http://localhost:7071/api/Hello/{id?}\n\n\
                    \tAny: http://localhost:7071/api/Any/{id?}\n\n\tTick: timerTrigger\n\nFunction Off is disabled.\n\n\
                    \tBroken: error: index.js:1\n\t  unexpected\n";
        assert_eq!(listing(&functions, "http://localhost:7071", false), list);
        assert!(listing(&functions, "http://localhost:7071", true).contains("\x1b[32m[GET,POST] http://"));
        assert!(listing(&[], "http://localhost:7071", false).contains("hearth new"));
    }
}
