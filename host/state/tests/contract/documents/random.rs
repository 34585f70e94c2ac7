//! Random transactions against a model: each answer, what is there afterwards, what the feeds told, and the counts.
//!
//! `HEARTH_TEST_SEED` takes another seed, `HEARTH_TEST_SEQUENCES` another number of sequences.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_state::Database;
use hearth_state::documents::{
    ChangeKind, Committed, Expected, ItemChange, ItemKey, ItemVersion, ItemWrite, KeyBounds, NewItem, PageLimit,
    RangePlace,
};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use super::{LIMIT, at, counted, key, named, place};
use crate::fixture::{Engine, Fixture};

crate::on_every_engine!(random_transactions_do_what_the_model_does);

#[derive(Clone, Debug)]
enum Call {
    Commit(Vec<Write>),
    Advance(u8),
    Purge,
}

#[derive(Clone, Debug)]
struct Write {
    id: u8,
    expected: Wanted,
    change: Change,
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Absent,
    Present,
    Anything,
    Latest,
    Outdated,
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Put { size: u8, ttl: Option<u8>, unique: Option<u8> },
    Delete,
    Keep,
}

fn any_call() -> impl Strategy<Value = Call> {
    let wanted = prop_oneof![
        2 => Just(Wanted::Absent),
        2 => Just(Wanted::Present),
        3 => Just(Wanted::Anything),
        3 => Just(Wanted::Latest),
        1 => Just(Wanted::Outdated)
    ];
    let put = (any::<u8>(), proptest::option::weighted(0.2, 1..5_u8), proptest::option::weighted(0.1, 0..3_u8));
    let change = prop_oneof![
        6 => put.prop_map(|(size, ttl, unique)| Change::Put { size, ttl, unique }),
        2 => Just(Change::Delete),
        1 => Just(Change::Keep)
    ];
    let write = (0..6_u8, wanted, change).prop_map(|(id, expected, change)| Write { id, expected, change });
    prop_oneof![
        8 => vec(write.clone(), 1..2).prop_map(Call::Commit),
        4 => vec(write, 2..5).prop_map(Call::Commit),
        1 => (1..4_u8).prop_map(Call::Advance),
        1 => Just(Call::Purge)
    ]
}

#[derive(Clone, Debug)]
struct Kept {
    version: ItemVersion,
    body: Arc<str>,
    expires: i64,
    unique: Option<u8>,
}

/// What should be there.
#[derive(Clone, Default)]
struct Model {
    items: BTreeMap<u8, Kept>,
    /// Every version that was acknowledged, with its item and kind.
    told: BTreeMap<ItemVersion, (u8, ChangeKind)>,
    lsn: i64,
}

impl Model {
    fn alive(&self, id: u8, now: i64) -> Option<&Kept> {
        self.items.get(&id).filter(|kept| kept.expires > now)
    }

    fn fits(&self, write: &ItemWrite, id: u8, now: i64) -> bool {
        let alive = self.alive(id, now);
        let deletes = matches!(write.change, ItemChange::Delete);
        match write.expected {
            Expected::Absent => alive.is_none(),
            Expected::Present => alive.is_some(),
            Expected::Anything => !deletes || alive.is_some(),
            Expected::Version(version) => alive.is_some_and(|kept| kept.version == version),
        }
    }

