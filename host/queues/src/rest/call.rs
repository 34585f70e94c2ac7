//! What a request asks for: its operation, queue and message, by method, path and query.

use std::time::Duration;

use http::Method;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::protocol::sas::Operation;
use crate::protocol::{ErrorCode, ProtocolError, QueueName};

/// A request that is understood.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: Operation,
    /// As it stands in the path.
    pub(super) account: String,
    /// Empty at the level of the service.
    pub(super) queue: String,
    /// Empty unless the path names a message.
    pub(super) message: String,
    query: Vec<(String, String)>,
}

impl Call {
    /// # Errors
    /// [`ErrorCode::InvalidUri`] and [`ErrorCode::UnsupportedHttpVerb`] for what the service does not have,
    /// [`ErrorCode::InvalidResourceName`] for a queue that cannot be.
    pub(super) fn of(parts: &Parts) -> Result<Self, ProtocolError> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned);
        let invalid = |_| ProtocolError::from(ErrorCode::InvalidUri);
        let path = parts.uri.path().strip_prefix('/').unwrap_or_default();
        let segments =
            path.trim_end_matches('/').split('/').map(decoded).collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        // A plus sign is itself, as in the text that clients sign.
        let pairs = parts.uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(name)?.to_ascii_lowercase(), decoded(value)?))
        };
        let query = pairs.map(pair).collect::<Result<Vec<_>, std::str::Utf8Error>>().map_err(invalid)?;
        let mut segments = segments.into_iter();
        let mut next = || segments.next().unwrap_or_default();
        let (account, queue, messages, message) = (next(), next(), next(), next());
        if segments.next().is_some() || !(messages.is_empty() || messages.eq_ignore_ascii_case("messages")) {
            return Err(ErrorCode::InvalidUri.into());
        }
        if !queue.is_empty() {
            let invalid = |error: crate::protocol::InvalidName| {
                ProtocolError::new(ErrorCode::InvalidResourceName, error.to_string())
            };
            QueueName::parse(&queue).map_err(invalid)?;
        }
        let call = Self { operation: Operation::ListQueues, account, queue, message, query };
        let operation = call.operation(&parts.method, !messages.is_empty())?;
        Ok(Self { operation, ..call })
    }

    fn operation(&self, method: &Method, messages: bool) -> Result<Operation, ProtocolError> {
        let (reads, puts) = (matches!(*method, Method::GET | Method::HEAD), *method == Method::PUT);
        let (comp, restype) = (self.get("comp").unwrap_or(""), self.get("restype").unwrap_or(""));
        let known = match (self.queue.is_empty(), messages, self.message.is_empty()) {
            (true, ..) => match (restype, comp) {
                ("", "list") if reads => Some(Operation::ListQueues),
                ("service", "properties") if reads => Some(Operation::GetServiceProperties),
                ("service", "properties") if puts => Some(Operation::SetServiceProperties),
                ("service", "stats") if reads => Some(Operation::GetServiceStats),
                ("", "list") | ("service", "properties" | "stats") => None,
                _ => {
                    let detail = "comp is list, or restype is service and comp is properties or stats";
                    return Err(ProtocolError::new(ErrorCode::InvalidQueryParameterValue, detail));
                }
            },
            (false, false, _) => match comp {
                "" if puts => Some(Operation::CreateQueue),
                "" if *method == Method::DELETE => Some(Operation::DeleteQueue),
                "metadata" if reads => Some(Operation::GetQueueMetadata),
                "metadata" if puts => Some(Operation::SetQueueMetadata),
                "acl" if reads => Some(Operation::GetQueueAcl),
                "acl" if puts => Some(Operation::SetQueueAcl),
                "" | "metadata" | "acl" => None,
                _ => {
                    return Err(ProtocolError::new(ErrorCode::InvalidQueryParameterValue, "comp is metadata or acl"));
                }
            },
            (false, true, true) => match *method {
                Method::POST => Some(Operation::PutMessage),
                Method::GET if self.flag("peekonly") => Some(Operation::PeekMessages),
                Method::GET => Some(Operation::GetMessages),
                Method::DELETE => Some(Operation::ClearMessages),
                _ => None,
            },
            (false, true, false) => match *method {
                Method::PUT => Some(Operation::UpdateMessage),
                Method::DELETE => Some(Operation::DeleteMessage),
                _ => None,
            },
        };
        known.ok_or_else(|| ErrorCode::UnsupportedHttpVerb.into())
    }

    /// The first value of a parameter; its name is in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether a list of words in a parameter has one.
    pub(super) fn lists(&self, name: &str, word: &str) -> bool {
        self.get(name).is_some_and(|words| words.split(',').any(|other| other.trim().eq_ignore_ascii_case(word)))
    }

    /// A parameter that must be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, ProtocolError> {
        self.get(name).ok_or_else(|| ProtocolError::new(ErrorCode::MissingRequiredQueryParameter, name))
    }

    /// A number from `least` to `most`.
    pub(super) fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, ProtocolError> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        let Ok(number) = text.parse::<i64>() else {
            let detail = format!("{name} is '{}': use a whole number", text.chars().take(40).collect::<String>());
            return Err(ProtocolError::new(ErrorCode::InvalidQueryParameterValue, detail));
        };
        if (least..=most).contains(&number) {
            return Ok(Some(number));
        }
        let detail = format!("{name} is {number}: use {least} to {most}");
        Err(ProtocolError::new(ErrorCode::OutOfRangeQueryParameterValue, detail))
    }

    /// A span in whole seconds, up to 7 days.
    pub(super) fn visibility(&self, least: i64) -> Result<Option<Duration>, ProtocolError> {
        const SEVEN_DAYS: i64 = 7 * 24 * 3600;
        let seconds = self.number("visibilitytimeout", least, SEVEN_DAYS)?;
        Ok(seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs())))
    }
}
