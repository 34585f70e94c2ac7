//! What cannot be started says why, and what to do.

use std::net::TcpListener;

use hearth_tests::{Project, Zip};
use serde_json::json;

use crate::hello;

/// What is said of this project with these flags, which must not start, and the exit code.
#[track_caller]
fn refused(project: &Project, flags: &[&str]) -> (Option<i32>, String) {
    match project.try_start(flags) {
        Ok(_) => panic!("it started with {flags:?}"),
        Err(refused) => refused,
    }
}

#[test]
fn a_folder_that_is_no_app() {
    let (code, text) = refused(&Project::empty(), &[]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("no host.json") && text.contains("hearth init"), "{text}");
}

#[test]
fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, text) = refused(&hello(&json!({})), &["--port", &port]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("--port") && text.contains(&port) && text.contains("in use"), "{text}");
}

#[test]
fn a_folder_that_is_served_already() {
    let project = hello(&json!({}));
    let _first = project.start(&[]);
    let (code, text) = refused(&project, &[]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("another 'hearth start'") && text.contains("process"), "{text}");
}

#[test]
fn addresses_that_others_can_reach() {
    let project = hello(&json!({}));
    for flags in [["--http-listen", "0.0.0.0:0"], ["--management-listen", "[::]:0"]] {
        let (code, text) = refused(&project, &flags);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.contains("this machine only"), "{text}");
    }
    project.write("local.settings.json", r#"{ "Host": { "LocalHttpAddress": "0.0.0.0" } }"#);
    let (code, text) = refused(&project, &[]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("LocalHttpAddress"), "{text}");
}

#[test]
fn data_where_functions_could_read_it() {
    let project = hello(&json!({}));
    for inside in [".", "state", "hello/../state"] {
        let (code, text) = refused(&project, &["--data", inside]);
        assert_eq!(code, Some(78), "{text}");
        assert!(text.contains("--data") && text.contains("outside"), "{text}");
    }
    assert!(!project.path().join("state").exists(), "what is refused leaves nothing behind");
}

#[test]
fn settings_that_are_encrypted() {
    let project = hello(&json!({}));
    project.write("local.settings.json", r#"{ "IsEncrypted": true, "Values": { "A": "CfDJ8" } }"#);
    let (code, text) = refused(&project, &[]);
    assert_eq!(code, Some(78), "{text}");
    assert!(text.contains("local.settings.json") && text.contains("func settings decrypt"), "{text}");
    assert!(!text.contains("CfDJ8"), "{text}");
}

#[test]
fn an_app_without_functions_starts_and_waits_for_some() {
    let project = Project::of(&Zip::app());
    let started = project.start(&[]);
    started.log().with(0, &["functions"]);
    let whole = hello(&json!({}));
    for file in ["hello/function.json", "app.wasm"] {
        project.write(file, std::fs::read(whole.path().join(file)).unwrap());
    }
    started.until("/api/hello", "Hello, WASI!\n");
}
