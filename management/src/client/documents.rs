//! A document store as client commands use it: signed requests over its REST face, with a connection string as the public SDKs take it.

use std::time::Duration;

use ::http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use bytes::Bytes;
use hearth_documents::protocol::http_date;
use hearth_documents::protocol::signature::{AccountKey, SignedParts};
use hearth_model::clock::{Clock, SystemClock};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::http::{Connection, body_of};
use crate::exit::{Failure, Kind};

/// Version of the protocol that is spoken.
const VERSION: &str = "2020-07-15";
/// What passes is waited for, so many times, with a pause that doubles from the first.
const ATTEMPTS: u32 = 7;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Of a path's segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A store with what opens one account of it.
pub(crate) struct Documents {
    base: String,
    key: AccountKey,
    connection: Connection,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    method: Method,
    resource_type: &'static str,
    /// The resource that is signed for, by its names.
    link: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
    /// Whether doing it twice is as doing it once.
    repeatable: bool,
}

impl Call {
    /// GET of the resources of a kind below a parent, by their ids: `list("docs", &["dbs", "shop", "colls", "orders"])`.
    pub(crate) fn list(kind: &'static str, parent: &[&str]) -> Self {
        Self { repeatable: true, ..Self::new(Method::GET, kind, parent.join("/"), &[parent, &[kind]].concat()) }
    }

    /// GET of one resource.
    pub(crate) fn read(kind: &'static str, link: &[&str]) -> Self {
        Self { repeatable: true, ..Self::new(Method::GET, kind, link.join("/"), link) }
    }

    /// POST to the resources of a kind below a parent.
    pub(crate) fn create(kind: &'static str, parent: &[&str], body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new(Method::POST, kind, parent.join("/"), &[parent, &[kind]].concat()) }
    }

    fn new(method: Method, resource_type: &'static str, link: String, path: &[&str]) -> Self {
        let path = path.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, SEGMENT))).collect();
        Self { method, resource_type, link, path, headers: Vec::new(), body: Bytes::new(), repeatable: false }
    }

    /// With a header; its name in lower case.
    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// The same list from where a page ended.
    pub(crate) fn after(&self, continuation: Option<&str>) -> Self {
        let mut call = self.clone();
        call.headers.extend(continuation.map(|token| ("x-ms-continuation", token.to_owned())));
        call
    }

    /// Doing it twice is as doing it once.
    pub(crate) fn repeatable(self) -> Self {
        Self { repeatable: true, ..self }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What an error answer says, in one line.
    pub(crate) fn error(&self) -> String {
        error_text(self.status, &self.body)
    }
}

impl Documents {
    /// Takes a connection string apart; nothing is sent yet.
    pub(crate) fn open(connection_string: &str) -> Result<Self, Failure> {
        // The text holds a key, so it is not shown.
        let wrong = |what: &str| {
            Failure::configuration(format_args!(
                "the connection string {what}; it must be AccountEndpoint=URL;AccountKey=KEY; as 'hearth documents connection-string' prints it"
            ))
        };
        let value = |wanted: &str| {
            let mut parts = connection_string.trim().split(';').filter_map(|part| part.split_once('='));
            parts.find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        let base = value("AccountEndpoint").ok_or_else(|| wrong("has no AccountEndpoint"))?.trim_end_matches('/');
        if !base.starts_with("http://") && !base.starts_with("https://") {
            return Err(wrong("has an AccountEndpoint that is no URL"));
        }
        let key = value("AccountKey").ok_or_else(|| wrong("has no AccountKey"))?;
        let key = AccountKey::from_base64(key).ok_or_else(|| wrong("has an AccountKey that is not base64"))?;
        Ok(Self { base: base.to_owned(), key, connection: Connection::new(base)? })
    }

    /// Sends a request and expects that it is done.
    pub(crate) async fn done(&self, call: &Call) -> Result<Answer, Failure> {
        let answer = self.send(call).await?;
        self.accept(&answer)?;
        Ok(answer)
    }

    /// Fails with what an error answer says.
    pub(crate) fn accept(&self, answer: &Answer) -> Result<(), Failure> {
        if answer.status.is_success() {
            return Ok(());
        }
        let text = format!("the document store at {} answers: {}", self.base, answer.error());
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status);
        Err(Failure::new(if refused { Kind::Refused } else { Kind::Failure }, text))
    }

