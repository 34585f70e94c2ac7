//! How many messages a queue has: exactly while they are few, and by a count of at most a second ago where counting takes long.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hearth_state::{QueuePlace, Queues, StateError};

use super::lock;

/// Up to here every question is answered by counting: a fraction of a millisecond.
const EXACT: u64 = 1000;
/// How long a count of more is good, or as many times longer as it took.
const GOOD_FOR: Duration = Duration::from_secs(1);
const TIMES_LONGER: u32 = 50;
/// Most queues whose counts are remembered.
const REMEMBERED: usize = 1000;

struct Counted {
    at: Instant,
    took: Duration,
    count: u64,
}

#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<(String, String), Counted>>);

impl Counts {
    /// None if there is no such queue.
    pub(super) async fn of(&self, queues: &Queues, place: QueuePlace<'_>) -> Result<Option<u64>, StateError> {
        let exact = queues.count(place, EXACT).await?;
        if exact.is_none_or(|count| count < EXACT) {
            return Ok(exact);
        }
        let key = (place.account.to_owned(), place.queue.to_owned());
        let remembered = |counted: &Counted| counted.at.elapsed() < GOOD_FOR.max(counted.took * TIMES_LONGER);
        if let Some(counted) = lock(&self.0).get(&key).filter(|counted| remembered(counted)) {
            return Ok(Some(counted.count));
        }
        let begun = Instant::now();
        let Some(count) = queues.count_all(place).await? else { return Ok(None) };
        let mut counts = lock(&self.0);
        if counts.len() >= REMEMBERED {
            counts.clear();
        }
        counts.insert(key, Counted { at: Instant::now(), took: begun.elapsed(), count });
        Ok(Some(count))
    }
}
