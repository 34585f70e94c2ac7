//! Attachments as clients write them (reference: Cosmos DB, section 4.5): what is told of media, which are the store's own or anywhere
//! else. Of the store's own the body says nothing: their link follows from the attachment's RID.

use super::json::{self, Object, Property};
use super::{DocumentError, Rid, check_resource_id, is_system_property, limits};

/// An attachment that a client has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentBody {
    name: String,
    media: Option<String>,
    text: String,
}

impl AttachmentBody {
    /// Reads a body: one JSON object with an id, a content type and perhaps the link of media.
    ///
    /// # Errors
    /// 400 for what breaks a rule, 413 for a body that is too long.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        if text.len() > limits::ATTACHMENT_BYTES {
            return Err(DocumentError::new(
                http::StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "The attachment has {} bytes, and may have {}: what is larger goes into its media.",
                    text.len(),
                    limits::ATTACHMENT_BYTES
                ),
            ));
        }
        let mut object = Object::parse(text)?;
        object.remove(is_system_property);
        let name = super::ids::id_of(&object)?;
        check_resource_id(&name)?;
        let text_of = |name: &str| {
            let value = object.get(name);
            let text = value.map(|value| json::string(value).map(std::borrow::Cow::into_owned));
            match text {
                Some(None) => Err(DocumentError::bad_request(format!(
                    "The input content is invalid because the property '{name}' is not a string"
                ))),
                Some(text) => Ok(text),
                None => Ok(None),
            }
        };
        if text_of("contentType")?.is_none() {
            return Err(missing("contentType"));
        }
        let media = text_of("media")?;
        Ok(Self { name, media, text: object.text().into_owned() })
    }

    /// An attachment with media of the store's own.
    ///
    /// # Errors
    /// 400 for a name that breaks the rules of ids.
    pub fn of_media(name: &str, content_type: &str) -> Result<Self, DocumentError> {
        check_resource_id(name)?;
        let mut text = String::from("{\"id\":");
        json::write_string(&mut text, name);
        text.push_str(",\"contentType\":");
        json::write_string(&mut text, content_type);
        text.push('}');
        Ok(Self { name: name.to_owned(), media: None, text })
    }

    /// Its id.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its media are, if it says so.
    pub fn media(&self) -> Option<&str> {
        self.media.as_deref()
    }

    /// One JSON object, as it was written, without what the store adds.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Without the link of its media: they are the store's own.
    #[must_use]
    pub fn without_media(self) -> Self {
        let Ok(mut object) = Object::parse(&self.text) else { return self };
        object.remove(|name| name == "media");
        Self { text: object.text().into_owned(), media: None, ..self }
    }

    /// Refuses an attachment that does not say where its media are.
    ///
    /// # Errors
    /// 400.
    pub fn check_media(&self) -> Result<(), DocumentError> {
        self.media.as_ref().map(drop).ok_or_else(|| missing("media"))
    }
}

/// Where the media of an attachment are that the store keeps.
pub fn media_link(attachment: Rid) -> String {
    format!("/media/{attachment}")
}

/// An attachment as it is kept, with the link of its media where they are the store's own.
pub(crate) fn with_media(stored: &str, attachment: Rid) -> String {
    let link = format!("\"media\":\"{}\"", media_link(attachment));
    let Ok(mut object) = Object::parse(stored) else { return stored.to_owned() };
    if object.get("media").is_some() {
        return stored.to_owned();
    }
    object.push(Property { name: "media".into(), whole: &link, value: &link["\"media\":".len()..] });
    object.text().into_owned()
}

fn missing(property: &str) -> DocumentError {
    DocumentError::bad_request(format!(
        "The input content is invalid because the required properties - '{property}; ' - are missing"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"_ts":1,"id":"a","contentType":"image/png","media":"https://x/y.png","z":1.0}"#;

    #[test]
    fn a_body_keeps_what_is_its_own() {
        let body = AttachmentBody::parse(JSON).unwrap();
        assert_eq!((body.name(), body.media()), ("a", Some("https://x/y.png")));
        assert_eq!(body.text(), r#"{"id":"a","contentType":"image/png","media":"https://x/y.png","z":1.0}"#);
        assert_eq!(body.without_media().text(), r#"{"id":"a","contentType":"image/png","z":1.0}"#);
        for wrong in [
            "",
            "[]",
            r#"{"contentType":"a/b","media":"m"}"#,
            r#"{"id":"a","media":"m"}"#,
            r#"{"id":"a","contentType":1,"media":"m"}"#,
            r#"{"id":"a","contentType":"a/b","media":{}}"#,
            r#"{"id":"a/b","contentType":"a/b","media":"m"}"#,
        ] {
            assert_eq!(AttachmentBody::parse(wrong).unwrap_err().status, 400, "{wrong}");
        }
        let long = format!(r#"{{"id":"a","contentType":"a/b","media":"{}"}}"#, "x".repeat(limits::ATTACHMENT_BYTES));
        assert_eq!(AttachmentBody::parse(&long).unwrap_err().status, 413);
    }

    #[test]
    fn media_of_the_store_are_linked_by_the_rid() {
        let rid = Rid::database(1).container(1).child(crate::protocol::ChildKind::Document, 1).attachment(1);
        let body = AttachmentBody::of_media("a \"b\"", "text/plain").unwrap();
        assert_eq!(body.text(), r#"{"id":"a \"b\"","contentType":"text/plain"}"#);
        assert_eq!(body.check_media().unwrap_err().status, 400);
        let shown = with_media(body.text(), rid);
        assert_eq!(shown, format!(r#"{{"id":"a \"b\"","contentType":"text/plain","media":"/media/{rid}"}}"#));
        assert_eq!(with_media(JSON, rid), JSON, "media that are elsewhere are where they are");
    }
}
