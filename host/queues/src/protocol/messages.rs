//! Messages in XML: the body of a put or update, and the lists that put, get and peek answer.

use hearth_model::clock::Timestamp;

use super::dates::{http_date, parse_http_date};
use super::error::{ErrorCode, ProtocolError};
use super::xml::{self, Element, Writer};

/// The body of a put or update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageBody {
    /// The message's text as it travels; none in an update that leaves the text as it is.
    pub text: Option<String>,
}

/// A message as it is answered: a put tells no count and no text, a peek no pop receipt and no next time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueMessage {
    /// Its id, a UUID.
    pub id: String,
    /// When it was put.
    pub inserted: Timestamp,
    /// When it is gone; the end of time for one that never expires.
    pub expires: Timestamp,
    /// Allows to update and delete it until it is got or updated again.
    pub pop_receipt: Option<String>,
    /// When it becomes visible.
    pub next_visible: Option<Timestamp>,
    /// How often it was got.
    pub dequeue_count: Option<u32>,
    /// Its text as it travels.
    pub text: Option<String>,
}

/// Reads the body of a put or update.
///
/// # Errors
/// [`ErrorCode::InvalidXmlDocument`] for what is no XML, [`ErrorCode::MissingRequiredXmlNode`] for another document.
pub fn read_message_body(body: &[u8]) -> Result<MessageBody, ProtocolError> {
    let mut root = xml::read(body).map_err(|error| ProtocolError::new(ErrorCode::InvalidXmlDocument, error))?;
    let at = root.children.iter().position(|child| child.name == "MessageText");
    let Some(at) = at.filter(|_| root.name == "QueueMessage") else {
        return Err(ProtocolError::new(ErrorCode::MissingRequiredXmlNode, "QueueMessage/MessageText"));
    };
    Ok(MessageBody { text: Some(root.children.swap_remove(at).text) })
}

/// The body of a put or update.
pub fn write_message_body(text: &str) -> String {
    let mut writer = Writer::document();
    writer.open("QueueMessage");
    writer.text("MessageText", text);
    writer.close("QueueMessage");
    writer.finish()
}

/// The list that a put, get or peek answers.
pub fn write_messages<'a>(messages: impl IntoIterator<Item = &'a QueueMessage>) -> String {
    let mut writer = Writer::document();
    writer.open("QueueMessagesList");
    for message in messages {
        writer.open("QueueMessage");
        writer.text("MessageId", &message.id);
        writer.text("InsertionTime", &http_date(message.inserted));
        writer.text("ExpirationTime", &http_date(message.expires));
        if let Some(receipt) = &message.pop_receipt {
            writer.text("PopReceipt", receipt);
        }
        if let Some(at) = message.next_visible {
            writer.text("TimeNextVisible", &http_date(at));
        }
        if let Some(count) = message.dequeue_count {
            writer.text("DequeueCount", &count.to_string());
        }
        if let Some(text) = &message.text {
            writer.text("MessageText", text);
        }
        writer.close("QueueMessage");
    }
    writer.close("QueueMessagesList");
    writer.finish()
}

/// Reads the list that a put, get or peek answers.
///
/// # Errors
/// What is wrong with it: it is no such list.
pub fn read_messages(body: &[u8]) -> Result<Vec<QueueMessage>, String> {
    let root = xml::read(body)?;
    if root.name != "QueueMessagesList" {
        return Err(format!("it is a list of messages only by name: its element is '{}'", root.name));
    }
    root.all("QueueMessage").map(message).collect()
}

fn message(element: &Element) -> Result<QueueMessage, String> {
    let text = |name: &str| element.text_of(name).map(str::to_owned);
    let time = |name: &str| match element.text_of(name) {
        None => Ok(None),
        Some(text) => parse_http_date(text).map(Some).ok_or_else(|| format!("{name} is no date: '{text}'")),
    };
    let needed = |name: &str| time(name)?.ok_or_else(|| format!("a message without {name}"));
    let count = element.text_of("DequeueCount").map(|text| text.trim().parse());
    Ok(QueueMessage {
        id: text("MessageId").ok_or("a message without MessageId")?,
        inserted: needed("InsertionTime")?,
        expires: needed("ExpirationTime")?,
        pop_receipt: text("PopReceipt"),
        next_visible: time("TimeNextVisible")?,
        dequeue_count: count.transpose().map_err(|_| "DequeueCount is no number".to_owned())?,
        text: text("MessageText"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_go_both_ways() {
        let at = Timestamp::from_micros(1_772_366_400_000_000);
        let full = QueueMessage {
            id: "0197c1f2-7a4b-7c3d-9e2f-000000000001".to_owned(),
            inserted: at,
            expires: Timestamp::from_micros(at.as_micros() + 7_000_000),
            pop_receipt: Some("AgAAAA==".to_owned()),
            next_visible: Some(at),
            dequeue_count: Some(3),
            text: Some(" <ü> & \r\n".to_owned()),
        };
        let peeked = QueueMessage { pop_receipt: None, next_visible: None, ..full.clone() };
        let both = [full, peeked];
        let body = write_messages(&both);
        assert!(body.contains("<InsertionTime>Sun, 01 Mar 2026 12:00:00 GMT</InsertionTime>"), "{body}");
        assert_eq!(read_messages(body.as_bytes()).unwrap(), both);
        assert_eq!(read_messages(b"<QueueMessagesList />").unwrap(), []);
        let never = "<QueueMessagesList><QueueMessage><MessageId>a</MessageId>\
            <InsertionTime>Sun, 01 Mar 2026 12:00:00 GMT</InsertionTime>\
            <ExpirationTime>Fri, 31 Dec 9999 23:59:59 GMT</ExpirationTime></QueueMessage></QueueMessagesList>";
        assert!(read_messages(never.as_bytes()).unwrap()[0].expires > at);
    }

    #[test]
    fn a_body_is_read_or_refused() {
        let body = write_message_body("a<b>&\u{1f600}");
        assert_eq!(read_message_body(body.as_bytes()).unwrap().text.as_deref(), Some("a<b>&\u{1f600}"));
        let empty = read_message_body(b"<QueueMessage><MessageText/></QueueMessage>").unwrap();
        assert_eq!(empty.text.as_deref(), Some(""));
        let code = |body: &[u8]| read_message_body(body).unwrap_err().code;
        assert_eq!(code(b"plain"), ErrorCode::InvalidXmlDocument);
        assert_eq!(code(b"<QueueMessage/>"), ErrorCode::MissingRequiredXmlNode);
    }
}
