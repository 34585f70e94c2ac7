//! Single items. A read is a signature, one look at host state and one text to write: no JSON is parsed.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderValue, StatusCode};

use super::answer::Answer;
use super::call::Operation;
use super::{Asked, headers, utf8};
use crate::protocol::account::ConsistencyLevel;
use crate::protocol::{DocumentError, Indexing, Patch, SessionToken, etag};
use crate::service::{Container, DocumentsError, ItemAnswer, ItemOutcome, ItemRequest};

pub(super) async fn perform(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    let request = request(asked)?;
    let service = asked.service;
    let done = match asked.call.operation {
        Operation::Read => service.read_item(&request).await,
        Operation::Create => service.create_item(&request, utf8(body)?).await,
        Operation::Upsert => service.upsert_item(&request, utf8(body)?).await,
        Operation::Replace => service.replace_item(&request, utf8(body)?).await,
        Operation::Patch => {
            let patch = Patch::parse(utf8(body)?)?;
            service.patch_item(&request, &patch).await
        }
        Operation::Delete => service.delete_item(&request).await,
        _ => Err(DocumentError::new(StatusCode::METHOD_NOT_ALLOWED, "An item does not have this operation.").into()),
    }?;
    if asked.call.operation == Operation::Read {
        check_session(asked, [(done.range, done.lsn)])?;
    }
    Ok(answer(asked, &done))
}

/// Deletes all items of a partition key.
pub(super) async fn delete_partition_key(asked: &Asked<'_>) -> Result<Answer, DocumentsError> {
    let header = asked.text(&headers::PARTITION_KEY);
    let done = asked.service.delete_partition_key(asked.container(), header).await?;
    let mut answer = Answer::new(StatusCode::OK);
    in_container(&mut answer, &done.container);
    in_ranges(&mut answer, &done.ranges, None);
    answer.set_charge(done.charge.0);
    Ok(answer)
}

fn request<'a>(asked: &Asked<'a>) -> Result<ItemRequest<'a>, DocumentError> {
    if asked.text(&headers::PRE_TRIGGERS).is_some() || asked.text(&headers::POST_TRIGGERS).is_some() {
        return Err(DocumentError::bad_request(
            "This store keeps triggers and does not run them: leave out the headers x-ms-documentdb-pre-trigger-include and \
             x-ms-documentdb-post-trigger-include.",
        ));
    }
    let indexing = asked.text(&headers::INDEXING_DIRECTIVE).map_or(Ok(Indexing::default()), str::parse)?;
    Ok(ItemRequest {
        container: asked.container(),
        id: if asked.call.link.feed { "" } else { asked.call.link.child().unwrap_or("") },
        partition_key: asked.text(&headers::PARTITION_KEY),
        if_match: asked.text(&IF_MATCH),
        if_none_match: asked.text(&IF_NONE_MATCH),
        indexing,
    })
}

fn answer(asked: &Asked<'_>, done: &ItemAnswer) -> Answer {
    let status = match done.outcome {
        ItemOutcome::Read | ItemOutcome::Replaced => StatusCode::OK,
        ItemOutcome::NotModified => StatusCode::NOT_MODIFIED,
        ItemOutcome::Created => StatusCode::CREATED,
        ItemOutcome::Deleted => StatusCode::NO_CONTENT,
    };
    let mut answer = Answer::new(status);
    let mut item_lsn = done.lsn;
    if let Some(item) = &done.item {
        item_lsn = item.version.lsn();
        answer.set_etag(&etag::text(item.version.0));
        let wrote = matches!(done.outcome, ItemOutcome::Created | ItemOutcome::Replaced);
        let minimal = wrote && asked.text(&headers::PREFER).is_some_and(prefers_minimal);
        if !minimal && done.outcome != ItemOutcome::NotModified {
            let mut body = String::with_capacity(item.body.len() + 256);
            done.container.writer.write(&mut body, &item.body, item.number, item.version, item.timestamp, None);
            answer.body = body.into();
        }
    }
    in_container(&mut answer, &done.container);
    in_ranges(&mut answer, &[(done.range, done.lsn)], Some(item_lsn));
    answer.set_charge(done.charge.0);
    answer
}

/// Whether `Prefer` asks for answers to writes without the item.
pub(super) fn prefers_minimal(prefer: &str) -> bool {
    prefer.split([',', ';']).any(|word| word.trim().eq_ignore_ascii_case("return=minimal"))
}

/// Which container an answer is about.
pub(super) fn in_container(answer: &mut Answer, container: &Arc<Container>) {
    answer.headers.insert(&headers::CONTENT_PATH, container.content_path.clone());
    if let Some(path) = &container.alternative_path {
        answer.headers.insert(&headers::ALT_CONTENT_PATH, path.clone());
    }
}

/// Where its ranges stood. An LSN is that of the only range, or of the furthest.
pub(super) fn in_ranges(answer: &mut Answer, ranges: &[(i64, i64)], item_lsn: Option<i64>) {
    answer.set(&headers::SESSION_TOKEN, SessionToken::of_all(ranges.iter().copied()));
    let lsn = HeaderValue::from(ranges.iter().map(|(_, lsn)| *lsn).max().unwrap_or(0));
    for name in [
        &headers::LSN,
        &headers::GLOBAL_COMMITTED_LSN,
        &headers::QUORUM_ACKED_LSN,
        &headers::COSMOS_LSN,
        &headers::COSMOS_QUORUM_LSN,
    ] {
        answer.headers.insert(name, lsn.clone());
    }
    if let Some(lsn) = item_lsn.map(HeaderValue::from) {
        answer.headers.insert(&headers::ITEM_LSN, lsn.clone());
        answer.headers.insert(&headers::COSMOS_ITEM_LSN, lsn);
    }
    if let [(range, _)] = ranges {
        let range = HeaderValue::from(*range);
        answer.headers.insert(&headers::PARTITION_KEY_RANGE_ID, range.clone());
        answer.headers.insert(&headers::PHYSICAL_PARTITION_ID, range.clone());
        answer.headers.insert(&headers::INTERNAL_PARTITION_ID, range);
    }
}

/// Refuses a read whose session has seen more than is here. A read that asks for less consistency does not care.
pub(super) fn check_session(
    asked: &Asked<'_>,
    ranges: impl IntoIterator<Item = (i64, i64)>,
) -> Result<(), DocumentError> {
    let Some(token) = asked.text(&headers::SESSION_TOKEN) else { return Ok(()) };
    let token = SessionToken::read(token)?;
    let level = match asked.text(&headers::CONSISTENCY_LEVEL).filter(|level| !level.is_empty()) {
        Some(level) => level.parse()?,
        None => asked.caller.account.properties.default_consistency,
    };
    if level > ConsistencyLevel::Session {
        return Ok(());
    }
    ranges.into_iter().try_for_each(|(range, lsn)| token.check(range, lsn))
}
