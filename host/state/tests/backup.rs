//! Backups under load, and what a restore fences.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use hearth_model::clock::{Clock, ManualClock, SystemClock, Timestamp};
use hearth_model::ids::{AppName, WorkerId};
use hearth_state::{Backup, Database, Keyring, NewWorker, OpenOptions, StateError, StateUrl, backup, restore, sealed};
use tempfile::TempDir;

const TTL: Duration = Duration::from_secs(60);

/// A state of its own with a key, on a clock that stands still.
struct Place {
    directory: TempDir,
    clock: Arc<ManualClock>,
}

impl Place {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(1_800_000_000_000_000)));
        Self { directory: tempfile::tempdir().unwrap(), clock }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn url(&self) -> StateUrl {
        StateUrl::sqlite(&self.path("state.db"))
    }

    fn options(&self) -> OpenOptions {
        let clock: Arc<dyn Clock> = self.clock.clone();
        OpenOptions { clock, ..OpenOptions::default() }
    }

    async fn open(&self) -> Database {
        Database::open(&self.url(), self.options()).await.unwrap()
    }

    fn keyring(&self) -> Keyring {
        Keyring::load_or_create(&self.path("installation.key")).unwrap()
    }

    async fn backup(&self, name: &str) -> Backup {
        backup(&self.url(), &self.path(name), self.clock.as_ref()).await.unwrap()
    }

    async fn restore(&self, name: &str) -> Result<hearth_state::Restored, StateError> {
        let (path, manifest) = Backup::find(&self.path(name))?;
        restore(&self.url(), &path, &manifest, &self.keyring(), true, self.options()).await
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn app(name: &str) -> AppName {
    AppName::parse(name).unwrap()
}

fn worker(name: &str) -> NewWorker {
    NewWorker {
        name: WorkerId::parse(name).unwrap(),
        version: "0.1.0".into(),
        control_url: "http://127.0.0.1:1".into(),
        http_url: "http://127.0.0.1:2".into(),
        capacity: 100,
        labels_json: "{}".into(),
        node: String::new(),
        available: String::new(),
        pid: 1,
        credential_hash: [7; 32],
        lease: TTL,
    }
}

fn private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o777 == 0o600
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_holds_all_that_was_acknowledged_before_and_writers_go_on() {
    let place = Place::new();
    let database = place.open().await;
    // Enough that the copy takes a while.
    for number in 0..64_u64 {
        let bytes = vec![u8::try_from(number).unwrap(); 1 << 20];
        let digest = hearth_model::ids::Digest::from_bytes(
            &sha2::Digest::finalize(sha2::Digest::chain_update(<sha2::Sha256 as sha2::Digest>::new(), &bytes)).into(),
        );
        database.packages().put(&digest, bytes.len() as u64, bytes.as_slice()).await.unwrap();
    }
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let writer = tokio::spawn({
        let (database, stop, written) = (database.clone(), stop.clone(), written.clone());
        let keyring = place.keyring();
        async move {
            let mut longest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let number = written.load(Ordering::Relaxed);
                let begun = std::time::Instant::now();
                let name = format!("row {number:08}");
                let value = keyring.seal(&sealed::installation(&name), &[1; 2000]);
                database.installation().get_or_create(&name, || value).await.unwrap();
                longest = longest.max(begun.elapsed());
                written.store(number + 1, Ordering::Relaxed);
            }
            longest
        }
    });
    while written.load(Ordering::Relaxed) < 50 {
        tokio::task::yield_now().await;
    }
    let before = written.load(Ordering::Relaxed);
    let manifest = place.backup("copy.db").await;
    let after = written.load(Ordering::Relaxed);
    stop.store(true, Ordering::Relaxed);
    let longest = writer.await.unwrap();
    database.close().await;
    assert!(after > before, "writers went on");
    assert!(longest < Duration::from_secs(3), "no write waited for the backup: {longest:?}");

    assert_eq!((manifest.generation, manifest.schema > 2, manifest.file.as_str()), (1, true, "copy.db"));
    assert!(private(&place.path("copy.db")) && private(&place.path("copy.db.json")));
    assert_eq!(place.path("copy.db").metadata().unwrap().len(), manifest.bytes);
    let left = place.files();
    assert!(left.iter().all(|name| !name.starts_with("copy.db.partial") && !name.starts_with("copy.db-")), "{left:?}");

    place.restore("copy.db").await.unwrap();
    let database = place.open().await;
    let made = AtomicBool::new(false);
    for number in 0..before {
        let make = || {
            made.store(true, Ordering::Relaxed);
            vec![0]
        };
        database.installation().get_or_create(&format!("row {number:08}"), make).await.unwrap();
        assert!(!made.load(Ordering::Relaxed), "row {number} of {before} is lost");
    }
    database.close().await;
}