    /// The answer, with the state after it; `lsn` is the one that it was done under.
    fn commit(&self, writes: &[ItemWrite], ids: &[Write], lsn: i64, now: i64) -> Result<Self, Committed> {
        let mut next = self.clone();
        let mut taken = None;
        for (index, (write, described)) in writes.iter().zip(ids).enumerate() {
            if !next.fits(write, described.id, now) {
                return Err(Committed::Unexpected(index));
            }
            let version = ItemVersion(lsn * ItemVersion::PER_TRANSACTION + index as i64);
            match (&write.change, described.change) {
                (ItemChange::Put(item), Change::Put { unique, .. }) => {
                    let others = next.items.iter().filter(|(id, kept)| **id != described.id && kept.expires > now);
                    let conflict = unique.is_some() && others.map(|(_, kept)| kept).any(|kept| kept.unique == unique);
                    taken = taken.or(conflict.then_some(index));
                    let created = next.alive(described.id, now).is_none();
                    let kind = if created { ChangeKind::Create } else { ChangeKind::Replace };
                    next.told.insert(version, (described.id, kind));
                    let expires = item.time_to_live.map_or(i64::MAX, |seconds| now + seconds);
                    // Where values are unique every item has some; one that is written without keeps its own.
                    let unique = unique.or_else(|| next.alive(described.id, now).and_then(|kept| kept.unique));
                    let kept = Kept { version, body: item.body.clone(), expires, unique };
                    next.items.insert(described.id, kept);
                }
                (ItemChange::Delete, _) if write.expected != Expected::Absent => {
                    next.items.remove(&described.id);
                    next.told.insert(version, (described.id, ChangeKind::Delete));
                }
                _ => {}
            }
            if taken == Some(index) {
                return Err(Committed::NotUnique);
            }
        }
        next.lsn = lsn;
        Ok(next)
    }
}

async fn perform(database: &Database, fixture: &Fixture, place: RangePlace, calls: &[Call]) -> Result<(), String> {
    let documents = database.documents();
    let mut model = Model::default();
    for call in calls {
        let now = fixture.clock.now().as_micros() / 1_000_000;
        match call {
            Call::Advance(seconds) => {
                fixture.clock.advance(Duration::from_secs((*seconds).into()));
            }
            Call::Purge => {
                documents.purge_expired(100).await.unwrap();
            }
            Call::Commit(described) => {
                let writes: Vec<ItemWrite> = described.iter().map(|write| written(&model, write, now)).collect();
                let answer = documents.commit(place, true, &writes).await.unwrap();
                let lsn = if let Committed::Done { lsn, .. } = answer { lsn } else { model.lsn + 1 };
                match (model.commit(&writes, described, lsn, now), &answer) {
                    (Ok(next), Committed::Done { items, .. }) if lsn > model.lsn => {
                        for (item, (index, write)) in items.iter().zip(writes.iter().enumerate()) {
                            let version = ItemVersion(lsn * ItemVersion::PER_TRANSACTION + index as i64);
                            let put = matches!(write.change, ItemChange::Put(_));
                            let created = next.told.get(&version).map(|(_, kind)| *kind == ChangeKind::Create);
                            let told = item.map(|item| (item.version, Some(item.created)));
                            if told != put.then_some((version, created)) {
                                return Err(format!("{write:?} was answered {item:?}"));
                            }
                        }
                        model = next;
                    }
                    (Err(expected), answer) if expected == *answer => {}
                    (expected, answer) => {
                        return Err(format!("{writes:?}: expected {:?}, found {answer:?}", expected.map(|_| "done")));
                    }
                }
            }
        }
        check(database, fixture, place, &model).await?;
    }
    Ok(())
}

fn written(model: &Model, write: &Write, now: i64) -> ItemWrite {
    let version = model.alive(write.id, now).map_or(ItemVersion(1), |kept| kept.version);
    let expected = match write.expected {
        Wanted::Absent => Expected::Absent,
        Wanted::Present => Expected::Present,
        Wanted::Anything => Expected::Anything,
        Wanted::Latest => Expected::Version(version),
        Wanted::Outdated => Expected::Version(ItemVersion(version.0 - 1)),
    };
    let change = match write.change {
        Change::Put { size, ttl, unique } => ItemChange::Put(NewItem {
            time_to_live: ttl.map(i64::from),
            unique: unique.map(|value| vec![key(&value.to_string()).0]).unwrap_or_default(),
            ..super::item(&write.id.to_string(), &"x".repeat(size.into()))
        }),
        Change::Delete => ItemChange::Delete,
        Change::Keep => ItemChange::Keep,
    };
    ItemWrite { key: of(write.id), expected, change }
}

