//! The envelope: an object with a `body`, which tells status, headers and cookies besides (reference: section 2.7). An object
//! without one is itself the body.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::value::RawValue;

use super::pairs::{self, Pairs};
use super::{Content, InvalidAnswer, TEXT, cookies, header, negotiate, status};

pub(super) struct Envelope<'t> {
    pairs: Pairs<'t>,
    body: &'t RawValue,
}

impl<'t> Envelope<'t> {
    /// The text as an envelope, if it is the JSON text of an object with a `body`.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let pairs = pairs::parse(text)?;
        let body = pairs::get(&pairs, "body")?;
        Some(Self { pairs, body })
    }

    /// The response it stands for.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Result<Response<Bytes>, InvalidAnswer> {
        let mut headers = HeaderMap::new();
        if let Some(given) = self.get("headers").and_then(|given| pairs::parse(given.get())) {
            for (name, value) in given {
                add(&mut headers, &name, value)?;
            }
        }
        if let Some(given) = self.get("cookies") {
            for cookie in cookies::set_cookies(given.get()).map_err(InvalidAnswer)? {
                headers.append(SET_COOKIE, cookie);
            }
        }
        let content = Content::of_json(self.body.get().to_owned());
        let typed = headers.contains_key(CONTENT_TYPE);
        let (body, content_type) = match content {
            Content::Nothing => (String::new(), None),
            content if self.negotiates() && !typed => {
                let (body, content_type) = negotiate::negotiate(content, asked);
                (body, Some(content_type))
            }
            Content::Text(body) | Content::Json(body) => (body, Some(TEXT)),
        };
        if let Some(content_type) = content_type.filter(|_| !typed) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        let mut response = status(Response::new(Bytes::from(body)), self.status());
        *response.headers_mut() = headers;
        Ok(response)
    }

    fn get(&self, name: &str) -> Option<&'t RawValue> {
        pairs::get(&self.pairs, name)
    }

    /// `statusCode`, else `status`: a number or its text; 200 when it can't be used.
    fn status(&self) -> StatusCode {
        let given = self.get("statusCode").or_else(|| self.get("status"));
        let code = given.and_then(|given| pairs::text(given).trim().parse::<f64>().ok());
        let whole = code.filter(|code| code.fract() == 0.0 && (200.0..=999.0).contains(code));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 200 to 999")]
        let code = whole.map(|code| code as u16);
        code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::OK)
    }

    fn negotiates(&self) -> bool {
        self.get("enableContentNegotiation").is_some_and(|given| pairs::text(given).eq_ignore_ascii_case("true"))
    }
}

/// Adds a header of the envelope. Of names that differ only in case the first counts.
fn add(headers: &mut HeaderMap, name: &str, value: &RawValue) -> Result<(), InvalidAnswer> {
    if value.get() == "null" {
        // Without a value there is nothing to send, except that a body must be of some type.
        return match name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()) {
            true => Err(InvalidAnswer("header 'content-type' is null".to_owned())),
            false => Ok(()),
        };
    }
    if headers.contains_key(name) {
        tracing::debug!(category = "Host.General", "header '{}' is given twice, the first counts", name.escape_debug());
        return Ok(());
    }
    let several: Option<Vec<&RawValue>> = serde_json::from_str(value.get()).ok();
    for value in several.unwrap_or_else(|| vec![value]) {
        if let Some((name, value)) = header(name, &pairs::text(value))? {
            headers.append(name, value);
        }
    }
    Ok(())
}
