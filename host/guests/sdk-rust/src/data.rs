//! Values between host and function, as the contract has them, in a form that is there in a native build too.

use crate::{Request, Timestamp};

/// One value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// Nothing.
    #[default]
    None,
    /// Text.
    Text(String),
    /// JSON text.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// An HTTP request.
    Http(Box<Request>),
    /// Texts.
    TextList(Vec<String>),
    /// Byte strings.
    BytesList(Vec<Vec<u8>>),
}

impl Data {
    /// The name of its kind, for errors.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::None => "nothing",
            Self::Text(_) => "text",
            Self::Json(_) => "JSON",
            Self::Bytes(_) => "bytes",
            Self::Int(_) | Self::Double(_) => "a number",
            Self::Http(_) => "an HTTP request",
            Self::TextList(_) => "a list of texts",
            Self::BytesList(_) => "a list of bytes",
        }
    }

    /// Text, or a JSON text's content.
    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Json(json) => serde_json::from_str(json).ok(),
            _ => None,
        }
    }

    /// A number, however it is written.
    pub(crate) fn as_u32(&self) -> Option<u32> {
        match self {
            Self::Int(number) => u32::try_from(*number).ok(),
            Self::Json(text) | Self::Text(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// A time, if it is one.
    pub(crate) fn as_time(&self) -> Option<Timestamp> {
        self.as_text()?.parse().ok()
    }
}

/// What starts a function.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trigger {
    /// The payload.
    pub data: Data,
    /// What is told beside it, by name.
    pub metadata: Vec<(String, Data)>,
}

impl Trigger {
    /// A piece of metadata, its name compared without regard to case.
    pub(crate) fn metadata(&self, name: &str) -> Option<&Data> {
        self.metadata.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, data)| data)
    }
}

impl From<Request> for Trigger {
    fn from(request: Request) -> Self {
        Self { data: Data::Http(Box::new(request)), metadata: Vec::new() }
    }
}
