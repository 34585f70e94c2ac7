use super::*;
use crate::protocol::etag;

fn item(id: &str, n: u32) -> String {
    format!(r#"{{"id":"{id}","pk":"a","n":{n}}}"#)
}

#[tokio::test]
async fn an_item_lives_as_the_service_says() {
    let f = Fixture::new(BY_PK).await;
    let created = f.create(&item("1", 1)).await;
    assert_eq!(created.outcome, ItemOutcome::Created);
    let first = created.item.unwrap();
    assert_eq!(refused(f.service.create_item(&request(""), &item("1", 2)).await), (409, 0));
    let read = f.service.read_item(&request("1")).await.unwrap();
    assert_eq!((read.item.as_ref(), read.lsn), (Some(&first), created.lsn));
    assert_eq!(&*first.body, item("1", 1));
    f.wait(1);
    let replaced = f.service.replace_item(&request("1"), &item("1", 2)).await.unwrap();
    let second = replaced.item.unwrap();
    assert_eq!((replaced.outcome, replaced.lsn), (ItemOutcome::Replaced, created.lsn + 1));
    assert_eq!((second.number, second.timestamp), (first.number, first.timestamp + 1));
    let upserted = f.service.upsert_item(&request(""), &item("1", 3)).await.unwrap();
    assert_eq!(upserted.outcome, ItemOutcome::Replaced);
    assert_eq!(f.service.upsert_item(&request(""), &item("2", 1)).await.unwrap().outcome, ItemOutcome::Created);
    let deleted = f.service.delete_item(&request("1")).await.unwrap();
    assert_eq!((deleted.outcome, deleted.item, deleted.lsn), (ItemOutcome::Deleted, None, created.lsn + 4));
    assert_eq!(refused(f.service.read_item(&request("1")).await), (404, 0));
    assert_eq!(refused(f.service.delete_item(&request("1")).await), (404, 0));
    assert_eq!(refused(f.service.replace_item(&request("1"), &item("1", 1)).await), (404, 0));
    let again = f.create(&item("1", 1)).await.item.unwrap();
    assert!(again.number > first.number, "numbers are not used again");
}

#[tokio::test]
async fn conditions_hold_against_what_others_did() {
    let f = Fixture::new(BY_PK).await;
    let first = f.create(&item("1", 1)).await.item.unwrap().version;
    let old = etag::text(first.0);
    let now = etag::text(f.service.replace_item(&request("1"), &item("1", 2)).await.unwrap().item.unwrap().version.0);
    let with = |if_match: &'static str| ItemRequest { if_match: Some(if_match), ..request("1") };
    let old_request = ItemRequest { if_match: Some(&old), ..request("1") };
    assert_eq!(refused(f.service.replace_item(&old_request, &item("1", 3)).await), (412, 0));
    assert_eq!(refused(f.service.upsert_item(&old_request, &item("1", 3)).await), (412, 0));
    assert_eq!(refused(f.service.delete_item(&old_request).await), (412, 0));
    assert_eq!(refused(f.service.delete_item(&with("\"no etag\"")).await), (412, 0));
    assert_eq!(refused(f.service.upsert_item(&with("*"), &item("9", 3)).await), (412, 0));
    let only_new = ItemRequest { if_none_match: Some("*"), ..request("1") };
    assert_eq!(refused(f.service.upsert_item(&only_new, &item("1", 3)).await), (412, 0));
    let known = ItemRequest { if_none_match: Some(&now), ..request("1") };
    assert_eq!(f.service.read_item(&known).await.unwrap().outcome, ItemOutcome::NotModified);
    let unknown = ItemRequest { if_none_match: Some(&old), ..request("1") };
    assert_eq!(f.service.read_item(&unknown).await.unwrap().outcome, ItemOutcome::Read);
    let current = ItemRequest { if_match: Some(&now), ..request("1") };
    f.service.delete_item(&current).await.unwrap();
    assert_eq!(refused(f.service.delete_item(&current).await), (404, 0));
    assert_eq!(refused(f.service.replace_item(&old_request, &item("1", 3)).await), (404, 0));
}

#[tokio::test]
async fn the_partition_key_is_of_header_and_body() {
    let f = Fixture::new(BY_PK).await;
    let other = ItemRequest::new(ITEMS, "", Some(r#"["b"]"#));
    assert_eq!(refused(f.service.create_item(&other, &item("1", 1)).await), (400, 1001));
    let none = ItemRequest::new(ITEMS, "1", None);
    f.service.create_item(&none, &item("1", 1)).await.unwrap();
    assert_eq!(refused(f.service.read_item(&none).await), (400, 0));
    assert_eq!(refused(f.service.delete_item(&none).await), (400, 0));
    let undefined = ItemRequest::new(ITEMS, "u", Some("[{}]"));
    f.service.create_item(&undefined, r#"{"id":"u"}"#).await.unwrap();
    f.service.read_item(&undefined).await.unwrap();
    let null = ItemRequest::new(ITEMS, "u", Some("[null]"));
    assert_eq!(refused(f.service.read_item(&null).await), (404, 0), "undefined and null are two keys");
    f.service.create_item(&null, r#"{"id":"u","pk":null}"#).await.unwrap();
    assert_eq!(refused(f.service.replace_item(&request("1"), &item("2", 1)).await), (400, 0), "another id");
    assert_eq!(refused(f.service.create_item(&request(""), "{\"pk\":\"a\"}").await), (400, 0), "no id");
    let spaced = ItemRequest::new(ITEMS, "1", Some(" [ \"\\u0061\" ] "));
    f.service.read_item(&spaced).await.unwrap();
}

#[tokio::test]
async fn unique_values_are_unique_in_their_partition() {
    let unique = r#""uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]},{"paths":["/a","/b"]}]}"#;
    let f = Fixture::new(&format!("{BY_PK},{unique}")).await;
    let with = |id: &str, email: &str| format!(r#"{{"id":"{id}","pk":"a","email":{email},"a":"{id}"}}"#);
    f.create(&with("1", "\"x\"")).await;
    assert_eq!(refused(f.service.create_item(&request(""), &with("2", "\"\\u0078\"")).await), (409, 3301));
    f.create(&with("2", "null")).await;
    let missing = r#"{"id":"3","pk":"a","a":"3"}"#;
    assert_eq!(refused(f.service.create_item(&request(""), missing).await), (409, 3301), "missing counts as null");
    let elsewhere = ItemRequest::new(ITEMS, "", Some(r#"["b"]"#));
    f.service.create_item(&elsewhere, r#"{"id":"1","pk":"b","email":"x"}"#).await.unwrap();
    assert_eq!(refused(f.service.replace_item(&request("2"), &with("2", "\"x\"")).await), (409, 3301));
    f.service.replace_item(&request("1"), &with("1", "\"y\"")).await.unwrap();
    f.service.replace_item(&request("2"), &with("2", "\"x\"")).await.unwrap();
    f.service.delete_item(&request("2")).await.unwrap();
    f.create(&with("4", "\"x\"")).await;
}

#[tokio::test]
async fn what_has_expired_is_not_there() {
    let f = Fixture::new(&format!("{BY_PK},\"defaultTtl\":10")).await;
    f.create(&item("1", 1)).await;
    f.create(r#"{"id":"2","pk":"a","ttl":3}"#).await;
    f.create(r#"{"id":"3","pk":"a","ttl":-1}"#).await;
    f.wait(3);
    assert_eq!(refused(f.service.read_item(&request("2")).await), (404, 0));
    assert_eq!(refused(f.service.replace_item(&request("2"), r#"{"id":"2","pk":"a"}"#).await), (404, 0));
    f.service.read_item(&request("1")).await.unwrap();
    f.create(r#"{"id":"2","pk":"a","ttl":-1}"#).await;
    f.wait(7);
    assert_eq!(refused(f.service.read_item(&request("1")).await), (404, 0));
    while f.service.maintain_once().await.unwrap() {}
    let list = ListRequest { container: ITEMS, scope: Scope::default(), continuation: None, max_items: None };
    let left = f.service.list_items(&list).await.unwrap().items;
    assert_eq!(left.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["3", "2"]);
    let number = f.service.container(ITEMS).await.unwrap().number;
    let ranges = f.database.documents().ranges(number).await.unwrap();
    assert_eq!(ranges[0].items, 2, "what expired was removed");
}

#[tokio::test]
async fn a_container_that_was_made_anew_is_noticed() {
    let f = Fixture::new(BY_PK).await;
    let other = f.another().await;
    f.create(&item("1", 1)).await;
    let before = other.read_item(&request("1")).await.unwrap().container.rid;
    f.drop_container().await;
    assert_eq!(refused(other.read_item(&request("1")).await), (404, 1003));
    assert_eq!(refused(other.create_item(&request(""), &item("1", 1)).await), (404, 1003));
    f.create_container("items", BY_PK, 2).await;
    assert_eq!(refused(other.read_item(&request("1")).await), (404, 0));
    let created = f.create(&item("1", 2)).await;
    assert_ne!(created.container.rid, before);
    let text = before.to_string();
    let stale = ContainerRef { intended_rid: Some(&text), ..ITEMS };
    let stale = ItemRequest::new(stale, "1", Some(r#"["a"]"#));
    assert_eq!(refused(other.read_item(&stale).await), (400, 1024));
    let text = created.container.rid.to_string();
    let current = ContainerRef { intended_rid: Some(&text), ..ITEMS };
    let current = ItemRequest::new(current, "1", Some(r#"["a"]"#));
    assert_eq!(&*other.read_item(&current).await.unwrap().item.unwrap().body, item("1", 2));
    let by_rid = (created.container.rid.database_part().unwrap().to_string(), text.clone());
    let by_rid = ContainerRef::new("shop", &by_rid.0, &by_rid.1);
    other.read_item(&ItemRequest::new(by_rid, "1", Some(r#"["a"]"#))).await.unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let f = Fixture::new(BY_PK).await;
    let created = f.create(&item("1", 1)).await;
    f.database.clone().close().await;
    let service = f.another().await;
    let read = service.read_item(&request("1")).await.unwrap();
    assert_eq!((read.item, read.lsn), (created.item, created.lsn));
    assert!(service.create_item(&request(""), &item("2", 1)).await.unwrap().lsn > created.lsn);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_change_one_item_one_wins_each_round() {
    let f = Fixture::new(BY_PK).await;
    let mut version = f.create(&item("1", 0)).await.item.unwrap().version;
    for round in 1..=20 {
        let old = etag::text(version.0);
        let mut tasks = tokio::task::JoinSet::new();
        for task in 0..8 {
            let (service, old) = (f.service.clone(), old.clone());
            tasks.spawn(async move {
                let request = ItemRequest { if_match: Some(&old), ..request("1") };
                service.replace_item(&request, &item("1", round * 100 + task)).await
            });
        }
        let results = tasks.join_all().await;
        let mut won = Vec::new();
        for result in results {
            match result {
                Ok(answer) => won.push(answer.item.unwrap().version),
                refusal => assert_eq!(refused(refusal), (412, 0)),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        assert!(won[0] > version);
        version = won[0];
    }
}

#[tokio::test]
async fn budgets_and_quotas_refuse_by_name() {
    let options = ServiceOptions { storage_quota: Some(100), ..ServiceOptions::default() };
    let f = Fixture::with(BY_PK, 1, options).await;
    let long = format!(r#"{{"id":"1","pk":"a","v":"{}"}}"#, "x".repeat(200));
    f.create(&long).await;
    // The figure may be a second old.
    let refused_at = async || f.service.create_item(&request(""), &item("2", 1)).await;
    let begun = std::time::Instant::now();
    let error = loop {
        match refused_at().await {
            Err(DocumentsError::Refused(error)) if error.status == 403 => break error,
            Ok(_) | Err(_) if begun.elapsed() < Duration::from_secs(10) => {
                f.service.delete_item(&request("2")).await.ok();
                // The figure is remembered by the machine's clock.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(error.message.contains("quota is 100"), "{error}");
    f.service.delete_item(&request("1")).await.unwrap();
}

#[tokio::test]
async fn an_item_is_found_by_its_rid_where_no_name_is_like_it() {
    let f = Fixture::new(BY_PK).await;
    let created = f.create(&item("1", 1)).await;
    let rid = |item: &ItemView| crate::protocol::ItemWriter::new(created.container.rid).rid(item.number).to_string();
    let first = rid(created.item.as_ref().unwrap());
    assert_eq!(f.service.read_item(&request(&first)).await.unwrap().item, created.item);
    assert_eq!(refused(f.service.replace_item(&request(&first), &item("2", 2)).await), (400, 0));
    f.service.replace_item(&request(&first), &item("1", 2)).await.unwrap();
    let patch = crate::protocol::Patch::parse(r#"[{"op":"incr","path":"/n","value":1}]"#).unwrap();
    f.service.patch_item(&request(&first), &patch).await.unwrap();
    let named = f.create(&item(&first, 9)).await;
    assert_eq!(f.service.read_item(&request(&first)).await.unwrap().item, named.item, "names come first");
    f.service.delete_item(&request(&first)).await.unwrap();
    assert_eq!(&*f.service.read_item(&request(&first)).await.unwrap().item.unwrap().body, item("1", 3));
    f.service.delete_item(&request(&first)).await.unwrap();
    assert_eq!(refused(f.service.read_item(&request(&first)).await), (404, 0));
}

#[tokio::test]
async fn budgets_hold_back_who_asks_for_too_much() {
    let options = ServiceOptions { request_units: true, ..ServiceOptions::default() };
    let f = Fixture::with(BY_PK, 1, options).await;
    let parent = f.container().await.rid;
    let offer = r#"{"content":{"offerThroughput":400}}"#;
    let definition = format!("{{\"id\":\"small\",{BY_PK}}}");
    let parent = parent.get(..8).unwrap();
    let container = NewContainer { ranges: &[(Vec::new(), Vec::new())], keeps_history: false };
    let new = NewResource {
        account: "shop",
        kind: ResourceKind::Container,
        parent,
        name: "small",
        body: &definition,
        container: Some(container),
        offer: Some(offer),
    };
    f.database.document_resources().create(&new).await.unwrap();
    let small = ItemRequest::new(ContainerRef::new("shop", "db", "small"), "", None);
    let mut done = 0;
    let error = loop {
        match f.service.upsert_item(&small, &item("1", done)).await {
            Ok(_) => done += 1,
            Err(DocumentsError::Refused(error)) => break error,
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!((error.status.as_u16(), error.substatus), (429, 3200));
    assert!((40..80).contains(&done), "400 request units are about 50 upserts: {done}");
    f.clock.advance(error.retry_after.unwrap() + Duration::from_millis(1));
    f.service.upsert_item(&small, &item("1", done)).await.unwrap();
    f.create(&item("1", 1)).await;
}

#[tokio::test]
async fn all_items_of_a_partition_key_can_be_deleted() {
    let f = Fixture::with(BY_PK, 2, ServiceOptions::default()).await;
    for n in 0..230 {
        let body = format!(r#"{{"id":"{n}","pk":"{}"}}"#, if n % 3 == 0 { "b" } else { "a" });
        f.service.create_item(&ItemRequest::new(ITEMS, "", None), &body).await.unwrap();
    }
    f.service.delete_partition_key(ITEMS, Some(r#"["a"]"#)).await.unwrap();
    let list = ListRequest { container: ITEMS, scope: Scope::default(), continuation: None, max_items: Some(1000) };
    let left = f.service.list_items(&list).await.unwrap().items;
    assert!(left.len() == 77 && left.iter().all(|item| item.partition_key == r#"["b"]"#));
    f.service.delete_partition_key(ITEMS, Some(r#"["a"]"#)).await.unwrap();
    assert_eq!(refused(f.service.delete_partition_key(ITEMS, None).await), (400, 0));
}
