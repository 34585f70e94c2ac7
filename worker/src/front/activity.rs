//! What happens on an HTTP/2 connection: the requests that are open, and the pieces of answers that its caller has not taken.
//!
//! HTTP/1 needs none of it: there the next head is awaited for a bounded time, and an answer that nobody takes fills the socket. HTTP/2
//! keeps answers for as long as its windows stay closed, while the socket looks fine. Nothing here takes a lock or a timer.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hearth_engine::ResponseBody;
use http::Version;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

/// Answers are handed out in pieces of this size, so that a slow caller is seen to get on. It is that of a frame by default.
const PIECE_BYTES: usize = 16 * 1024;

/// How a connection stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No request came so far.
    Unused,
    Http1,
    /// Functions work, and their callers have taken what there is.
    Working,
    /// No request is open since then.
    Idle(Instant),
    /// Of answers that are there nothing was taken since then.
    Unread(Instant),
}

/// Kept for each connection. Times are nanoseconds since its begin.
pub(super) struct Activity {
    begin: Instant,
    version: OnceLock<Version>,
    /// Requests whose answer was not handed out whole.
    open: AtomicUsize,
    /// Pieces handed to the server's library that it has neither sent nor dropped.
    untaken: AtomicUsize,
    last_end: AtomicU64,
    last_taken: AtomicU64,
}

impl Activity {
    pub(super) fn begin() -> Arc<Self> {
        Arc::new(Self {
            begin: Instant::now(),
            version: OnceLock::new(),
            open: AtomicUsize::new(0),
            untaken: AtomicUsize::new(0),
            last_end: AtomicU64::new(0),
            last_taken: AtomicU64::new(0),
        })
    }

    /// Notes a request; it is open until what is returned is dropped.
    pub(super) fn request(self: &Arc<Self>, version: Version) -> Open {
        if *self.version.get_or_init(|| version) != Version::HTTP_2 {
            return Open(None);
        }
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Some(self.clone()))
    }

    /// Requests begin on the task of the connection: when that is who asks, an idle one stays idle.
    pub(super) fn state(&self) -> State {
        match self.version.get() {
            None => return State::Unused,
            Some(&Version::HTTP_2) => {}
            Some(_) => return State::Http1,
        }
        // Counts first: whoever changes them has set the time before.
        let open = self.open.load(Ordering::Acquire);
        let untaken = self.untaken.load(Ordering::Acquire);
        let (ended, taken) = (self.last_end.load(Ordering::Relaxed), self.last_taken.load(Ordering::Relaxed));
        match (open, untaken) {
            (0, 0) => State::Idle(self.at(ended.max(taken))),
            (_, 0) => State::Working,
            _ => State::Unread(self.at(taken)),
        }
    }

    fn at(&self, nanoseconds: u64) -> Instant {
        self.begin + Duration::from_nanos(nanoseconds)
    }

    fn note(&self, time: &AtomicU64) {
        let now = self.begin.elapsed().as_nanos();
        time.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// An open request; nothing for HTTP/1.
pub(super) struct Open(Option<Arc<Activity>>);

impl Drop for Open {
    fn drop(&mut self) {
        if let Some(activity) = &self.0 {
            activity.note(&activity.last_end);
            activity.open.fetch_sub(1, Ordering::Release);
        }
    }
}

/// A piece of an answer. The server's library drops it when it is sent, or when its stream is reset.
struct Piece {
    bytes: Bytes,
    activity: Arc<Activity>,
}

impl Piece {
    fn new(bytes: Bytes, activity: &Arc<Activity>) -> Self {
        if activity.untaken.load(Ordering::Relaxed) == 0 {
            activity.note(&activity.last_taken);
        }
        activity.untaken.fetch_add(1, Ordering::Release);
        Self { bytes, activity: activity.clone() }
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.activity.note(&self.activity.last_taken);
        self.activity.untaken.fetch_sub(1, Ordering::Release);
    }
}

/// The body of an answer, watched on HTTP/2 and passed on as it is on HTTP/1.
pub(super) struct Answer {
    body: ResponseBody,
    /// What of the body's last chunk is not handed out.
    rest: Bytes,
    open: Open,
}

impl Answer {
    pub(super) fn new(body: ResponseBody, open: Open) -> Self {
        Self { body, rest: Bytes::new(), open }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = <ResponseBody as Body>::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let Some(activity) = &this.open.0 else { return Pin::new(&mut this.body).poll_frame(context) };
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_frame(context)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) if !data.is_empty() => this.rest = data,
                Some(Ok(Ok(empty))) => return Poll::Ready(Some(Ok(Frame::data(empty)))),
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE_BYTES));
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_owner(Piece::new(piece, activity))))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}
