//! What one item may cost a query. Whoever may ask may ask anything of items of any size: what is looked through and what is made is
//! counted, and a query that wants more than this of one item is refused, before it has taken the memory or the time of others.
//!
//! Evaluation never waits, so the account is one of the thread.

use std::cell::Cell;

/// Bytes that may be looked through for one item: some tenths of a second. Of what is made, each counts [`MADE`] times.
const MOST: u64 = 256 * 1024 * 1024;
/// How many times a byte counts that is made and not only looked at: 16 MiB may be made for one item.
const MADE: u64 = 16;

/// What is left where nobody counts.
const UNCOUNTED: u64 = u64::MAX;

thread_local! {
    static LEFT: Cell<u64> = const { Cell::new(UNCOUNTED) };
}

/// Counts until it is dropped.
#[must_use]
pub(super) struct Account(());

impl Drop for Account {
    fn drop(&mut self) {
        LEFT.set(UNCOUNTED);
    }
}

/// Begins with an item, or with a query.
pub(super) fn begin() -> Account {
    LEFT.set(MOST);
    Account(())
}

/// Whether there was more to be done than one item may cost: what came out means nothing.
pub(super) fn is_spent() -> bool {
    LEFT.get() == 0
}

/// Counts bytes that are looked through. False when that is too much.
pub(super) fn look(bytes: usize) -> bool {
    spend(bytes as u64)
}

/// Counts bytes that are made. False when that is too much: then they are not to be made.
pub(super) fn make(bytes: usize) -> bool {
    spend((bytes as u64).saturating_mul(MADE))
}

fn spend(cost: u64) -> bool {
    match LEFT.get() {
        UNCOUNTED => true,
        left => {
            let left = left.saturating_sub(cost);
            LEFT.set(left);
            left > 0
        }
    }
}