fn of(id: u8) -> ItemKey {
    key(&id.to_string())
}

/// Compares everything that can be read with the model.
async fn check(database: &Database, fixture: &Fixture, place: RangePlace, model: &Model) -> Result<(), String> {
    let (documents, all) = (database.documents(), KeyBounds::default());
    let now = fixture.clock.now().as_micros() / 1_000_000;
    let alive: BTreeMap<ItemVersion, (String, Arc<str>)> = model
        .items
        .iter()
        .filter(|(_, kept)| kept.expires > now)
        .map(|(id, kept)| (kept.version, (id.to_string(), kept.body.clone())))
        .collect();
    let feed = at(documents.changes(place, &all, ItemVersion(0), None, LIMIT).await.unwrap());
    let told: Vec<_> = feed.items.iter().map(|item| (item.version, (item.id.clone(), item.body.clone()))).collect();
    if told != alive.clone().into_iter().collect::<Vec<_>>() {
        return Err(format!("the feed tells {told:?} and not {alive:?}"));
    }
    let list = at(documents.list(place, &all, None, false, LIMIT).await.unwrap());
    let listed: BTreeMap<_, _> =
        list.items.iter().map(|item| (item.version, (item.id.clone(), item.body.clone()))).collect();
    if listed != alive || !list.items.is_sorted_by_key(|item| item.number) {
        return Err(format!("the list tells {listed:?} and not {alive:?}"));
    }
    let limit = PageLimit { items: 10_000, ..LIMIT };
    let history = at(documents.history(place, &all, ItemVersion(0), limit).await.unwrap());
    let (gone, changes): (Vec<_>, Vec<_>) = history.items.iter().partition(|change| change.kind == ChangeKind::Expire);
    let told: BTreeMap<_, _> =
        changes.iter().map(|change| (change.version, (change.item.id.parse().unwrap(), change.kind))).collect();
    if told != model.told || changes.len() != told.len() {
        return Err(format!("the history tells {told:?} and not {:?}", model.told));
    }
    // What has expired is counted until it is removed, and told once it is.
    let (items, bytes) = counted(database, place).await;
    let created = model.told.values().filter(|(_, kind)| *kind == ChangeKind::Create).count();
    let deleted = model.told.values().filter(|(_, kind)| *kind == ChangeKind::Delete).count();
    let left: i64 = alive.values().map(|(_, body)| body.len() as i64).sum();
    if items != (created - deleted - gone.len()) as i64
        || bytes < left
        || (usize::try_from(items) == Ok(alive.len()) && bytes != left)
    {
        return Err(format!("{items} items and {bytes} bytes are counted: {alive:?}"));
    }
    Ok(())
}

async fn random_transactions_do_what_the_model_does(fixture: Fixture) {
    let database = fixture.open().await;
    let number = |variable: &str, default: u64| {
        std::env::var(variable).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}: {text}")))
    };
    let seed = number("HEARTH_TEST_SEED", 8);
    let cases = number("HEARTH_TEST_SEQUENCES", if fixture.engine() == Engine::Sqlite { 40 } else { 8 });
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 300,
        ..Config::default()
    };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let runtime = tokio::runtime::Handle::current();
    let run = move || {
        let case = std::cell::Cell::new(0);
        runner.run(&vec(any_call(), 1..50), |calls| {
            case.set(case.get() + 1);
            runtime.block_on(async {
                let container = named(&fixture, &database, &format!("case {}", case.get()), true, 1).await;
                perform(&database, &fixture, place(&container, 0), &calls).await.map_err(TestCaseError::fail)
            })
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap().unwrap_or_else(|error| panic!("seed {seed}: {error}"));
}
