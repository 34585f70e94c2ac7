//! Error codes of the service with their status, text and XML form (REST reference: Common and Queue Service Error Codes).

use http::StatusCode;

use super::xml::{self, Writer};

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $status:literal $text:literal,)+) => {
        /// An error code. The name is what travels.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $($(#[$doc])* #[doc = $text] $code,)+
        }

        impl ErrorCode {
            /// As it travels in `x-ms-error-code` and in the XML body.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => stringify!($code),)+ }
            }

            /// The code of this name.
            pub fn parse(name: &str) -> Option<Self> {
                match name { $(stringify!($code) => Some(Self::$code),)+ _ => None }
            }

            /// HTTP status of an answer with it.
            pub fn status(self) -> StatusCode {
                let number = match self { $(Self::$code => $status,)+ };
                StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// The text for people.
            pub const fn message(self) -> &'static str {
                match self { $(Self::$code => $text,)+ }
            }
        }
    };
}

codes! {
    AuthenticationFailed 403 "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    AuthorizationFailure 403 "This request is not authorized to perform this operation.",
    AuthorizationPermissionMismatch 403 "This request is not authorized to perform this operation using this permission.",
    AuthorizationProtocolMismatch 403 "This request is not authorized to perform this operation using this protocol.",
    AuthorizationResourceTypeMismatch 403 "This request is not authorized to perform this operation using this resource type.",
    AuthorizationServiceMismatch 403 "This request is not authorized to perform this operation using this service.",
    AuthorizationSourceIPMismatch 403 "This request is not authorized to perform this operation using this source IP.",
    CorsPreflightFailure 403 "CORS not enabled or no matching rule found for this request.",
    EmptyMetadataKey 400 "The key for one of the metadata key-value pairs is empty.",
    InternalError 500 "The server encountered an internal error. Please retry the request.",
    InvalidAuthenticationInfo 400 "The authentication information was not provided in the correct format. Verify the value of Authorization header.",
    InvalidHeaderValue 400 "The value for one of the HTTP headers is not in the correct format.",
    InvalidInput 400 "One of the request inputs is not valid.",
    InvalidMarker 400 "The specified marker is invalid.",
    InvalidMetadata 400 "The metadata specified is invalid. It has characters that are not permitted.",
    InvalidQueryParameterValue 400 "Value for one of the query parameters specified in the request URI is invalid.",
    InvalidResourceName 400 "The specified resource name contains invalid characters.",
    InvalidUri 400 "The requested URI does not represent any resource on the server.",
    InvalidXmlDocument 400 "XML specified is not syntactically valid.",
    InvalidXmlNodeValue 400 "The value for one of the XML nodes is not in the correct format.",
    MessageNotFound 404 "The specified message does not exist.",
    MessageTooLarge 400 "The message exceeds the maximum allowed size.",
    MetadataTooLarge 400 "The size of the specified metadata exceeds the maximum size permitted.",
    MissingContentLengthHeader 411 "Content-Length HTTP header is missing.",
    MissingRequiredHeader 400 "An HTTP header that's mandatory for this request is not specified.",
    MissingRequiredQueryParameter 400 "A query parameter that's mandatory for this request is not specified.",
    MissingRequiredXmlNode 400 "A mandatory XML node is not specified in the XML request body.",
    OperationTimedOut 500 "The operation could not be completed within the permitted time.",
    OutOfRangeInput 400 "One of the request inputs is out of range.",
    OutOfRangeQueryParameterValue 400 "One of the query parameters specified in the request URI is outside the permissible range.",
    PopReceiptMismatch 400 "The specified pop receipt did not match the pop receipt for a dequeued message.",
    QueueAlreadyExists 409 "The specified queue already exists.",
    QueueBeingDeleted 409 "The specified queue is being deleted.",
    QueueDisabled 409 "The specified queue has been disabled by the administrator.",
    QueueNotEmpty 409 "The specified queue is not empty.",
    QueueNotFound 404 "The specified queue does not exist.",
    RequestBodyTooLarge 413 "The request body is too large and exceeds the maximum permissible limit.",
    ResourceNotFound 404 "The specified resource does not exist.",
    ServerBusy 503 "The server is busy.",
    UnsupportedHttpVerb 405 "The resource doesn't support the specified HTTP verb.",
    UnsupportedQueryParameter 400 "One of the query parameters specified in the request URI is not supported.",
}

/// A refusal: its code, and what exactly is wrong where that helps. Public text without secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}{}", code.as_str(), code.message(), detail.as_ref().map(|text| format!(" {text}")).unwrap_or_default())]
pub struct ProtocolError {
    /// What kind of error.
    pub code: ErrorCode,
    /// What is wrong with this request.
    pub detail: Option<String>,
}

impl From<ErrorCode> for ProtocolError {
    fn from(code: ErrorCode) -> Self {
        Self { code, detail: None }
    }
}

impl ProtocolError {
    /// With what is wrong with this request.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: Some(detail.into()) }
    }

    /// The body of the answer.
    pub fn to_xml(&self, request_id: &str, time: &str) -> String {
        let mut writer = Writer::document();
        writer.open("Error");
        writer.text("Code", self.code.as_str());
        writer.text("Message", &format!("{}\nRequestId:{request_id}\nTime:{time}", self.code.message()));
        if let Some(detail) = &self.detail {
            let name =
                if self.code == ErrorCode::AuthenticationFailed { "AuthenticationErrorDetail" } else { "Reason" };
            writer.text(name, detail);
        }
        writer.close("Error");
        writer.finish()
    }
}

/// The code in the body of an answer, for an answer without the header `x-ms-error-code`. None if there is none.
pub fn error_code_of(body: &[u8]) -> Option<String> {
    let root = xml::read(body).ok()?;
    (root.name == "Error").then(|| root.text_of("Code").map(str::to_owned)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_read_as_it_was_written() {
        let error = ProtocolError::new(ErrorCode::QueueNotFound, "queue 'a<b>' of account 'shop'");
        let body = error.to_xml("4711", "2026-03-01T10:00:00Z");
        assert!(
            body.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>QueueNotFound</Code>"),
            "{body}"
        );
        assert!(body.contains("RequestId:4711\nTime:2026-03-01T10:00:00Z") && body.contains("a&lt;b&gt;"), "{body}");
        assert_eq!(error_code_of(body.as_bytes()).as_deref(), Some("QueueNotFound"));
        assert_eq!((error_code_of(b"<html/>"), error_code_of(b"nothing")), (None, None));
        assert_eq!(ErrorCode::parse("QueueNotFound"), Some(ErrorCode::QueueNotFound));
        assert_eq!(ErrorCode::MessageNotFound.status(), StatusCode::NOT_FOUND);
    }
}
