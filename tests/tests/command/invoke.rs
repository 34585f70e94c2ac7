//! `hearth invoke`: a function is run by hand, and whoever did it is told how it went.

use hearth_tests::{Hearth, sample};
use serde_json::Value;

use crate::{stderr, stdout};

#[test]
fn a_function_run_by_hand_tells_its_outcome_by_text_json_and_exit_code() {
    let hearth = Hearth::with().flag("--log", "info,function=info").start();
    hearth.publish("shop", &sample("hello-rust"));

    // The only app is meant where none is named.
    let output = hearth.run(["invoke", "order", "--data", r#"{"item":"tea","count":2}"#]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    assert!(text.starts_with("Executed 'Functions.order' (Succeeded, Id="), "{text}");
    assert!(text.contains("\n201 application/json") && text.contains(r#"{"item":"tea","total":6}"#), "{text}");
    let id = text.split("Id=").nth(1).unwrap().split(',').next().unwrap();
    hearth.log().with(0, &["Executed 'Functions.order' (Succeeded", id]);

    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(input.path(), r#"{"item":"rum","count":1}"#).unwrap();
    let file = format!("@{}", input.path().display());
    let outcome = hearth.json(&["invoke", "ORDER", "--app", "shop", "--data", &file]);
    assert_eq!((outcome["status"].as_str(), outcome["response"]["status"].as_u64()), (Some("Succeeded"), Some(201)));
    let body: Value = serde_json::from_str(outcome["response"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["item"], "rum");

    let output = hearth.run(["invoke", "nobody"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("nobody"), "{}", stderr(&output));
    let output = hearth.run(["invoke", "order", "--app", "absent"]);
    assert!(stderr(&output).contains("There is no app 'absent'"), "{}", stderr(&output));
}
