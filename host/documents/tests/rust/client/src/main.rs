//! The client of crates.io, unmodified: bootstrap, items, etags, batches, queries, feeds of both kinds, several ranges.
//!
//! Items travel in binary JSON, which is the client's default.

use std::env;
use std::error::Error;
use std::num::NonZeroU32;
use std::time::Duration;

use azure_core::credentials::Secret;
use azure_data_cosmos::feed::ContinuationToken;
use azure_data_cosmos::models::{ChangeFeedPolicy, ContainerProperties, DatabaseProperties, ThroughputProperties};
use azure_data_cosmos::options::{
    BatchOptions, ChangeFeedMode, ChangeFeedOptions, ChangeFeedStartFrom, ContentResponseOnWrite,
    CreateContainerOptions, ItemReadOptions, ItemWriteOptions, MaxItemCountHint, OperationOptionsBuilder, Precondition,
    QueryOptions,
};
use azure_data_cosmos::{
    AccountEndpoint, AccountReference, ContainerClient, CosmosClient, CosmosError, DatabaseClient, FeedScope,
    PartitionKey, Query, RoutingStrategy, TransactionalBatch,
};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

type Outcome = Result<(), Box<dyn Error>>;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Thing {
    id: String,
    pk: String,
    n: i64,
}

fn thing(id: impl ToString, pk: &str, n: i64) -> Thing {
    Thing { id: id.to_string(), pk: pk.to_owned(), n }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let endpoint: AccountEndpoint = env::var("HEARTH_DOCUMENTS")?.parse()?;
    let key = Secret::from(env::var("HEARTH_DOCUMENTS_KEY")?);
    let account = AccountReference::with_authentication_key(endpoint, key);
    let client = CosmosClient::builder().build(account, RoutingStrategy::ProximityTo("East US".into())).await?;
    client.create_database("rust", None).await?;
    let database = client.database_client("rust");
    resources(&client, &database).await.inspect(|()| println!("ok resources"))?;
    let one = container(&database, "one", "/pk", 400).await?;
    items(&one).await.inspect(|()| println!("ok items"))?;
    every_value(&one).await.inspect(|()| println!("ok every value"))?;
    etags(&one).await.inspect(|()| println!("ok etags"))?;
    batches(&one).await.inspect(|()| println!("ok batches"))?;
    levels(&database).await.inspect(|()| println!("ok levels of keys"))?;
    for (name, throughput) in [("queries", 400), ("ranges", 12_000)] {
        let container = container(&database, name, "/pk", throughput).await?;
        queries(&container).await.inspect(|()| println!("ok queries: {name}"))?;
        changes(&container).await.inspect(|()| println!("ok changes: {name}"))?;
    }
    versions(&database).await.inspect(|()| println!("ok versions"))?;
    expiry(&database).await.inspect(|()| println!("ok expiry"))?;
    database.delete(None).await?;
    Ok(())
}

async fn container(
    database: &DatabaseClient,
    name: &'static str,
    key: &str,
    throughput: u64,
) -> Result<ContainerClient, Box<dyn Error>> {
    let options = CreateContainerOptions::default().with_throughput(ThroughputProperties::manual(throughput));
    database.create_container(ContainerProperties::new(name, key.into()), Some(options)).await?;
    Ok(database.container_client(name, None).await?)
}

fn refused<T>(status: u16, result: Result<T, CosmosError>) {
    match result {
        Ok(_) => panic!("the call was not refused with {status}"),
        Err(error) => assert_eq!(u16::from(error.status()), status, "{error}"),
    }
}

async fn resources(client: &CosmosClient, database: &DatabaseClient) -> Outcome {
    refused(409, client.create_database("rust", None).await);
    let query = Query::from("SELECT * FROM root r WHERE r.id = @id").with_parameter("@id", "rust")?;
    let found: Vec<DatabaseProperties> = client.query_databases(query, None).await?.try_collect().await?;
    assert_eq!(found.len(), 1);
    let made = container(database, "resources", "/pk", 400).await?;
    let read = made.read(None).await?.into_model()?;
    assert_eq!(read.partition_key.paths(), ["/pk"]);
    assert_eq!(made.read_throughput(None).await?.and_then(|offer| offer.throughput()), Some(400));
    let query = "SELECT * FROM c WHERE c.id = 'resources'";
    let found: Vec<ContainerProperties> = database.query_containers(query, None).await?.try_collect().await?;
    assert_eq!(found.len(), 1);
    made.delete(None).await?;
    Ok(())
}

