//! When a request is sent again, as the SDKs do it (reference: Cosmos DB, section 1.5): what was surely not done is repeated for some
//! time, what may have been done only where doing it twice is doing it once.

use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::error::{CosmosError, CosmosErrorKind};

/// How often the service may say that it is asked too much.
const THROTTLED_ATTEMPTS: u32 = 9;
/// For how long that is waited for, all attempts together.
const THROTTLED_TIME: Duration = Duration::from_secs(30);
/// How often a request is sent when the way or the service fails.
const FAILED_ATTEMPTS: u32 = 5;

/// After so long no attempt follows on one that failed: an endpoint that swallows requests is told about, not waited for again and again.
const FAILED_TIME: Duration = Duration::from_secs(60);

/// What is known of doing something twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Safety {
    /// It is as good as doing it once: a read, an upsert, a delete.
    Repeatable,
    /// It is not: a create.
    Once,
}

/// The pauses of one call.
#[derive(Debug)]
pub(super) struct Retries {
    began: Instant,
    throttled: u32,
    waited: Duration,
    failed: u32,
    conflicts: u32,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), throttled: 0, waited: Duration::ZERO, failed: 0, conflicts: 0 }
    }

    /// How long to wait before the call is made again; none when this error is its end.
    pub(super) fn pause(&mut self, error: &CosmosError, safety: Safety, surfaces_gone: bool) -> Option<Duration> {
        let status = error.status.map_or(0, |status| status.as_u16());
        match (status, error.sub_status) {
            (429, _) => {
                self.throttled += 1;
                // Without a word of the service, longer each time.
                let pause = error.retry_after.unwrap_or_else(|| jittered(Duration::from_millis(100) * self.throttled));
                self.waits(pause, self.throttled <= THROTTLED_ATTEMPTS)
            }
            // Somebody else wrote the same item at the same time: nothing was done.
            (449, _) => {
                self.conflicts += 1;
                let pause = Duration::from_millis(10) * 2u32.saturating_pow(self.conflicts.min(7) - 1);
                self.waits(error.retry_after.unwrap_or_else(|| jittered(pause)), true)
            }
            (410, 1002 | 1007 | 1008) if surfaces_gone => None,
            // The gateway looks for the partition anew.
            (410, _) => self.fails(),
            // The replica that answered is behind the session.
            (404, 1002) => self.fails(),
            _ if error.kind != CosmosErrorKind::Passing => None,
            _ if error.may_have_been_done && safety == Safety::Once => None,
            _ => match (error.retry_after, self.fails()) {
                (Some(told), Some(_)) => self.waits(told, true),
                (_, pause) => pause,
            },
        }
    }

    fn waits(&mut self, pause: Duration, may: bool) -> Option<Duration> {
        self.waited += pause;
        (may && self.waited <= THROTTLED_TIME).then_some(pause)
    }

    fn fails(&mut self) -> Option<Duration> {
        self.failed += 1;
        let may = self.failed < FAILED_ATTEMPTS && self.began.elapsed() < FAILED_TIME;
        may.then(|| jittered(Duration::from_millis(100) * 3u32.pow(self.failed - 1)))
    }
}

/// Between half of a pause and one and a half of it, so that those who fail together do not come again together.
fn jittered(pause: Duration) -> Duration {
    let mut random = [0; 1];
    let part = getrandom::fill(&mut random).map_or(128, |()| u32::from(random[0]));
    pause / 2 + pause * part / 255
}

/// Whether an answer is one of success.
pub(super) fn is_success(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::NOT_MODIFIED
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, sub_status: u32, kind: CosmosErrorKind) -> CosmosError {
        let mut error = CosmosError::new(kind, "read", "http://127.0.0.1", "because");
        error.status = StatusCode::from_u16(status).ok();
        error.sub_status = sub_status;
        error
    }

    fn all(error: &CosmosError, safety: Safety) -> Vec<Duration> {
        let mut retries = Retries::new();
        std::iter::from_fn(|| retries.pause(error, safety, false)).take(1000).collect()
    }

    #[test]
    fn the_services_time_is_waited_for_and_no_longer_than_half_a_minute() {
        let mut error = failure(429, 3200, CosmosErrorKind::Throttled);
        assert_eq!(all(&error, Safety::Once).len(), 9);
        error.retry_after = Some(Duration::from_secs(8));
        assert_eq!(all(&error, Safety::Once), [Duration::from_secs(8); 3]);
        let conflicts = all(&failure(449, 0, CosmosErrorKind::Passing), Safety::Once);
        assert!((30..100).contains(&conflicts.len()), "{}", conflicts.len());
        assert!(conflicts.iter().sum::<Duration>() <= THROTTLED_TIME);
    }

    #[test]
    fn what_may_have_been_done_is_repeated_where_twice_is_once() {
        let mut error = failure(503, 0, CosmosErrorKind::Passing);
        assert_eq!(all(&error, Safety::Once).len(), 4, "it was not done");
        error.may_have_been_done = true;
        assert_eq!(all(&error, Safety::Once).len(), 0);
        assert_eq!(all(&error, Safety::Repeatable).len(), 4);
        for kind in
            [CosmosErrorKind::Refused, CosmosErrorKind::Denied, CosmosErrorKind::Changed, CosmosErrorKind::NotFound]
        {
            assert_eq!(all(&failure(400, 0, kind), Safety::Repeatable).len(), 0, "{kind:?}");
        }
    }

    #[test]
    fn after_a_minute_no_attempt_follows_on_one_that_failed() {
        let error = failure(503, 0, CosmosErrorKind::Passing);
        let mut retries = Retries::new();
        assert!(retries.pause(&error, Safety::Once, false).is_some());
        retries.began = Instant::now().checked_sub(FAILED_TIME).unwrap();
        assert_eq!(retries.pause(&error, Safety::Once, false), None);
    }
}
