//! A container with partition key ranges that split and merge, and the leases on it; and an instance's way to both, on which calls
//! are slow, refused, cut off before or after they were done, or never answered.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hearth_cosmos::processor::{
    ChangeItem, EpkRange, Feed, FeedError, FeedErrorKind, FeedIdentity, FeedPage, Lease, LeaseLock, LeaseStore,
    LeaseStoreError, LeaseStoreErrorKind, PageRequest, PageStart, PartitionRange,
};
use tokio::sync::Notify;

use crate::checker::Checker;
use crate::time::{Chance, Time};

/// Partition keys. Each is one place among the hashes, of which there are so many.
pub(crate) const KEYS: u64 = 64;

/// One change of a partition key.
#[derive(Clone, Copy, Debug)]
struct Change {
    lsn: i64,
    sequence: u64,
    second: i64,
}

#[derive(Clone, Debug)]
struct Range {
    id: String,
    /// First key, and first key beyond.
    keys: (u64, u64),
    lsn: i64,
    parents: Vec<String>,
}

#[derive(Default)]
struct State {
    ranges: Vec<Range>,
    ids: u64,
    changes: BTreeMap<u64, Vec<Change>>,
    leases: BTreeMap<String, Lease>,
    etags: u64,
    markers: BTreeMap<String, ()>,
    locks: BTreeMap<String, (String, Duration)>,
}

/// The container and its leases. Clones are the same.
#[derive(Clone)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) time: Time,
    pub(crate) checker: Checker,
    rings: Arc<Notify>,
}

