//! Random operations against a model of a few lines: what each answers, what is there afterwards, and what the feeds tell of it.

use std::collections::BTreeMap;

use hearth_state::documents::{ChangeKind, ItemVersion};
use proptest::prelude::*;

use super::*;
use crate::protocol::{etag, read_batch};

/// What is done with one of a few items.
#[derive(Clone, Debug)]
enum Action {
    Create(u8, Option<u8>),
    Upsert(u8, Option<u8>),
    Replace(u8, Matching),
    Delete(u8, Matching),
    Read(u8),
    /// Each under one transaction.
    Batch(Vec<Action>),
    Wait(u8),
}

/// Which etag a request names.
#[derive(Clone, Copy, Debug)]
enum Matching {
    Nothing,
    Current,
    Old,
}

fn single() -> impl Strategy<Value = Action> {
    let id = 0..4_u8;
    let matching = prop_oneof![
        3 => Just(Matching::Nothing),
        2 => Just(Matching::Current),
        1 => Just(Matching::Old),
    ];
    let ttl = prop_oneof![2 => Just(None), 1 => (1..5_u8).prop_map(Some)];
    prop_oneof![
        (id.clone(), ttl.clone()).prop_map(|(id, ttl)| Action::Create(id, ttl)),
        (id.clone(), ttl).prop_map(|(id, ttl)| Action::Upsert(id, ttl)),
        (id.clone(), matching.clone()).prop_map(|(id, matching)| Action::Replace(id, matching)),
        (id.clone(), matching).prop_map(|(id, matching)| Action::Delete(id, matching)),
        id.prop_map(Action::Read),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        8 => single(),
        2 => prop::collection::vec(single(), 1..6).prop_map(Action::Batch),
        1 => (1..4_u8).prop_map(Action::Wait),
    ]
}

/// An item of the model.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    body: String,
    expires: Option<u64>,
    version: Option<ItemVersion>,
}

#[derive(Clone, Debug, Default)]
struct Model {
    items: BTreeMap<u8, Known>,
    now: u64,
    writes: u32,
}

