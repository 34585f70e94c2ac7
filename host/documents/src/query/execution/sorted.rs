//! Rows in order: the best ones after where the page before ended, as many as a page needs. Rows that are skipped are passed by
//! their keys alone, a bounded number at each going over the items.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::super::Query;
use super::super::code::Row;
use super::super::continuation::{Continuation, LONGEST_KEY, Position};
use super::super::order::OrderKey;
use super::LONGEST_ROW;

/// Most rows that are skipped at one going over the items.
const MOST_SKIPPED_AT_ONCE: usize = 10_000;

/// The state of a sort.
#[derive(Debug)]
pub(super) struct Sorting {
    descending: bool,
    /// Rows up to this one are done.
    after: Option<Place>,
    /// Rows whose key begins before this are done.
    beginning: Option<OrderKey>,
    skip: u64,
    /// The best so far; a set, so that the worst is found and thrown away quickly.
    best: BTreeSet<Kept>,
    /// Bytes of their rows, and of keys that are long.
    bytes: usize,
    /// Whether a row was thrown away.
    dropped: bool,
    /// Whether a row was longer than an answer may be.
    pub(super) too_long: bool,
    /// A long key's beginning, and how many rows with it were passed.
    passed: Option<(OrderKey, u64)>,
    scratch: String,
}

/// Where a row stands in the order.
#[derive(Clone, Debug)]
struct Place {
    key: OrderKey,
    position: Position,
    index: u64,
    descending: bool,
}

#[derive(Debug)]
struct Kept {
    place: Place,
    row: String,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.row.len() + self.place.key.long_by()
    }
}

/// The rows of a page.
#[derive(Debug)]
pub(super) struct SortedPage {
    pub(super) rows: String,
    pub(super) count: usize,
    pub(super) more: bool,
    pub(super) last: Option<Last>,
}

/// The last row of a page, as a continuation holds it.
#[derive(Debug)]
pub(super) struct Last {
    pub(super) key: OrderKey,
    pub(super) position: Position,
    pub(super) index: u64,
    pub(super) cut: Option<u64>,
}

impl Sorting {
    pub(super) fn new(descending: bool, resumed: Option<&Continuation>, skip: u64) -> Self {
        let mut sorting = Self {
            descending,
            after: None,
            beginning: None,
            skip,
            best: BTreeSet::new(),
            bytes: 0,
            dropped: false,
            too_long: false,
            passed: None,
            scratch: String::new(),
        };
        if let Some((resumed, key)) = resumed.and_then(|resumed| Some((resumed, resumed.key.clone()?))) {
            match resumed.cut {
                None => {
                    sorting.after = Some(Place { key, position: resumed.position, index: resumed.rows, descending });
                }
                Some(passed) => {
                    sorting.beginning = Some(key);
                    sorting.skip += passed;
                }
            }
        }
        sorting
    }

    /// Whether this going over the items only passes rows.
    pub(super) fn skips(&self) -> bool {
        self.skip > 0
    }

    pub(super) fn row(
        &mut self,
        query: &Query,
        position: Position,
        index: u64,
        row: Row<'_, '_>,
        rows: usize,
        bytes: usize,
    ) {
        let place = Place { key: query.key(row), position, index, descending: self.descending };
        let too_early = self.after.as_ref().is_some_and(|after| place <= *after);
        let begins_too_early = self
            .beginning
            .as_ref()
            .is_some_and(|beginning| directed(place.key.cut(LONGEST_KEY).compare(beginning), self.descending).is_lt());
        if too_early || begins_too_early {
            return;
        }
        let most = if self.skips() {
            usize::try_from(self.skip).unwrap_or(usize::MAX).min(MOST_SKIPPED_AT_ONCE)
        } else {
            rows
        };
        let enough = self.best.len() >= most || self.bytes >= bytes && !self.best.is_empty();
        if enough && self.best.last().is_some_and(|worst| place > worst.place) {
            self.dropped = true;
            return;
        }
        self.scratch.clear();
        if !query.write(row, &mut self.scratch) {
            return;
        }
        if self.scratch.len() > LONGEST_ROW {
            self.too_long = true;
            return;
        }
        let row = if self.skips() { String::new() } else { self.scratch.clone() };
        let kept = Kept { place, row };
        self.bytes += kept.bytes();
        self.best.insert(kept);
        // The worst goes where the others are a page without it.
        while self.best.len() > 1
            && self.best.last().is_some_and(|worst| self.best.len() > most || self.bytes - worst.bytes() >= bytes)
        {
            if let Some(worst) = self.best.pop_last() {
                self.bytes -= worst.bytes();
                self.dropped = true;
            }
        }
    }

    /// Ends a going over the items that passed rows; false where there are no others.
    pub(super) fn skipped(&mut self) -> bool {
        let wanted = usize::try_from(self.skip).unwrap_or(usize::MAX).min(MOST_SKIPPED_AT_ONCE);
        let best = std::mem::take(&mut self.best);
        let enough = best.len() >= wanted || self.dropped;
        self.bytes = 0;
        self.skip -= best.len() as u64;
        for kept in best {
            self.pass(&kept.place.key);
            self.after = Some(kept.place);
        }
        self.dropped = false;
        enough
    }

    fn pass(&mut self, key: &OrderKey) {
        let cut = key.cut(LONGEST_KEY);
        self.passed = match self.passed.take() {
            _ if cut == *key => None,
            Some((beginning, passed)) if beginning == cut => Some((beginning, passed + 1)),
            _ => Some((cut, 1)),
        };
    }

    /// The best rows, as many as fit.
    pub(super) fn page(&mut self, most_rows: usize, most_bytes: usize, take: Option<u64>) -> SortedPage {
        let most_rows = take.and_then(|take| usize::try_from(take).ok()).map_or(most_rows, |take| take.min(most_rows));
        let mut page = SortedPage { rows: String::new(), count: 0, more: self.dropped, last: None };
        if self.skips() {
            return page;
        }
        let mut last = None;
        for kept in std::mem::take(&mut self.best) {
            if page.count >= most_rows || page.count > 0 && page.rows.len() + kept.row.len() > most_bytes {
                page.more = true;
                break;
            }
            if page.count > 0 {
                page.rows.push(',');
            }
            page.rows.push_str(&kept.row);
            page.count += 1;
            self.pass(&kept.place.key);
            last = Some(kept.place);
        }
        page.last = last.map(|last| Last {
            key: last.key.cut(LONGEST_KEY),
            position: last.position,
            index: last.index,
            cut: self.passed.as_ref().map(|(_, passed)| *passed),
        });
        page
    }
}

fn directed(order: Ordering, descending: bool) -> Ordering {
    if descending { order.reverse() } else { order }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        directed(self.key.compare(&other.key), self.descending)
            .then_with(|| self.position.tie().cmp(&other.position.tie()))
            .then_with(|| self.index.cmp(&other.index))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Place {}

impl Ord for Kept {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl PartialOrd for Kept {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for Kept {}
