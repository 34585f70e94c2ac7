//! Everything that the client does, against the REST face of the document store.

use std::time::Duration;

use hearth_cosmos::CosmosErrorKind;
use hearth_cosmos::client::{
    ChangesMode, ChangesRequest, ChangesStart, ContainerClient, NewContainer, PartitionKey, Query, QueryScope,
};
use serde_json::{Value, json};

use crate::served::Served;

/// A container of two ranges, by `/pk`.
pub(crate) async fn container(served: &Served) -> ContainerClient {
    let container = served.client().container("shop", "orders");
    let new = NewContainer { throughput: Some(12_000), ..NewContainer::with_key("/pk") };
    container.create_if_missing(&new).await.unwrap();
    container
}

fn changes<'a>(range: &'a str, start: ChangesStart<'a>) -> ChangesRequest<'a> {
    ChangesRequest {
        container_rid: None,
        range: Some(range),
        bounds: None,
        start,
        mode: ChangesMode::Latest,
        max_items: None,
        wait: Duration::ZERO,
    }
}

fn ids(rows: &[Box<serde_json::value::RawValue>]) -> Vec<String> {
    let id = |row: &serde_json::value::RawValue| {
        let row: Value = serde_json::from_str(row.get()).unwrap();
        row["id"].as_str().unwrap().to_owned()
    };
    rows.iter().map(|row| id(row)).collect()
}

#[tokio::test]
async fn databases_and_containers_are_made_where_they_are_missing() {
    let served = Served::start().await;
    let client = served.client();
    let error = client.database("shop").read().await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::NotFound, "{error}");
    let leases = client.container("shop", "leases of a shop");
    let made = leases.create_if_missing(&NewContainer::for_leases(None)).await.unwrap();
    assert_eq!(
        (made.id.as_str(), made.partition_key.paths.as_slice()),
        ("leases of a shop", ["/id".to_owned()].as_slice())
    );
    assert_eq!(made.default_ttl, Some(-1));
    // What is there is left as it is.
    let again = leases.create_if_missing(&NewContainer::with_key("/other")).await.unwrap();
    assert_eq!(again, made);
    assert_eq!(client.database("shop").create_if_missing().await.unwrap().id, "shop");
    leases.delete().await.unwrap();
    leases.delete().await.unwrap();
    assert_eq!(leases.read().await.unwrap_err().kind, CosmosErrorKind::NotFound);
    client.database("shop").delete().await.unwrap();
}

#[tokio::test]
async fn items_are_made_read_replaced_and_deleted() {
    let served = Served::start().await;
    let orders = container(&served).await;
    let id = "a b+%'\"ä😀";
    for key in [json!("a"), json!("é😀\""), json!(""), json!(null), json!(true), json!(-5.5), json!(12)] {
        let partition = PartitionKey::of(&key);
        let text = json!({ "id": id, "pk": key, "big": 9_007_199_254_740_993_i64 }).to_string();
        let made = orders.create_item(&partition, &text).await.unwrap();
        let error = orders.create_item(&partition, &text).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Exists, "{key}: {error}");
        let read = orders.read_item(id, &partition).await.unwrap().unwrap();
        assert_eq!(read.etag, made.etag);
        assert!(read.text.contains("9007199254740993"), "{}", read.text);
        let replaced = orders.replace_item(id, &partition, &text, Some(&made.etag)).await.unwrap();
        let error = orders.replace_item(id, &partition, &text, Some(&made.etag)).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Changed, "{error}");
        let upserted = orders.upsert_item(&partition, &text, None).await.unwrap();
        assert!(!upserted.created);
        let error = orders.upsert_item(&partition, &text, Some(&replaced.etag)).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Changed, "{error}");
        let error = orders.delete_item(id, &partition, Some(&made.etag)).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::Changed, "{error}");
        orders.delete_item(id, &partition, Some(&upserted.etag)).await.unwrap();
        assert_eq!(orders.read_item(id, &partition).await.unwrap(), None);
        let error = orders.delete_item(id, &partition, None).await.unwrap_err();
        assert_eq!(error.kind, CosmosErrorKind::NotFound, "{error}");
        assert!(orders.upsert_item(&partition, &text, None).await.unwrap().created);
    }
    let without = json!({ "id": "none" }).to_string();
    orders.upsert_item(&PartitionKey::undefined(), &without, None).await.unwrap();
    assert!(orders.read_item("none", &PartitionKey::undefined()).await.unwrap().is_some());
}

