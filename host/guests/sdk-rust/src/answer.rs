//! What a handler may return.

use std::borrow::Cow;

use serde::Serialize;

use crate::{Error, Response, Result};

/// Turns the value a handler returns into the answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of an HTTP function",
    note = "return text, bytes, `Json<T>`, `(status, body)`, `Response`, an `Option` or a `Result` of these"
)]
pub trait IntoResponse {
    /// # Errors
    /// What the handler reported, or a value that cannot be written as JSON.
    fn into_response(self) -> Result<Response>;
}

/// A JSON body, `content-type: application/json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl IntoResponse for Response {
    fn into_response(self) -> Result<Response> {
        Ok(self)
    }
}

/// 204 No Content.
impl IntoResponse for () {
    fn into_response(self) -> Result<Response> {
        Ok(Response::new(204))
    }
}

impl IntoResponse for &str {
    fn into_response(self) -> Result<Response> {
        Ok(Response::text(self))
    }
}

impl IntoResponse for String {
    fn into_response(self) -> Result<Response> {
        Ok(Response::text(self))
    }
}

impl IntoResponse for Cow<'_, str> {
    fn into_response(self) -> Result<Response> {
        Ok(Response::text(self))
    }
}

/// `content-type: application/octet-stream`.
impl IntoResponse for Vec<u8> {
    fn into_response(self) -> Result<Response> {
        Ok(Response::new(200).with_header("content-type", "application/octet-stream").with_body(self))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Result<Response> {
        Response::json(&self.0)
    }
}

impl IntoResponse for serde_json::Value {
    fn into_response(self) -> Result<Response> {
        Response::json(&self)
    }
}

/// The second value with the first as its status.
impl<T: IntoResponse> IntoResponse for (u16, T) {
    fn into_response(self) -> Result<Response> {
        Ok(self.1.into_response()?.with_status(self.0))
    }
}

/// `None` is 404 Not Found.
impl<T: IntoResponse> IntoResponse for Option<T> {
    fn into_response(self) -> Result<Response> {
        self.map_or_else(|| Ok(Response::new(404)), T::into_response)
    }
}

impl<T: IntoResponse, E: Into<Error>> IntoResponse for std::result::Result<T, E> {
    fn into_response(self) -> Result<Response> {
        self.map_err(Into::into)?.into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(value: impl IntoResponse) -> (u16, Option<String>, String) {
        let response = value.into_response().unwrap();
        let kind = response.header("content-type").map(str::to_owned);
        (response.status(), kind, response.body_text().unwrap().to_owned())
    }

    #[test]
    fn each_kind_of_value_has_its_status_and_content_type() {
        let text = Some("text/plain; charset=utf-8".to_owned());
        let json = Some("application/json".to_owned());
        assert_eq!(seen("hi"), (200, text.clone(), "hi".to_owned()));
        assert_eq!(seen("hi".to_owned()), (200, text.clone(), "hi".to_owned()));
        assert_eq!(seen((201, "made")), (201, text.clone(), "made".to_owned()));
        assert_eq!(seen(Json([1, 2])), (200, json.clone(), "[1,2]".to_owned()));
        assert_eq!(seen(serde_json::json!({"a": 1})), (200, json, r#"{"a":1}"#.to_owned()));
        assert_eq!(seen(b"hi".to_vec()), (200, Some("application/octet-stream".to_owned()), "hi".to_owned()));
        assert_eq!(seen(()), (204, None, String::new()));
        assert_eq!(seen(None::<&str>), (404, None, String::new()));
        assert_eq!(seen(Some("hi")), (200, text.clone(), "hi".to_owned()));
        assert_eq!(seen(Ok::<_, Error>("hi")), (200, text, "hi".to_owned()));
    }

    #[test]
    fn a_value_without_json_form_is_an_internal_error() {
        let unwritable = std::collections::BTreeMap::from([((1, 2), "a key that is no text")]);
        let error = Json(unwritable).into_response().unwrap_err();
        assert_eq!((error.status(), error.public_message()), (500, None));
    }
}
