use super::*;
use crate::query::Query;

async fn fixture(ranges: u32) -> Fixture {
    let f = Fixture::with(BY_PK, ranges, ServiceOptions::default()).await;
    for n in 0..40 {
        let body = format!(r#"{{"id":"{n}","pk":"key{}","n":{n}}}"#, n % 5);
        f.service.create_item(&ItemRequest::new(ITEMS, "", None), &body).await.unwrap();
    }
    f
}

fn query(text: &str) -> Arc<Query> {
    Arc::new(Query::parse(text, &[]).unwrap())
}

fn asked<'a>(query: &'a Arc<Query>) -> ItemsQuery<'a> {
    let scope = Scope::default();
    ItemsQuery { container: ITEMS, scope, query, cross_partition: true, continuation: None, max_items: None }
}

/// All rows, in pages of so many, and how many pages there were.
async fn all(f: &Fixture, request: ItemsQuery<'_>, page: u32) -> (Vec<serde_json::Value>, usize) {
    let (mut rows, mut pages, mut continuation) = (Vec::new(), 0, None::<String>);
    loop {
        let request = ItemsQuery { max_items: Some(page), continuation: continuation.as_deref(), ..request };
        let answer = f.service.query_items(&request).await.unwrap();
        let page_rows: Vec<serde_json::Value> = serde_json::from_str(&format!("[{}]", answer.rows)).unwrap();
        assert_eq!(page_rows.len(), answer.count);
        rows.extend(page_rows);
        pages += 1;
        continuation = answer.continuation;
        if continuation.is_none() {
            return (rows, pages);
        }
    }
}

fn numbers(rows: &[serde_json::Value]) -> Vec<i64> {
    rows.iter().map(|row| row.as_i64().unwrap()).collect()
}

#[tokio::test]
async fn pages_of_a_query_leave_nothing_out() {
    for ranges in [1, 3] {
        let f = fixture(ranges).await;
        for page in [1, 7, 1000] {
            let values = query("SELECT VALUE c.n FROM c WHERE c.n >= 10");
            let mut found = numbers(&all(&f, asked(&values), page).await.0);
            found.sort_unstable();
            assert_eq!(found, (10..40).collect::<Vec<_>>(), "{ranges} ranges, pages of {page}");
            let ordered = query("SELECT VALUE c.n FROM c ORDER BY c.n DESC");
            let found = numbers(&all(&f, asked(&ordered), page).await.0);
            assert_eq!(found, (0..40).rev().collect::<Vec<_>>(), "{ranges} ranges, pages of {page}");
        }
        let count = query("SELECT VALUE COUNT(1) FROM c");
        assert_eq!(numbers(&all(&f, asked(&count), 10).await.0), [40]);
        let top = query("SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n");
        assert_eq!(numbers(&all(&f, asked(&top), 2).await.0), [0, 1, 2]);
    }
}

