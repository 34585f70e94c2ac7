use super::*;
use crate::binding::ReadBindings;
use crate::binding::read::read_supported;
use crate::ids::FunctionName;
use crate::json::Document;
use crate::settings::Settings;

/// The outputs of a function of these bindings, and the warnings; all types run.
fn outputs(bindings: &str, settings: &Settings) -> Result<(Vec<OutputBinding>, Vec<String>), String> {
    let text = format!("{{\"bindings\": [{bindings}]}}");
    let document = Document::parse("F/function.json", text.as_bytes()).map_err(|e| e.to_string())?;
    let document = document.resolve("bindings", crate::binding::is_verbatim, settings).map_err(|e| e.to_string())?;
    let mut warnings = Vec::new();
    let name = FunctionName::parse("F").unwrap();
    let supported = ["httpTrigger", "http", "timerTrigger", "queueTrigger", "queue"];
    read_supported(&document.root(), &name, settings, &mut warnings, &supported)
        .map(|read| (read.outputs, warnings))
        .map_err(|e| e.to_string())
}

fn queue(name: &str, queue: &str, more: &str) -> String {
    format!(r#"{{"type": "queue", "name": "{name}", "direction": "out", "queueName": "{queue}"{more}}}"#)
}

const HTTP: &str = r#"{"type": "httpTrigger", "name": "req", "route": "orders/{id}"}"#;
const TIMER: &str = r#"{"type": "timerTrigger", "name": "t", "schedule": "0 * * * * *"}"#;
const QUEUE: &str = r#"{"type": "queueTrigger", "name": "m", "queueName": "in-%Stage%", "dataType": "Binary"}"#;
const RES: &str = r#"{"type": "http", "name": "res", "direction": "out"}"#;

#[test]
fn names_of_queues() {
    for name in ["abc", "a-b-c", "0aa", &"a".repeat(63)] {
        assert_eq!(check_queue_name(name), Ok(()), "{name}");
    }
    for name in ["", "ab", "a--b", "-ab", "ab-", "Abc", "a_b", "a.b", "\u{e9}\u{e9}\u{e9}", &"a".repeat(64)] {
        assert!(check_queue_name(name).is_err(), "{name}");
    }
}

#[test]
fn several_outputs_in_their_order() {
    let settings: Settings = [("Stage", "Test")].into_iter().collect();
    let bindings = [
        queue("$return", "Out-%Stage%", r#", "connection": "Shop""#),
        HTTP.to_owned(),
        RES.to_owned(),
        queue("by", "to-{Headers.x-region}-{id}-{rand-guid:N}", r#", "connection": """#),
    ];
    let (found, warnings) = outputs(&bindings.join(", "), &settings).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(found.iter().map(OutputBinding::binding_name).collect::<Vec<_>>(), ["$return", "res", "by"]);
    let [OutputBinding::Queue(first), OutputBinding::Http(_), OutputBinding::Queue(last)] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((first.queue.text(), first.connection.as_deref()), ("Out-Test", Some("Shop")));
    assert_eq!((last.queue.text(), last.connection.as_deref()), ("to-{Headers.x-region}-{id}-{rand-guid:N}", None));
}

#[test]
fn a_queue_trigger_reads_bytes_where_it_says_so() {
    let settings: Settings = [("Stage", "TEST")].into_iter().collect();
    let text = format!("{{\"bindings\": [{QUEUE}]}}");
    let document = Document::parse("f", text.as_bytes()).unwrap();
    let document = document.resolve("bindings", crate::binding::is_verbatim, &settings).unwrap();
    let name = FunctionName::parse("F").unwrap();
    let ReadBindings { trigger, .. } =
        read_supported(&document.root(), &name, &Settings::new(), &mut Vec::new(), &["queueTrigger"]).unwrap();
    let Trigger::Queue(trigger) = trigger else { panic!("no queue trigger") };
    assert_eq!((trigger.queue.as_str(), trigger.is_binary, trigger.connection), ("in-test", true, None));
}

#[test]
fn an_http_output_needs_a_caller() {
    let (_, warnings) = outputs(&format!("{TIMER}, {RES}"), &Settings::new()).unwrap();
    assert!(
        warnings[0].contains("has no effect: there is no caller to answer in a function with timerTrigger"),
        "{warnings:?}"
    );
}

#[test]
fn only_an_output_is_the_return_value() {
    let error = outputs(r#"{"type": "httpTrigger", "name": "$return"}"#, &Settings::new()).unwrap_err();
    assert!(error.contains("bindings[0].name is $return") && error.contains("only an output can have it"), "{error}");
    let twice = format!("{HTTP}, {}, {}", queue("$return", "one", ""), queue("$return", "two", ""));
    let error = outputs(&twice, &Settings::new()).unwrap_err();
    assert!(error.contains("bindings[2] has the name '$return', which another binding has"), "{error}");
}

#[test]
fn what_no_event_puts_right_is_refused_at_once() {
    let settings: Settings = [("Bad", "a_{id}"), ("Open", "x{"), ("Other", "a-{secret}")].into_iter().collect();
    for (trigger, name, expected) in [
        (
            HTTP,
            "ab",
            "queueName must be 3 to 63 lower-case letters, digits and single hyphens between them, not \"ab\"",
        ),
        (HTTP, "or_{id}", "queueName must be 3 to 63 lower-case letters"),
        (HTTP, "{{id}}", "queueName must be 3 to 63 lower-case letters"),
        (HTTP, "orders-{id", "queueName is refused: 'orders-{id', character 8: this '{' has no '}'"),
        (HTTP, "%Bad%", "not the value of the setting Bad"),
        (HTTP, "%Open%", "is refused: the value of the setting Open makes no name of a queue"),
        (
            TIMER,
            "a-{id}",
            "bindings[1].queueName is refused: 'a-{id}', character 3: the trigger gives no value named 'id'; it gives TimerTrigger",
        ),
        (TIMER, "%Other%", "is refused: the value of the setting Other asks for what the trigger never gives"),
    ] {
        let error = outputs(&format!("{trigger}, {}", queue("q", name, "")), &settings).unwrap_err();
        assert!(error.starts_with("F/function.json:1:") && error.contains(expected), "{name} gave {error}");
        assert!(!error.contains("secret}"), "{error}");
    }
    // What a message's own properties give is known only with the message.
    let settings: Settings = [("Stage", "x")].into_iter().collect();
    outputs(&format!("{QUEUE}, {}", queue("q", "a-{Order.Region}-{DequeueCount}", "")), &settings).unwrap();
    let expression = QUEUE.replace("in-%Stage%", "in-{id}");
    let error = outputs(&expression, &settings).unwrap_err();
    assert!(error.contains("must be the name of one queue, not \"in-{id}\""), "{error}");
}
