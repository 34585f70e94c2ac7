//! A client of any service that speaks the Azure Queue Storage REST API: Azure, Azurite, or a Hearth elsewhere.
//!
//! It signs with the account's key, a shared access signature or an identity's token, waits a bounded time for each answer, and tries
//! again with growing pauses when the service or the way to it fails for the moment. Everything it does may therefore happen twice:
//! a message may be put twice, and one that a lost answer held comes back when its invisibility ends.

mod error;
mod retry;
#[cfg(test)]
mod tests;
mod token;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hearth_model::clock::Clock;
use hearth_outbound::{Answer, Outbound, OutboundOptions};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, StatusCode};
use tokio::sync::Notify;

use crate::connection::{QueueConnection, QueueCredential};
use crate::protocol::{
    API_VERSION, AccountKey, QueueMessage, Scheme, SignedParts, authorization, http_date, read_messages,
    write_message_body,
};
pub use error::{ClientError, ClientErrorKind};
pub use token::IdentityEnvironment;
use token::Tokens;

/// A get of 32 messages is 2 MiB at most, or six times that where every character is escaped.
const OUTBOUND: OutboundOptions = OutboundOptions {
    timeout: Duration::from_secs(30),
    max_answer_bytes: 32 * 6 * 64 * 1024 + 64 * 1024,
    only_this_machine: false,
};

/// Clients of all connections of a process; what they share is made at the first request.
#[derive(Clone)]
pub struct QueueClients(Arc<Shared>);

struct Shared {
    http: Outbound,
    clock: Arc<dyn Clock>,
    environment: IdentityEnvironment,
    clients: Mutex<Vec<QueueClient>>,
    /// By endpoint and queue: who waits for messages that this process puts.
    bells: Mutex<HashMap<(String, String), Arc<Notify>>>,
}

impl QueueClients {
    /// With the proxies and the identity that the process's environment tells.
    pub fn new(clock: Arc<dyn Clock>, environment: IdentityEnvironment) -> Self {
        let (clients, bells) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { http: Outbound::new(OUTBOUND), clock, environment, clients, bells }))
    }

    /// The client of a connection: one for all who ask for the same.
    pub fn client(&self, connection: &QueueConnection) -> QueueClient {
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        // What nobody uses any more goes, so that changed secrets do not pile up.
        clients.retain(|client| Arc::strong_count(&client.0) > 1 || client.connection() == connection);
        if let Some(client) = clients.iter().find(|client| client.connection() == connection) {
            return client.clone();
        }
        let access = match &connection.credential {
            QueueCredential::SharedKey(key) => Access::Key(AccountKey::from_bytes(key.clone())),
            QueueCredential::SharedAccessSignature(signature) => Access::Signature(signature.clone()),
            QueueCredential::Identity(identity) => {
                Access::Token(Box::new(Tokens::new(identity.kind.clone(), self.0.environment.clone())))
            }
        };
        let client = QueueClient(Arc::new(Client { shared: self.0.clone(), connection: connection.clone(), access }));
        clients.push(client.clone());
        client
    }
}

/// A client of one account.
#[derive(Clone)]
pub struct QueueClient(Arc<Client>);

struct Client {
    shared: Arc<Shared>,
    connection: QueueConnection,
    access: Access,
}

enum Access {
    Key(AccountKey),
    Signature(String),
    Token(Box<Tokens>),
}

/// Where the account is, without what opens it.
impl std::fmt::Debug for QueueClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("QueueClient").field(&self.0.connection.endpoint).finish()
    }
}

/// A hold on a message until a moment; it changes with each renewal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt(pub String);

/// One call of the service.
struct Call<'a> {
    /// For errors: what was to be done.
    doing: &'static str,
    method: Method,
    /// Below the account, without a slash at its beginning.
    path: String,
    query: Vec<(&'static str, String)>,
    body: Option<String>,
    queue: &'a str,
}

impl QueueClient {
    /// The connection it was made for.
    pub fn connection(&self) -> &QueueConnection {
        &self.0.connection
    }

    /// Wakes up when this process has put a message into a queue. What was put before the first call is not noticed.
    pub fn bell(&self, queue: &str) -> Arc<Notify> {
        let mut bells = self.0.shared.bells.lock().unwrap_or_else(PoisonError::into_inner);
        bells.retain(|_, bell| Arc::strong_count(bell) > 1);
        bells.entry((self.0.connection.endpoint.clone(), queue.to_owned())).or_default().clone()
    }

