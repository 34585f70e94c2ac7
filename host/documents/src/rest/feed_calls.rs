//! Lists of items and change feeds (reference: Cosmos DB, sections 7.4 to 7.6).

use std::time::Duration;

use http::StatusCode;
use http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};

use super::answer::Answer;
use super::item_calls::{check_session, in_container, in_ranges};
use super::list_body::ListBody;
use super::{Asked, headers};
use crate::protocol::links::ResourceKind;
use crate::protocol::{DocumentError, envelope, parse_http_date};
use crate::service::{DocumentsError, FeedMode, FeedRequest, FeedRows, FeedStart, LONGEST_WAIT, ListRequest, Scope};

/// A page of the items of a container, a range or a partition key.
pub(super) async fn list(asked: &Asked<'_>) -> Result<Answer, DocumentsError> {
    let request = ListRequest {
        container: asked.container(),
        scope: scope(asked)?,
        continuation: asked.text(&headers::CONTINUATION),
        max_items: asked.max_items()?,
    };
    let page = asked.service.list_items(&request).await?;
    check_session(asked, page.ranges.iter().copied())?;
    let writer = &page.container.writer;
    let room = page.items.iter().map(|item| item.body.len() + 256).sum();
    let mut list = ListBody::new(&page.container.rid.to_string(), ResourceKind::Document.plural(), room);
    for item in &page.items {
        list.add(|text| writer.write_stored(text, item, false));
    }
    let (body, count) = list.finish();
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.set_number(&headers::ITEM_COUNT, count);
    if let Some(continuation) = page.continuation {
        answer.set(&headers::CONTINUATION, continuation);
    }
    in_container(&mut answer, &page.container);
    in_ranges(&mut answer, &page.ranges, None);
    answer.set_charge(page.charge.0);
    Ok(answer)
}

/// A page of what changed.
pub(super) async fn changes(asked: &Asked<'_>) -> Result<Answer, DocumentsError> {
    let request = feed_request(asked)?;
    let page = asked.service.feed(&request).await?;
    check_session(asked, page.ranges.iter().copied())?;
    let mut answer = match page.rows.is_empty() {
        true => Answer::new(StatusCode::NOT_MODIFIED),
        false => {
            let writer = &page.container.writer;
            let container = page.container.rid.to_string();
            let mut list = ListBody::new(&container, ResourceKind::Document.plural(), 4096);
            match &page.rows {
                FeedRows::Latest(items) => {
                    let wrapped = asked.text(&headers::WIRE_FORMAT).is_some();
                    for item in items {
                        list.add(|text| match wrapped {
                            true => envelope::latest(text, writer, item),
                            false => writer.write_stored(text, item, true),
                        });
                    }
                }
                FeedRows::Versions(changes) => {
                    for change in changes {
                        let definition = page.container.definition.partition_key();
                        list.add(|text| envelope::version(text, writer, change, definition));
                    }
                }
            }
            let (body, count) = list.finish();
            let mut answer = Answer::json(StatusCode::OK, body);
            answer.set_number(&headers::ITEM_COUNT, count);
            answer
        }
    };
    answer.set_etag(&page.etag);
    in_container(&mut answer, &page.container);
    in_ranges(&mut answer, &page.ranges, None);
    answer.set_charge(page.charge.0);
    Ok(answer)
}

fn feed_request<'a>(asked: &Asked<'a>) -> Result<FeedRequest<'a>, DocumentError> {
    let asked_for = asked.text(&headers::A_IM).unwrap_or("");
    let mode = match asked_for {
        word if word.eq_ignore_ascii_case("incremental feed") => FeedMode::Latest,
        word if word.eq_ignore_ascii_case("full-fidelity feed") => FeedMode::AllVersions,
        _ => {
            return Err(DocumentError::bad_request(
                "The header A-IM has to be one of 'Incremental Feed', 'Full-Fidelity Feed'.",
            ));
        }
    };
    let since = match asked.text(&IF_MODIFIED_SINCE).filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => match parse_http_date(text) {
            Some(at) => Some(at.as_micros().div_euclid(1_000_000)),
            None => {
                return Err(DocumentError::bad_request(
                    "The header If-Modified-Since is not of the form 'Sun, 06 Nov 1994 08:49:37 GMT'.",
                ));
            }
        },
    };
    let start = match (asked.text(&IF_NONE_MATCH).filter(|text| !text.is_empty()), since) {
        (Some("*" | "\"*\""), _) => FeedStart::Now,
        (Some(etag), _) => FeedStart::After(etag),
        (None, Some(second)) => FeedStart::Time(second),
        (None, None) => FeedStart::Beginning,
    };
    let wait = headers::number(&asked.parts.headers, &headers::WAIT_SECONDS)?.unwrap_or(0);
    let wait = Duration::from_secs(wait.max(0).unsigned_abs()).min(LONGEST_WAIT);
    let max_items = asked.max_items()?;
    Ok(FeedRequest { container: asked.container(), scope: scope(asked)?, mode, start, since, max_items, wait })
}

/// Which part of a container the headers mean.
pub(super) fn scope<'a>(asked: &Asked<'a>) -> Result<Scope<'a>, DocumentError> {
    let (start, end) = (asked.text(&headers::START_EPK), asked.text(&headers::END_EPK));
    if let Some(kind) = asked.text(&headers::READ_KEY_TYPE)
        && !kind.eq_ignore_ascii_case("EffectivePartitionKeyRange")
    {
        return Err(DocumentError::bad_request(
            "The header x-ms-read-key-type has to be EffectivePartitionKeyRange: a point is asked for by its range.",
        ));
    }
    Ok(Scope {
        range: asked.text(&headers::PARTITION_KEY_RANGE_ID).filter(|range| !range.is_empty()),
        start,
        end,
        partition_key: asked.text(&headers::PARTITION_KEY),
    })
}