    /// Sends a request until there is an answer that is to stay: budgets, conflicts and restarts pass.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, Failure> {
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let result = self.once(call).await;
            let told = match &result {
                // Refused before anything was done.
                Ok(answer) if [429, 449].contains(&answer.status.as_u16()) => {
                    let told = answer.header("x-ms-retry-after-ms").and_then(|text| text.parse().ok());
                    Some(told.map_or(pause, Duration::from_millis))
                }
                Ok(answer) if answer.status.as_u16() == 503 && call.repeatable => Some(pause),
                Err(_) if call.repeatable => Some(pause),
                _ => None,
            };
            let Some(wait) = told.filter(|_| attempt < ATTEMPTS) else { return result };
            tokio::time::sleep(wait.min(LONGEST_PAUSE)).await;
            (pause, attempt) = ((pause * 2).min(LONGEST_PAUSE), attempt + 1);
        }
    }

    async fn once(&self, call: &Call) -> Result<Answer, Failure> {
        let date = http_date(SystemClock.now());
        let method = call.method.as_str();
        let parts = SignedParts { method, resource_type: call.resource_type, ms_date: &date, date: "" };
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(format!("{}{}", self.base, call.path))
            .header("authorization", parts.authorization(&self.key, &call.link))
            .header("x-ms-date", &date)
            .header("x-ms-version", VERSION)
            .header("accept", "application/json")
            .header("user-agent", concat!("hearth/", env!("CARGO_PKG_VERSION")));
        if !call.body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &call.headers {
            request = request.header(HeaderName::from_static(name), value);
        }
        let request = request.body(body_of(call.body.clone())).map_err(|error| {
            Failure::new(Kind::Usage, format_args!("the request to {}{} can't be made: {error}", self.base, call.path))
        })?;
        let (status, headers, body) = self.connection.send(request).await.map_err(|reason| {
            let hint = match reason.contains("certificate") {
                true => "; a certificate of its own is at /_explorer/emulator.pem there, and SSL_CERT_FILE names a file of trusted ones",
                false => "",
            };
            Failure::new(
                Kind::Unreachable,
                format_args!("the document store at {} can't be reached: {reason}{hint}", self.base),
            )
        })?;
        Ok(Answer { status, headers, body })
    }
}

/// What an error answer says, in one line: without what its authors add for their support.
fn error_text(status: StatusCode, body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Error {
        code: String,
        message: String,
    }
    match serde_json::from_slice::<Error>(body) {
        Ok(Error { code, message }) => {
            let message = message.lines().next().unwrap_or_default().trim();
            format!("{} {code}: {message}", status.as_u16())
        }
        Err(_) => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_taken_apart_and_never_shown() {
        let store = Documents::open(" accountendpoint=http://127.0.0.1:9/;AccountKey=a2V5; ").unwrap();
        assert_eq!(store.base, "http://127.0.0.1:9");
        for wrong in [
            "AccountKey=c2VjcmV0;",
            "AccountEndpoint=http://x/;",
            "AccountEndpoint=x;AccountKey=c2VjcmV0;",
            "AccountEndpoint=http://x/;AccountKey=c2VjcmV0?;",
        ] {
            let refused = Documents::open(wrong).err().unwrap().to_string();
            assert!(refused.contains("connection string") && !refused.contains("c2VjcmV0"), "{refused}");
        }
    }

    #[test]
    fn names_are_encoded_on_the_wire_and_signed_as_they_are() {
        let call = Call::read("colls", &["dbs", "my shop", "colls", "a/b%ü"]);
        assert_eq!(call.link, "dbs/my shop/colls/a/b%ü");
        assert_eq!(call.path, "/dbs/my%20shop/colls/a%2Fb%25%C3%BC");
        assert_eq!(Call::list("dbs", &[]).path, "/dbs");
    }

    #[test]
    fn error_answers_are_one_line() {
        let body = br#"{"code":"NotFound","message":"No such thing.\r\nActivityId: 1, x"}"#;
        assert_eq!(error_text(StatusCode::NOT_FOUND, body), "404 NotFound: No such thing.");
        assert_eq!(error_text(StatusCode::BAD_GATEWAY, b"<html>"), "502 Bad Gateway");
    }
}