#[tokio::test]
async fn what_was_handed_out_after_the_backup_is_fenced_also_when_it_is_restored_twice() {
    let place = Place::new();
    let database = place.open().await;
    let (leases, workers) = (database.leases(), database.workers());
    leases.acquire("known", "a", TTL).await.unwrap();
    workers.register(&worker("w1")).await.unwrap();
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.close().await;
    place.backup("copy.db").await;

    let mut greatest = 0;
    let mut generation = 1;
    for _ in 0..2 {
        place.clock.advance(Duration::from_secs(5));
        let database = place.open().await;
        assert_eq!(database.installation().generation().await.unwrap(), generation);
        let (leases, workers) = (database.leases(), database.workers());
        // One that the backup knows, and one that it does not.
        let mut zombies = Vec::new();
        for name in ["known", "later"] {
            for _ in 0..3 {
                zombies.push(leases.acquire(name, "a", TTL).await.unwrap().unwrap());
            }
        }
        let beats = [
            ("w1", workers.register(&worker("w1")).await.unwrap()),
            ("w2", workers.register(&worker("w2")).await.unwrap()),
        ];
        database.apps().create(&app("later"), b"").await.unwrap();
        let revision = database.configuration().restart(&app("shop")).await.unwrap();
        greatest = zombies
            .iter()
            .map(|lease| lease.epoch)
            .chain(beats.map(|beat| beat.1))
            .chain([greatest, revision])
            .max()
            .unwrap();
        database.close().await;

        let restored = place.restore("copy.db").await.unwrap();
        assert!(restored.generation > generation && restored.generation > greatest, "{restored:?} {greatest}");
        generation = restored.generation;
        let database = place.open().await;
        let (leases, workers) = (database.leases(), database.workers());
        assert_eq!(leases.renew(&zombies, TTL).await.unwrap(), [false; 6]);
        let beats: Vec<_> = beats.map(|(name, epoch)| (WorkerId::parse(name).unwrap(), epoch)).into();
        assert_eq!(workers.beat(&beats, TTL).await.unwrap(), [false; 2]);
        assert!(workers.list().await.unwrap().iter().all(|worker| worker.missing));
        // Free at once, under an epoch that nobody had.
        for name in ["known", "later"] {
            let lease = leases.acquire(name, "c", TTL).await.unwrap().unwrap();
            assert!(lease.epoch >= generation, "{lease:?}");
            assert!(leases.release(&lease).await.unwrap());
        }
        assert!(workers.register(&worker("w2")).await.unwrap() >= generation);
        // Whoever watches from where it was hears of every app, with all that it has.
        let changes = database.configuration().changes(revision).await.unwrap();
        assert_eq!(changes.iter().map(|change| change.app.as_str()).collect::<Vec<_>>(), ["shop"]);
        assert!(changes[0].settings > revision && changes[0].keys > revision);
        assert!(database.apps().get(&app("shop")).await.unwrap().unwrap().generation >= generation);
        database.close().await;
        // So that the next turn begins as it is after a restore.
        generation = place.restore("copy.db").await.unwrap().generation;
    }
}

