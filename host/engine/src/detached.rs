//! Work that its owner polls in place, and that goes on in a task of its own when the owner lets go of it.
//!
//! A guest runs to its end whether or not its caller waits. A task for each call would see to that too, and cost every call
//! an allocation, the move of a large future and two turns of the scheduler; most calls are through at their first poll.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// Resolves to the work's result, or to what it panicked with. Not to be polled again after that.
pub struct Detached<T: Send + 'static> {
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
}

impl<T: Send + 'static> Detached<T> {
    /// Nothing runs before the first poll.
    pub fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self { work: Some(Box::pin(work)) }
    }
}

impl<T: Send + 'static> Future for Detached<T> {
    type Output = std::thread::Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else { return Poll::Pending };
        // As a task would: what happens to one call does not end the connection that others share.
        let polled = match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(result)) => Ok(result),
            Err(panic) => Err(panic),
        };
        self.work = None;
        Poll::Ready(polled)
    }
}

impl<T: Send + 'static> Drop for Detached<T> {
    fn drop(&mut self) {
        // Without a runtime everything ends anyway.
        if let Some(work) = self.work.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_goes_on_when_it_is_let_go() {
        let (proceed, wait) = tokio::sync::oneshot::channel::<()>();
        let (through, ended) = tokio::sync::oneshot::channel();
        let mut work = Detached::new(async move {
            wait.await.unwrap();
            through.send(7).unwrap();
        });
        assert!(futures_util::poll!(&mut work).is_pending());
        drop(work);
        proceed.send(()).unwrap();
        assert_eq!(ended.await, Ok(7));
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let work = Detached::new(async { panic!("at the disco") });
        assert_eq!(*work.await.unwrap_err().downcast::<&str>().unwrap(), "at the disco");
    }
}
