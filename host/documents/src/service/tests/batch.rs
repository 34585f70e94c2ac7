use super::*;
use crate::protocol::{Patch, etag, read_batch};

async fn batch(f: &Fixture, operations: &str) -> BatchAnswer {
    f.service.batch(&batch_request(), &read_batch(operations.as_bytes()).unwrap()).await.unwrap()
}

fn statuses(answer: &BatchAnswer) -> Vec<u16> {
    answer.results.iter().map(|result| result.status.as_u16()).collect()
}

#[tokio::test]
async fn a_batch_is_done_under_one_lsn_and_sees_itself() {
    let f = Fixture::new(BY_PK).await;
    f.create(r#"{"id":"old","pk":"a","n":1}"#).await;
    let answer = batch(
        &f,
        r#"[{"operationType":"Create","resourceBody":{"id":"1","pk":"a","n":1}},
            {"operationType":"Read","id":"1"},
            {"operationType":"Upsert","resourceBody":{"id":"1","pk":"a","n":2}},
            {"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"incr","path":"/n","value":5}],"condition":"from c where c.n = 2"}},
            {"operationType":"Read","id":"1"},
            {"operationType":"Replace","id":"old","resourceBody":{"id":"old","pk":"a","n":9}},
            {"operationType":"Delete","id":"old"},
            {"operationType":"Create","resourceBody":{"id":"old","pk":"a","n":10}},
            {"operationType":"Create","resourceBody":{"id":"2","pk":"a"}},
            {"operationType":"Delete","id":"2"}]"#,
    )
    .await;
    assert_eq!(statuses(&answer), [201, 200, 200, 200, 200, 200, 204, 201, 201, 204]);
    let shown = |at: usize| answer.results[at].item.as_ref().unwrap();
    assert_eq!(&*shown(1).body, r#"{"id":"1","pk":"a","n":1}"#);
    assert!(shown(4).body.contains("\"n\":7"), "{}", shown(4).body);
    let lsn = answer.ranges[0].1;
    assert!(answer.results.iter().flat_map(|result| &result.item).all(|item| item.version.lsn() == lsn));
    let read = f.service.read_item(&request("1")).await.unwrap();
    assert_eq!((read.item.as_ref().unwrap(), read.lsn), (shown(4), lsn));
    assert_eq!(
        &*f.service.read_item(&request("old")).await.unwrap().item.unwrap().body,
        r#"{"id":"old","pk":"a","n":10}"#
    );
    assert_eq!(refused(f.service.read_item(&request("2")).await), (404, 0));
}

#[tokio::test]
async fn of_a_batch_that_fails_nothing_is_done() {
    let f = Fixture::new(BY_PK).await;
    let version = f.create(r#"{"id":"1","pk":"a"}"#).await.item.unwrap().version;
    let create = r#"{"operationType":"Create","resourceBody":{"id":"9","pk":"a"}}"#;
    let stale = etag::text(version.0 + 1).replace('"', "\\\"");
    let cases = [
        (r#"{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}}"#.to_owned(), 409, 0),
        (r#"{"operationType":"Read","id":"none"}"#.to_owned(), 404, 0),
        (format!(r#"{{"operationType":"Delete","id":"1","ifMatch":"{stale}"}}"#), 412, 0),
        (r#"{"operationType":"Create","resourceBody":{"id":"8","pk":"b"}}"#.to_owned(), 400, 1001),
        (r#"{"operationType":"Read","id":"1","partitionKey":"[\"b\"]"}"#.to_owned(), 400, 1001),
        (r#"{"operationType":"Create","resourceBody":{"pk":"a"}}"#.to_owned(), 400, 0),
        (
            r#"{"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"set","path":"/x","value":1}],"condition":"from c where c.x = 1"}}"#
                .to_owned(),
            412,
            1110,
        ),
    ];
    let before = f.service.read_item(&request("1")).await.unwrap().lsn;
    for (failing, status, substatus) in cases {
        let answer = batch(&f, &format!("[{create},{failing},{create}]")).await;
        assert_eq!(statuses(&answer), [424, status, 424], "{failing}");
        assert_eq!(answer.results[1].substatus, substatus, "{failing}");
        assert_eq!(refused(f.service.read_item(&request("9")).await), (404, 0));
    }
    assert_eq!(f.service.read_item(&request("1")).await.unwrap().lsn, before);
    let none = BatchRequest { partition_key: None, ..batch_request() };
    assert_eq!(refused(f.service.batch(&none, &read_batch(format!("[{create}]").as_bytes()).unwrap()).await), (400, 0));
}

#[tokio::test]
async fn a_unique_value_fails_the_batch_that_takes_it() {
    let unique = r#""uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]}]}"#;
    let f = Fixture::new(&format!("{BY_PK},{unique}")).await;
    f.create(r#"{"id":"1","pk":"a","email":"x"}"#).await;
    let answer = batch(
        &f,
        r#"[{"operationType":"Read","id":"1"},{"operationType":"Create","resourceBody":{"id":"2","pk":"a","email":"x"}}]"#,
    )
    .await;
    assert_eq!((statuses(&answer), answer.results[1].substatus), (vec![424, 409], 3301));
    let twice = r#"[{"operationType":"Create","resourceBody":{"id":"3","pk":"a","email":"y"}},
                    {"operationType":"Create","resourceBody":{"id":"4","pk":"a","email":"y"}}]"#;
    assert_eq!(statuses(&batch(&f, twice).await), [424, 409], "within the batch too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn batches_that_count_lose_nothing() {
    let f = Fixture::new(BY_PK).await;
    f.create(r#"{"id":"n","pk":"a","n":0}"#).await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let service = f.service.clone();
        tasks.spawn(async move {
            let mut done = 0;
            for turn in 0..30 {
                let patch = r#"[{"op":"incr","path":"/n","value":1}]"#;
                let result = if turn % 2 == 0 {
                    service.patch_item(&request("n"), &Patch::parse(patch).unwrap()).await.map(drop)
                } else {
                    let operations =
                        format!(r#"[{{"operationType":"Patch","id":"n","resourceBody":{{"operations":{patch}}}}}]"#);
                    service.batch(&batch_request(), &read_batch(operations.as_bytes()).unwrap()).await.map(drop)
                };
                match result {
                    Ok(()) => done += 1,
                    refusal => assert_eq!(refused(refusal), (449, 0)),
                }
            }
            done
        });
    }
    let done: i64 = tasks.join_all().await.into_iter().sum();
    let body = f.service.read_item(&request("n")).await.unwrap().item.unwrap().body;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["n"].as_i64(), Some(done));
    assert!(done > 30, "most of them come through: {done}");
}

#[tokio::test]
async fn a_patch_has_conditions_and_keeps_the_key() {
    let f = Fixture::new(BY_PK).await;
    f.create(r#"{"id":"1","pk":"a","n":1}"#).await;
    let patch = async |text: &str| f.service.patch_item(&request("1"), &Patch::parse(text).unwrap()).await;
    let set = r#"{"op":"set","path":"/v","value":[1]}"#;
    let answer = patch(&format!("[{set}]")).await.unwrap();
    assert_eq!(answer.outcome, ItemOutcome::Replaced);
    assert_eq!(&*answer.item.unwrap().body, r#"{"id":"1","pk":"a","n":1,"v":[1]}"#);
    let condition = format!(r#"{{"operations":[{set}],"condition":"from c where c.n = 2"}}"#);
    assert_eq!(refused(patch(&condition).await), (412, 1110));
    let on_etag = format!(r#"{{"operations":[{set}],"condition":"from c where c._ts > 0 and is_defined(c._etag)"}}"#);
    patch(&on_etag).await.unwrap();
    assert_eq!(refused(patch(r#"[{"op":"set","path":"/pk","value":"b"}]"#).await), (400, 0));
    assert_eq!(refused(patch(r#"[{"op":"set","path":"/id","value":"b"}]"#).await), (400, 0));
    let missing = f.service.patch_item(&request("2"), &Patch::parse(&format!("[{set}]")).unwrap()).await;
    assert_eq!(refused(missing), (404, 0));
    let stale = ItemRequest { if_match: Some("\"x\""), ..request("1") };
    assert_eq!(refused(f.service.patch_item(&stale, &Patch::parse(&format!("[{set}]")).unwrap()).await), (412, 0));
}

#[tokio::test]
async fn operations_of_a_bulk_have_nothing_to_do_with_one_another() {
    let f = Fixture::with(BY_PK, 2, ServiceOptions::default()).await;
    f.create(r#"{"id":"1","pk":"a"}"#).await;
    let operations = r#"[{"operationType":"Create","partitionKey":"[\"a\"]","resourceBody":{"id":"1","pk":"a"}},
        {"operationType":"Upsert","partitionKey":"[\"a\"]","resourceBody":{"id":"2","pk":"a","n":1}},
        {"operationType":"Patch","id":"2","partitionKey":"[\"a\"]","resourceBody":[{"op":"incr","path":"/n","value":1}]},
        {"operationType":"Read","id":"2","partitionKey":"[\"a\"]"},
        {"operationType":"Delete","id":"none","partitionKey":"[\"a\"]"},
        {"operationType":"Delete","partitionKey":"[\"a\"]"}]"#;
    let operations = read_batch(operations.as_bytes()).unwrap();
    let request = BatchRequest { container: ITEMS, partition_key: None, range: Some("1"), continue_on_error: true };
    let answer = f.service.bulk(&request, &operations).await.unwrap();
    assert_eq!(statuses(&answer), [409, 201, 200, 200, 404, 400]);
    assert!(answer.results[3].item.as_ref().unwrap().body.contains("\"n\":2"), "those of one item run in order");
    let gone = BatchRequest { range: Some("7"), ..request };
    assert_eq!(refused(f.service.bulk(&gone, &operations[..2]).await), (410, 1002));
    let stops = BatchRequest { continue_on_error: false, ..request };
    assert_eq!(statuses(&f.service.bulk(&stops, &operations[..3]).await.unwrap()), [409, 424, 424]);
}
