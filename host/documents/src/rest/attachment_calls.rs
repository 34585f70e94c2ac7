//! Attachments of items, and media (reference: Cosmos DB, section 4.5). An attachment is JSON that says where its media are, or it is
//! the media themselves with a name in the header `Slug`: then the store keeps them.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};

use hearth_state::documents::Media;
use percent_encoding::percent_decode_str;

use super::answer::Answer;
use super::call::Operation;
use super::item_calls::{check_session, in_container, in_ranges, prefers_minimal};
use super::{Asked, headers, list_body, utf8};
use crate::protocol::links::ResourceKind;
use crate::protocol::{AttachmentBody, DocumentError, Rid, limits};
use crate::service::{AttachmentRequest, AttachmentsAnswer, DocumentsError, NewAttachment, Precondition};

/// What media are that nobody says the type of.
const ANY_BYTES: &str = "application/octet-stream";

/// Whether the body is media: bytes to keep and not to read.
pub(super) fn is_media(kind: ResourceKind, operation: Operation, headers: &HeaderMap) -> bool {
    match (kind, operation) {
        (ResourceKind::Media, Operation::Replace) => true,
        (ResourceKind::Attachment, Operation::Create | Operation::Upsert) => {
            let kind = headers::text(headers, &CONTENT_TYPE).unwrap_or("");
            let kind = kind.split(';').next().unwrap_or("").trim();
            let json = kind.is_empty() || kind.eq_ignore_ascii_case("application/json");
            headers.contains_key(&headers::SLUG) || !json
        }
        _ => false,
    }
}

/// What is done with the attachments of an item.
pub(super) async fn perform(asked: &Asked<'_>, body: &Bytes) -> Result<Answer, DocumentsError> {
    let (service, request) = (asked.service, request(asked));
    let (done, status) = match asked.call.operation {
        Operation::Read => {
            let found = service.read_attachment(&request).await?;
            check_session(asked, [(found.range, found.lsn)])?;
            let known = asked.text(&IF_NONE_MATCH).is_some_and(|given| {
                found.attachments.first().is_some_and(|view| given.trim_matches('"') == view.etag.trim_matches('"'))
            });
            (found, if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK })
        }
        Operation::List => {
            let continuation = asked.text(&headers::CONTINUATION);
            let page = service.list_attachments(&request, asked.max_items()?, continuation).await?;
            check_session(asked, [(page.range, page.lsn)])?;
            return Ok(listed(page));
        }
        Operation::Create | Operation::Upsert => {
            let new = new(asked, body)?;
            let (made, created) = service.create_attachment(&request, &new).await?;
            (made, if created { StatusCode::CREATED } else { StatusCode::OK })
        }
        Operation::Replace => {
            let body = AttachmentBody::parse(utf8(body)?)?;
            (service.replace_attachment(&request, &body).await?, StatusCode::OK)
        }
        Operation::Delete => (service.delete_attachment(&request).await?, StatusCode::NO_CONTENT),
        _ => return Err(not_an_operation()),
    };
    Ok(answered(asked, done, status))
}

/// What is done with media.
pub(super) async fn media(asked: &Asked<'_>, body: Bytes) -> Result<Answer, DocumentsError> {
    let id = asked.call.link.first().unwrap_or("");
    let rid: Rid = id.parse().map_err(|_| DocumentError::not_found())?;
    let account = asked.account();
    match asked.call.operation {
        Operation::Read => {
            let media = asked.service.media(account, rid).await?;
            let kind = HeaderValue::from_str(&media.content_type);
            let mut answer = Answer::new(StatusCode::OK);
            answer.headers.insert(CONTENT_TYPE, kind.unwrap_or(HeaderValue::from_static(ANY_BYTES)));
            // Whoever made them said what they are, and nobody looked.
            answer.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            answer.body = Bytes::from(std::sync::Arc::unwrap_or_clone(media.bytes));
            Ok(answer)
        }
        Operation::Replace => {
            asked.service.replace_media(account, rid, &bytes_of(asked, body)?).await?;
            Ok(Answer::new(StatusCode::OK))
        }
        Operation::Delete => {
            asked.service.delete_media(account, rid).await?;
            Ok(Answer::new(StatusCode::NO_CONTENT))
        }
        _ => Err(not_an_operation()),
    }
}

