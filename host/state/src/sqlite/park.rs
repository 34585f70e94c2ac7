//! Waits of the writer thread: it runs one future, and sleeps by parking.
//!
//! Whoever wakes it pays a system call only while it sleeps. A runtime's own loop sleeps in the system's poll, and each
//! wake-up of one that is awake is a write to an event all the same; a batch has one for every few rows.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// Runs a future that needs no runtime: no timers, no sockets.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    let signal = Arc::new(Signal { thread: std::thread::current(), woken: AtomicBool::new(false) });
    let waker = Waker::from(Arc::clone(&signal));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        while !signal.woken.swap(false, Ordering::Acquire) {
            std::thread::park();
        }
    }
}

struct Signal {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sleeps_until_another_thread_answers() {
        let (question, asked) = tokio::sync::oneshot::channel();
        let (answer, answered) = tokio::sync::oneshot::channel();
        let other = std::thread::spawn(move || answer.send(block_on(asked).map(|number: u32| number + 1)));
        question.send(41).unwrap();
        assert_eq!(block_on(answered).unwrap(), Ok(42));
        other.join().unwrap().unwrap();
    }
}
