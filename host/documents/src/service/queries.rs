//! Queries over the items of a container, a page at a time: one logical partition where the key is given or follows from the
//! filter, else one range after the other. What the language means is decided in [`crate::query`]; here items are found for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_state::documents::{KeyBounds, PageLimit};
use http::StatusCode;

use super::charge::{self, Charge};
use super::lists::Room;
use super::scope::{Part, Scope};
use super::{Container, ContainerRef, DocumentService, DocumentsError};
use crate::protocol::{DocumentError, ItemWriter, KeyComponent, PartitionKey, epk, substatus};
use crate::query::{Answer, Execution, Flow, KeyScope, Next, Plan, Position, Query, QueryRange};

/// How long a page that may be ended at any item looks for rows.
const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// How long one may look that has to see all items, for an order or an aggregate.
const LONGEST_WHOLE_LOOK: Duration = Duration::from_secs(60);
/// How long items are worked on before other work of the thread may go on.
const LONGEST_TURN: Duration = Duration::from_millis(5);
/// Items that are read at first, and at most, at one go.
const READ: (u32, u32) = (32, 1000);
/// Bytes that are read at one go.
const READ_BYTES: u64 = 1024 * 1024;

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct ItemsQuery<'a> {
    /// Where.
    pub container: ContainerRef<'a>,
    /// Which part of it.
    pub scope: Scope<'a>,
    /// The query.
    pub query: &'a Arc<Query>,
    /// Whether it may go to several ranges (`x-ms-documentdb-query-enablecrosspartition`).
    pub cross_partition: bool,
    /// What the page before ended with.
    pub continuation: Option<&'a str>,
    /// Most rows of the page; 1 to 1000, none for 100.
    pub max_items: Option<u32>,
}

/// A page of rows.
#[derive(Clone, Debug)]
pub struct QueryAnswer {
    /// The container.
    pub container: Arc<Container>,
    /// Rows as JSON, with commas between them.
    pub rows: String,
    /// How many.
    pub count: usize,
    /// Ranges that were looked at, with their LSNs.
    pub ranges: Vec<(i64, i64)>,
    /// What the next page begins with; none after the last.
    pub continuation: Option<String>,
    /// What it cost.
    pub charge: Charge,
    /// What it took.
    pub metrics: QueryMetrics,
}

/// What a page of a query took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueryMetrics {
    /// Items that were looked at.
    pub items: usize,
    /// Bytes of them.
    pub bytes: usize,
    /// Time from the first to the last.
    pub took: Duration,
}

impl DocumentService {
    /// A page of the answer to a query.
    ///
    /// # Errors
    /// 400 for a continuation that is not of this query, and with sub-status 1004 and the query's plan when it would have to go to
    /// several ranges and may not; those of scopes, of a container's lookup, of budgets and of host state.
    pub async fn query_items(&self, request: &ItemsQuery<'_>) -> Result<QueryAnswer, DocumentsError> {
        let mut lookup = self.lookup(request.container);
        loop {
            let container = lookup.next_with(request.scope.range).await?;
            if let Some(answer) = self.query_once(&container, request).await? {
                return Ok(answer);
            }
        }
    }

    /// How clients have to ask the ranges of a container for a query, as JSON. `features` is what the client can do, where it says so.
    ///
    /// # Errors
    /// 400 for what the client cannot do; those of a container's lookup.
    pub async fn query_plan(
        &self,
        at: ContainerRef<'_>,
        query: &Query,
        features: Option<&str>,
    ) -> Result<String, DocumentsError> {
        let container = self.container(at).await?;
        Ok(plan(&container, query, features)?)
    }

