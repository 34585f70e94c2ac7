//! What the engine made of an app's scripts, so that an instance, also of a later process, need not read and parse them.
//!
//! Bytecode is trusted by the engine component, and by nothing else: it can harm only the sandbox that it runs in. On disk it is
//! authenticated all the same, like machine code, and belongs to one package and one engine.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::cache::CodeCache;

/// Bytecode of one version, all scripts together, in bytes; what would exceed it is not kept, and each instance makes it for itself.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const EXTENSION: &str = "bytecode";

/// The bytecode of one version of an app, by the paths of its scripts.
pub(crate) struct Bytecode {
    /// Under which it is on disk, if it is.
    digest: Option<[u8; 32]>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    scripts: HashMap<String, Arc<[u8]>>,
    bytes: usize,
    /// Whether there is more than on disk.
    more: bool,
}

impl Bytecode {
    /// What is on disk for a version under an engine; nothing for a version without a digest, which stays in memory.
    pub(crate) fn load(cache: &CodeCache, engine: &[u8; 32], version: Option<[u8; 32]>) -> Self {
        let digest = version.map(|version| {
            Sha256::new().chain_update(b"bytecode").chain_update(engine).chain_update(version).finalize().into()
        });
        let mut kept = Kept::default();
        if let Some(content) = digest.and_then(|digest| cache.read_data(&digest, EXTENSION)) {
            read(&content, &mut kept);
            kept.more = false;
        }
        Self { digest, kept: Mutex::new(kept) }
    }

    pub(crate) fn get(&self, path: &str) -> Option<Arc<[u8]>> {
        self.kept().scripts.get(path).cloned()
    }

    /// The first that is kept for a path stays.
    pub(crate) fn keep(&self, path: String, bytecode: &[u8]) {
        self.kept().keep(path, bytecode);
    }

    /// Writes it to disk if there is something new. Blocking; a failure is logged.
    pub(crate) fn save(&self, cache: &CodeCache) {
        let Some(digest) = self.digest else { return };
        let content = {
            let mut kept = self.kept();
            if !std::mem::take(&mut kept.more) {
                return;
            }
            write(&kept)
        };
        cache.write_data(&digest, EXTENSION, &content);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn keep(&mut self, path: String, bytecode: &[u8]) {
        let bytes = self.bytes.saturating_add(path.len()).saturating_add(bytecode.len());
        if bytes <= MAX_BYTES && !self.scripts.contains_key(&path) {
            self.bytes = bytes;
            self.more = true;
            self.scripts.insert(path, bytecode.into());
        }
    }
}

/// Path and bytecode by turns, each behind its length in four bytes.
fn write(kept: &Kept) -> Vec<u8> {
    let mut content = Vec::with_capacity(kept.bytes + kept.scripts.len() * 8);
    for (path, bytecode) in &kept.scripts {
        for part in [path.as_bytes(), bytecode] {
            // All together is far less than four bytes can count.
            content.extend(u32::try_from(part.len()).unwrap_or_default().to_le_bytes());
            content.extend(part);
        }
    }
    content
}

/// What can be read; whoever wrote it was this program.
fn read(mut content: &[u8], kept: &mut Kept) {
    while let Some(path) = part(&mut content)
        && let Some(bytecode) = part(&mut content)
        && let Ok(path) = std::str::from_utf8(path)
    {
        kept.keep(path.to_owned(), bytecode);
    }
}

fn part<'a>(content: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = content.split_first_chunk()?;
    let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    *content = rest;
    Some(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_and_has_a_limit() {
        let mut kept = Kept::default();
        kept.keep("index.js".into(), b"code");
        kept.keep("index.js".into(), b"other");
        kept.keep("lib/empty.js".into(), b"");
        kept.keep("huge.js".into(), &vec![0; MAX_BYTES]);
        let content = write(&kept);
        let mut again = Kept::default();
        read(&content, &mut again);
        assert_eq!(again.scripts, kept.scripts);
        assert_eq!(again.scripts.len(), 2);
        assert_eq!(&*again.scripts["index.js"], b"code");

        let mut cut = Kept::default();
        read(&content[..content.len() - 1], &mut cut);
        assert!(cut.scripts.len() <= 2);
        read(&[255; 7], &mut cut);
    }
}
