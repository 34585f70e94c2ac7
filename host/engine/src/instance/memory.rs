//! The linear memory of an instance, put back to what it held before while no guest runs.
//!
//! A memory of the pooling allocator is a private mapping of its image that stays at its place: giving a page back to the system makes
//! it the image's again, whatever was written to it. That is [seen to be so](Memory::image) before anything relies on it.

use std::ops::Range;
use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::{Instance, WasmList};

use super::start::{PAGE_BYTES, Start};
use crate::context::StoreData;
use crate::script::accessor;

/// Where the memory of an instance is. It belongs to one store, and every method wants that store, so that no guest runs meanwhile.
pub(crate) struct Memory {
    address: usize,
}

impl Memory {
    /// The memory of an instance, before any other call of it; `None` if its component has no [accessor].
    pub(crate) async fn of(instance: &Instance, store: &mut Store<StoreData>) -> wasmtime::Result<Option<Self>> {
        let function = instance.get_typed_func::<(), (WasmList<u8>,)>(&mut *store, accessor::EXPORT);
        let Ok(function) = function else { return Ok(None) };
        let (list,) = function.call_async(&mut *store, ()).await?;
        let content = list.as_le_slice(&*store);
        // A list is within its memory, and one of this length is the memory, whatever the component says.
        if Some(content.len()) != bytes(store) {
            return Ok(None);
        }
        let memory = Self { address: content.as_ptr().expose_provenance() };
        memory.write(store, 0, &[0; accessor::LIST_BYTES]);
        Ok(Some(memory))
    }

    /// What it holds now.
    pub(crate) fn content(&self, store: &mut Store<StoreData>) -> Vec<u8> {
        let bytes = bytes(store).unwrap_or_default();
        #[expect(
            unsafe_code,
            reason = "`address` to `bytes` is the memory of the store, which nobody else uses meanwhile"
        )]
        unsafe {
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(self.address), bytes).to_vec()
        }
    }

    /// The image that the memory began with. To be called before a guest has run. `None` where pages that are given back are not the image's
    /// again: on other systems, with larger pages, or when the memory was filled rather than mapped.
    pub(crate) fn image(&self, store: &mut Store<StoreData>) -> Option<Arc<[u8]>> {
        let image: Arc<[u8]> = self.content(store).into();
        // One that holds something, lest zeros be taken for the image, and one that is no whole number of larger pages.
        let page = image
            .chunks(PAGE_BYTES)
            .enumerate()
            .position(|(at, page)| at % 2 == 1 && page.iter().any(|byte| *byte != 0))?;
        self.write(store, page * PAGE_BYTES, &[0x5a; PAGE_BYTES]);
        self.give_back(page * PAGE_BYTES, PAGE_BYTES).ok()?;
        (self.content(store) == *image).then_some(image)
    }

    /// Makes the memory what it was at `start`. If it fails, or the memory has another size, the instance is not to be used again.
    ///
    /// Pages that are not written back become the image's again by being given back. Where the kernel tells which of them are private copies,
    /// and tells it rightly of all pages that were written back before, only those are given back; the others are the image's as they are,
    /// and keep their places in the page tables.
    pub(crate) fn put_back(&self, store: &mut Store<StoreData>, start: &Start) -> std::io::Result<()> {
        if bytes(store) != Some(start.bytes()) {
            return Err(std::io::Error::other("the memory has grown"));
        }
        let private = pagemap::private(self.address, start.bytes() / PAGE_BYTES);
        let private = private.filter(|private| {
            let mut known = start.pages().peekable();
            known.peek().is_some() && known.all(|page| private[page])
        });
        let mut end = 0;
        for (at, content) in start.runs().chain([(start.bytes(), &[][..])]) {
            match &private {
                None => self.give_back(end, at - end)?,
                Some(private) => self.give_back_private(end / PAGE_BYTES..at / PAGE_BYTES, private)?,
            }
            self.write(store, at, content);
            end = at + content.len();
        }
        Ok(())
    }

    /// Numbers of the pages that are not the image's any more. Only a hint: empty where the system does not tell.
    pub(crate) fn written(&self, store: &mut Store<StoreData>) -> Vec<usize> {
        let private = bytes(store).and_then(|bytes| pagemap::private(self.address, bytes / PAGE_BYTES));
        let private = private.into_iter().flatten().enumerate();
        private.filter(|(_, private)| *private).map(|(page, _)| page).collect()
    }

    /// Writes within the memory.
    fn write(&self, store: &mut Store<StoreData>, at: usize, content: &[u8]) {
        assert!(bytes(store).is_some_and(|bytes| at <= bytes && content.len() <= bytes - at), "outside of the memory");
        #[expect(unsafe_code, reason = "within the memory of the store, which nobody else uses meanwhile")]
        unsafe {
            let target = std::ptr::with_exposed_provenance_mut::<u8>(self.address + at);
            target.copy_from_nonoverlapping(content.as_ptr(), content.len());
        }
    }

    /// Gives those of the pages back that are private copies.
    fn give_back_private(&self, mut pages: Range<usize>, private: &[bool]) -> std::io::Result<()> {
        while let Some(first) = pages.find(|page| private[*page]) {
            let end = pages.find(|page| !private[*page]).unwrap_or(pages.end);
            self.give_back(first * PAGE_BYTES, (end - first) * PAGE_BYTES)?;
        }
        Ok(())
    }

    /// Gives pages back to the system.
    #[cfg(target_os = "linux")]
    fn give_back(&self, at: usize, bytes: usize) -> std::io::Result<()> {
        use rustix::mm::{Advice, madvise};
        if bytes == 0 {
            return Ok(());
        }
        #[expect(unsafe_code, reason = "pages of the memory of the store, as when its slot in the pool is cleared")]
        unsafe {
            madvise(std::ptr::with_exposed_provenance_mut(self.address + at), bytes, Advice::LinuxDontNeed)?;
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_self, reason = "as on Linux")]
    fn give_back(&self, _: usize, _: usize) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

fn bytes(store: &Store<StoreData>) -> Option<usize> {
    store.data().limits.memory_bytes()
}

/// `/proc/self/pagemap`, as the kernel's documentation describes it (admin-guide/mm/pagemap).
#[cfg(target_os = "linux")]
mod pagemap {
    use std::fs::File;
    use std::os::unix::fs::FileExt as _;
    use std::sync::LazyLock;

    use super::PAGE_BYTES;

    const ENTRY_BYTES: usize = 8;
    const FILE_PAGE: u64 = 1 << 61;
    const SWAPPED: u64 = 1 << 62;
    const PRESENT: u64 = 1 << 63;

    static PAGEMAP: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/self/pagemap").ok());

    /// Which of the pages from an address on are copies of their own, in memory or swapped out; the others are those of a file, or were
    /// not touched. `None` where the system does not tell.
    pub(super) fn private(address: usize, pages: usize) -> Option<Vec<bool>> {
        let mut entries = vec![0; pages * ENTRY_BYTES];
        PAGEMAP.as_ref()?.read_exact_at(&mut entries, (address / PAGE_BYTES * ENTRY_BYTES) as u64).ok()?;
        let (entries, _) = entries.as_chunks::<ENTRY_BYTES>();
        let private = |entry: u64| entry & SWAPPED != 0 || entry & (PRESENT | FILE_PAGE) == PRESENT;
        Some(entries.iter().map(|entry| private(u64::from_ne_bytes(*entry))).collect())
    }
}

#[cfg(not(target_os = "linux"))]
mod pagemap {
    pub(super) fn private(_: usize, _: usize) -> Option<Vec<bool>> {
        None
    }
}
