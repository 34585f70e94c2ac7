//! Partition key ranges: a list that is a change feed too. Clients read it until it answers 304 (reference: Cosmos DB, section
//! 0, trap 3).

use http::StatusCode;
use http::header::IF_NONE_MATCH;

use super::answer::Answer;
use super::{Asked, headers, list_body};
use crate::protocol::SessionToken;
use crate::protocol::links::ResourceKind;
use crate::service::DocumentsError;

/// The ranges of a container; nothing when the client has them already.
pub(super) async fn list(asked: &Asked<'_>) -> Result<Answer, DocumentsError> {
    let page = asked.service.ranges(asked.container()).await?;
    let known = asked.text(&IF_NONE_MATCH).is_some_and(|etag| etag.trim_matches('"') == page.etag.trim_matches('"'));
    let mut answer = match known {
        true => Answer::new(StatusCode::NOT_MODIFIED),
        false => {
            let container = page.container.to_string();
            let (body, count) = list_body::of(&container, ResourceKind::PartitionKeyRange.plural(), &page.items);
            let mut answer = Answer::json(StatusCode::OK, body);
            answer.set_number(&headers::ITEM_COUNT, count);
            answer
        }
    };
    answer.set_etag(&page.etag);
    answer.set(&headers::SESSION_TOKEN, SessionToken::of_all(page.stored.iter().map(|range| (range.range, range.lsn))));
    answer.set(&headers::CONTENT_PATH, page.container.to_string());
    answer.set(&headers::ALT_CONTENT_PATH, page.path);
    Ok(answer)
}
