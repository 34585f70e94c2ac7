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
                .map_err(|error| format!("the package cache {}: {error}", path.display()))?;
            std::fs::File::open(&path).map_err(|error| format!("the package cache {}: {error}", path.display()))
        });
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    async fn fetch(&self, digest: &Digest, path: &Path) -> Result<(), String> {
        let disk = |error: io::Error| format!("the package cache {}: {error}", path.display());
        // Whoever needs space may delete a cache, also of a running worker.
        tokio::fs::create_dir_all(&self.dir).await.map_err(disk)?;
        let mut file = tokio::fs::File::create(path).await.map_err(disk)?;
        let found = self
            .state
            .packages()
            .fetch(digest, &mut file)
            .await
            .map_err(|error| format!("the package {digest} can't be read from host state: {error}"))?;
        if !found {
            return Err(format!("the package {digest} is no longer in host state; publish it again"));
        }
        file.flush().await.map_err(disk)
    }
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