impl World {
    /// With so many ranges.
    pub(crate) fn new(time: Time, ranges: u64) -> Self {
        let mut state = State::default();
        for number in 0..ranges {
            let keys = (number * KEYS / ranges, (number + 1) * KEYS / ranges);
            let id = state.next_id();
            state.ranges.push(Range { id, keys, lsn: 0, parents: vec![] });
        }
        let checker = Checker::new(time.clone());
        Self { state: Arc::new(Mutex::new(state)), time, checker, rings: Arc::new(Notify::new()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// One transaction: some changes of one key.
    pub(crate) fn write(&self, key: u64, changes: u64) {
        let mut state = self.state();
        let second = self.time.timestamp().as_micros() / 1_000_000;
        let range = state.ranges.iter_mut().find(|range| range.keys.0 <= key && key < range.keys.1).unwrap();
        range.lsn += 1;
        let lsn = range.lsn;
        let written = state.changes.entry(key).or_default();
        for _ in 0..changes {
            let sequence = written.len() as u64;
            written.push(Change { lsn, sequence, second });
            self.checker.written(key, sequence);
        }
        drop(state);
        self.rings.notify_waiters();
    }

    /// Splits a range, if it has more than one key.
    pub(crate) fn split(&self, chance: &Chance) {
        let mut state = self.state();
        let at = chance.between(0, state.ranges.len() as u64) as usize;
        let Range { id, keys: (low, high), lsn, mut parents } = state.ranges[at].clone();
        if high - low < 2 {
            return;
        }
        let middle = chance.between(low + 1, high);
        parents.push(id);
        let (left, right) = (state.next_id(), state.next_id());
        let child = |id, keys| Range { id, keys, lsn, parents: parents.clone() };
        state.ranges.splice(at..=at, [child(left, (low, middle)), child(right, (middle, high))]);
    }

    /// Merges a range with its neighbour.
    pub(crate) fn merge(&self, chance: &Chance) {
        let mut state = self.state();
        if state.ranges.len() < 2 {
            return;
        }
        let at = chance.between(0, state.ranges.len() as u64 - 1) as usize;
        let (left, right) = (state.ranges[at].clone(), state.ranges[at + 1].clone());
        let mut parents = [left.parents, right.parents].concat();
        parents.extend([left.id, right.id]);
        let id = state.next_id();
        let merged = Range { id, keys: (left.keys.0, right.keys.1), lsn: left.lsn.max(right.lsn), parents };
        state.ranges.splice(at..=at + 1, [merged]);
    }

    /// Everything about leases is gone.
    pub(crate) fn forget_leases(&self) {
        let mut state = self.state();
        state.leases.clear();
        state.markers.clear();
    }

    /// The leases as they are.
    pub(crate) fn leases(&self) -> Vec<Lease> {
        self.state().leases.values().cloned().collect()
    }

    /// What every committed lease must keep: nothing up to its position is unhandled.
    fn check_position(&self, state: &State, lease: &Lease) {
        let Some(lsn) = lease.continuation.as_deref().map(lsn_of) else { return };
        let Some(bounds) = &lease.bounds else { return };
        for (key, changes) in state.changes.iter().filter(|(key, _)| holds(bounds, **key)) {
            let passed = changes.iter().take_while(|change| change.lsn <= lsn).count();
            self.checker.position_passed(*key, passed as u64, &lease.token);
        }
    }

    fn read_page(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        let state = self.state();
        let Some(range) = state.ranges.iter().find(|range| range.id == request.scope.range) else {
            return Err(FeedError::new(FeedErrorKind::RangeGone, "the range is gone"));
        };
        let (after, since) = match request.start {
            PageStart::Beginning => (0, 0),
            PageStart::Now => (range.lsn, 0),
            PageStart::Time(at) => (0, at.as_micros().div_euclid(1_000_000)),
            PageStart::After(continuation) => (lsn_of(continuation), 0),
        };
        let asked = |key: u64| request.scope.bounds.is_none_or(|bounds| holds(bounds, key));
        let mut found = Vec::new();
        for key in (range.keys.0..range.keys.1).filter(|key| asked(*key)) {
            let changes = state.changes.get(&key).map(Vec::as_slice).unwrap_or_default();
            let first = changes.partition_point(|change| change.lsn <= after || change.second < since);
            found.extend(changes[first..].iter().map(|change| (change.lsn, key, *change)));
        }
        found.sort_by_key(|(lsn, key, change)| (*lsn, *key, change.sequence));
        let most = request.max_items.unwrap_or(100) as usize;
        let mut lsn = range.lsn;
        if found.len() > most {
            lsn = found[most - 1].0;
            found.retain(|(of, ..)| *of <= lsn);
        }
        let item = |(lsn, key, change): (i64, u64, Change)| {
            let Change { sequence, second, .. } = change;
            let text =
                format!(r#"{{"id":"{key}-{sequence}","key":{key},"sequence":{sequence},"_lsn":{lsn},"_ts":{second}}}"#);
            ChangeItem::from(text)
        };
        Ok(FeedPage {
            items: found.into_iter().map(item).collect(),
            continuation: format!("\"{}\"", lsn.max(after)),
            lsn: Some(range.lsn),
            ..FeedPage::default()
        })
    }
}

impl State {
    fn next_id(&mut self) -> String {
        self.ids += 1;
        (self.ids - 1).to_string()
    }

    fn put(&mut self, lease: &Lease, second: i64) -> Lease {
        self.etags += 1;
        // What a store does not understand it does not keep; this one reads what was written.
        let mut stored = Lease::from_json(&lease.to_json()).unwrap();
        stored.etag = format!("\"{}\"", self.etags);
        stored.stored_second = second;
        self.leases.insert(lease.id.clone(), stored.clone());
        stored
    }
}

fn lsn_of(continuation: &str) -> i64 {
    continuation.trim_matches('"').parse().unwrap()
}

/// Where a key lies among the hashes.
fn epk(key: u64) -> String {
    format!("{key:02X}8000")
}

fn bound(key: u64) -> String {
    match key {
        0 => String::new(),
        KEYS => "FF".to_owned(),
        key => format!("{key:02X}"),
    }
}

fn holds(bounds: &EpkRange, key: u64) -> bool {
    bounds.min.as_str() <= epk(key).as_str() && epk(key).as_str() < bounds.max.as_str()
}

/// How an instance's calls go.
#[derive(Debug, Default)]
pub(crate) struct Weather {
    /// How many calls in a thousand fail.
    pub(crate) faults: u64,
    /// Until when no call is answered.
    pub(crate) cut_until: Duration,
}

/// One instance's way to the container and its leases.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) world: World,
    pub(crate) chance: Chance,
    pub(crate) weather: Arc<Mutex<Weather>>,
    /// Whether the feed can wait by itself.
    pub(crate) waits: bool,
}

/// What becomes of a call.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Answered,
    /// Refused for now, and not done.
    Refused,
    /// Done, and the answer is lost.
    AnswerLost,
    /// The endpoint says that ranges have changed though they have not.
    Astray,
}

impl Link {
    /// How a call goes, after the time that it takes to get there.
    async fn fate(&self) -> Fate {
        let time = &self.world.time;
        time.sleep(self.chance.millis(1, 30)).await;
        let cut = self.weather.lock().unwrap().cut_until;
        if cut > time.now() {
            // A request that arrives after all is answered after all.
            time.sleep(cut - time.now()).await;
        }
        if !self.chance.per_mille(self.weather.lock().unwrap().faults) {
            return Fate::Answered;
        }
        match self.chance.between(0, 8) {
            0 => std::future::pending().await,
            1 | 2 => Fate::AnswerLost,
            3 => Fate::Astray,
            _ => Fate::Refused,
        }
    }

    async fn feed<T>(&self, call: impl Fn() -> Result<T, FeedError>) -> Result<T, FeedError> {
        let fate = self.fate().await;
        let answer = call();
        match fate {
            Fate::Answered => answer,
            Fate::Astray => Err(FeedError::new(FeedErrorKind::RangeGone, "410 for no reason")),
            Fate::Refused | Fate::AnswerLost => {
                let error = FeedError::new(FeedErrorKind::Passing, "429");
                Err(FeedError { retry_after: Some(self.chance.millis(1, 3000)), ..error })
            }
        }
    }

    async fn store<T>(&self, call: impl FnOnce() -> Result<T, LeaseStoreError>) -> Result<T, LeaseStoreError> {
        let fate = self.fate().await;
        if fate == Fate::Refused {
            return Err(LeaseStoreError::new(LeaseStoreErrorKind::Passing, "503"));
        }
        let answer = call();
        self.world.time.sleep(self.chance.millis(1, 30)).await;
        match fate {
            Fate::AnswerLost => Err(LeaseStoreError::new(LeaseStoreErrorKind::Passing, "the connection was cut")),
            _ => answer,
        }
    }

    /// Like [`LeaseStore::replace`], in no time: as part of a delegate's own transaction.
    pub(crate) fn replace_now(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        let mut state = self.world.state();
        match state.leases.get(&lease.id) {
            None => return Err(LeaseStoreError::new(LeaseStoreErrorKind::NotFound, "404")),
            Some(stored) if stored.etag != lease.etag => {
                return Err(LeaseStoreError::new(LeaseStoreErrorKind::Changed, "412"));
            }
            Some(_) => {}
        }
        self.world.check_position(&state, lease);
        let second = self.world.time.timestamp().as_micros() / 1_000_000;
        Ok(state.put(lease, second))
    }
}

impl Feed for Link {
    async fn identity(&self) -> Result<FeedIdentity, FeedError> {
        self.feed(|| {
            Ok(FeedIdentity {
                account_host: "simulated".to_owned(),
                database_rid: "AAAAAQ==".to_owned(),
                container_rid: "AAAAAYAAAAE=".to_owned(),
            })
        })
        .await
    }

    async fn ranges(&self, overlapping: &EpkRange) -> Result<Vec<PartitionRange>, FeedError> {
        self.feed(|| {
            let state = self.world.state();
            let ranges = state.ranges.iter().map(|range| PartitionRange {
                id: range.id.clone(),
                bounds: EpkRange::new(bound(range.keys.0), bound(range.keys.1)),
                parents: range.parents.clone(),
            });
            Ok(ranges.filter(|range| range.bounds.overlaps(overlapping)).collect())
        })
        .await
    }

    async fn read(&self, request: &PageRequest<'_>) -> Result<FeedPage, FeedError> {
        let end = self.world.time.now() + request.wait;
        loop {
            let rung = self.world.rings.notified();
            let mut page = self.feed(|| self.world.read_page(request)).await?;
            if !page.items.is_empty() || !self.waits {
                return Ok(page);
            }
            let left = end.saturating_sub(self.world.time.now());
            if left.is_zero() {
                page.waited = true;
                return Ok(page);
            }
            tokio::select! {
                biased;
                () = rung => {}
                () = self.world.time.sleep(left) => {}
            }
        }
    }
}

impl LeaseStore for Link {
    async fn list(&self, prefix: &str) -> Result<Vec<Lease>, LeaseStoreError> {
        self.store(|| {
            let state = self.world.state();
            Ok(state.leases.values().filter(|lease| lease.id.starts_with(prefix)).cloned().collect())
        })
        .await
    }

    async fn read(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        self.store(|| {
            let state = self.world.state();
            state.leases.get(&lease.id).cloned().ok_or(LeaseStoreError::new(LeaseStoreErrorKind::NotFound, "404"))
        })
        .await
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        self.store(|| {
            let mut state = self.world.state();
            if state.leases.contains_key(&lease.id) {
                return Err(LeaseStoreError::new(LeaseStoreErrorKind::Exists, "409"));
            }
            self.world.check_position(&state, lease);
            let second = self.world.time.timestamp().as_micros() / 1_000_000;
            Ok(state.put(lease, second))
        })
        .await
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, LeaseStoreError> {
        self.store(|| self.replace_now(lease)).await
    }

    async fn delete(&self, lease: &Lease) -> Result<(), LeaseStoreError> {
        self.store(|| {
            let mut state = self.world.state();
            match state.leases.get(&lease.id) {
                None => Err(LeaseStoreError::new(LeaseStoreErrorKind::NotFound, "404")),
                Some(stored) if stored.etag != lease.etag => {
                    Err(LeaseStoreError::new(LeaseStoreErrorKind::Changed, "412"))
                }
                Some(_) => {
                    state.leases.remove(&lease.id);
                    Ok(())
                }
            }
        })
        .await
    }

    async fn is_marked(&self, id: &str) -> Result<bool, LeaseStoreError> {
        self.store(|| Ok(self.world.state().markers.contains_key(id))).await
    }

    async fn mark(&self, id: &str) -> Result<(), LeaseStoreError> {
        self.store(|| {
            self.world.state().markers.insert(id.to_owned(), ());
            Ok(())
        })
        .await
    }

    async fn lock(&self, id: &str, ttl: Duration) -> Result<Option<LeaseLock>, LeaseStoreError> {
        self.store(|| {
            let now = self.world.time.now();
            let mut state = self.world.state();
            if state.locks.get(id).is_some_and(|(_, until)| *until > now) {
                return Ok(None);
            }
            state.etags += 1;
            let etag = state.etags.to_string();
            state.locks.insert(id.to_owned(), (etag.clone(), now + ttl));
            Ok(Some(LeaseLock { id: id.to_owned(), etag }))
        })
        .await
    }

    async fn unlock(&self, lock: &LeaseLock) -> Result<(), LeaseStoreError> {
        self.store(|| {
            let mut state = self.world.state();
            if state.locks.get(&lock.id).is_some_and(|(etag, _)| *etag == lock.etag) {
                state.locks.remove(&lock.id);
            }
            Ok(())
        })
        .await
    }
}