#[tokio::test]
async fn a_query_about_one_key_reads_that_key_alone() {
    let f = fixture(3).await;
    let given = query("SELECT * FROM c");
    let scope = Scope { partition_key: Some(r#"["key2"]"#), ..Scope::default() };
    let answer = f.service.query_items(&ItemsQuery { scope, ..asked(&given) }).await.unwrap();
    assert_eq!((answer.count, answer.metrics.items, answer.ranges.len()), (8, 8, 1));
    let implied = query("SELECT VALUE c.n FROM c WHERE c.pk = 'key2' AND c.n > 20");
    let request = ItemsQuery { cross_partition: false, ..asked(&implied) };
    let answer = f.service.query_items(&request).await.unwrap();
    assert_eq!((answer.rows.as_str(), answer.metrics.items), ("22,27,32,37", 8));
    let two = query("SELECT VALUE c.n FROM c WHERE c.pk IN ('key1', 'key3') AND c.n < 10");
    let (rows, _) = all(&f, ItemsQuery { cross_partition: false, ..asked(&two) }, 1).await;
    assert_eq!(numbers(&rows), [1, 6, 3, 8]);
    let none = query("SELECT * FROM c WHERE c.pk = 'key1' AND c.pk = 'key2'");
    assert_eq!(f.service.query_items(&asked(&none)).await.unwrap().metrics.items, 0);
}

#[tokio::test]
async fn several_ranges_have_to_be_allowed() {
    let f = fixture(3).await;
    let every = query("SELECT * FROM c WHERE c.n > 1");
    let request = ItemsQuery { cross_partition: false, ..asked(&every) };
    let Err(DocumentsError::Refused(error)) = f.service.query_items(&request).await else { panic!() };
    assert_eq!((error.status.as_u16(), error.substatus), (400, 1004));
    assert!(error.plan.unwrap().contains("queryRanges"));
    let mut found = 0;
    for range in ["0", "1", "2"] {
        let scope = Scope { range: Some(range), ..Scope::default() };
        found += f.service.query_items(&ItemsQuery { scope, ..request }).await.unwrap().count;
    }
    assert_eq!(found, 38);
    let plan =
        f.service.query_plan(ITEMS, &query("SELECT * FROM c WHERE c.pk = 'key1' ORDER BY c.n"), None).await.unwrap();
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["queryRanges"][0]["min"], plan["queryRanges"][0]["max"]);
    assert_eq!(plan["queryInfo"]["orderBy"][0], "Ascending");
    let f = fixture(1).await;
    assert_eq!(f.service.query_items(&request).await.unwrap().count, 38, "one range is no fan-out");
}

fn list<'a>(continuation: Option<&'a str>, scope: Scope<'a>) -> ListRequest<'a> {
    ListRequest { container: ITEMS, scope, continuation, max_items: Some(7) }
}

#[tokio::test]
async fn continuations_belong_to_their_query_and_list() {
    let f = fixture(3).await;
    let one = query("SELECT VALUE c.n FROM c");
    let first = f.service.query_items(&ItemsQuery { max_items: Some(3), ..asked(&one) }).await.unwrap();
    let other = query("SELECT VALUE c.id FROM c");
    for (query, continuation) in [(&other, first.continuation.as_deref().unwrap()), (&one, "nonsense")] {
        let request = ItemsQuery { continuation: Some(continuation), ..asked(query) };
        assert_eq!(refused(f.service.query_items(&request).await), (400, 0));
    }
    let (mut seen, mut continuation) = (Vec::new(), None::<String>);
    loop {
        let page = f.service.list_items(&list(continuation.as_deref(), Scope::default())).await.unwrap();
        assert!(page.items.len() <= 7);
        seen.extend(page.items.into_iter().map(|item| item.id.parse::<u32>().unwrap()));
        continuation = page.continuation;
        if continuation.is_none() {
            break;
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..40).collect::<Vec<_>>());
    let key = Scope { partition_key: Some(r#"["key2"]"#), ..Scope::default() };
    let first = f.service.list_items(&list(None, key)).await.unwrap();
    let ids: Vec<_> = first.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(ids, ["2", "7", "12", "17", "22", "27", "32"], "in the order of creation");
    assert_eq!(f.service.list_items(&list(first.continuation.as_deref(), key)).await.unwrap().items.len(), 1);
    assert_eq!(refused(f.service.list_items(&list(Some("nonsense"), key)).await), (400, 0));
}

#[tokio::test]
async fn what_is_excluded_from_the_index_is_found_by_no_query() {
    let f = Fixture::new(BY_PK).await;
    f.create(r#"{"id":"1","pk":"a"}"#).await;
    let hidden = ItemRequest { indexing: crate::protocol::Indexing::Exclude, ..request("") };
    f.service.create_item(&hidden, r#"{"id":"2","pk":"a"}"#).await.unwrap();
    let every = query("SELECT VALUE c.id FROM c");
    assert_eq!(f.service.query_items(&asked(&every)).await.unwrap().rows, "\"1\"");
    let list = ListRequest { container: ITEMS, scope: Scope::default(), continuation: None, max_items: None };
    assert_eq!(f.service.list_items(&list).await.unwrap().items.len(), 2);
}

#[tokio::test]
async fn the_first_levels_of_a_hierarchical_key_name_many_partitions() {
    let key = r#""partitionKey":{"paths":["/tenant","/user"],"kind":"MultiHash","version":2}"#;
    let f = Fixture::with(key, 3, ServiceOptions::default()).await;
    for n in 0..30 {
        let body = format!(r#"{{"id":"{n}","tenant":"t{}","user":"u{}","n":{n}}}"#, n % 3, n % 5);
        f.service.create_item(&ItemRequest::new(ITEMS, "", None), &body).await.unwrap();
    }
    let whole = ItemRequest::new(ITEMS, "7", Some(r#"["t1","u2"]"#));
    f.service.read_item(&whole).await.unwrap();
    assert_eq!(refused(f.service.read_item(&ItemRequest::new(ITEMS, "7", Some(r#"["t1"]"#))).await), (400, 0));
    let every = query("SELECT VALUE c.n FROM c ORDER BY c.n");
    let tenant = Scope { partition_key: Some(r#"["t1"]"#), ..Scope::default() };
    let answer = f.service.query_items(&ItemsQuery { scope: tenant, cross_partition: false, ..asked(&every) }).await;
    assert_eq!(answer.unwrap().rows, "1,4,7,10,13,16,19,22,25,28");
    let implied = query("SELECT VALUE c.n FROM c WHERE c.tenant = 't1' ORDER BY c.n");
    let answer = f.service.query_items(&asked(&implied)).await.unwrap();
    assert_eq!((answer.rows.as_str(), answer.metrics.items), ("1,4,7,10,13,16,19,22,25,28", 10));
    let implied = query("SELECT VALUE c.n FROM c WHERE c.user = 'u2' AND c.tenant IN ('t1', 't2')");
    let answer = f.service.query_items(&asked(&implied)).await.unwrap();
    assert_eq!((answer.rows.as_str(), answer.metrics.items), ("7,22,2,17", 4));
    let listed = f.service.list_items(&list(None, tenant)).await.unwrap();
    assert!(listed.items.len() == 7 && listed.items.iter().all(|item| item.partition_key.starts_with("[\"t1\"")));
}

#[tokio::test]
async fn items_of_a_container_without_a_key_have_the_empty_one() {
    let f = Fixture::new(r#""defaultTtl":-1"#).await;
    f.service.create_item(&ItemRequest::new(ITEMS, "", None), r#"{"id":"1"}"#).await.unwrap();
    f.service.read_item(&ItemRequest::new(ITEMS, "1", None)).await.unwrap();
    f.service.read_item(&ItemRequest::new(ITEMS, "1", Some("[]"))).await.unwrap();
    let every = query("SELECT VALUE c.id FROM c");
    assert_eq!(f.service.query_items(&asked(&every)).await.unwrap().rows, "\"1\"");
    let empty = Scope { partition_key: Some("[]"), ..Scope::default() };
    assert_eq!(f.service.query_items(&ItemsQuery { scope: empty, ..asked(&every) }).await.unwrap().rows, "\"1\"");
    assert_eq!(f.service.list_items(&list(None, empty)).await.unwrap().items.len(), 1);
}