    /// None when the container is not as it is known.
    async fn query_once(
        &self,
        container: &Arc<Container>,
        request: &ItemsQuery<'_>,
    ) -> Result<Option<QueryAnswer>, DocumentsError> {
        let begun = Instant::now();
        let query = request.query;
        let parts = parts(container, request)?;
        let room = Room::new(request.max_items).0;
        let most_rows = usize::try_from(room.items).unwrap_or(usize::MAX);
        let most_bytes = usize::try_from(room.bytes).unwrap_or(usize::MAX);
        let scope = scope_text(container, &request.scope);
        let mut execution = Execution::new(Arc::clone(query), &scope, request.continuation, most_rows, most_bytes)?;
        let mut look =
            Look { writer: ItemWriter::new(container.rid), begun, turn: begun, ranges: Vec::new(), items: 0, bytes: 0 };
        'pass: loop {
            let start = execution.start();
            for (label, part) in &parts {
                let after = match start {
                    Some(start) if start.range > *label => continue,
                    Some(start) if start.range == *label => Some(start.number),
                    _ => None,
                };
                self.admit(container, part.range)?;
                match self.feed_part(&mut execution, &mut look, *label, part, after, room).await? {
                    None => return Ok(None),
                    Some(Flow::More) => {}
                    Some(Flow::Full) => break 'pass,
                }
            }
            if execution.end() == Next::Done {
                break;
            }
        }
        let Answer { rows, count, continuation } = execution.answer()?;
        let charge = charge::query(look.bytes);
        if let Some((range, _)) = look.ranges.last() {
            self.pay_range(container, *range, charge);
        }
        let metrics = QueryMetrics { items: look.items, bytes: look.bytes, took: begun.elapsed() };
        let (container, ranges) = (Arc::clone(container), look.ranges);
        Ok(Some(QueryAnswer { container, rows, count, ranges, continuation, charge, metrics }))
    }

    /// Gives the items of one part to a query until it has enough. None when the container is not as it is known.
    async fn feed_part(
        &self,
        execution: &mut Execution,
        look: &mut Look,
        label: i64,
        part: &Part<'_>,
        mut after: Option<i64>,
        room: PageLimit,
    ) -> Result<Option<Flow>, DocumentsError> {
        let mut items = room.items.saturating_add(1).clamp(READ.0, READ.1);
        let mut text = String::new();
        loop {
            let limit = PageLimit { items, bytes: READ_BYTES };
            let Some((lsn, page)) = self.page(part, after, limit, true).await? else { return Ok(None) };
            look.saw(part.range.id, lsn);
            for item in &page.items {
                after = Some(item.number);
                look.items += 1;
                look.bytes += item.body.len();
                text.clear();
                look.writer.write_stored(&mut text, item, false);
                if execution.feed(Position { range: label, number: item.number }, &text) == Flow::Full {
                    return Ok(Some(Flow::Full));
                }
                if look.turn.elapsed() > LONGEST_TURN {
                    tokio::task::yield_now().await;
                    look.turn = Instant::now();
                }
            }
            if !page.more {
                return Ok(Some(Flow::More));
            }
            if execution.can_pause() && look.begun.elapsed() > LONGEST_LOOK {
                return Ok(Some(Flow::Full));
            }
            if look.begun.elapsed() > LONGEST_WHOLE_LOOK {
                return Err(too_long().into());
            }
            items = items.saturating_mul(2).min(READ.1);
        }
    }
}

/// What a query has looked at so far.
struct Look {
    writer: ItemWriter,
    begun: Instant,
    /// When others were let go on last.
    turn: Instant,
    ranges: Vec<(i64, i64)>,
    items: usize,
    bytes: usize,
}

impl Look {
    fn saw(&mut self, range: i64, lsn: i64) {
        match self.ranges.iter_mut().find(|(known, _)| *known == range) {
            Some((_, known)) => *known = lsn.max(*known),
            None => self.ranges.push((range, lsn)),
        }
    }
}

