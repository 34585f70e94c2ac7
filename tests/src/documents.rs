//! A document store as its clients see it: signed calls with the key of a connection string.

use std::net::SocketAddr;

use hearth_documents::protocol::http_date;
use hearth_documents::protocol::signature::{AccountKey, SignedParts};
use hearth_model::clock::{Clock, SystemClock};
use http::Method;
use serde_json::{Value, json};

use crate::http::{Answer, Call};

/// A store with the key of one account.
#[derive(Clone, Debug)]
pub struct DocumentStore {
    to: SocketAddr,
    key: AccountKey,
}

/// A container, by its names.
#[derive(Clone, Debug)]
pub struct Container {
    store: DocumentStore,
    link: String,
}

impl DocumentStore {
    /// Of a connection string with a plain endpoint, as Hearth prints it.
    #[track_caller]
    pub fn of(connection_string: &str) -> Self {
        let value = |wanted: &str| {
            let mut parts = connection_string.trim().split(';').filter_map(|part| part.split_once('='));
            let found = parts.find(|(name, _)| *name == wanted).map(|(_, value)| value);
            found.unwrap_or_else(|| panic!("there is no {wanted} in the connection string"))
        };
        let endpoint = value("AccountEndpoint").trim_start_matches("http://").trim_end_matches('/');
        Self { to: endpoint.parse().unwrap(), key: AccountKey::from_base64(value("AccountKey")).unwrap() }
    }

    /// Where it is.
    pub fn address(&self) -> SocketAddr {
        self.to
    }

    /// A signed call: for a resource or a list of a kind, signed for `link`, at a path without its first slash.
    #[track_caller]
    pub fn call(&self, method: Method, kind: &str, link: &str, path: &str) -> Call {
        let date = http_date(SystemClock.now());
        let parts = SignedParts { method: method.as_str(), resource_type: kind, ms_date: &date, date: "" };
        let authorization = parts.authorization(&self.key, link);
        Call::new(self.to, method, &format!("/{path}"))
            .header("authorization", &authorization)
            .header("x-ms-date", &date)
            .header("x-ms-version", "2020-07-15")
    }

    /// What the account tells of itself.
    #[track_caller]
    pub fn account(&self) -> Answer {
        self.call(Method::GET, "", "", "").send()
    }

    /// Makes a database and in it a container with the partition key `/pk`, and more of its definition.
    #[track_caller]
    pub fn make(&self, database: &str, container: &str, more: &Value) -> Container {
        let made = self.call(Method::POST, "dbs", "", "dbs").body(json!({ "id": database }).to_string()).send();
        assert!([201, 409].contains(&made.status), "{}: {}", made.status, made.text());
        let mut body = json!({ "id": container, "partitionKey": { "paths": ["/pk"], "kind": "Hash", "version": 2 } });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let link = format!("dbs/{database}");
        self.call(Method::POST, "colls", &link, &format!("{link}/colls")).body(body.to_string()).send().expect(201);
        self.container(database, container)
    }

    /// A container that is there.
    pub fn container(&self, database: &str, container: &str) -> Container {
        Container { store: self.clone(), link: format!("dbs/{database}/colls/{container}") }
    }
}

impl Container {
    /// POST of an item, or of what else `docs` takes.
    #[track_caller]
    pub fn post(&self, body: &Value) -> Call {
        self.store.call(Method::POST, "docs", &self.link, &format!("{}/docs", self.link)).body(body.to_string())
    }

    /// Creates an item with a text as partition key.
    #[track_caller]
    pub fn create(&self, item: &Value) -> Call {
        self.post(item).header(KEY, &key_of(item))
    }

    /// Replaces it.
    #[track_caller]
    pub fn replace(&self, item: &Value) -> Call {
        self.item(Method::PUT, item["id"].as_str().unwrap(), item["pk"].as_str().unwrap()).body(item.to_string())
    }

    /// A call of one item.
    #[track_caller]
    pub fn item(&self, method: Method, id: &str, key: &str) -> Call {
        let link = format!("{}/docs/{id}", self.link);
        self.store.call(method, "docs", &link, &link).header(KEY, &json!([key]).to_string())
    }

    /// Operations that are done together or not at all.
    #[track_caller]
    pub fn batch(&self, key: &str, operations: &Value) -> Call {
        self.post(operations)
            .header(KEY, &json!([key]).to_string())
            .header("x-ms-cosmos-is-batch-request", "True")
            .header("x-ms-cosmos-batch-atomic", "True")
    }

    /// A page of the change feed of the first range, after the etag of the page before.
    #[track_caller]
    pub fn changes(&self, after: Option<&str>) -> Call {
        let call = self.store.call(Method::GET, "docs", &self.link, &format!("{}/docs", self.link));
        let call = call.header("a-im", "Incremental Feed").header("x-ms-documentdb-partitionkeyrangeid", "0");
        after.into_iter().fold(call, |call, etag| call.header("if-none-match", etag))
    }
}

const KEY: &str = "x-ms-documentdb-partitionkey";

fn key_of(item: &Value) -> String {
    json!([item["pk"]]).to_string()
}
