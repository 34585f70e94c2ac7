//! Machine code on disk, so that a component is compiled once per machine and engine.
//!
//! Deserialising machine code is as good as running it, so a file is used only if its HMAC under the installation's key is right; the
//! folder is private to the user. The key covers the engine's version, its settings and this processor's features: an upgrade
//! or another machine compiles anew instead of failing.

use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::LoadError;

const MAC_BYTES: usize = 32;

pub(crate) struct CodeCache {
    dir: PathBuf,
    key: [u8; 32],
    engine_tag: [u8; 32],
}

impl CodeCache {
    /// `dir` is created with mode 0700. `key` must be secret to the installation.
    pub(crate) fn open(dir: &Path, key: [u8; 32], engine: &Engine) -> Result<Self, LoadError> {
        create_private(dir)
            .map_err(|error| LoadError::Host(format!("the code cache {} can't be created: {error}", dir.display())))?;
        let mut tag = ShaHasher(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut tag);
        Ok(Self { dir: dir.to_owned(), key, engine_tag: tag.0.finalize().into() })
    }

    /// The compiled component: from the cache, else compiled now (blocking, up to seconds) and kept. `bytes` has been seen to be a component.
    pub(crate) fn load(&self, engine: &Engine, bytes: &[u8]) -> Result<Component, LoadError> {
        let digest = Sha256::new().chain_update(self.engine_tag).chain_update(bytes).finalize().into();
        match self.read(engine, &digest) {
            Some(component) => Ok(component),
            None => self.compile(engine, &digest, bytes),
        }
    }

    /// As [`CodeCache::load`], of the component that `make` makes of one that comes with Hearth. `kind` says what is made. The workers of
    /// an installation, which all want it, do it once: whoever comes second waits.
    pub(crate) fn load_own<B: AsRef<[u8]>>(
        &self,
        engine: &Engine,
        kind: &str,
        bytes: &[u8],
        make: impl FnOnce() -> Result<B, LoadError>,
    ) -> Result<Component, LoadError> {
        let digest = Sha256::new().chain_update(self.engine_tag).chain_update(kind).chain_update(bytes);
        let digest = digest.finalize().into();
        if let Some(component) = self.read(engine, &digest) {
            return Ok(component);
        }
        // Without the lock, which a file system may lack, the work is done more than once and no worse.
        let lock = std::fs::File::create(self.path(&digest, "lock"));
        let _locked = lock.and_then(|file| file.lock().map(|()| file));
        match self.read(engine, &digest) {
            Some(component) => Ok(component),
            None => self.compile(engine, &digest, make()?.as_ref()),
        }
    }

    fn compile(&self, engine: &Engine, digest: &[u8; 32], bytes: &[u8]) -> Result<Component, LoadError> {
        let path = self.path(digest, "cwasm");
        let code = engine.precompile_component(bytes).map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        if let Err(error) = self.write(&path, digest, &code) {
            tracing::warn!(
                category = "Host.Startup",
                "the code cache {} can't be written ({error}); the component will be compiled again",
                path.display()
            );
        }
        deserialize(engine, &code)
            .map_err(|error| LoadError::Host(format!("fresh machine code was refused: {error:#}")))
    }

    /// Data that was kept under a digest, if it is there and ours.
    pub(crate) fn read_data(&self, digest: &[u8; 32], extension: &str) -> Option<Vec<u8>> {
        self.read_authentic(&self.path(digest, extension), digest).map(|mut file| file.split_off(MAC_BYTES))
    }

    /// Keeps data under a digest; no code's digest may be the same. A failure is logged, and the data made again.
    pub(crate) fn write_data(&self, digest: &[u8; 32], extension: &str, data: &[u8]) {
        let path = self.path(digest, extension);
        if let Err(error) = self.write(&path, digest, data) {
            tracing::warn!(category = "Host.Startup", "the code cache {} can't be written: {error}", path.display());
        }
    }

    fn read(&self, engine: &Engine, digest: &[u8; 32]) -> Option<Component> {
        let path = self.path(digest, "cwasm");
        let file = self.read_authentic(&path, digest)?;
        deserialize(engine, file.get(MAC_BYTES..)?)
            .inspect_err(|error| {
                tracing::warn!(
                    category = "Host.Startup",
                    "{} was refused and is compiled again: {error:#}",
                    path.display()
                )
            })
            .ok()
    }

    /// A whole file, its code behind the tag.
    fn read_authentic(&self, path: &Path, digest: &[u8; 32]) -> Option<Vec<u8>> {
        let file = std::fs::read(path).ok()?;
        let (tag, code) = file.split_at_checked(MAC_BYTES)?;
        if self.mac(digest, code)?.verify_slice(tag).is_err() {
            tracing::warn!(
                category = "Host.Startup",
                "{} has been altered or was written under another key; it is compiled again",
                path.display()
            );
            return None;
        }
        Some(file)
    }

    fn path(&self, digest: &[u8; 32], extension: &str) -> PathBuf {
        self.dir.join(hex::encode(digest)).with_extension(extension)
    }

    fn write(&self, path: &Path, digest: &[u8; 32], code: &[u8]) -> std::io::Result<()> {
        let mac = self.mac(digest, code).ok_or(std::io::ErrorKind::InvalidInput)?.finalize().into_bytes();
        // A name of its own for each writer: two apps of one process may bring the same component at once.
        let temporary = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
        // Whoever needs space may delete a cache, also of a running worker.
        create_private(&self.dir)?;
        let result =
            std::fs::write(&temporary, [&mac[..], code].concat()).and_then(|()| std::fs::rename(&temporary, path));
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    fn mac(&self, digest: &[u8; 32], code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).ok()?;
        mac.update(digest);
        mac.update(code);
        Some(mac)
    }
}

fn deserialize(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    #[expect(
        unsafe_code,
        reason = "the bytes come from this engine: compiled a moment ago, or under our HMAC over the same digest"
    )]
    unsafe {
        Component::deserialize(engine, code)
    }
}

fn create_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Feeds what is hashed into SHA-256, for a tag that is the same in every process.
struct ShaHasher(Sha256);

impl Hasher for ShaHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
