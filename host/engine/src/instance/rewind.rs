//! Fresh instances without making them: one that served an invocation is put back to where invocations start.
//!
//! That is right because the memory is all the state of these components (`script/image`), and what the host keeps for an
//! instance is replaced. Where an invocation starts is at first the image of the engine. When loading the app's scripts
//! has shown that it asks the host for nothing but the app itself and its settings, so that every instance would come out the same, it is
//! done once and invocations start after it. Scripts that look at a clock, want randomness, log or call out while they
//! load do so in every instance.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use wasmtime::Store;

use super::memory::Memory;
use super::start::Start;
use crate::context::StoreData;

/// Invocations of one instance, all of them fresh, before it is replaced all the same.
const MAX_USES: u32 = 10_000;
/// Invocations at the beginning after each of which it is noted which pages they wrote to.
const LEARNING: u32 = 16;
/// Later it is noted after one in so many.
const LEARNING_INTERVAL: u32 = 64;

/// How often loading the scripts for all is begun at most.
const MAX_TRIES: u32 = 3;

/// The image of an engine component as its instances show it; an inner `None` where they can't be put back.
pub(crate) type SharedImage = Arc<OnceLock<Option<Arc<[u8]>>>>;

/// Where the invocations of an app start.
pub(crate) struct Rewind {
    image: SharedImage,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    loading: Loading,
    /// How often it was begun.
    tries: u32,
    start: Option<Arc<Start>>,
    /// How often the content of the start has changed.
    generation: u32,
    /// How many invocations have ended.
    ended: u32,
}

/// What is known of loading the app's scripts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Loading {
    /// Nothing, or that instances would differ.
    #[default]
    Each,
    /// Instances would be alike.
    Alike,
    /// It is being done once and for all.
    Begun,
    /// It has been done.
    Done,
}

/// An instance's part in this.
pub(super) struct Rewindable {
    memory: Memory,
    generation: u32,
    uses_left: u32,
}

/// How an instance that was just made gets to the start.
pub(super) enum First<'a> {
    /// It is there.
    Ready(Rewindable),
    /// By loading the scripts; then [`ToLoad::loaded`].
    Load(ToLoad<'a>),
    /// It can't be used.
    Unusable,
}

/// An instance whose scripts are to be loaded.
pub(super) struct ToLoad<'a> {
    rewind: &'a Rewind,
    memory: Memory,
    for_all: Option<ForAll<'a>>,
}

/// Held by the one that loads them for all others. When it is dropped early, because that failed or whoever called is gone, another
/// tries it, a few times.
struct ForAll<'a>(&'a Rewind);

impl Rewind {
    pub(crate) fn new(image: SharedImage) -> Self {
        Self { image, state: Mutex::default() }
    }

    /// Whether loading the scripts was seen to make every instance alike.
    pub(crate) fn note_loading(&self, alike: bool) {
        let mut state = self.state();
        if alike && state.loading == Loading::Each {
            state.loading = Loading::Alike;
        }
    }

    /// Whether instances can be put back, as far as it is known.
    pub(super) fn is_possible(&self) -> bool {
        !matches!(self.image.get(), Some(None))
    }

    /// Notes that instances can't be put back.
    pub(super) fn give_up(&self) {
        self.image.get_or_init(|| None);
    }

    /// Whether the next instance is to be a new one, in which the scripts are loaded for all.
    pub(super) fn is_to_load(&self) -> bool {
        self.state().loading == Loading::Alike
    }

    /// Before a new instance has run.
    pub(super) fn first(&self, memory: Memory, store: &mut Store<StoreData>) -> First<'_> {
        let Some(image) = self.image.get_or_init(|| memory.image(store)) else { return First::Unusable };
        let mut state = self.state();
        if state.loading == Loading::Alike {
            state.loading = Loading::Begun;
            state.tries += 1;
            return First::Load(ToLoad { rewind: self, memory, for_all: Some(ForAll(self)) });
        }
        let start = state.start.get_or_insert_with(|| Arc::new(Start::of_image(image.clone()))).clone();
        let generation = state.generation;
        drop(state);
        if store.data().limits.memory_bytes() != Some(start.bytes()) {
            return First::Load(ToLoad { rewind: self, memory, for_all: None });
        }
        to_start(Rewindable { memory, generation, uses_left: MAX_USES }, &start, store)
            .map_or(First::Unusable, First::Ready)
    }

    /// After an invocation that succeeded. `None` if the instance is not to be used again.
    pub(super) fn after(&self, mut instance: Rewindable, store: &mut Store<StoreData>) -> Option<Rewindable> {
        instance.uses_left = instance.uses_left.checked_sub(1)?;
        if !store.data().is_at_rest() {
            return None;
        }
        let mut state = self.state();
        let start = state.start.clone()?;
        if store.data().limits.memory_bytes() != Some(start.bytes()) {
            return None;
        }
        state.ended = state.ended.wrapping_add(1);
        let learn = state.ended <= LEARNING || state.ended.is_multiple_of(LEARNING_INTERVAL);
        instance.generation = state.generation;
        drop(state);
        let start = if learn { self.learn(&instance, start, store) } else { start };
        to_start(instance, &start, store)
    }

    /// Before an invocation, of an instance that was put back: the start may be another by now.
    pub(super) fn before(&self, mut instance: Rewindable, store: &mut Store<StoreData>) -> Option<Rewindable> {
        let state = self.state();
        if state.generation == instance.generation {
            return Some(instance);
        }
        let start = state.start.clone()?;
        instance.generation = state.generation;
        drop(state);
        to_start(instance, &start, store)
    }

    fn learn(&self, instance: &Rewindable, start: Arc<Start>, store: &mut Store<StoreData>) -> Arc<Start> {
        let Some(more) = start.with(&instance.memory.written(store)) else { return start };
        let more = Arc::new(more);
        let mut state = self.state();
        if state.generation == instance.generation {
            state.start = Some(more.clone());
        }
        more
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ToLoad<'_> {
    /// After the scripts were loaded; `alike` says whether every instance would be as this one is now.
    pub(super) fn loaded(self, alike: bool, store: &mut Store<StoreData>) -> Option<Rewindable> {
        let image = self.rewind.image.get().cloned().flatten()?;
        let mut state = self.rewind.state();
        match &self.for_all {
            Some(_) if alike => {
                state.loading = Loading::Done;
                state.start = Some(Arc::new(Start::of(image.clone(), &self.memory.content(store))));
                state.generation += 1;
                state.ended = 0;
            }
            // What it depends on was not seen before.
            Some(_) => state.loading = Loading::Each,
            None => {}
        }
        let start = state.start.get_or_insert_with(|| Arc::new(Start::of_image(image))).clone();
        let instance = Rewindable { memory: self.memory, generation: state.generation, uses_left: MAX_USES };
        drop(state);
        drop(self.for_all);
        to_start(instance, &start, store)
    }
}

impl Drop for ForAll<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if state.loading == Loading::Begun {
            state.loading = if state.tries < MAX_TRIES { Loading::Alike } else { Loading::Each };
        }
    }
}

fn to_start(instance: Rewindable, start: &Start, store: &mut Store<StoreData>) -> Option<Rewindable> {
    instance.memory.put_back(store, start).is_ok().then_some(instance)
}

#[cfg(test)]
#[path = "rewind_tests.rs"]
mod tests;