#[tokio::test]
async fn errors_say_what_was_wrong_and_nothing_of_the_key() {
    let served = Served::start().await;
    let orders = container(&served).await;
    let error = orders.database().container("none").read_item("1", &"a".into()).await.unwrap_err();
    assert!(error.is_owner_missing(), "{error}");
    assert!(
        error.to_string().contains("can't read an item of the container 'shop/none' at http://127.0.0.1:"),
        "{error}"
    );
    let error = orders.upsert_item(&"a".into(), "{\"id\":\"1\",\"pk\":\"b\"}", None).await.unwrap_err();
    assert_eq!((error.kind, error.status.unwrap().as_u16()), (CosmosErrorKind::Refused, 400), "{error}");
    let wrong = served.connection_through(&served.endpoint);
    let wrong = hearth_cosmos::CosmosConnection { key: b"wrong".to_vec(), ..wrong };
    let client = hearth_cosmos::CosmosClient::new(&wrong, std::sync::Arc::new(hearth_model::clock::SystemClock));
    let error = client.database("shop").read().await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Denied, "{error}");
    let shown = format!("{error} {client:?} {:?}", served.client().connection());
    assert!(shown.contains("AccountKey") && !shown.contains(&served.key) && !shown.contains("wrong"), "{shown}");
}

#[tokio::test]
async fn queries_are_of_one_key_one_range_or_everything() {
    let served = Served::start().await;
    let orders = container(&served).await;
    for number in 0..40 {
        let key = format!("k{}", number % 8);
        let text = json!({ "id": format!("{number:02}"), "pk": key, "n": number }).to_string();
        orders.upsert_item(&key.as_str().into(), &text, None).await.unwrap();
    }
    let all = Query::new("SELECT * FROM c WHERE c.n >= @least").with("@least", 8);
    let mut found = ids(&orders.query(&all, QueryScope::Container, usize::MAX).await.unwrap());
    found.sort();
    assert_eq!(found, (8..40).map(|number| format!("{number:02}")).collect::<Vec<_>>());
    assert_eq!(orders.query(&all, QueryScope::Container, 5).await.unwrap().len(), 5);
    let key = PartitionKey::from("k3");
    let ordered = Query::new("SELECT * FROM c ORDER BY c.n DESC");
    let found = ids(&orders.query(&ordered, QueryScope::Key(&key), usize::MAX).await.unwrap());
    assert_eq!(found, ["35", "27", "19", "11", "03"]);
    let first = orders.query_page(&ordered, QueryScope::Key(&key), None, Some(2)).await.unwrap();
    assert_eq!(ids(&first.rows), ["35", "27"]);
    let next = first.continuation.unwrap();
    let second = orders.query_page(&ordered, QueryScope::Key(&key), Some(&next), Some(2)).await.unwrap();
    assert_eq!(ids(&second.rows), ["19", "11"]);
    let mut by_range = 0;
    for range in orders.ranges().await.unwrap() {
        by_range += orders.query(&all, QueryScope::Range(&range.id), usize::MAX).await.unwrap().len();
    }
    assert_eq!(by_range, 32);
    // This store puts the answers of its ranges together itself.
    let found = ids(&orders.query(&ordered, QueryScope::Container, 3).await.unwrap());
    assert_eq!(found, ["39", "38", "37"]);
    let error = orders.query(&Query::new("SELEC * FROM c"), QueryScope::Container, 1).await.unwrap_err();
    assert!(error.kind == CosmosErrorKind::Refused && error.reason().contains("Syntax error"), "{error}");
    let error = orders.query(&all, QueryScope::Range("99"), 1).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::RangeGone, "{error}");
}

