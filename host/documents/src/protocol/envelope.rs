//! Entries of change feeds that say more than the item (reference: Cosmos DB, sections 7.5 and 7.6).

use hearth_state::documents::{ChangeKind, ItemHistory, StoredItem};

use super::item::{ItemWriter, write_integer};
use super::json;
use super::partition_key::{KeyComponent, PartitionKey, PartitionKeyDefinition};

/// Adds an item of a latest-version feed in the wire format of 2021-09-15.
pub fn latest(out: &mut String, writer: &ItemWriter, item: &StoredItem) {
    out.push_str("{\"current\":");
    writer.write_stored(out, item, false);
    out.push_str(",\"metadata\":{\"lsn\":");
    write_integer(out, item.version.lsn());
    out.push_str(",\"crts\":");
    write_integer(out, item.timestamp);
    out.push_str("}}");
}

/// Adds a change of an all-versions-and-deletes feed.
pub fn version(out: &mut String, writer: &ItemWriter, change: &ItemHistory, definition: &PartitionKeyDefinition) {
    let gone = matches!(change.kind, ChangeKind::Delete | ChangeKind::Expire);
    let item = &change.item;
    out.push_str("{\"current\":");
    if gone {
        out.push_str("{}");
    } else {
        writer.write_stored(out, item, false);
    }
    if let Some((version, body)) = &change.previous {
        out.push_str(",\"previous\":");
        // When an earlier version was written is kept only with the one that is gone.
        writer.write_version(out, body, item.number, *version, gone.then_some(item.timestamp));
    }
    out.push_str(",\"metadata\":{\"operationType\":\"");
    out.push_str(match change.kind {
        ChangeKind::Create => "create",
        ChangeKind::Replace => "replace",
        ChangeKind::Delete | ChangeKind::Expire => "delete",
    });
    out.push_str("\",\"lsn\":");
    write_integer(out, change.version.lsn());
    out.push_str(",\"crts\":");
    write_integer(out, change.timestamp);
    out.push_str(",\"previousImageLSN\":");
    write_integer(out, change.previous.as_ref().map_or(0, |(version, _)| version.lsn()));
    if change.kind == ChangeKind::Expire {
        out.push_str(",\"timeToLiveExpired\":true");
    }
    if gone {
        out.push_str(",\"id\":");
        json::write_string(out, &item.id);
        out.push_str(",\"partitionKey\":");
        write_key(out, &item.partition_key, definition);
    }
    out.push_str("}}");
}

/// Adds a partition key as an object: the value of each path under its name. What is undefined is not there.
fn write_key(out: &mut String, canonical: &str, definition: &PartitionKeyDefinition) {
    let key = PartitionKey::from_canonical(canonical).unwrap_or_default();
    out.push('{');
    let mut first = true;
    for (path, component) in definition.paths().iter().zip(&key.0) {
        if *component == KeyComponent::Undefined {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        json::write_string(out, &path.names().join("/"));
        out.push(':');
        component.write(out);
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hearth_state::documents::ItemVersion;
    use serde_json::{Value, json};

    use super::*;
    use crate::protocol::Rid;

    fn stored(lsn: i64) -> StoredItem {
        StoredItem {
            version: ItemVersion(lsn * ItemVersion::PER_TRANSACTION),
            number: 64,
            timestamp: 1_795_341_896,
            id: "1".to_owned(),
            partition_key: "[\"a\",{},1.5]".to_owned(),
            body: Arc::from("{\"id\":\"1\",\"v\":2}"),
        }
    }

    fn written(kind: ChangeKind, previous: Option<i64>) -> Value {
        let definition = r#"{"paths":["/a","/b","/c/d"],"kind":"MultiHash","version":2}"#;
        let definition = PartitionKeyDefinition::parse(definition).unwrap();
        let previous =
            previous.map(|lsn| (ItemVersion(lsn * ItemVersion::PER_TRANSACTION), Arc::from("{\"id\":\"1\",\"v\":1}")));
        let item = stored(13);
        let version = ItemVersion(14 * ItemVersion::PER_TRANSACTION + 3);
        let change = ItemHistory { kind, item, timestamp: 1_795_341_900, version, previous };
        let mut out = String::new();
        super::version(&mut out, &ItemWriter::new(Rid::database(1).container(1)), &change, &definition);
        serde_json::from_str(&out).unwrap()
    }

    #[test]
    fn an_item_of_the_latest_feed_is_wrapped() {
        let mut out = String::new();
        latest(&mut out, &ItemWriter::new(Rid::database(1).container(1)), &stored(12));
        let value: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["metadata"], json!({"lsn": 12, "crts": 1_795_341_896}));
        assert_eq!((&value["current"]["v"], &value["current"]["_lsn"]), (&json!(2), &Value::Null));
        assert_eq!(value["current"]["_ts"], 1_795_341_896);
    }

    #[test]
    fn each_kind_of_change_says_what_it_is() {
        let create = written(ChangeKind::Create, None);
        let metadata = json!({"operationType": "create", "lsn": 14, "crts": 1_795_341_900, "previousImageLSN": 0});
        assert_eq!((&create["metadata"], &create["current"]["v"]), (&metadata, &json!(2)));
        assert!(create.get("previous").is_none());

        let replace = written(ChangeKind::Replace, Some(12));
        assert_eq!(replace["metadata"]["operationType"], "replace");
        assert_eq!(replace["metadata"]["previousImageLSN"], 12);
        assert_eq!((&replace["previous"]["v"], replace["previous"].get("_ts")), (&json!(1), None));
        assert_eq!(replace["previous"]["_rid"], replace["current"]["_rid"]);

        let delete = written(ChangeKind::Delete, Some(13));
        assert_eq!(delete["current"], json!({}));
        assert_eq!(delete["previous"]["_ts"], 1_795_341_896);
        assert_eq!(
            delete["metadata"],
            json!({"operationType": "delete", "lsn": 14, "crts": 1_795_341_900, "previousImageLSN": 13, "id": "1",
                "partitionKey": {"a": "a", "c/d": 1.5}})
        );
        assert_eq!(written(ChangeKind::Expire, Some(13))["metadata"]["timeToLiveExpired"], true);
    }
}
