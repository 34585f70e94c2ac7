//! Databases, containers, users, permissions, scripts, offers and client encryption keys.

use bytes::Bytes;
use http::StatusCode;
use http::header::{IF_MATCH, IF_NONE_MATCH};

use super::answer::Answer;
use super::call::Operation;
use super::{Asked, headers, list_body, utf8};
use crate::protocol::DocumentError;
use crate::protocol::links::ResourceKind;
use crate::service::{
    DocumentService, DocumentsError, NewThroughput, Precondition, ResourceDetails, WriteOptions, least_throughput,
};

pub(super) async fn perform(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    let (service, account, link) = (asked.service, asked.account(), &asked.call.link);
    match asked.call.operation {
        Operation::Read => {
            let found = service.read_resource(account, link).await?;
            let known = asked.text(&IF_NONE_MATCH).is_some_and(|etag| etag.trim_matches('"') == found.etag.trim_matches('"'));
            let status = if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
            let mut answer = described(found, status);
            if link.kind == ResourceKind::Container {
                container_headers(asked, &mut answer).await?;
            }
            Ok(answer)
        }
        Operation::List => {
            let continuation = asked.text(&headers::CONTINUATION);
            let page = service.list_resources(account, link, asked.max_items()?, continuation).await?;
            let (body, count) = list_body::of(&page.parent, link.kind.plural(), &page.items);
            let mut answer = Answer::json(StatusCode::OK, body);
            answer.set_number(&headers::ITEM_COUNT, count);
            if let Some(continuation) = page.continuation {
                answer.set(&headers::CONTINUATION, continuation);
            }
            Ok(answer)
        }
        Operation::Create | Operation::Upsert => {
            let options = options(asked)?;
            let (made, created) = service.create_resource(account, link, utf8(body)?, &options).await?;
            Ok(described(made, if created { StatusCode::CREATED } else { StatusCode::OK }))
        }
        Operation::Replace => {
            let replaced = service.replace_resource(account, link, utf8(body)?, &options(asked)?).await?;
            Ok(described(replaced, StatusCode::OK))
        }
        Operation::Delete => {
            service.delete_resource(account, link, &precondition(asked)).await?;
            Ok(Answer::new(StatusCode::NO_CONTENT))
        }
        Operation::Execute => Err(DocumentError::bad_request(
            "This store keeps stored procedures and does not run them: do their work in the application, or in a transactional batch.",
        )
        .into()),
        _ => Err(DocumentError::new(StatusCode::METHOD_NOT_ALLOWED, "The requested verb is not supported by this resource.").into()),
    }
}

fn precondition<'a>(asked: &Asked<'a>) -> Precondition<'a> {
    Precondition { if_match: asked.text(&IF_MATCH), if_none_match: asked.text(&IF_NONE_MATCH) }
}

fn options<'a>(asked: &Asked<'a>) -> Result<WriteOptions<'a>, DocumentError> {
    let lifetime = headers::number(&asked.parts.headers, &headers::EXPIRY_SECONDS)?;
    Ok(WriteOptions {
        throughput: NewThroughput::read(asked.text(&headers::OFFER_THROUGHPUT), asked.text(&headers::AUTOPILOT))?,
        upsert: asked.call.operation == Operation::Upsert,
        precondition: precondition(asked),
        lifetime: DocumentService::token_lifetime(lifetime)?,
    })
}

fn described(found: ResourceDetails, status: StatusCode) -> Answer {
    let mut answer = match status {
        StatusCode::NOT_MODIFIED => Answer::new(status),
        _ => Answer::json(status, found.json),
    };
    answer.set_etag(&found.etag);
    if !found.parent.is_empty() {
        answer.set(&headers::ALT_CONTENT_PATH, &found.parent);
    }
    if let Some(parent) = found.rid.parent() {
        answer.set(&headers::CONTENT_PATH, parent.to_string());
    }
    if found.kind == ResourceKind::Offer {
        answer.set_static(&headers::OFFER_REPLACE_PENDING, "false");
        answer.set_number(&headers::MIN_THROUGHPUT, least_throughput().into());
    }
    answer
}

/// What is told of a container besides what it is: how its indexes and its quota stand.
async fn container_headers(asked: &Asked<'_>, answer: &mut Answer) -> Result<(), DocumentsError> {
    answer.set_static(&headers::INDEX_PROGRESS, "100");
    answer.set_static(&headers::LAZY_INDEX_PROGRESS, "-1");
    let statistics = asked.flag(&headers::POPULATE_STATISTICS);
    if !asked.flag(&headers::POPULATE_QUOTA) && !statistics {
        return Ok(());
    }
    let page = asked.service.ranges(asked.container()).await?;
    let kilobytes = |bytes: i64| bytes.max(0).div_euclid(1024);
    let count: i64 = page.stored.iter().map(|range| range.items).sum();
    let size = kilobytes(page.stored.iter().map(|range| range.bytes).sum());
    answer.set_static(
        &headers::RESOURCE_QUOTA,
        "functions=50;storedProcedures=100;triggers=25;documentSize=2048;documentsSize=-1;documentsCount=-1;collectionSize=-1;",
    );
    answer.set(
        &headers::RESOURCE_USAGE,
        format!(
            "functions=0;storedProcedures=0;triggers=0;documentSize=0;documentsSize={size};documentsCount={count};\
             collectionSize={size};"
        ),
    );
    if statistics && answer.status == StatusCode::OK {
        let of = |range: &hearth_state::documents::StoredRange| {
            format!(
                "{{\"id\":\"{}\",\"sizeInKB\":{},\"documentCount\":{},\"sampledDistinctPartitionKeyCount\":0,\"partitionKeys\":[]}}",
                range.range,
                kilobytes(range.bytes),
                range.items
            )
        };
        let all = page.stored.iter().map(of).collect::<Vec<_>>().join(",");
        let body = std::str::from_utf8(&answer.body).unwrap_or("{}");
        let body = body.strip_suffix('}').unwrap_or(body);
        answer.body = format!("{body},\"statistics\":[{all}]}}").into();
    }
    Ok(())
}