/// What a request about attachments says of where they are, and of how they must be.
pub(super) fn request<'a>(asked: &Asked<'a>) -> AttachmentRequest<'a> {
    let link = &asked.call.link;
    AttachmentRequest {
        container: asked.container(),
        item: link.child().unwrap_or(""),
        partition_key: asked.text(&headers::PARTITION_KEY),
        name: if link.feed { "" } else { link.id().unwrap_or("") },
        precondition: Precondition { if_match: asked.text(&IF_MATCH), if_none_match: asked.text(&IF_NONE_MATCH) },
    }
}

fn new(asked: &Asked<'_>, body: &Bytes) -> Result<NewAttachment, DocumentError> {
    let upsert = asked.call.operation == Operation::Upsert;
    if !is_media(ResourceKind::Attachment, asked.call.operation, &asked.parts.headers) {
        return Ok(NewAttachment { body: AttachmentBody::parse(utf8(body)?)?, media: None, upsert });
    }
    let media = bytes_of(asked, body.clone())?;
    let slug = asked.text(&headers::SLUG).filter(|slug| !slug.is_empty());
    let name = match slug {
        // As its specification has it, it is escaped; a name that is not is left as it is.
        Some(slug) => percent_decode_str(slug)
            .decode_utf8()
            .map_err(|_| DocumentError::bad_request("The header Slug, the name of the attachment, is not UTF-8."))?,
        None => uuid::Uuid::new_v4().to_string().into(),
    };
    let body = AttachmentBody::of_media(&name, &media.content_type)?;
    Ok(NewAttachment { body, media: Some(media), upsert })
}

/// A body as media, of the type that the request names.
fn bytes_of(asked: &Asked<'_>, body: Bytes) -> Result<Media, DocumentError> {
    let content_type = asked.text(&CONTENT_TYPE).filter(|kind| !kind.is_empty()).unwrap_or(ANY_BYTES);
    if content_type.len() > limits::CONTENT_TYPE_BYTES || !content_type.is_ascii() {
        return Err(DocumentError::bad_request(format!(
            "The header Content-Type names the type of the media in at most {} ASCII characters.",
            limits::CONTENT_TYPE_BYTES
        )));
    }
    Ok(Media { content_type: content_type.to_owned(), bytes: Vec::from(body).into() })
}

fn answered(asked: &Asked<'_>, done: AttachmentsAnswer, status: StatusCode) -> Answer {
    let wrote = matches!(asked.call.operation, Operation::Create | Operation::Upsert | Operation::Replace);
    let minimal = wrote && asked.text(&headers::PREFER).is_some_and(prefers_minimal);
    let mut answer = Answer::new(status);
    with_ranges(&mut answer, &done);
    if let Some(view) = done.attachments.into_iter().next() {
        answer.set_etag(&view.etag);
        if !minimal && status != StatusCode::NOT_MODIFIED {
            answer.body = view.json.into();
        }
    }
    answer
}

fn listed(page: AttachmentsAnswer) -> Answer {
    let texts: Vec<String> = page.attachments.iter().map(|view| view.json.clone()).collect();
    let (body, count) = list_body::of(&page.item.to_string(), ResourceKind::Attachment.plural(), &texts);
    let mut answer = Answer::json(StatusCode::OK, body);
    answer.set_number(&headers::ITEM_COUNT, count);
    with_ranges(&mut answer, &page);
    if let Some(continuation) = page.continuation {
        answer.set(&headers::CONTINUATION, continuation);
    }
    answer
}

fn with_ranges(answer: &mut Answer, done: &AttachmentsAnswer) {
    in_container(answer, &done.container);
    in_ranges(answer, &[(done.range, done.lsn)], None);
    answer.set_charge(done.charge.0);
}

fn not_an_operation() -> DocumentsError {
    DocumentError::new(StatusCode::METHOD_NOT_ALLOWED, "The requested verb is not supported by this resource.").into()
}
