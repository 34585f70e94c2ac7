//! What the memory of an instance holds when an invocation begins, and which pages of it are written back rather than given back.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// Granularity of everything here; the pages of the processor, or part of them.
pub(crate) const PAGE_BYTES: usize = 4096;
/// Pages between two that are written back which are written back as well: copying them takes less time than a system call.
const NEAR: usize = 2;
/// Pages written back at most because guests write to them. Each stays in memory for every idle instance.
const MAX_PAGES: usize = 1024;

/// A content of the memory: that of the image, except for some pages.
pub(crate) struct Start {
    image: Arc<[u8]>,
    bytes: usize,
    /// Numbers of the pages that are written back, in order, without two that touch each other.
    runs: Vec<Range<usize>>,
    /// What is written to them, one after the other.
    content: Vec<u8>,
}

impl Start {
    /// The image itself.
    pub(crate) fn of_image(image: Arc<[u8]>) -> Self {
        Self { bytes: image.len(), image, runs: Vec::new(), content: Vec::new() }
    }

    /// `memory`, which began as the image, and may have grown.
    pub(crate) fn of(image: Arc<[u8]>, memory: &[u8]) -> Self {
        let zeros = [0; PAGE_BYTES];
        let of_image = image.chunks(PAGE_BYTES).chain(std::iter::repeat(&zeros[..]));
        let differ = memory.chunks(PAGE_BYTES).zip(of_image).enumerate().filter(|(_, (page, image))| page != image);
        let pages = differ.map(|(number, _)| number).collect();
        let page = |number: usize| &memory[number * PAGE_BYTES..][..PAGE_BYTES];
        let (runs, content) = arrange(&pages, |number, content| content.extend(page(number)));
        Self { image, bytes: memory.len(), runs, content }
    }

    /// The same content with more pages that are written back; `None` if there are no more.
    pub(crate) fn with(&self, written: &[usize]) -> Option<Self> {
        let known: BTreeSet<_> = self.pages().collect();
        let room = MAX_PAGES.saturating_sub(known.len());
        let end = self.bytes / PAGE_BYTES;
        let new = written.iter().filter(|page| **page < end && !known.contains(page));
        let more: Vec<_> = new.take(room).copied().collect();
        if more.is_empty() {
            return None;
        }
        let pages = known.into_iter().chain(more).collect();
        let (runs, content) = arrange(&pages, |number, content| self.page(number, content));
        Some(Self { image: self.image.clone(), bytes: self.bytes, runs, content })
    }

    /// Size of the memory.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is written back, by address, in order; everything else is the image's.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (usize, &[u8])> {
        self.runs.iter().scan(&self.content[..], |left, run| {
            let (content, rest) = left.split_at(run.len() * PAGE_BYTES);
            *left = rest;
            Some((run.start * PAGE_BYTES, content))
        })
    }

    /// Numbers of the pages that are written back.
    pub(crate) fn pages(&self) -> impl Iterator<Item = usize> {
        self.runs.iter().cloned().flatten()
    }

    fn page(&self, number: usize, content: &mut Vec<u8>) {
        let at = number * PAGE_BYTES;
        let own = self.runs().find(|(start, run)| (*start..start + run.len()).contains(&at));
        match own {
            Some((start, run)) => content.extend(&run[at - start..][..PAGE_BYTES]),
            None => match self.image.get(at..at + PAGE_BYTES) {
                Some(page) => content.extend(page),
                None => content.resize(content.len() + PAGE_BYTES, 0),
            },
        }
    }
}

/// Runs of pages with what is near, and their content.
fn arrange(pages: &BTreeSet<usize>, read: impl Fn(usize, &mut Vec<u8>)) -> (Vec<Range<usize>>, Vec<u8>) {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for page in pages {
        match runs.last_mut() {
            Some(last) if *page <= last.end + NEAR => last.end = page + 1,
            _ => runs.push(*page..page + 1),
        }
    }
    let mut content = Vec::new();
    for page in runs.iter().cloned().flatten() {
        read(page, &mut content);
    }
    (runs, content)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a memory holds that was anything else before.
    fn put_back(start: &Start) -> Vec<u8> {
        let mut memory = start.image.to_vec();
        memory.resize(start.bytes(), 0);
        for (at, content) in start.runs() {
            memory[at..at + content.len()].copy_from_slice(content);
        }
        memory
    }

    #[test]
    fn a_start_is_the_memory_whichever_pages_are_written_back() {
        let image: Arc<[u8]> = (0_u32..20).flat_map(|page| [page.to_le_bytes()[0]; PAGE_BYTES]).collect();
        let mut memory = image.to_vec();
        memory.resize(24 * PAGE_BYTES, 0);
        for page in [3, 4, 9, 21] {
            memory[page * PAGE_BYTES + 7] = 0xff;
        }
        let start = Start::of(image.clone(), &memory);
        assert_eq!(start.runs, [3..5, 9..10, 21..22]);
        assert_eq!(put_back(&start), memory);

        assert!(start.with(&[]).is_none() && start.with(&[4, 9, 24, 30]).is_none(), "nothing new within the memory");
        let more = start.with(&[0, 9, 12, 22, 23]).unwrap_or_else(|| panic!("more"));
        assert_eq!(more.runs, [0..5, 9..13, 21..24]);
        assert_eq!(put_back(&more), memory);

        let bare = Start::of_image(image.clone());
        assert_eq!((bare.runs().count(), put_back(&bare)), (0, image.to_vec()));
        let all: Vec<_> = (0..20).collect();
        assert_eq!(put_back(&bare.with(&all).unwrap_or_else(|| panic!("all"))), *image);
    }

    #[test]
    fn what_stays_in_memory_is_bounded() {
        let start = Start::of_image(vec![1; (MAX_PAGES + 10) * PAGE_BYTES].into());
        let all: Vec<_> = (0..MAX_PAGES + 10).collect();
        let start = start.with(&all).unwrap_or_else(|| panic!("all"));
        assert_eq!(start.content.len(), MAX_PAGES * PAGE_BYTES);
        assert!(start.with(&all).is_none());
    }
}
