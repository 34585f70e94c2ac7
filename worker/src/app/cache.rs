//! Packages on this machine's disk, by SHA-256: fetched once from host state, verified, shared by the workers of the machine.

use std::io;
use std::path::{Path, PathBuf};

use hearth_model::ids::Digest;
use hearth_state::Database;
use tokio::io::AsyncWriteExt;

pub(crate) struct PackageCache {
    dir: PathBuf,
    state: Database,
}

impl PackageCache {
    pub(crate) fn open(dir: PathBuf, state: Database) -> io::Result<Self> {
        std::fs::create_dir_all(&dir)?;
        Ok(Self { dir, state })
    }

    /// Opens the package, fetching it first if need be. A file in the cache is checked against its digest before use.
    pub(crate) async fn package(&self, digest: &Digest) -> Result<std::fs::File, String> {
        let path = self.dir.join(format!("{digest}.zip"));
        let wanted = digest.clone();
        let cached = path.clone();
        let found = tokio::task::spawn_blocking(move || open_verified(&cached, &wanted)).await;
        if let Ok(Some(file)) = found {
            return Ok(file);
        }
        let temporary = self.dir.join(format!("{digest}.{}.tmp", uuid::Uuid::new_v4().simple()));
        let result = self.fetch(digest, &temporary).await.and_then(|()| {
            std::fs::rename(&temporary, &path)
                .map_err(|error| Uncached::Disk(format!("the package cache {}: {error}", path.display())))?;
            std::fs::File::open(&path)
                .map_err(|error| Uncached::Disk(format!("the package cache {}: {error}", path.display())))
        });
        match result {
            Err(Uncached::Disk(reason)) => {
                let _ = std::fs::remove_file(&temporary);
                self.in_memory(digest, reason).await
            }
            Err(Uncached::NotThere(reason)) => {
                let _ = std::fs::remove_file(&temporary);
                Err(reason)
            }
            Ok(file) => Ok(file),
        }
    }

    /// The package in a file without a place on the disk, for a cache that takes nothing: it costs memory for as long as the app is here.
    #[cfg(target_os = "linux")]
    async fn in_memory(&self, digest: &Digest, reason: String) -> Result<std::fs::File, String> {
        let Ok(file) = rustix::fs::memfd_create("hearth-package", rustix::fs::MemfdFlags::CLOEXEC) else {
            return Err(reason);
        };
        let file = std::fs::File::from(file);
        let Ok(other) = file.try_clone() else { return Err(reason) };
        let mut writing = tokio::fs::File::from_std(other);
        match self.state.packages().fetch(digest, &mut writing).await {
            Ok(true) => {}
            // What the disk said is what somebody can mend.
            Ok(false) | Err(_) => return Err(reason),
        }
        writing.flush().await.map_err(|_| reason.clone())?;
        let mut file = file;
        io::Seek::rewind(&mut file).map_err(|_| reason.clone())?;
        tracing::warn!(
            category = "Host.Startup",
            "{reason}. The package is held in memory; free space there, and it is kept on disk at the next load"
        );
        Ok(file)
    }

    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unused_async, reason = "it is elsewhere")]
    async fn in_memory(&self, _digest: &Digest, reason: String) -> Result<std::fs::File, String> {
        Err(reason)
    }

    async fn fetch(&self, digest: &Digest, path: &Path) -> Result<(), Uncached> {
        let disk = |error: io::Error| Uncached::Disk(format!("the package cache {}: {error}", path.display()));
        // Whoever needs space may delete a cache, also of a running worker.
        tokio::fs::create_dir_all(&self.dir).await.map_err(disk)?;
        let mut file = tokio::fs::File::create(path).await.map_err(disk)?;
        let found = self
            .state
            .packages()
            .fetch(digest, &mut file)
            .await
            // Reading from host state may be what failed; the attempt without the disk will tell.
            .map_err(|error| {
                let folder = self.dir.display();
                Uncached::Disk(format!("the package {digest} can't be brought from host state to {folder}: {error}"))
            })?;
        if !found {
            return Err(Uncached::NotThere(format!(
                "the package {digest} is no longer in host state; publish it again"
            )));
        }
        file.flush().await.map_err(disk)
    }
}

/// Why a package is not in the cache. The texts are public.
enum Uncached {
    /// The disk does not take it, or so it looks.
    Disk(String),
    NotThere(String),
}

fn open_verified(path: &Path, digest: &Digest) -> Option<std::fs::File> {
    use sha2::Digest as _;
    let mut file = std::fs::File::open(path).ok()?;
    let mut hasher = sha2::Sha256::new();
    io::copy(&mut file, &mut HashWriter(&mut hasher)).ok()?;
    if hex::encode(hasher.finalize()) != digest.as_str() {
        tracing::warn!(category = "Host.Startup", "{} is damaged and is fetched again", path.display());
        return None;
    }
    io::Seek::rewind(&mut file).ok()?;
    Some(file)
}

struct HashWriter<'a>(&'a mut sha2::Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        sha2::Digest::update(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;

    use hearth_state::{OpenOptions, StateUrl};
    use sha2::Digest as _;

    use super::*;

    #[tokio::test]
    async fn a_package_that_the_disk_does_not_take_is_held_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let url = StateUrl::sqlite(&folder.path().join("state.db"));
        let state = Database::open(&url, OpenOptions::default()).await.unwrap();
        let bytes = vec![7; 300_000];
        let digest = Digest::from_bytes(&sha2::Sha256::digest(&bytes).into());
        let size = bytes.len() as u64;
        state.packages().put(&digest, size, bytes.as_slice()).await.unwrap();
        let cache = PackageCache::open(folder.path().join("packages"), state).unwrap();
        // Where the folder was is now a file: nothing can be written there, by whomever.
        std::fs::remove_dir(folder.path().join("packages")).unwrap();
        std::fs::write(folder.path().join("packages"), "").unwrap();
        let mut read = Vec::new();
        cache.package(&digest).await.unwrap().read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
        std::fs::remove_file(folder.path().join("packages")).unwrap();
        cache.package(&digest).await.unwrap();
        assert!(folder.path().join("packages").join(format!("{digest}.zip")).exists(), "kept once there is room");
    }
}
