use serde_json::{Value, json};

use super::*;
use crate::protocol::HashKind;

fn create(body: &Value) -> Result<ContainerDefinition, DocumentError> {
    ContainerDefinition::create(&body.to_string())
}

fn shown(definition: &ContainerDefinition) -> Value {
    serde_json::from_str(definition.text()).unwrap()
}

#[test]
fn what_is_not_said_is_filled_in() {
    let definition = ContainerDefinition::create(
        r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash"},"own":1.0,"defaultTtl":null,"_ts":1}"#,
    )
    .unwrap();
    assert_eq!(definition.partition_key().kind(), HashKind::V1);
    assert!(definition.text().starts_with(r#"{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash"},"own":1.0,"#));
    assert_eq!(
        shown(&definition),
        json!({
            "id": "c", "partitionKey": {"paths": ["/pk"], "kind": "Hash"}, "own": 1.0,
            "indexingPolicy": {"indexingMode": "consistent", "automatic": true, "includedPaths": [{"path": "/*"}],
                "excludedPaths": [{"path": "/\"_etag\"/?"}]},
            "conflictResolutionPolicy":
                {"mode": "LastWriterWins", "conflictResolutionPath": "/_ts", "conflictResolutionProcedure": ""},
            "geospatialConfig": {"type": "Geography"},
        })
    );
    assert!(definition.indexes_automatically() && definition.default_ttl().is_none());
    assert_eq!(ContainerDefinition::stored(definition.text()).unwrap().text(), definition.text());
    let old = create(&json!({"id": "c"})).unwrap();
    assert!(old.partition_key().system_key());
    assert_eq!(shown(&old)["partitionKey"]["systemKey"], true);
    assert_eq!(ContainerDefinition::stored(old.text()).unwrap().partition_key(), old.partition_key());
}

#[test]
fn policies_are_understood() {
    let definition = create(&json!({
        "id": "c", "partitionKey": {"paths": ["/pk"], "kind": "Hash", "version": 2},
        "defaultTtl": -1,
        "uniqueKeyPolicy": {"uniqueKeys": [{"paths": ["/a", "/b/c"]}, {"paths": ["/d"]}]},
        "changeFeedPolicy": {"retentionDuration": 10},
        "computedProperties": [{"name": "lower", "query": "SELECT VALUE LOWER(c.name) FROM c"}],
        "indexingPolicy": {"indexingMode": "None"},
    }))
    .unwrap();
    assert_eq!((definition.default_ttl(), definition.change_feed_retention()), (Some(-1), Some(10)));
    assert_eq!((definition.unique_keys().len(), definition.unique_keys()[0][1].names().len()), (2, 2));
    assert_eq!(definition.computed_properties()[0].name, "lower");
    assert!(!definition.indexes_automatically());
    let policy = &shown(&definition)["indexingPolicy"];
    assert_eq!(*policy, json!({"indexingMode": "None", "automatic": false, "includedPaths": [], "excludedPaths": []}));
    let some = create(&json!({"id": "c", "indexingPolicy": {"automatic": false, "excludedPaths": [{"path": "/*"}],
        "compositeIndexes": [[{"path": "/a"}, {"path": "/b", "order": "descending"}]]}}))
    .unwrap();
    assert_eq!(some.indexing().composite, [[("/a".to_owned(), true), ("/b".to_owned(), false)]]);
    assert!(some.indexing().included.is_empty() && !some.indexes_automatically());
}

#[test]
fn what_is_wrong_is_said() {
    for (part, why) in [
        (json!({"id": 1}), "not a string"),
        (json!({"id": "a/b"}), "'/'"),
        (json!({"id": "a "}), "space"),
        (json!({"partitionKey": {"paths": []}}), "partitionKey"),
        (json!({"defaultTtl": 0}), "defaultTtl"),
        (json!({"defaultTtl": "5"}), "defaultTtl"),
        (json!({"defaultTtl": 2_147_483_648_i64}), "defaultTtl"),
        (json!({"indexingPolicy": []}), "object"),
        (json!({"indexingPolicy": {"indexingMode": "eager"}}), "eager"),
        (json!({"indexingPolicy": {"automatic": 1}}), "automatic"),
        (json!({"indexingPolicy": {"includedPaths": [{"path": "/a/?"}]}}), "mandatory"),
        (json!({"indexingPolicy": {"includedPaths": ["/*"]}}), "'path'"),
        (json!({"indexingPolicy": {"compositeIndexes": [[{"path": "/a"}]]}}), "2 to 8"),
        (json!({"uniqueKeyPolicy": {"uniqueKeys": [{"paths": []}]}}), "1 to 16"),
        (json!({"uniqueKeyPolicy": {"uniqueKeys": [{"paths": ["/a"]}, {"paths": ["/a"]}]}}), "twice"),
        (json!({"uniqueKeyPolicy": {"uniqueKeys": vec![json!({"paths": ["/a"]}); 11]}}), "more than 10"),
        (json!({"changeFeedPolicy": {"retentionDuration": -1}}), "retentionDuration"),
        (json!({"computedProperties": [{"name": "a"}]}), "query"),
        (json!({"computedProperties": [{"name": "a", "query": "SELECT c.a FROM c"}]}), "SELECT VALUE"),
        (json!({"conflictResolutionPolicy": {"mode": "First"}}), "LastWriterWins"),
        (json!({"geospatialConfig": {"type": "Flat"}}), "Geometry"),
    ] {
        let mut body = json!({"id": "c", "partitionKey": {"paths": ["/pk"]}});
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        let error = create(&body).unwrap_err();
        assert!(error.status == 400 && error.message.contains(why), "{body}: {}", error.message);
    }
    assert!(create(&json!({"partitionKey": {"paths": ["/pk"]}})).unwrap_err().message.contains("'id; '"));
}

#[test]
fn keys_cannot_change() {
    let before = create(&json!({"id": "c", "partitionKey": {"paths": ["/pk"], "version": 2}, "defaultTtl": 5,
        "uniqueKeyPolicy": {"uniqueKeys": [{"paths": ["/a"]}]}}))
    .unwrap();
    let replace = |body: Value| before.replace(&body.to_string());
    let after = replace(json!({"id": "c", "indexingPolicy": {"indexingMode": "none"}})).unwrap();
    assert_eq!((after.default_ttl(), after.indexes_automatically()), (None, false));
    assert_eq!((after.partition_key(), after.unique_keys()), (before.partition_key(), before.unique_keys()));
    assert_eq!(shown(&after)["uniqueKeyPolicy"]["uniqueKeys"][0]["paths"][0], "/a");
    replace(serde_json::from_str(before.text()).unwrap()).unwrap();
    for (body, what) in [
        (json!({"id": "d"}), "id"),
        (json!({"id": "c", "partitionKey": {"paths": ["/other"], "version": 2}}), "partitionKey"),
        (json!({"id": "c", "partitionKey": {"paths": ["/pk"]}}), "partitionKey"),
        (json!({"id": "c", "uniqueKeyPolicy": {"uniqueKeys": []}}), "uniqueKeyPolicy"),
    ] {
        let error = replace(body).unwrap_err();
        assert!(error.status == 400 && error.message.contains(what), "{}", error.message);
    }
}