async fn items(container: &ContainerClient) -> Outcome {
    let first = thing("1", "a", 1);
    assert_eq!(u16::from(container.create_item("a", "1", &first, None).await?.status()), 201);
    assert_eq!(container.read_item("a", "1", None).await?.into_model::<Thing>()?, first);
    refused(409, container.create_item("a", "1", &first, None).await);
    refused(404, container.read_item("b", "1", None).await);
    assert_eq!(u16::from(container.upsert_item("a", "1", &thing("1", "a", 2), None).await?.status()), 200);
    assert_eq!(u16::from(container.upsert_item("b", "1", &thing("1", "b", 3), None).await?.status()), 201);
    container.replace_item("a", "1", &thing("1", "a", 4), None).await?;
    assert_eq!(container.read_item("a", "1", None).await?.into_model::<Thing>()?.n, 4);
    refused(404, container.replace_item("a", "2", &thing("2", "a", 4), None).await);
    container.delete_item("a", "1", None).await?;
    refused(404, container.delete_item("a", "1", None).await);
    for id in ["a b", "plus+plus", "100%", "\u{1F600}", "é"] {
        container.create_item("ids", id, &thing(id, "ids", 0), None).await?;
        assert_eq!(container.read_item("ids", id, None).await?.into_model::<Thing>()?.id, id);
    }
    Ok(())
}

/// What binary JSON has a form of its own for.
async fn every_value(container: &ContainerClient) -> Outcome {
    let item = json!({
        "id": "values", "pk": "values", "null": null, "yes": true, "no": false, "zero": 0, "small": 31, "byte": 200, "negative": -1,
        "int": 70_000, "big": 9_007_199_254_740_993_i64, "double": 3.5, "tiny": 1e-7, "empty": "", "short": "é\u{1F600}\n\"",
        "guid": "00102030-4050-6070-8090-a0b0c0d0e0f0", "date": "2024-01-02T03:04:05Z", "long": "x".repeat(70_000), "list": [],
        "lists": [[1, 2], ["a", null], {}], "numbers": (0..300).collect::<Vec<i32>>(), "name": {"type": "Point", "value": [1.5, -2]},
        "same": ["some text that comes twice", "some text that comes twice"],
    });
    container.create_item("values", "values", &item, None).await?;
    let read: Value = container.read_item("values", "values", None).await?.into_model()?;
    for (name, value) in item.as_object().ok_or("an object")? {
        assert_eq!(read.get(name), Some(value), "{name}");
    }
    Ok(())
}

async fn etags(container: &ContainerClient) -> Outcome {
    let made = container.create_item("etags", "1", &thing("1", "etags", 1), None).await?;
    let etag = made.headers().etag().ok_or("an etag")?.clone();
    let when = |condition| Some(ItemWriteOptions::default().with_precondition(condition));
    let second = thing("1", "etags", 2);
    container.replace_item("etags", "1", &second, when(Precondition::if_match(etag.clone()))).await?;
    refused(412, container.replace_item("etags", "1", &second, when(Precondition::if_match(etag.clone()))).await);
    refused(412, container.delete_item("etags", "1", when(Precondition::if_match(etag))).await);
    let now = container.read_item("etags", "1", None).await?.headers().etag().ok_or("an etag")?.clone();
    let unless = ItemReadOptions::default().with_precondition(Precondition::if_none_match(now));
    let status = match container.read_item("etags", "1", Some(unless)).await {
        Ok(answer) => u16::from(answer.status()),
        Err(error) => u16::from(error.status()),
    };
    assert_eq!(status, 304);
    Ok(())
}

async fn batches(container: &ContainerClient) -> Outcome {
    let content = OperationOptionsBuilder::new().with_content_response_on_write(ContentResponseOnWrite::Enabled).build();
    let options = || Some(BatchOptions::default().with_operation_options(content.clone()));
    let batch = TransactionalBatch::new("batch")
        .create_item(thing("1", "batch", 1))?
        .upsert_item(thing("2", "batch", 2), None)?
        .read_item("1", None)
        .replace_item("2", thing("2", "batch", 3), None)?
        .delete_item("1", None);
    let done = container.execute_transactional_batch(batch, options()).await?.into_model()?;
    let statuses: Vec<u16> = done.results().iter().map(|result| result.status_code()).collect();
    assert_eq!(statuses, [201, 201, 200, 200, 204]);
    assert_eq!(done.results()[2].into_model::<Thing>()?.map(|thing| thing.n), Some(1));
    let batch = TransactionalBatch::new("batch")
        .create_item(thing("3", "batch", 1))?
        .create_item(thing("2", "batch", 1))?;
    match container.execute_transactional_batch(batch, options()).await {
        Ok(failed) => {
            let statuses: Vec<u16> = failed.into_model()?.results().iter().map(|result| result.status_code()).collect();
            assert_eq!(statuses, [424, 409]);
        }
        Err(error) => assert!(matches!(u16::from(error.status()), 207 | 409), "{error}"),
    }
    refused(404, container.read_item("batch", "3", None).await);
    Ok(())
}

