//! What is made runs here and in Azure.

use super::function::Function;
use super::*;

const SCRIPTS: [Flavour; 3] = [Flavour::JavaScriptV3, Flavour::JavaScriptV4, Flavour::TypeScript];

/// A new project with a function of a template.
fn project(flavour: Flavour, template: Template) -> (tempfile::TempDir, Function) {
    let folder = tempfile::tempdir().unwrap();
    for file in init_files(flavour, "My App_1") {
        file.write(folder.path(), false).unwrap();
    }
    assert_eq!(Flavour::found(folder.path()).unwrap(), flavour);
    let made = function(folder.path(), flavour, template, template.default_name(), "anonymous").unwrap();
    (folder, made)
}

#[test]
fn templates_are_found_by_the_names_of_the_azure_tools() {
    for (name, template) in [
        ("HTTP trigger", Template::Http),
        ("HttpTrigger", Template::Http),
        ("HTTP trigger with queue output", Template::HttpQueue),
        ("timer TRIGGER", Template::Timer),
        ("Azure Queue Storage trigger", Template::Queue),
        ("QueueTrigger", Template::Queue),
        ("CosmosDBTrigger", Template::Cosmos),
        ("Azure Cosmos DB trigger", Template::Cosmos),
        ("DurableFunctionsOrchestrator", Template::Orchestrator),
        ("Durable Functions activity", Template::Activity),
        ("entity", Template::Entity),
        ("Durable Functions HTTP starter", Template::Starter),
        ("DurableFunctionsHttpStart", Template::Starter),
    ] {
        assert_eq!(Template::named(name), Some(template), "{name}");
    }
    assert_eq!(Template::named("Kafka trigger"), None);
    assert_eq!(Template::named(""), None);
}

/// Modules that a script loads.
fn modules(text: &str) -> Vec<&str> {
    let after = |keyword: &str| text.split(keyword).skip(1).collect::<Vec<_>>();
    let quoted = |rest: &&str| rest.starts_with(['\'', '"']);
    let found = [after("require("), after("from "), after("import ")].concat();
    found.into_iter().filter(quoted).filter_map(|rest| rest[1..].split(['\'', '"']).next()).collect()
}

#[test]
fn what_is_made_for_javascript_and_typescript_is_the_azure_tools_own() {
    for flavour in SCRIPTS {
        for template in TEMPLATES {
            let (_folder, made) = project(flavour, template);
            let all = [init_files(flavour, "app"), made.files, made.changed].concat();
            for file in all {
                let text = file.text.to_ascii_lowercase();
                assert!(!text.contains("hearth") && !text.contains("{{"), "{}: {}", file.path, file.text);
                for module in modules(&file.text) {
                    let known = ["@azure/functions", "durable-functions"].contains(&module)
                        || module.starts_with("./")
                        || module.starts_with("../")
                        || module.starts_with("node:");
                    assert!(known, "{flavour:?} {}: {module}", file.path);
                }
            }
        }
    }
}

#[test]
fn every_json_is_json() {
    for flavour in SCRIPTS {
        for template in TEMPLATES {
            let (_folder, made) = project(flavour, template);
            for file in [init_files(flavour, "app"), made.files, made.changed].concat() {
                if file.path.ends_with(".json") {
                    serde_json::from_str::<serde_json::Value>(&file.text)
                        .unwrap_or_else(|error| panic!("{}: {error}", file.path));
                }
            }
        }
    }
}

#[test]
fn a_durable_function_has_its_package_named() {
    let (folder, made) = project(Flavour::JavaScriptV4, Template::Orchestrator);
    assert_eq!(made.files[0].path, "src/functions/HelloOrchestrator.js");
    assert!(made.changed[0].text.contains("\"durable-functions\": \"^3.0.0\""), "{}", made.changed[0].text);
    assert!(made.notes[0].contains("npm install"));
    made.changed[0].write(folder.path(), true).unwrap();
    let again = function(folder.path(), Flavour::JavaScriptV4, Template::Entity, "Counter", "function").unwrap();
    assert!(again.changed.is_empty(), "named once");

    let (_folder, made) = project(Flavour::JavaScriptV3, Template::Starter);
    assert_eq!(made.files[0].path, "HttpStart/function.json");
    assert!(made.changed[0].text.contains("\"durable-functions\": \"^2.1.0\""));
    let (_folder, made) = project(Flavour::JavaScriptV3, Template::Activity);
    assert!(made.changed.is_empty());
}

#[test]
fn rust_has_what_its_sdk_can_do_and_says_so() {
    let (folder, made) = project(Flavour::Rust, Template::Http);
    assert_eq!(made.files[0].path, "src/http_trigger.rs");
    assert!(made.files[0].text.contains("fn http_trigger("));
    assert!(made.changed[0].text.ends_with("mod http_trigger;\n"), "{}", made.changed[0].text);
    let refused = function(folder.path(), Flavour::Rust, Template::Cosmos, "Feed", "function").unwrap_err();
    assert!(refused.to_string().contains("HTTP, timer and queue triggers"), "{refused}");
    assert!(function(folder.path(), Flavour::Rust, Template::Http, "no/name", "function").is_err());
}

#[test]
fn the_rust_project_that_the_tests_compile_is_what_is_made() {
    let compiled = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/guests/rust-project"));
    let folder = tempfile::tempdir().unwrap();
    for file in init_files(Flavour::Rust, "rust-project") {
        file.write(folder.path(), false).unwrap();
    }
    for (template, name) in [
        (Template::HttpQueue, "Enqueue"),
        (Template::Http, "Hello"),
        (Template::Timer, "Tick"),
        (Template::Queue, "Work"),
    ] {
        let made = function(folder.path(), Flavour::Rust, template, name, "function").unwrap();
        for file in [made.files, made.changed].concat() {
            file.write(folder.path(), true).unwrap();
        }
    }
    for path in ["host.json", "src/lib.rs", "src/hello.rs", "src/enqueue.rs", "src/tick.rs", "src/work.rs"] {
        let text = |folder: &Path| std::fs::read_to_string(folder.join(path)).unwrap();
        assert_eq!(text(folder.path()), text(compiled), "{path}");
    }
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let file = NewFile::new("a/b.txt", "new");
    file.write(folder.path(), false).unwrap();
    assert!(NewFile::new("a/b.txt", "other").write(folder.path(), false).is_err());
    assert_eq!(std::fs::read_to_string(file.place(folder.path())).unwrap(), "new");
    NewFile::new("a/b.txt", "x").write(folder.path(), true).unwrap();
    assert_eq!(std::fs::read_to_string(file.place(folder.path())).unwrap(), "x");
}
