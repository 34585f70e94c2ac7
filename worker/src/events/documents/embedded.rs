//! Documents of the embedded store, by library.

use std::sync::Arc;

use hearth_documents::protocol::{ItemWriter, links::Link};
use hearth_documents::query::Query;
use hearth_documents::service::{
    Container, ContainerRef, DocumentService, DocumentsError, ItemRequest, ItemsQuery, NewThroughput, Scope,
    WriteOptions,
};
use hearth_triggers::inputs::{DocumentLookup, WantedDocuments};
use hearth_triggers::outputs::DocumentWrites;
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{List, Trouble};

/// Most rows of one page.
const PAGE_ROWS: u32 = 1000;

impl From<DocumentsError> for Trouble {
    fn from(error: DocumentsError) -> Self {
        match &error {
            DocumentsError::State(state) if state.is_transient() => Self::Passing(error.to_string()),
            DocumentsError::State(_) => Self::Failed(error.to_string()),
            DocumentsError::Refused(refused) => match refused.status {
                StatusCode::NOT_FOUND => Self::NoContainer,
                StatusCode::TOO_MANY_REQUESTS => Self::Passing(error.to_string()),
                _ => Self::Failed(error.to_string()),
            },
        }
    }
}

/// What a lookup finds, as JSON.
pub(super) async fn look_up(
    service: &DocumentService,
    account: &str,
    lookup: &DocumentLookup,
) -> Result<String, Trouble> {
    let at = ContainerRef::new(account, &lookup.database, &lookup.container);
    match &lookup.wanted {
        WantedDocuments::One { id, partition_key } => {
            let container = service.container(at).await?;
            let found = one(service, at, &container, id, partition_key.as_deref()).await?;
            Ok(found.unwrap_or_else(|| "null".to_owned()))
        }
        WantedDocuments::List { sql, parameters, partition_key } => {
            list(service, at, (sql, parameters), partition_key.as_deref()).await
        }
    }
}

async fn one(
    service: &DocumentService,
    at: ContainerRef<'_>,
    container: &Container,
    id: &str,
    partition_key: Option<&str>,
) -> Result<Option<String>, Trouble> {
    if id.is_empty() {
        return Ok(None);
    }
    let key = match partition_key {
        Some(key) => json!([key]).to_string(),
        None => key_without(container, id),
    };
    let answer = match service.read_item(&ItemRequest::new(at, id, Some(&key))).await {
        Err(DocumentsError::Refused(refused)) if refused.status == StatusCode::NOT_FOUND => return Ok(None),
        answer => answer?,
    };
    Ok(answer.item.map(|item| {
        let mut text = String::with_capacity(item.body.len() + 256);
        let writer = ItemWriter::new(answer.container.rid);
        writer.write(&mut text, &item.body, item.number, item.version, item.timestamp, None);
        text
    }))
}

/// The key of a document of which the binding tells only the id: where documents are partitioned by it, it is the key; else there is none.
fn key_without(container: &Container, id: &str) -> String {
    let definition = container.definition.partition_key();
    match definition.paths() {
        _ if definition.system_key() => "[]".to_owned(),
        [only] if only.names() == ["id"] => json!([id]).to_string(),
        _ => "[{}]".to_owned(),
    }
}

async fn list(
    service: &DocumentService,
    at: ContainerRef<'_>,
    (sql, parameters): (&str, &[(String, Value)]),
    partition_key: Option<&str>,
) -> Result<String, Trouble> {
    let query = Query::parse(sql, parameters)
        .map_err(|error| Trouble::Failed(format!("its sqlQuery can't be answered: {}", error.message)))?;
    let query = Arc::new(query);
    let key = partition_key.map(|key| json!([key]).to_string());
    let mut list = List::new();
    let mut continuation: Option<String> = None;
    loop {
        let page = service
            .query_items(&ItemsQuery {
                container: at,
                scope: Scope { partition_key: key.as_deref(), ..Scope::default() },
                query: &query,
                cross_partition: true,
                continuation: continuation.as_deref(),
                max_items: Some(PAGE_ROWS),
            })
            .await?;
        list.add(&page.rows)?;
        continuation = page.continuation;
        if continuation.is_none() {
            return Ok(list.end());
        }
    }
}

/// Upserts documents in their order.
pub(super) async fn upsert(service: &DocumentService, account: &str, writes: &DocumentWrites) -> Result<(), Trouble> {
    let at = ContainerRef::new(account, &writes.database, &writes.container);
    // That it is missing is found before anything is written.
    service.container(at).await?;
    for document in &writes.documents {
        // Its id and its key are in the document.
        service.upsert_item(&ItemRequest::new(at, "", None), document).await?;
    }
    Ok(())
}

/// Makes a container and its database where they are missing.
pub(super) async fn create_container(
    service: &DocumentService,
    account: &str,
    writes: &DocumentWrites,
    partition_key: &str,
    throughput: Option<u32>,
) -> Result<(), Trouble> {
    let throughput = NewThroughput::read(throughput.map(|units| units.to_string()).as_deref(), None)
        .map_err(|error| Trouble::Failed(error.to_string()))?;
    let database = json!({ "id": writes.database }).to_string();
    create(service, account, "dbs", &database, None).await?;
    let container = json!({
        "id": writes.container,
        "partitionKey": { "paths": [partition_key], "kind": "Hash", "version": 2 },
    });
    let feed = format!("dbs/{}/colls", utf8_percent_encode(&writes.database, NON_ALPHANUMERIC));
    create(service, account, &feed, &container.to_string(), throughput).await
}

/// Makes a resource; that somebody else has made it is as good.
async fn create(
    service: &DocumentService,
    account: &str,
    feed: &str,
    body: &str,
    throughput: Option<NewThroughput>,
) -> Result<(), Trouble> {
    let link = Link::parse(feed).map_err(|error| Trouble::Failed(error.to_string()))?;
    let options = WriteOptions { throughput, ..WriteOptions::default() };
    match service.create_resource(account, &link, body, &options).await {
        Err(DocumentsError::Refused(refused)) if refused.status == StatusCode::CONFLICT => Ok(()),
        created => Ok(created.map(drop)?),
    }
}
