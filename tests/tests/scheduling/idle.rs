//! An app that nobody calls leaves memory, and is there again for the next call.

use hearth_tests::{Cluster, eventually};
use http::Method;
use serde_json::json;

use crate::publish;

#[test]
fn code_that_nobody_calls_is_unloaded_and_the_next_call_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let away = folder.path().join("away");
    let cluster = Cluster::with(1, &[("HEARTH_FAULT", &format!("away:{}", away.display()))]);
    publish(&cluster, &json!({"idleUnload": "00:00:01"}));
    cluster.spread("shop", 1);
    let unloaded = || {
        let shown = cluster.json(&["apps", "show", "shop"]);
        assert_eq!(shown["runningOn"], json!(["w1"]), "it goes on counting as running: {shown}");
        (shown["workers"][0]["unloaded"] == true).then_some(shown)
    };
    for _ in 0..3 {
        let shown = eventually("the code to be unloaded", unloaded);
        assert!(shown["functionList"].as_array().unwrap().len() > 1, "what it has is known: {shown}");
        let call = cluster.call(&cluster.workers[0], "shop", Method::GET, "/api/hello");
        assert_eq!(call.send().expect(200).text(), "hello");
    }
    let text = cluster.command(&["apps", "show", "shop"]);
    assert!(text.status.success());

    // Other settings do not wake it, and count for the next call.
    eventually("the code to be unloaded", unloaded);
    let set = cluster.command(&[
        "settings",
        "set",
        "AzureFunctionsJobHost__extensions__http__routePrefix=v2",
        "--app",
        "shop",
    ]);
    assert!(set.status.success());
    let call = || cluster.call(&cluster.workers[0], "shop", Method::GET, "/v2/hello").send();
    eventually("the new prefix to count", || (call().status == 200).then_some(()));

    // Host state is not needed to load it again, and changes made since are caught up with.
    eventually("the code to be unloaded", unloaded);
    std::fs::write(&away, "").unwrap();
    assert_eq!(call().expect(200).text(), "hello");
    std::fs::remove_file(&away).unwrap();
    eventually("a change to be taken again", || {
        let set = ["settings", "set", "AzureFunctionsJobHost__extensions__http__routePrefix=v3", "--app", "shop"];
        cluster.command(&set).status.success().then_some(())
    });
    let call = || cluster.call(&cluster.workers[0], "shop", Method::GET, "/v3/hello").send();
    eventually("the next prefix to count", || (call().status == 200).then_some(()));
}