    fn ring(&self, queue: &str) {
        let bells = self.0.shared.bells.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bell) = bells.get(&(self.0.connection.endpoint.clone(), queue.to_owned())) {
            bell.notify_one();
        }
    }

    /// Puts a message at the end of a queue; the queue is made when it is not there.
    ///
    /// # Errors
    /// What the service or the way to it says.
    pub async fn put(&self, queue: &str, text: &str) -> Result<(), ClientError> {
        let put = || Call {
            doing: "put a message into",
            method: Method::POST,
            path: format!("{queue}/messages"),
            query: Vec::new(),
            body: Some(write_message_body(text)),
            queue,
        };
        match self.call(put()).await {
            Err(error) if error.kind == ClientErrorKind::QueueNotFound => {
                self.create(queue).await?;
                self.call(put()).await?;
            }
            result => drop(result?),
        }
        self.ring(queue);
        Ok(())
    }

    /// Makes a queue; one that is there already is left as it is.
    ///
    /// # Errors
    /// What the service or the way to it says.
    pub async fn create(&self, queue: &str) -> Result<(), ClientError> {
        let (path, method) = (queue.to_owned(), Method::PUT);
        match self.call(Call { doing: "create", method, path, query: Vec::new(), body: None, queue }).await {
            // It is there with metadata of its own.
            Err(error) if error.code.as_deref() == Some("QueueAlreadyExists") => Ok(()),
            result => result.map(drop),
        }
    }

    /// Takes up to `most` (1 to 32) messages, which nobody else gets for so long.
    ///
    /// # Errors
    /// What the service or the way to it says; [`ClientErrorKind::QueueNotFound`] while the queue is not there.
    pub async fn get(&self, queue: &str, most: u32, invisible: Duration) -> Result<Vec<QueueMessage>, ClientError> {
        let query = vec![("numofmessages", most.clamp(1, 32).to_string()), ("visibilitytimeout", seconds(invisible))];
        let (path, method) = (format!("{queue}/messages"), Method::GET);
        let answer = self.call(Call { doing: "get messages from", method, path, query, body: None, queue }).await?;
        read_messages(&answer.body).map_err(|reason| {
            ClientError::new(ClientErrorKind::Answer, "get messages from", queue, &self.0.connection.endpoint, reason)
        })
    }

    /// Keeps a message out of sight for so long from now, or shows it after that; the receipt counts from then on.
    ///
    /// # Errors
    /// What the service or the way to it says; [`ClientErrorKind::MessageNotFound`] when the message is gone or somebody else's.
    pub async fn update(
        &self,
        queue: &str,
        id: &str,
        receipt: &Receipt,
        invisible: Duration,
    ) -> Result<Receipt, ClientError> {
        let query = vec![("popreceipt", receipt.0.clone()), ("visibilitytimeout", seconds(invisible))];
        let (path, method) = (format!("{queue}/messages/{}", escaped(id)), Method::PUT);
        let answer = self.call(Call { doing: "hold a message of", method, path, query, body: None, queue }).await?;
        let receipt = answer.headers.get("x-ms-popreceipt").and_then(|value| value.to_str().ok());
        receipt.map(|text| Receipt(text.to_owned())).ok_or_else(|| {
            let reason = "the answer has no x-ms-popreceipt".to_owned();
            ClientError::new(ClientErrorKind::Answer, "hold a message of", queue, &self.0.connection.endpoint, reason)
        })
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// What the service or the way to it says; [`ClientErrorKind::MessageNotFound`] when the message is gone or somebody else's.
    pub async fn delete(&self, queue: &str, id: &str, receipt: &Receipt) -> Result<(), ClientError> {
        let query = vec![("popreceipt", receipt.0.clone())];
        let (path, method) = (format!("{queue}/messages/{}", escaped(id)), Method::DELETE);
        self.call(Call { doing: "delete a message of", method, path, query, body: None, queue }).await.map(drop)
    }

    /// About how many messages a queue has, those out of sight too; `None` if there is no such queue.
    ///
    /// # Errors
    /// What the service or the way to it says.
    pub async fn length(&self, queue: &str) -> Result<Option<u64>, ClientError> {
        let query = vec![("comp", "metadata".to_owned())];
        let (path, method) = (queue.to_owned(), Method::GET);
        match self.call(Call { doing: "count the messages of", method, path, query, body: None, queue }).await {
            Ok(answer) => {
                let count = answer.headers.get("x-ms-approximate-messages-count");
                Ok(Some(count.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)))
            }
            Err(error) if error.kind == ClientErrorKind::QueueNotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a call, again while it fails for the moment.
    async fn call(&self, call: Call<'_>) -> Result<Answer, ClientError> {
        let mut pauses = retry::Pauses::new();
        let mut renewed = false;
        loop {
            let error = match self.call_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            // A message that is gone after an answer was lost was deleted by the earlier attempt.
            if call.method == Method::DELETE && pauses.any() && error.kind == ClientErrorKind::MessageNotFound {
                return Ok(Answer::default());
            }
            if let (Access::Token(tokens), ClientErrorKind::Denied, false) = (&self.0.access, error.kind, renewed) {
                renewed = true;
                tokens.forget().await;
                continue;
            }
            match pauses.next().filter(|_| error.kind == ClientErrorKind::Passing) {
                Some(pause) => {
                    tracing::debug!(category = "Host.Queues", %error, "a queue service is asked again in {pause:?}");
                    tokio::time::sleep(pause).await;
                }
                None => return Err(error),
            }
        }
    }

    async fn call_once(&self, call: &Call<'_>) -> Result<Answer, ClientError> {
        let endpoint = &self.0.connection.endpoint;
        let error = |kind, reason: String| ClientError::new(kind, call.doing, call.queue, endpoint, reason);
        let request = self.request(call).await.map_err(|(kind, reason)| error(kind, reason))?;
        let answer = self
            .0
            .shared
            .http
            .send(request)
            .await
            .map_err(|reason| error(ClientErrorKind::Passing, reason.to_string()))?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        Err(ClientError::answered(&answer, call.doing, call.queue, endpoint))
    }

    async fn request(&self, call: &Call<'_>) -> Result<Request<Bytes>, (ClientErrorKind, String)> {
        let connection = &self.0.connection;
        let mut url = format!("{}/{}", connection.endpoint, call.path);
        let mut query = encoded(&call.query);
        if let Access::Signature(signature) = &self.0.access {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(signature);
        }
        if !query.is_empty() {
            url.push('?');
            url.push_str(&query);
        }
        let body = call.body.clone().map(Bytes::from).unwrap_or_default();
        let mut headers = HeaderMap::new();
        let value = |text: &str| {
            HeaderValue::try_from(text)
                .map_err(|_| (ClientErrorKind::Other, "a header could not be written".to_owned()))
        };
        headers.insert(HeaderName::from_static("x-ms-version"), HeaderValue::from_static(API_VERSION));
        headers.insert(HeaderName::from_static("x-ms-date"), value(&http_date(self.0.shared.clock.now()))?);
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        if call.method != Method::GET {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(url)
            .body(body)
            .map_err(|_| (ClientErrorKind::Other, "its address makes no URL".to_owned()))?;
        match &self.0.access {
            Access::Key(key) => {
                let parts = SignedParts {
                    method: call.method.as_str(),
                    path: request.uri().path(),
                    query: request.uri().query().unwrap_or_default(),
                    headers: &headers,
                };
                let authorized = authorization(Scheme::SharedKey, &connection.account, key, &parts);
                headers.insert(AUTHORIZATION, secret(&authorized)?);
            }
            Access::Signature(_) => {}
            Access::Token(tokens) => {
                let shared = &self.0.shared;
                let token = tokens.get(&shared.http, shared.clock.as_ref()).await?;
                headers.insert(AUTHORIZATION, secret(&format!("Bearer {token}"))?);
            }
        }
        *request.headers_mut() = headers;
        Ok(request)
    }
}

fn secret(text: &str) -> Result<HeaderValue, (ClientErrorKind, String)> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| (ClientErrorKind::Denied, "its credential could not be written into a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A query without its question mark. A space is `%20` here and nowhere a plus.
fn encoded(pairs: &[(&str, String)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().map(|(name, value)| (*name, value.as_str())));
    query.finish().replace('+', "%20")
}

/// Whole seconds; what is shorter than one and not nothing is one.
fn seconds(span: Duration) -> String {
    span.as_millis().div_ceil(1000).to_string()
}

/// A message's id for a path; services make ids of letters, digits and hyphens, but nothing promises it.
fn escaped(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Whether an answer of this status may be another one the next time.
fn is_passing(status: StatusCode) -> bool {
    status.is_server_error() || [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS].contains(&status)
}