#[tokio::test]
async fn the_change_feed_is_read_on_from_its_positions() {
    let served = Served::start().await;
    let orders = container(&served).await;
    let ranges = orders.ranges().await.unwrap();
    assert_eq!(ranges.len(), 2);
    assert_eq!((ranges[0].min.as_str(), ranges[1].max.as_str()), ("", "FF"));
    assert_eq!(ranges[0].max, ranges[1].min);
    let put = async |number: u32| {
        let text = json!({ "id": number.to_string(), "pk": "a" }).to_string();
        orders.upsert_item(&"a".into(), &text, None).await.unwrap();
    };
    for number in 0..5 {
        put(number).await;
    }
    let mut holder = None;
    for range in &ranges {
        let page = orders.changes(&changes(&range.id, ChangesStart::Beginning)).await.unwrap();
        assert!(page.session_token.unwrap().starts_with(&format!("{}:", range.id)));
        if !page.items.is_empty() {
            assert_eq!(ids(&page.items), ["0", "1", "2", "3", "4"]);
            assert!(page.charge_hundredths > 0);
            let lsn: Value = serde_json::from_str(page.items[4].get()).unwrap();
            assert!(lsn["_lsn"].as_i64().unwrap() > 0);
            holder = Some(range.id.clone());
        }
    }
    let range = holder.unwrap();
    let request = ChangesRequest { max_items: Some(2), ..changes(&range, ChangesStart::Beginning) };
    let first = orders.changes(&request).await.unwrap();
    assert_eq!(ids(&first.items), ["0", "1"]);
    let request = ChangesRequest { start: ChangesStart::After(&first.continuation), max_items: None, ..request };
    let second = orders.changes(&request).await.unwrap();
    assert_eq!(ids(&second.items), ["2", "3", "4"]);
    let request = ChangesRequest { start: ChangesStart::After(&second.continuation), ..request };
    let third = orders.changes(&request).await.unwrap();
    assert!(third.items.is_empty() && !third.continuation.is_empty() && third.session_token.is_some());
    // Someone waits, and something is written meanwhile.
    let request = ChangesRequest { wait: Duration::from_secs(30), ..request };
    let (page, ()) = tokio::join!(orders.changes(&request), put(7));
    assert_eq!(ids(&page.unwrap().items), ["7"]);
    let now = orders.changes(&changes(&range, ChangesStart::Now)).await.unwrap();
    assert!(now.items.is_empty());
    let later = hearth_model::clock::Timestamp::parse_rfc3339("2199-01-01T00:00:00Z").unwrap();
    assert!(orders.changes(&changes(&range, ChangesStart::Time(later))).await.unwrap().items.is_empty());
    let early = hearth_model::clock::Timestamp::parse_rfc3339("2001-01-01T00:00:00Z").unwrap();
    assert_eq!(orders.changes(&changes(&range, ChangesStart::Time(early))).await.unwrap().items.len(), 6);
    let bounds = ranges.iter().find(|known| known.id == range).unwrap();
    let within =
        ChangesRequest { bounds: Some((&bounds.min, &bounds.max)), ..changes(&range, ChangesStart::Beginning) };
    assert_eq!(orders.changes(&within).await.unwrap().items.len(), 6);
    let error = orders.changes(&changes("99", ChangesStart::Beginning)).await.unwrap_err();
    assert_eq!((error.kind, error.sub_status), (CosmosErrorKind::RangeGone, 1002), "{error}");
}

#[tokio::test]
async fn the_feed_of_all_versions_tells_deletes_with_what_was_there() {
    let served = Served::start().await;
    let orders = served.client().container("shop", "audited");
    let new = NewContainer { retention_minutes: Some(60), ..NewContainer::with_key("/pk") };
    orders.create_if_missing(&new).await.unwrap();
    let range = orders.ranges().await.unwrap().remove(0);
    let request = ChangesRequest { mode: ChangesMode::AllVersions, ..changes(&range.id, ChangesStart::Now) };
    let now = orders.changes(&request).await.unwrap();
    let text = |n: u32| json!({ "id": "1", "pk": "a", "n": n }).to_string();
    orders.create_item(&"a".into(), &text(1)).await.unwrap();
    orders.upsert_item(&"a".into(), &text(2), None).await.unwrap();
    orders.delete_item("1", &"a".into(), None).await.unwrap();
    let request = ChangesRequest { start: ChangesStart::After(&now.continuation), ..request };
    let page = orders.changes(&request).await.unwrap();
    let told: Vec<Value> = page.items.iter().map(|item| serde_json::from_str(item.get()).unwrap()).collect();
    let operations: Vec<&Value> = told.iter().map(|change| &change["metadata"]["operationType"]).collect();
    assert_eq!(operations, ["create", "replace", "delete"]);
    assert_eq!((&told[1]["current"]["n"], &told[1]["previous"]["n"]), (&json!(2), &json!(1)));
    assert_eq!(told[2]["metadata"]["partitionKey"], json!({ "pk": "a" }));
    let request = ChangesRequest { start: ChangesStart::Beginning, ..request };
    let error = orders.changes(&request).await.unwrap_err();
    assert_eq!(error.kind, CosmosErrorKind::Refused, "{error}");
}

#[tokio::test]
async fn hierarchical_keys_are_found_in_items() {
    let served = Served::start().await;
    let visits = served.client().container("shop", "visits");
    let paths = vec!["/tenant".to_owned(), "/user/id".to_owned()];
    let new = NewContainer { partition_key: paths, ..NewContainer::with_key("/tenant") };
    let made = visits.create_if_missing(&new).await.unwrap();
    let item = json!({ "id": "1", "tenant": "a", "user": { "id": 7 } });
    let key = PartitionKey::of_item(&made.partition_key, &item);
    visits.upsert_item(&key, &item.to_string(), None).await.unwrap();
    assert!(visits.read_item("1", &key).await.unwrap().is_some());
    let whole = PartitionKey::of_all(&[Some(&json!("a")), Some(&json!(7))]);
    assert_eq!(key, whole);
}