async fn levels(database: &DatabaseClient) -> Outcome {
    let definition = ("/tenant", "/user").into();
    let options = CreateContainerOptions::default().with_throughput(ThroughputProperties::manual(12_000));
    database.create_container(ContainerProperties::new("levels", definition), Some(options)).await?;
    let made = database.container_client("levels", None).await?;
    for tenant in ["t1", "t2"] {
        for user in ["u1", "u2", "u3"] {
            let item = json!({"id": user, "tenant": tenant, "user": user});
            made.create_item((tenant, user), user, &item, None).await?;
        }
    }
    let read: Value = made.read_item(("t1", "u2"), "u2", None).await?.into_model()?;
    assert_eq!(read["tenant"], "t1");
    let scope = FeedScope::partition(PartitionKey::from("t2"));
    let found: Vec<Value> = made.query_items("SELECT * FROM c", scope, None).await?.try_collect().await?;
    assert_eq!(found.len(), 3, "the first level of a key is asked for");
    Ok(())
}

async fn queries(container: &ContainerClient) -> Outcome {
    for n in 0..40 {
        container.create_item(format!("k{}", n % 5), &n.to_string(), &thing(n, &format!("k{}", n % 5), n), None).await?;
    }
    let numbers = async |query: Query, scope: FeedScope| -> Result<Vec<i64>, Box<dyn Error>> {
        let found: Vec<Thing> = container.query_items(query, scope, None).await?.try_collect().await?;
        Ok(found.into_iter().map(|thing| thing.n).collect())
    };
    let one = Query::from("SELECT * FROM c WHERE c.n > @n ORDER BY c.n DESC").with_parameter("@n", 20)?;
    assert_eq!(numbers(one, FeedScope::partition("k1")).await?, [36, 31, 26, 21]);
    let mut all = numbers("SELECT * FROM c".into(), FeedScope::full_container()).await?;
    all.sort_unstable();
    assert_eq!(all, (0..40).collect::<Vec<_>>());
    let ordered = numbers("SELECT * FROM c ORDER BY c.n".into(), FeedScope::full_container()).await?;
    assert_eq!(ordered, (0..40).collect::<Vec<_>>());
    let some = numbers("SELECT * FROM c ORDER BY c.n OFFSET 5 LIMIT 3".into(), FeedScope::full_container()).await?;
    assert_eq!(some, [5, 6, 7]);
    let values: Vec<i64> =
        container.query_items::<i64>("SELECT VALUE c.n FROM c WHERE c.n < 3", FeedScope::partition("k2"), None).await?.try_collect().await?;
    assert_eq!(values, [2]);
    let count: Vec<i64> =
        container.query_items::<i64>("SELECT VALUE COUNT(1) FROM c", FeedScope::partition("k2"), None).await?.try_collect().await?;
    assert_eq!(count, [8]);
    let wrong = container.query_items::<Thing>("SELECT * FORM c", FeedScope::partition("k1"), None).await;
    match wrong {
        Ok(mut rows) => refused(400, rows.try_next().await),
        Err(error) => refused::<()>(400, Err(error)),
    }
    paged(container).await
}

/// A query that is put aside after its first page and goes on from its token.
async fn paged(container: &ContainerClient) -> Outcome {
    let limit = MaxItemCountHint::Limit(NonZeroU32::new(7).ok_or("not zero")?);
    for (query, scope) in [
        ("SELECT * FROM c", FeedScope::partition("k3")),
        ("SELECT * FROM c", FeedScope::full_container()),
        ("SELECT * FROM c ORDER BY c.n DESC", FeedScope::full_container()),
    ] {
        let options = QueryOptions::default().with_max_item_count(limit);
        let mut pages = container.query_items::<Thing>(query, scope.clone(), Some(options)).await?.into_pages();
        let mut found: Vec<i64> = Vec::new();
        let first = pages.try_next().await?.ok_or("a page")?;
        assert!(first.items().len() <= 7, "{query}: {}", first.items().len());
        found.extend(first.items().iter().map(|thing| thing.n));
        let token = ContinuationToken::from_string(pages.to_continuation_token()?.as_str().to_owned());
        let options = QueryOptions::default().with_max_item_count(limit).with_continuation_token(token);
        let rest: Vec<Thing> = container.query_items(query, scope.clone(), Some(options)).await?.try_collect().await?;
        found.extend(rest.into_iter().map(|thing| thing.n));
        let whole: Vec<Thing> = container.query_items(query, scope, None).await?.try_collect().await?;
        assert_eq!(found, whole.into_iter().map(|thing| thing.n).collect::<Vec<_>>(), "{query}");
    }
    Ok(())
}

