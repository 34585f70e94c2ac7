//! Functions of every trigger, run by hand.

use hearth_tests::Hearth;

use crate::{APP, started};

#[test]
fn a_queue_function_is_given_the_input_as_its_message_and_its_outputs_are_sent() {
    let (hearth, store) = started(Hearth::with());
    let outcome = hearth.json(&["invoke", "work", "--app", APP, "--data", "by hand"]);
    assert_eq!(outcome["status"], "Succeeded", "{outcome}");
    assert_eq!(store.done(1)["by hand"].len(), 1);
    let id = outcome["invocationId"].as_str().unwrap();
    hearth.log().with(0, &["Executing 'Functions.work'", "programmatically called via the host APIs", id]);

    let output = hearth.run(["invoke", "work", "--data", "fail"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("(Failed, Id=") && text.contains("asked to fail"), "{text}");
    assert_eq!(store.count("work-poison"), 0, "there is no message to move");

    let disabled = "AzureWebJobs.work.Disabled=true";
    assert!(hearth.run(["settings", "set", "--app", APP, disabled]).status.success());
    let outcome = hearth.json(&["invoke", "work", "--data", "disabled too"]);
    assert_eq!(outcome["status"], "Succeeded", "{outcome}");
    assert_eq!(store.done(1)["disabled too"].len(), 1);
}
