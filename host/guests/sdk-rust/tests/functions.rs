//! What the host sees of an app: the declared functions, and how their answers and errors leave the SDK.

use std::sync::Mutex;

use hearth_sdk::__private::{functions, invoke};
use hearth_sdk::prelude::*;

#[http(name = "get-item", route = "items/{id:int}", methods("GET", "HEAD"), auth_level = "anonymous")]
fn item(request: Request) -> Result<String> {
    Ok(request.param("id").or_status(404, "No such item.")?.to_owned())
}

#[http]
fn bare() {}

#[http(auth_level = "admin")]
fn broken(_: Request, invocation: Invocation) -> Result<Json<u32>> {
    Ok(Json(invocation.id.parse().context("reading the id")?))
}

#[http]
fn unavailable() -> Result<()> {
    Err(Error::internal("the shop's database is locked").or_status(503, "Try again later."))
}

mod nested {
    use hearth_sdk::http;

    #[http(name = "deep")]
    pub(crate) fn bare() -> &'static str {
        "deep"
    }
}

fn run(entry_point: &str, request: Request) -> Result<Response> {
    let answer = invoke(entry_point, request, Invocation { id: "seven".to_owned(), ..Invocation::default() })?;
    assert!(answer.outputs.is_empty());
    answer.response.context("an HTTP function has an answer")
}

#[test]
fn every_function_is_found_with_its_bindings() {
    let found: Vec<_> = functions().iter().map(|f| (f.name, f.entry_point, f.bindings[0])).collect();
    let trigger = r#"{"type":"httpTrigger","direction":"in","name":"request","authLevel":"#;
    assert_eq!(
        found,
        [
            ("bare", "functions::bare", &*format!(r#"{trigger}"function"}}"#)),
            ("broken", "functions::broken", &*format!(r#"{trigger}"admin"}}"#)),
            ("deep", "functions::nested::bare", &*format!(r#"{trigger}"function"}}"#)),
            (
                "get-item",
                "functions::item",
                &*format!(r#"{trigger}"anonymous","methods":["get","head"],"route":"items/{{id:int}}"}}"#)
            ),
            ("unavailable", "functions::unavailable", &*format!(r#"{trigger}"function"}}"#)),
        ]
    );
    assert!(functions().iter().all(|f| f.bindings[1..] == [r#"{"type":"http","direction":"out","name":"$return"}"#]));
}

#[test]
fn bindings_are_json() {
    for binding in functions().iter().flat_map(|f| f.bindings) {
        serde_json::from_str::<serde_json::Value>(binding).unwrap();
    }
}

#[test]
fn an_entry_point_is_a_path_a_function_name_or_a_rust_name() {
    for (entry_point, body) in [("functions::nested::bare", "deep"), ("deep", "deep"), ("bare", "")] {
        assert_eq!(run(entry_point, Request::default()).unwrap().body(), body.as_bytes(), "{entry_point}");
    }
    assert_eq!(run("item", Request::default().with_param("id", "7")).unwrap().body(), b"7");
    let error = run("nothing", Request::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the app has no function `nothing`; it has: bare, broken, deep, get-item, unavailable"
    );
}

#[test]
fn a_public_error_is_an_answer_and_an_internal_one_a_failure() {
    let response = run("item", Request::default()).unwrap();
    assert_eq!((response.status(), response.body()), (404, b"No such item.".as_slice()));

    let error = run("broken", Request::default()).unwrap_err();
    assert_eq!(error.to_string(), "reading the id");
    assert_eq!(error.causes(), ["invalid digit found in string"]);
}

#[test]
fn what_a_public_error_hides_is_logged() {
    static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
    struct Capture;
    impl log::Log for Capture {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            LINES.lock().unwrap().push(format!("{} {}", record.level(), record.args()));
        }
        fn flush(&self) {}
    }
    log::set_logger(&Capture).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let response = run("unavailable", Request::default()).unwrap();
    assert_eq!((response.status(), response.body()), (503, b"Try again later.".as_slice()));
    let lines = LINES.lock().unwrap();
    assert!(
        lines.contains(&"WARN answered 503: Try again later.: the shop's database is locked".to_owned()),
        "{lines:?}"
    );
}
