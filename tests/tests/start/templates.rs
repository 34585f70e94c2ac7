//! What `hearth init` and `hearth new` make runs as it is.

use hearth_tests::{Project, eventually};

/// Every template as it is listed.
const TEMPLATES: [&str; 9] = [
    "HTTP trigger",
    "HTTP trigger with queue output",
    "Timer trigger",
    "Azure Queue Storage trigger",
    "Azure Cosmos DB trigger",
    "Durable Functions orchestrator",
    "Durable Functions activity",
    "Durable Functions entity",
    "Durable Functions HTTP starter",
];

const KINDS: [&[&str]; 3] =
    [&["--language", "javascript", "--model", "v3"], &["--language", "javascript"], &["--language", "typescript"]];

#[track_caller]
fn run(project: &Project, arguments: &[&str]) -> String {
    let output = project.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_new_project_with_an_http_function_answers() {
    for kind in KINDS {
        let project = Project::empty();
        run(&project, &[&["init"], kind].concat());
        run(&project, &["new", "--template", "HttpTrigger", "--name", "Hello"]);
        let started = project.start(&[]);
        started.until("/api/Hello?name=Ada", "Hello, Ada!");
        started.output().with(0, &["Hello: [GET,POST] http://localhost:"]);
    }
}

#[test]
fn a_new_project_in_rust_answers_once_it_is_compiled() {
    // Compiled from the very files of `hearth init` and `hearth new`, to which a test of the templates holds it.
    let project = Project::empty();
    let built = hearth_tests::test_guest("rust-project");
    for file in ["host.json", "app.wasm"] {
        project.write(file, std::fs::read(built.join(file)).unwrap());
    }
    let started = project.start(&[]);
    started.until("/api/Hello?name=Ada", "Hello, Ada!");
    drop(started);
    expect_events(&project);
}

#[test]
fn every_template_is_found_or_named_as_not_served_yet() {
    for kind in KINDS {
        for template in TEMPLATES.iter().filter(|template| !template.starts_with("Durable")) {
            let project = Project::empty();
            run(&project, &[&["init"], kind].concat());
            run(&project, &["new", "--template", "http", "--name", "Hello"]);
            run(&project, &["new", "--template", template, "--name", "Made"]);
            let started = project.start(&[]);
            started.until("/api/Hello?name=Ada", "Hello, Ada!");
            started.output().with(0, &["Made:"]);
        }
    }
}

/// A timer's, a queue's and an HTTP function that writes to that queue: Tick, Work, Enqueue.
fn expect_events(project: &Project) {
    let started = project.start(&[]);
    eventually("the functions to be loaded", || {
        let answer = started.get("/api/Enqueue?name=Ada");
        (answer.status == 202 && answer.text() == "A message about Ada is in the queue.").then_some(())
    });
    started.log().with(0, &["Name passed to the function: Ada"]);
    started.log().with(0, &["Executed 'Functions.Work' (Succeeded"]);
    let string = run(project, &["queues", "connection-string"]);
    assert!(string.contains("AccountName=") && string.contains("QueueEndpoint=http://127.0.0.1:"), "{string}");
    let run = run(project, &["invoke", "Tick"]);
    assert!(run.contains("Succeeded"), "{run}");
    started.log().with(0, &["Executed 'Functions.Tick' (Succeeded"]);
}

#[test]
fn timer_and_queue_functions_run_as_they_are_made() {
    for kind in KINDS {
        let project = Project::empty();
        run(&project, &[&["init"], kind].concat());
        for (template, name) in [
            ("HTTP trigger with queue output", "Enqueue"),
            ("Azure Queue Storage trigger", "Work"),
            ("Timer trigger", "Tick"),
        ] {
            run(&project, &["new", "--template", template, "--name", name]);
        }
        expect_events(&project);
    }
}

#[test]
fn files_that_are_there_are_kept() {
    let project = Project::empty();
    project.write("package.json", "{ \"name\": \"mine\" }");
    let text = run(&project, &["init", "--language", "javascript"]);
    assert!(text.contains("package.json is there already"), "{text}");
    assert_eq!(std::fs::read_to_string(project.path().join("package.json")).unwrap(), "{ \"name\": \"mine\" }");
    let again = project.run(["init", "--language", "javascript"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("--force"));
    run(&project, &["init", "--language", "rust", "--force"]);
    assert!(project.path().join("Cargo.toml").is_file());

    run(&project, &["new", "--template", "HTTP trigger", "--name", "Hello"]);
    let again = project.run(["new", "--template", "HTTP trigger", "--name", "Hello"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("--force"));
    let cosmos = project.run(["new", "--template", "Azure Cosmos DB trigger"]);
    assert!(String::from_utf8_lossy(&cosmos.stderr).contains("HTTP, timer and queue triggers"));
}

#[test]
fn nothing_is_asked_when_nobody_can_answer() {
    let project = Project::empty();
    let init = project.run(["init"]);
    assert_eq!(init.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&init.stderr).contains("--language"));
    let new = project.run(["new"]);
    assert!(String::from_utf8_lossy(&new.stderr).contains("hearth init"));
    run(&project, &["init", "--language", "javascript"]);
    let new = project.run(["new"]);
    assert_eq!(new.status.code(), Some(2));
    for template in TEMPLATES {
        assert!(String::from_utf8_lossy(&new.stderr).contains(template), "{template}");
    }
    let unknown = project.run(["new", "--template", "Kafka trigger"]);
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("no template 'Kafka trigger'"));
}