/// All that a feed has to say now.
async fn drained(
    container: &ContainerClient,
    scope: FeedScope,
    start: ChangeFeedStartFrom,
    options: ChangeFeedOptions,
) -> Result<(Vec<Thing>, ContinuationToken), Box<dyn Error>> {
    let mut feed = container.query_change_feed::<Thing>(scope, start, Some(options)).await?;
    let (mut found, mut quiet) = (Vec::new(), 0);
    // A feed has no end: it is drained when each range had nothing new.
    while quiet < 4 {
        let Some(page) = feed.next().await else { break };
        let page = page?;
        quiet = if page.items().is_empty() { quiet + 1 } else { 0 };
        found.extend(page.into_items().into_iter().filter_map(|item| item.current().cloned()));
    }
    let token = feed.to_continuation_token()?;
    Ok((found, token))
}

async fn changes(container: &ContainerClient) -> Outcome {
    let limit = MaxItemCountHint::Limit(NonZeroU32::new(9).ok_or("not zero")?);
    let options = || ChangeFeedOptions::default().with_max_item_count(limit);
    let all = FeedScope::full_container;
    let (found, token) = drained(container, all(), ChangeFeedStartFrom::Beginning, options()).await?;
    assert_eq!(found.len(), 40, "each item once");
    container.upsert_item("k1", "1", &thing("1", "k1", 100), None).await?;
    container.create_item("k2", "new", &thing("new", "k2", 101), None).await?;
    let resumed = options().with_continuation_token(token);
    let (found, _) = drained(container, all(), ChangeFeedStartFrom::Beginning, resumed).await?;
    let mut found: Vec<i64> = found.into_iter().map(|thing| thing.n).collect();
    found.sort_unstable();
    assert_eq!(found, [100, 101], "what came since");
    let (found, _) = drained(container, FeedScope::partition("k1"), ChangeFeedStartFrom::Beginning, options()).await?;
    assert_eq!(found.len(), 8, "of one key");
    assert_eq!(found.last().map(|thing| thing.n), Some(100), "in the order of changes");
    let mut from_ranges = 0;
    for range in container.read_feed_ranges(None).await? {
        let (found, _) = drained(container, FeedScope::range(range), ChangeFeedStartFrom::Beginning, options()).await?;
        from_ranges += found.len();
    }
    assert_eq!(from_ranges, 41, "of each range");
    Ok(())
}

async fn versions(database: &DatabaseClient) -> Outcome {
    let policy = ChangeFeedPolicy::default().with_retention_duration(Duration::from_secs(600));
    let properties = ContainerProperties::new("versions", "/pk".into()).with_change_feed_policy(policy);
    database.create_container(properties, None).await?;
    let made = database.container_client("versions", None).await?;
    let options = || ChangeFeedOptions::default().with_mode(ChangeFeedMode::AllVersionsAndDeletes);
    let mut feed =
        made.query_change_feed::<Value>(FeedScope::partition("a"), ChangeFeedStartFrom::Now, Some(options())).await?;
    assert!(feed.next().await.ok_or("a page")??.items().is_empty());
    made.create_item("a", "1", &thing("1", "a", 1), None).await?;
    made.replace_item("a", "1", &thing("1", "a", 2), None).await?;
    made.delete_item("a", "1", None).await?;
    let mut found = Vec::new();
    for _ in 0..10 {
        found.extend(feed.next().await.ok_or("a page")??.into_items());
        if found.len() >= 3 {
            break;
        }
    }
    let kinds: Vec<String> = found.iter().map(|item| format!("{:?}", item.operation_type())).collect();
    assert_eq!(kinds, ["Some(Create)", "Some(Replace)", "Some(Delete)"]);
    let deleted = found.last().and_then(|item| item.metadata()).ok_or("metadata")?;
    assert_eq!(deleted.id(), Some("1"));
    Ok(())
}

async fn expiry(database: &DatabaseClient) -> Outcome {
    let properties = ContainerProperties::new("expiry", "/pk".into()).with_default_ttl(1);
    database.create_container(properties, None).await?;
    let made = database.container_client("expiry", None).await?;
    made.create_item("a", "1", &thing("1", "a", 1), None).await?;
    for _ in 0..100 {
        if made.read_item("a", "1", None).await.is_err() {
            break;
        }
        // Seconds of the store's own clock have to pass.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    refused(404, made.read_item("a", "1", None).await);
    Ok(())
}