#[tokio::test]
async fn a_restore_refuses_what_it_cannot_vouch_for_and_then_changes_nothing() {
    let place = Place::new();
    let database = place.open().await;
    let name = "admin-key";
    let sealed_value = place.keyring().seal(&sealed::installation(name), b"secret");
    database.installation().get_or_create(name, || sealed_value).await.unwrap();
    let manifest = place.backup("good.db").await;
    database.apps().create(&app("later"), b"").await.unwrap();

    // In use.
    let refused = place.restore("good.db").await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("in use")), "{refused}");
    database.close().await;
    // There, and not to be replaced.
    let (path, keyring) = (place.path("good.db"), place.keyring());
    let refused = restore(&place.url(), &path, &manifest, &keyring, false, place.options()).await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("--replace")), "{refused}");
    // Changed by one byte, cut off, without its manifest, of a newer Hearth.
    let whole = std::fs::read(&path).unwrap();
    let mut other = whole.clone();
    other[5000] ^= 1;
    for (bytes, name) in [(other.as_slice(), "other.db"), (&whole[..whole.len() - 4096], "cut.db")] {
        std::fs::write(place.path(name), bytes).unwrap();
        std::fs::copy(place.path("good.db.json"), place.path(&format!("{name}.json"))).unwrap();
        let refused = place.restore(name).await.unwrap_err();
        assert!(matches!(refused, StateError::Rejected(_)), "{name}: {refused}");
    }
    std::fs::write(place.path("alone.db"), &whole).unwrap();
    assert!(matches!(place.restore("alone.db").await.unwrap_err(), StateError::Missing(_)));
    let newer = Backup { oldest_hearth: "99.0.0".into(), ..manifest.clone() };
    let refused = restore(&place.url(), &path, &newer, &keyring, true, place.options()).await.unwrap_err();
    assert!(matches!(refused, StateError::Incompatible(_)), "{refused}");
    // Another key.
    let other_key = Keyring::load_or_create(&place.path("other.key")).unwrap();
    let refused = restore(&place.url(), &path, &manifest, &other_key, true, place.options()).await.unwrap_err();
    assert!(matches!(refused, StateError::Corrupt(_)), "{refused}");

    let database = place.open().await;
    assert!(database.apps().get(&app("later")).await.unwrap().is_some(), "nothing was changed");
    assert_eq!(database.installation().generation().await.unwrap(), 1);
    database.close().await;
    assert!(place.files().iter().all(|name| !name.contains(".restoring")), "{:?}", place.files());

    // The newest of a folder; the state that was there is kept and can be put back.
    place.clock.advance(Duration::from_secs(60));
    place.backup("newer.db").await;
    assert_eq!(Backup::find(place.directory.path()).unwrap().1.file, "newer.db");
    let restored = place.restore("good.db").await.unwrap();
    assert_eq!(restored.secrets, 1);
    let database = place.open().await;
    assert!(database.apps().get(&app("later")).await.unwrap().is_none());
    database.close().await;
    let kept = Database::open(&StateUrl::sqlite(&restored.kept.unwrap()), place.options()).await.unwrap();
    assert!(kept.apps().get(&app("later")).await.unwrap().is_some());
    kept.close().await;
}

#[tokio::test]
async fn a_backup_overwrites_nothing_and_a_damaged_state_gives_none() {
    let place = Place::new();
    let missing = backup(&place.url(), &place.path("copy.db"), &SystemClock).await.unwrap_err();
    assert!(matches!(missing, StateError::Missing(_)), "{missing}");
    place.open().await.close().await;
    for taken in ["copy.db", "copy.db.json"] {
        std::fs::write(place.path(taken), b"mine").unwrap();
        let refused = backup(&place.url(), &place.path("copy.db"), &SystemClock).await.unwrap_err();
        assert!(refused.to_string().contains("exists"), "{refused}");
        assert_eq!(std::fs::read(place.path(taken)).unwrap(), b"mine");
        std::fs::remove_file(place.path(taken)).unwrap();
    }
    // What a killed backup left is taken over.
    std::fs::write(place.path("copy.db.partial"), b"half").unwrap();
    place.backup("copy.db").await;
    assert!(!place.path("copy.db.partial").exists());

    let mut bytes = std::fs::read(place.path("state.db")).unwrap();
    let length = bytes.len();
    bytes[length / 2..].fill(0xa5);
    std::fs::write(place.path("state.db"), bytes).unwrap();
    let damaged = backup(&place.url(), &place.path("bad.db"), &SystemClock).await.unwrap_err();
    assert!(matches!(damaged, StateError::Corrupt(_)), "{damaged}");
    let left = place.files();
    assert!(left.iter().all(|name| !name.starts_with("bad.db")), "{left:?}");
}
