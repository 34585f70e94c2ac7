//! Idle instances, kept for the next call of their component.
//!
//! The one that was used last is taken first, so that a component keeps as many as it needs and the rest grow old. They go after a
//! time, also those of components that nobody calls any more: an idle instance keeps its slot in the pool, which those that would
//! run then lack.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Idle instances kept for reuse per component.
const MAX_IDLE: usize = 64;
/// How long an instance is kept without a call. Longer than the pauses between the calls of a busy app, whose next call would pay for a
/// fresh one; short enough that what a burst left behind does not fill the pool.
const IDLE: Duration = Duration::from_secs(60);
/// The same while every place is taken: then one that was used lately matters more than one that waits.
const IDLE_WHEN_FULL: Duration = Duration::from_secs(2);

/// How many instances of all components together may be idle, and where they are.
pub(crate) struct IdlePlaces {
    free: Arc<AtomicUsize>,
    components: Mutex<Vec<Weak<dyn Expire>>>,
}

/// Held while an instance is idle.
struct IdlePlace(Arc<AtomicUsize>);

/// Idle instances of some component.
trait Expire: Send + Sync {
    /// Drops those that idled longer than `limit`, and tells whether others are left.
    fn expire(&self, now: Instant, limit: Duration) -> bool;
}

/// Idle instances of one component.
pub(crate) struct Idle<T> {
    places: Arc<IdlePlaces>,
    /// Oldest first.
    kept: Mutex<Vec<Kept<T>>>,
}

struct Kept<T> {
    instance: T,
    since: Instant,
    _place: IdlePlace,
}

impl IdlePlaces {
    pub(crate) fn new(count: usize) -> Self {
        Self { free: Arc::new(AtomicUsize::new(count)), components: Mutex::default() }
    }

    /// Drops what idled too long, and tells whether something is left that will. To be called about once a second.
    pub(crate) fn expire(&self, now: Instant) -> bool {
        let limit = if self.free.load(Ordering::Relaxed) == 0 { IDLE_WHEN_FULL } else { IDLE };
        let components: Vec<_> = self.components().iter().filter_map(Weak::upgrade).collect();
        let mut left = false;
        for component in &components {
            left |= component.expire(now, limit);
        }
        left
    }

    fn take(&self) -> Option<IdlePlace> {
        let less = |free: usize| free.checked_sub(1);
        self.free.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        Some(IdlePlace(self.free.clone()))
    }

    fn add(&self, component: Weak<dyn Expire>) {
        let mut components = self.components();
        components.retain(|component| component.strong_count() > 0);
        components.push(component);
    }

    fn components(&self) -> MutexGuard<'_, Vec<Weak<dyn Expire>>> {
        self.components.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for IdlePlace {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T: Send + 'static> Idle<T> {
    pub(crate) fn new(places: Arc<IdlePlaces>) -> Arc<Self> {
        let idle = Arc::new(Self { places, kept: Mutex::default() });
        let weak: Weak<Self> = Arc::downgrade(&idle);
        idle.places.add(weak);
        idle
    }

    /// The one that was used last.
    pub(crate) fn take(&self) -> Option<T> {
        let kept = self.kept().pop();
        kept.map(|kept| kept.instance)
    }

    /// Keeps an instance, idle from `now`, or drops it: more were running at once than are worth keeping.
    pub(crate) fn keep(&self, instance: T, now: Instant) {
        let Some(place) = self.places.take() else { return };
        // Released before what is not kept is dropped.
        let mut kept = self.kept();
        if kept.len() < MAX_IDLE {
            kept.push(Kept { instance, since: now, _place: place });
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept<T>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Send + 'static> Expire for Idle<T> {
    fn expire(&self, now: Instant, limit: Duration) -> bool {
        let mut kept = self.kept();
        let old = kept.partition_point(|kept| now.saturating_duration_since(kept.since) > limit);
        let expired: Vec<_> = kept.drain(..old).collect();
        let left = !kept.is_empty();
        // Taking an instance apart takes longer than others should wait for the lock.
        drop(kept);
        drop(expired);
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_for_an_idle_instance_is_free_again_when_the_instance_goes() {
        let places = IdlePlaces::new(2);
        let first = places.take().unwrap();
        let _second = places.take().unwrap();
        assert!(places.take().is_none());
        drop(first);
        assert!(places.take().is_some());
    }

    #[test]
    fn a_place_is_free_again_when_its_instance_idled_too_long() {
        let places = Arc::new(IdlePlaces::new(3));
        let forgotten = Idle::new(places.clone());
        let called = Idle::new(places.clone());
        let start = Instant::now();
        forgotten.keep("forgotten", start);
        called.keep("called", start + IDLE);
        assert!(places.expire(start + IDLE), "both are left");
        assert_eq!(places.free.load(Ordering::Relaxed), 1);
        assert!(places.expire(start + IDLE + Duration::from_millis(1)), "one is left");
        assert_eq!(places.free.load(Ordering::Relaxed), 2);
        assert_eq!((forgotten.take(), called.take()), (None, Some("called")));
        assert!(!places.expire(start + IDLE * 3), "nothing is left");
        assert_eq!(places.free.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn the_one_that_was_used_last_is_taken_first() {
        let idle = Idle::new(Arc::new(IdlePlaces::new(3)));
        let start = Instant::now();
        for (second, instance) in ["a", "b", "c"].into_iter().enumerate() {
            idle.keep(instance, start + Duration::from_secs(second as u64));
        }
        assert_eq!(idle.take(), Some("c"));
        // One is used again and again; the others grow old, the oldest first.
        idle.keep("c", start + IDLE);
        assert!(idle.expire(start + IDLE + Duration::from_millis(500), IDLE));
        assert_eq!([idle.take(), idle.take(), idle.take()], [Some("c"), Some("b"), None]);
    }

    #[test]
    fn while_every_place_is_taken_they_go_sooner() {
        let places = Arc::new(IdlePlaces::new(1));
        let first = Idle::new(places.clone());
        let second = Idle::new(places.clone());
        let start = Instant::now();
        first.keep(1, start);
        second.keep(2, start);
        assert_eq!(second.take(), None);
        assert!(!places.expire(start + IDLE_WHEN_FULL * 2));
        second.keep(2, start + IDLE_WHEN_FULL * 2);
        assert_eq!((first.take(), second.take()), (None, Some(2)));
    }

    #[test]
    fn components_that_are_gone_are_forgotten() {
        let places = Arc::new(IdlePlaces::new(1));
        let gone = Idle::new(places.clone());
        gone.keep((), Instant::now());
        drop(gone);
        assert_eq!(places.free.load(Ordering::Relaxed), 1);
        let _here = Idle::<()>::new(places.clone());
        assert_eq!(places.components().len(), 1);
    }
}
