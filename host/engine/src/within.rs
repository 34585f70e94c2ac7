//! Limits on time that cost nothing where they are not needed.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::task::coop::unconstrained;
use tokio::time::{Sleep, sleep};

/// What `work` comes to within `limit`; `None` when it does not. As [`tokio::time::timeout`], but work that is through at its first poll, as
/// that of most calls is, needs neither a timer nor the room for one.
pub async fn within<T>(limit: Duration, mut work: Pin<&mut impl Future<Output = T>>) -> Option<T> {
    let mut timer: Option<Pin<Box<Sleep>>> = None;
    poll_fn(|context| {
        if let Poll::Ready(result) = work.as_mut().poll(context) {
            return Poll::Ready(Some(result));
        }
        let timer = timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        // Also work that always has something to do is ended.
        Pin::new(&mut unconstrained(timer.as_mut())).poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    #[tokio::test]
    async fn what_takes_longer_is_ended() {
        let limit = Duration::from_millis(50);
        assert_eq!(within(limit, pin!(async { 7 })).await, Some(7));
        assert_eq!(within(Duration::MAX, pin!(sleep(limit))).await, Some(()));
        assert_eq!(within(limit, pin!(std::future::pending::<()>())).await, None);
        // Has always something to do, and gives way only because it must.
        let busy = async {
            loop {
                tokio::task::coop::consume_budget().await;
            }
        };
        assert_eq!(within(limit, pin!(busy)).await, None::<()>);
    }
}
