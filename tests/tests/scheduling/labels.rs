//! Apps run on workers that have their labels, spread, and on no others.

use hearth_tests::Cluster;
use http::Method;
use serde_json::json;

use crate::{publish, reasons};

/// Three workers in two zones, one of which has a GPU.
fn zones() -> Cluster {
    let mut cluster = Cluster::start(0);
    for (name, labels) in [("w1", "zone=a"), ("w2", "zone=a"), ("w3", "zone=b")] {
        let gpu: &[&str] = if name == "w3" { &["--label", "gpu=true"] } else { &[] };
        let worker = cluster.worker(name, &[&["--label", labels], gpu].concat());
        cluster.workers.push(worker);
    }
    cluster
}

#[test]
fn labels_and_spread_say_where_an_app_runs_and_any_worker_answers() {
    let cluster = zones();
    publish(&cluster, &json!({"spread": "zone"}));
    assert_eq!(cluster.spread("shop", 2), ["w1", "w3"]);
    publish(&cluster, &json!({"labels": {"gpu": true}}));
    assert_eq!(cluster.spread("shop", 1), ["w3"]);
    let told = reasons(&cluster);
    assert!(told.contains("it lacks the label gpu=true") || told.contains("did not take part"), "{told}");
    for worker in &cluster.workers {
        let answer = cluster.call(worker, "shop", Method::GET, "/api/hello").send();
        assert_eq!(answer.expect(200).text(), "hello");
    }

    // A setting goes before the file, without another deployment.
    let set = ["settings", "set", "AzureFunctionsJobHost__placement__labels__gpu=false", "--app", "shop"];
    assert!(cluster.command(&set).status.success());
    cluster.spread("shop", 0);
    let shown = cluster.json(&["apps", "show", "shop"]);
    let waiting = shown["placement"]["waiting"].as_str().unwrap();
    assert!(waiting.contains("w3: it lacks the label gpu=false"), "{shown}");
    let text = cluster.command(&["apps", "show", "shop"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("it lacks the label gpu=false"));
    // Nobody runs it behind the scheduler's back.
    let answer = cluster.call(&cluster.workers[0], "shop", Method::GET, "/api/hello").send();
    answer.expect(503);

    let unset = ["settings", "unset", "AzureFunctionsJobHost__placement__labels__gpu", "--app", "shop"];
    assert!(cluster.command(&unset).status.success());
    assert_eq!(cluster.spread("shop", 1), ["w3"]);
}