impl Model {
    fn body(&mut self, id: u8, ttl: Option<u8>) -> String {
        self.writes += 1;
        let ttl = ttl.map(|ttl| format!(",\"ttl\":{ttl}")).unwrap_or_default();
        format!(r#"{{"id":"{id}","pk":"a","n":{}{ttl}}}"#, self.writes)
    }

    fn put(&mut self, id: u8, body: &str, ttl: Option<u8>) {
        let expires = ttl.map(|ttl| self.now + u64::from(ttl));
        self.items.insert(id, Known { body: body.to_owned(), expires, version: None });
    }

    fn expire(&mut self) {
        let now = self.now;
        self.items.retain(|_, item| item.expires.is_none_or(|at| at > now));
    }

    /// The etag that a request names, and whether it is the right one.
    fn etag(&self, id: u8, matching: Matching) -> (Option<String>, bool) {
        let current = self.items.get(&id).map(|item| item.version);
        match (matching, current) {
            (Matching::Nothing, _) => (None, true),
            (Matching::Current, Some(Some(version))) => (Some(etag::text(version.0)), true),
            // It was written by the same batch, or is not there: nobody can name it.
            (Matching::Current | Matching::Old, _) => (Some(etag::text(1)), false),
        }
    }

    /// What an action answers, what it does, and the operation that it is in a batch.
    fn apply(&mut self, action: &Action) -> (u16, String, Request) {
        let there = |model: &Self, id: &u8| model.items.contains_key(id);
        match action {
            Action::Create(id, ttl) => {
                let body = self.body(*id, *ttl);
                let operation = format!(r#"{{"operationType":"Create","resourceBody":{body}}}"#);
                let status = if there(self, id) { 409 } else { 201 };
                if status == 201 {
                    self.put(*id, &body, *ttl);
                }
                (status, operation, Request { id: *id, body: Some(body), if_match: None })
            }
            Action::Upsert(id, ttl) => {
                let body = self.body(*id, *ttl);
                let operation = format!(r#"{{"operationType":"Upsert","resourceBody":{body}}}"#);
                let status = if there(self, id) { 200 } else { 201 };
                self.put(*id, &body, *ttl);
                (status, operation, Request { id: *id, body: Some(body), if_match: None })
            }
            Action::Replace(id, matching) => {
                let body = self.body(*id, None);
                let (if_match, right) = self.etag(*id, *matching);
                let condition = condition(&if_match);
                let operation =
                    format!(r#"{{"operationType":"Replace","id":"{id}","resourceBody":{body}{condition}}}"#);
                let status = if !there(self, id) {
                    404
                } else if right {
                    200
                } else {
                    412
                };
                if status == 200 {
                    self.put(*id, &body, None);
                }
                (status, operation, Request { id: *id, body: Some(body), if_match })
            }
            Action::Delete(id, matching) => {
                let (if_match, right) = self.etag(*id, *matching);
                let condition = condition(&if_match);
                let operation = format!(r#"{{"operationType":"Delete","id":"{id}"{condition}}}"#);
                let status = if !there(self, id) {
                    404
                } else if right {
                    204
                } else {
                    412
                };
                if status == 204 {
                    self.items.remove(id);
                }
                (status, operation, Request { id: *id, body: None, if_match })
            }
            Action::Read(id) => {
                let operation = format!(r#"{{"operationType":"Read","id":"{id}"}}"#);
                let status = if there(self, id) { 200 } else { 404 };
                (status, operation, Request { id: *id, body: None, if_match: None })
            }
            Action::Batch(_) | Action::Wait(_) => unreachable!("these are taken apart"),
        }
    }

    /// Learns the versions that the store gave.
    async fn learn(&mut self, f: &Fixture) {
        for (id, item) in &mut self.items {
            let read = f.service.read_item(&request(&id.to_string())).await.unwrap().item.unwrap();
            assert_eq!(*read.body, *item.body);
            item.version = Some(read.version);
        }
    }
}

fn condition(if_match: &Option<String>) -> String {
    if_match.as_ref().map(|etag| format!(",\"ifMatch\":{}", serde_json::json!(etag))).unwrap_or_default()
}

/// What a single operation is asked with.
struct Request {
    id: u8,
    body: Option<String>,
    if_match: Option<String>,
}

async fn perform(f: &Fixture, action: &Action, asked: &Request) -> u16 {
    let id = asked.id.to_string();
    let with = ItemRequest { if_match: asked.if_match.as_deref(), ..request(&id) };
    let body = asked.body.as_deref().unwrap_or("");
    let result = match action {
        Action::Create(..) => f.service.create_item(&with, body).await,
        Action::Upsert(..) => f.service.upsert_item(&with, body).await,
        Action::Replace(..) => f.service.replace_item(&with, body).await,
        Action::Delete(..) => f.service.delete_item(&with).await,
        _ => f.service.read_item(&with).await,
    };
    match result {
        Ok(answer) => match answer.outcome {
            ItemOutcome::Created => 201,
            ItemOutcome::Deleted => 204,
            _ => 200,
        },
        refusal => refused(refusal).0,
    }
}

async fn follow(f: &Fixture, etag: &str) -> BTreeMap<String, String> {
    let (mut state, mut etag, mut last) = (BTreeMap::new(), etag.to_owned(), 0);
    loop {
        let request = FeedRequest {
            container: ITEMS,
            scope: Scope::default(),
            mode: FeedMode::AllVersions,
            start: FeedStart::After(&etag),
            since: None,
            max_items: Some(3),
            wait: Duration::ZERO,
        };
        let page = f.service.feed(&request).await.unwrap();
        let FeedRows::Versions(changes) = page.rows else { panic!("of all versions") };
        if changes.is_empty() {
            return state;
        }
        for change in changes {
            assert!(change.version.0 > last);
            last = change.version.0;
            let id = change.item.id.clone();
            let before = match change.kind {
                ChangeKind::Create | ChangeKind::Replace => state.insert(id, change.item.body.to_string()),
                ChangeKind::Delete | ChangeKind::Expire => state.remove(&id),
            };
            let previous = change.previous.map(|(_, body)| body.to_string());
            assert_eq!(before, previous, "each change goes on where the one before it ended");
        }
        etag = page.etag;
    }
}

async fn run(actions: Vec<Action>) {
    let f =
        Fixture::new(&format!("{BY_PK},\"defaultTtl\":-1,\"changeFeedPolicy\":{{\"retentionDuration\":1000}}")).await;
    let now = FeedRequest {
        container: ITEMS,
        scope: Scope::default(),
        mode: FeedMode::AllVersions,
        start: FeedStart::Now,
        since: None,
        max_items: None,
        wait: Duration::ZERO,
    };
    let begin = f.service.feed(&now).await.unwrap().etag;
    let mut model = Model::default();
    for action in &actions {
        match action {
            Action::Wait(seconds) => {
                f.wait(u64::from(*seconds));
                model.now += u64::from(*seconds);
                model.expire();
                if seconds % 2 == 0 {
                    f.service.maintain_once().await.unwrap();
                }
            }
            Action::Batch(parts) => {
                let mut next = model.clone();
                let mut statuses = Vec::new();
                let mut operations = Vec::new();
                let mut failed = None;
                for (at, part) in parts.iter().enumerate() {
                    let (status, operation, _) = next.apply(part);
                    operations.push(operation);
                    statuses.push(status);
                    if status >= 400 && failed.is_none() {
                        failed = Some(at);
                    }
                }
                if let Some(failed) = failed {
                    let status = statuses[failed];
                    statuses.fill(424);
                    statuses[failed] = status;
                    model.writes = next.writes;
                } else {
                    model = next;
                }
                let operations = format!("[{}]", operations.join(","));
                let operations = read_batch(operations.as_bytes()).unwrap();
                let answer = f.service.batch(&batch_request(), &operations).await.unwrap();
                let answered: Vec<u16> = answer.results.iter().map(|result| result.status.as_u16()).collect();
                assert_eq!(answered, statuses, "{action:?}");
            }
            single => {
                let (status, _, asked) = model.apply(single);
                assert_eq!(perform(&f, single, &asked).await, status, "{single:?}");
            }
        }
        model.learn(&f).await;
    }
    while f.service.maintain_once().await.unwrap() {}
    let expected: BTreeMap<String, String> =
        model.items.iter().map(|(id, item)| (id.to_string(), item.body.clone())).collect();
    assert_eq!(follow(&f, &begin).await, expected, "the feed of all versions leads to what is there");
    let list = ListRequest { container: ITEMS, scope: Scope::default(), continuation: None, max_items: None };
    let listed = f.service.list_items(&list).await.unwrap().items;
    let listed: BTreeMap<_, _> = listed.into_iter().map(|item| (item.id, item.body.to_string())).collect();
    assert_eq!(listed, expected);
    let number = f.service.container(ITEMS).await.unwrap().number;
    let range = &f.database.documents().ranges(number).await.unwrap()[0];
    let bytes: usize = expected.values().map(String::len).sum();
    assert_eq!(usize::try_from(range.items), Ok(expected.len()));
    assert!(usize::try_from(range.bytes).unwrap() >= bytes && (bytes > 0 || range.bytes == 0), "{range:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_the_store_does_as_the_model(actions in prop::collection::vec(action(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(actions));
    }
}
