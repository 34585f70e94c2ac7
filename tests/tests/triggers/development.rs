//! `hearth start`: the queues of development.

use hearth_tests::{Project, Started, Zip, test_guest};
use serde_json::{Value, json};

use crate::APP;
use crate::outside::Outside;
use crate::store::Store;

fn project() -> Project {
    // Its folder's name is the app's.
    Project::of(&Zip::folder(&test_guest(APP)))
}

#[test]
fn the_storage_of_development_is_the_embedded_service() {
    let project = project();
    let values = json!({ "IsEncrypted": false, "Values": { "AzureWebJobsStorage": "UseDevelopmentStorage=true" } });
    project.write("local.settings.json", values.to_string());
    let started = project.start(&[]);
    let text = started.ready()["queuesConnectionString"].as_str().unwrap().to_owned();
    assert!(text.contains("AccountName=devstoreaccount1;"), "{text}");
    let outside = Outside::of(&Outside::connection(&text));
    outside.put("work", "by a client");
    let done: Value = serde_json::from_str(&outside.next("done")).unwrap();
    assert_eq!((&done["body"], &done["attempt"]), (&json!("by a client"), &json!(1)));
}

#[test]
fn without_a_setting_the_app_has_an_account_of_its_own() {
    let project = project();
    let started = project.start(&[]);
    let answer = started.call(http::Method::POST, "/api/submit").body("one\ntwo").send();
    assert_eq!((answer.status, answer.text().as_str()), (202, "2"));
    let name = project.path().file_name().unwrap().to_str().unwrap().to_lowercase();
    let store = Store::at(&Started::data(&project), &name);
    assert_eq!(store.done(2).keys().collect::<Vec<_>>(), ["one", "two"]);
    store.put("work", "from outside");
    assert_eq!(store.done(1)["from outside"].len(), 1);
}
