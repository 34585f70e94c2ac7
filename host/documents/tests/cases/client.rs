//! A client of a few lines: it signs, sends and reads HTTP/1.1 over a socket, so that what is tested is what travels.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use hearth_documents::protocol::account::{AccountName, AccountProperties};
use hearth_documents::protocol::signature::{AccountKey, SignedParts};
use hearth_documents::protocol::{Link, http_date};
use hearth_documents::rest;
use hearth_documents::service::{DocumentService, ServiceOptions};
use hearth_model::clock::{Clock, ManualClock, Timestamp};
use hearth_state::{Database, Keyring, OpenOptions, StateUrl};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A store that answers on a port of its own until this is dropped.
pub(crate) struct Store {
    pub(crate) service: DocumentService,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) address: SocketAddr,
    /// Primary, secondary, primary for reading, secondary for reading.
    pub(crate) keys: Vec<AccountKey>,
    server: tokio::task::JoinHandle<()>,
    directory: tempfile::TempDir,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Answered {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn substatus(&self) -> u32 {
        self.header("x-ms-substatus").parse().unwrap_or(0)
    }
}

/// A request that is being made.
#[derive(Clone)]
pub(crate) struct Ask<'a> {
    store: &'a Store,
    method: &'a str,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    key: usize,
    /// The key of another account, instead of one of the store's.
    foreign: Option<&'a AccountKey>,
    /// Instead of a signature.
    authorization: Option<String>,
    /// What is signed as the link; otherwise what the reference says.
    link: Option<String>,
}

impl Store {
    pub(crate) async fn start() -> Self {
        Self::with(ServiceOptions::default()).await
    }

    pub(crate) async fn with(options: ServiceOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
        let keyring = Keyring::load_or_create(&directory.path().join("key")).unwrap();
        let open = OpenOptions { clock: Arc::clone(&clock) as _, ..OpenOptions::default() };
        let database = Database::open(&StateUrl::sqlite(&directory.path().join("state.db")), open).await.unwrap();
        let service = DocumentService::new(database, keyring, Arc::clone(&clock) as _, options);
        service.create_account(&AccountName::parse("shop").unwrap()).await.unwrap();
        let keys = service.account("shop").await.unwrap().unwrap().keys.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = rest::router(service.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { service, clock, address, keys, server, directory }
    }

    /// Another service over the same state, as in another process.
    pub(crate) async fn another(&self, options: ServiceOptions) -> DocumentService {
        let keyring = Keyring::load_or_create(&self.directory.path().join("key")).unwrap();
        let open = OpenOptions { clock: Arc::clone(&self.clock) as _, ..OpenOptions::default() };
        let url = StateUrl::sqlite(&self.directory.path().join("state.db"));
        DocumentService::new(Database::open(&url, open).await.unwrap(), keyring, Arc::clone(&self.clock) as _, options)
    }

    pub(crate) async fn set_properties(&self, properties: &AccountProperties) {
        assert!(self.service.set_account_properties("shop", properties).await.unwrap());
    }

    pub(crate) fn ask<'a>(&'a self, method: &'a str, path: &str) -> Ask<'a> {
        Ask {
            store: self,
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            key: 0,
            foreign: None,
            authorization: None,
            link: None,
        }
    }

    /// A request with a body, which has to be answered with this status.
    pub(crate) async fn expect(
        &self,
        status: u16,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answered {
        let answered = self.ask(method, path).headers(headers).body(body).send().await;
        assert_eq!(answered.status, status, "{method} {path} {body}: {answered:?}");
        answered
    }

    /// Sends bytes as they are and reads one answer.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answered {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        // A refusal may come before all was sent.
        let _ = socket.write_all(request).await;
        let mut all = Vec::new();
        let _ = socket.read_to_end(&mut all).await;
        let end = all.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer with a head");
        let head = std::str::from_utf8(&all[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let body = String::from_utf8(all[end + 4..].to_vec()).unwrap();
        Answered { status, headers, body }
    }
}

impl<'a> Ask<'a> {
    /// Signs with the key of another account.
    #[must_use]
    pub(crate) fn by(mut self, key: &'a AccountKey) -> Self {
        self.foreign = Some(key);
        self
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn headers(mut self, headers: &[(&str, &str)]) -> Self {
        self.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self
    }

    #[must_use]
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Signs with another key.
    #[must_use]
    pub(crate) fn key(mut self, key: usize) -> Self {
        self.key = key;
        self
    }

    /// Sends this instead of a signature; nothing for an empty text.
    #[must_use]
    pub(crate) fn authorization(mut self, value: &str) -> Self {
        self.authorization = Some(value.to_owned());
        self
    }

    /// Signs this link.
    #[must_use]
    pub(crate) fn signing(mut self, link: &str) -> Self {
        self.link = Some(link.to_owned());
        self
    }

    pub(crate) async fn send(self) -> Answered {
        let given = |name: &str| {
            self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
        };
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.path);
        if given("host").is_none() {
            head.push_str(&format!("host: {}\r\n", self.store.address));
        }
        let plain_date = given("date").filter(|_| given("x-ms-date").is_none());
        let date = given("x-ms-date").unwrap_or_else(|| http_date(self.store.clock.now()));
        if given("x-ms-date").is_none() && plain_date.is_none() {
            head.push_str(&format!("x-ms-date: {date}\r\n"));
        }
        let authorization = self.authorization.clone().unwrap_or_else(|| {
            let path = self.path.split('?').next().unwrap();
            let parsed = Link::parse(path).ok();
            let link = self.link.clone().unwrap_or_else(|| {
                parsed.as_ref().and_then(|link| link.signed_links().next().map(|l| l.into_owned())).unwrap_or_default()
            });
            let signed = SignedParts {
                method: self.method,
                resource_type: parsed.as_ref().map_or("", Link::signed_type),
                ms_date: if plain_date.is_some() { "" } else { &date },
                date: plain_date.as_deref().unwrap_or(""),
            };
            signed.authorization(self.foreign.unwrap_or(&self.store.keys[self.key]), &link)
        });
        if !authorization.is_empty() {
            head.push_str(&format!("authorization: {authorization}\r\n"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !matches!(self.method, "GET" | "DELETE" | "OPTIONS") && given("content-length").is_none() {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        head.push_str("connection: close\r\n\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(&self.body);
        let answered = self.store.raw(&request).await;
        check_always(&answered);
        answered
    }
}

/// What every answer has (reference: sections 0.26 and 1.4).
fn check_always(answered: &Answered) {
    for name in ["x-ms-activity-id", "x-ms-version", "x-ms-request-charge", "content-type", "x-ms-request-duration-ms"]
    {
        assert!(!answered.header(name).is_empty(), "{name} is missing: {answered:?}");
    }
    assert!(answered.header("x-ms-request-charge").parse::<f64>().is_ok(), "{answered:?}");
    if answered.status >= 400 {
        let body = answered.json();
        assert!(body["code"].is_string() && body["message"].is_string(), "an error is JSON: {answered:?}");
        let activity = answered.header("x-ms-activity-id");
        assert!(body["message"].as_str().unwrap().contains(activity), "an error names its request: {answered:?}");
    }
}
