//! Queries over items and over everything else, and the plans that clients ask for (reference: Cosmos DB, sections 5.1 and 5.5).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::answer::Answer;
use super::item_calls::{check_session, in_container, in_ranges};
use super::list_body::ListBody;
use super::{Asked, feed_calls, headers};
use crate::protocol::links::ResourceKind;
use crate::protocol::{DocumentError, limits};
use crate::query::{Execution, Flow, Next, Position, Query, QueryRequest};
use crate::service::{DocumentsError, ItemsQuery};

/// A page of the answer to a query.
pub(super) async fn query(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    let query = QueryRequest::parse(body)?.query().map_err(DocumentError::from)?;
    match asked.call.link.kind {
        ResourceKind::Document => items(asked, &query).await,
        _ => resources(asked, &query).await,
    }
}

/// How to ask the ranges of a container for a query.
pub(super) async fn plan(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    if asked.call.link.kind != ResourceKind::Document {
        return Err(DocumentError::bad_request("A query plan is asked for on the items of a container.").into());
    }
    let query = QueryRequest::parse(body)?.query().map_err(DocumentError::from)?;
    let features = asked.text(&headers::QUERY_FEATURES);
    let plan = asked.service.query_plan(asked.container(), &query, features).await?;
    Ok(Answer::json(StatusCode::OK, plan))
}

async fn items(asked: &Asked<'_>, query: &Arc<Query>) -> Result<Answer, DocumentsError> {
    let request = ItemsQuery {
        container: asked.container(),
        scope: feed_calls::scope(asked)?,
        query,
        cross_partition: asked.flag(&headers::QUERY_CROSS_PARTITION),
        continuation: asked.text(&headers::CONTINUATION).filter(|text| !text.is_empty()),
        max_items: asked.max_items()?,
    };
    let page = asked.service.query_items(&request).await?;
    check_session(asked, page.ranges.iter().copied())?;
    let container = page.container.rid.to_string();
    let size = page.rows.len();
    let (body, count) = ListBody::of_rows(&container, ResourceKind::Document.plural(), &page.rows, page.count);
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.set_number(&headers::ITEM_COUNT, count);
    if let Some(continuation) = page.continuation {
        answer.set(&headers::CONTINUATION, continuation);
    }
    if asked.flag(&headers::POPULATE_QUERY_METRICS) {
        let metrics = page.metrics;
        answer.set(
            &headers::QUERY_METRICS,
            metrics_text(metrics.took, (metrics.items, metrics.bytes), (page.count, size)),
        );
        answer.set_static(&headers::QUERY_EXECUTION_INFO, "{\"reverseRidEnabled\":false,\"reverseIndexScan\":false}");
    }
    in_container(&mut answer, &page.container);
    in_ranges(&mut answer, &page.ranges, None);
    answer.set_charge(page.charge.0);
    Ok(answer)
}

/// All sixteen figures: clients take a missing one for one that cannot be read.
fn metrics_text(took: Duration, (items, bytes): (usize, usize), (rows, written): (usize, usize)) -> String {
    let took = took.as_secs_f64() * 1000.0;
    let ratio = if items == 0 { 1.0 } else { f64::min(count(rows) / count(items), 1.0) };
    format!(
        "totalExecutionTimeInMs={took:.2};queryCompileTimeInMs=0.00;queryLogicalPlanBuildTimeInMs=0.00;\
         queryPhysicalPlanBuildTimeInMs=0.00;queryOptimizationTimeInMs=0.00;VMExecutionTimeInMs={took:.2};\
         indexLookupTimeInMs=0.00;documentLoadTimeInMs={took:.2};systemFunctionExecuteTimeInMs=0.00;\
         userFunctionExecuteTimeInMs=0.00;retrievedDocumentCount={items};retrievedDocumentSize={bytes};\
         outputDocumentCount={rows};outputDocumentSize={written};writeOutputTimeInMs=0.00;indexUtilizationRatio={ratio:.2}"
    )
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A query over resources: there are few, so all of them are looked at.
async fn resources(asked: &Asked<'_>, query: &Arc<Query>) -> Result<Answer, DocumentsError> {
    let link = &asked.call.link;
    let (parent, all) = match link.kind {
        ResourceKind::PartitionKeyRange => {
            let page = asked.service.ranges(asked.container()).await?;
            (page.container.to_string(), page.items)
        }
        ResourceKind::Attachment => {
            let found = asked.service.all_attachments(&super::attachment_calls::request(asked)).await?;
            (found.item.to_string(), found.attachments.into_iter().map(|view| view.json).collect())
        }
        _ => asked.service.all_resources(asked.account(), link).await?,
    };
    let most = asked.max_items()?.unwrap_or(limits::PAGE_ITEMS_DEFAULT);
    let most_rows = usize::try_from(most).unwrap_or(usize::MAX);
    let most_bytes = usize::try_from(limits::PAGE_BYTES).unwrap_or(usize::MAX);
    let continuation = asked.text(&headers::CONTINUATION).filter(|text| !text.is_empty());
    let scope = format!("{}/{parent}", link.kind.segment());
    let mut execution = Execution::new(Arc::clone(query), &scope, continuation, most_rows, most_bytes)?;
    'pass: loop {
        let after = execution.start().map_or(-1, |position| position.number);
        for (number, item) in (0..).zip(&all).filter(|(number, _)| *number > after) {
            if execution.feed(Position { range: 0, number }, item) == Flow::Full {
                break 'pass;
            }
        }
        if execution.end() == Next::Done {
            break;
        }
    }
    let found = execution.answer()?;
    let (body, count) = ListBody::of_rows(&parent, link.kind.plural(), &found.rows, found.count);
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.set_number(&headers::ITEM_COUNT, count);
    if let Some(continuation) = found.continuation {
        answer.set(&headers::CONTINUATION, continuation);
    }
    Ok(answer)
}