/// The parts of a container that a query has to look at, each with the number that its continuations call it.
fn parts<'c>(container: &'c Container, request: &ItemsQuery<'_>) -> Result<Vec<(i64, Part<'c>)>, DocumentError> {
    let scope = request.scope.parts(container)?;
    let keys = match request.scope.partition_key {
        Some(_) => None,
        None => keys(container, request.query)?,
    };
    let Some(keys) = keys else {
        let whole = request.scope == Scope::default();
        if whole && scope.len() > 1 && !request.cross_partition {
            return Err(cross_partition(plan(container, request.query, None)?));
        }
        let mut parts: Vec<_> = scope.into_iter().map(|part| (part.range.id, part)).collect();
        parts.sort_by_key(|(label, _)| *label);
        return Ok(parts);
    };
    let definition = container.definition.partition_key();
    let mut parts = Vec::new();
    for key in &keys {
        for part in &scope {
            let bounds = epk::bounds(key, definition);
            if let Some(bounds) = part.narrowed(&bounds) {
                let of_key = key.is_complete(definition);
                let key = of_key.then(|| (epk::effective_key(key, definition), key.canonical()));
                let label = i64::try_from(parts.len()).unwrap_or(i64::MAX);
                parts.push((label, Part { range: part.range, bounds, key }));
            }
        }
    }
    Ok(parts)
}

/// The partition keys that a query can find anything in; none for any.
fn keys(container: &Container, query: &Query) -> Result<Option<Vec<PartitionKey>>, DocumentError> {
    let definition = container.definition.partition_key();
    if definition.system_key() {
        return Ok(None);
    }
    let paths: Vec<&[String]> = definition.paths().iter().map(|path| path.names()).collect();
    let keys = match query.key_scope(&paths) {
        KeyScope::All => return Ok(None),
        KeyScope::Nothing => return Ok(Some(Vec::new())),
        KeyScope::Keys(keys) => keys,
    };
    let component = |value: &serde_json::Value| KeyComponent::from_json(&value.to_string());
    let key = |key: Vec<serde_json::Value>| key.iter().map(component).collect::<Result<_, _>>().map(PartitionKey);
    keys.into_iter().map(key).collect::<Result<_, _>>().map(Some)
}

/// The plan of a query over the ranges of a container.
fn plan(container: &Container, query: &Query, features: Option<&str>) -> Result<String, DocumentError> {
    let definition = container.definition.partition_key();
    let range_of = |key: &PartitionKey| match key.is_complete(definition) {
        true => QueryRange::point(epk::to_hex(Some(&epk::effective_key(key, definition)))),
        false => {
            let KeyBounds { from, to } = epk::bounds(key, definition);
            let (min, max) = (epk::to_hex(from.as_deref()), epk::to_hex(to.as_deref()));
            QueryRange { min, max, ..QueryRange::all() }
        }
    };
    let ranges = match keys(container, query)? {
        Some(keys) => keys.iter().map(range_of).collect(),
        None => vec![QueryRange::all()],
    };
    let plan = Plan::of(query, container.ranges.len() > 1, features, ranges)?;
    Ok(plan.to_json())
}

/// What a continuation belongs to besides its query.
fn scope_text(container: &Container, scope: &Scope<'_>) -> String {
    let Scope { range, start, end, partition_key } = scope;
    let parts = [*range, *start, *end, *partition_key].map(Option::unwrap_or_default);
    format!("{}\n{}", container.rid, parts.join("\n"))
}

/// 408: what cannot be answered in parts took too long.
fn too_long() -> DocumentError {
    let message = format!(
        "The query has looked at items for {} seconds, and its order or aggregate needs all of them: filter more, or ask about one \
         partition key.",
        LONGEST_WHOLE_LOOK.as_secs()
    );
    DocumentError::new(StatusCode::REQUEST_TIMEOUT, message)
}

/// 400/1004 with the plan, which clients then follow.
fn cross_partition(plan: String) -> DocumentError {
    let message = "Cross partition query is required but disabled. Please set x-ms-documentdb-query-enablecrosspartition to true, \
                   specify x-ms-documentdb-partitionkey, or revise your query to avoid this exception.";
    DocumentError { plan: Some(plan), ..DocumentError::new(StatusCode::BAD_REQUEST, message) }
        .with_substatus(substatus::CROSS_PARTITION_QUERY)
}
