//! Configuration: one revision, seen by everybody in its order.

use hearth_state::{AppMode, AppRevision, Database, SettingsChange, StateError};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    every_change_is_seen_once,
    a_deleted_app_is_seen_and_leaves_nothing_to_its_successor,
    modes_change_only_when_they_differ,
    what_does_not_exist_cannot_be_changed,
    no_change_is_missed_while_many_write,
);

fn names(changes: &[AppRevision]) -> Vec<&str> {
    changes.iter().map(|change| change.app.as_str()).collect()
}

/// The changes since this revision, and the greatest of theirs.
async fn since(database: &Database, revision: u64) -> (Vec<AppRevision>, u64) {
    let changes = database.configuration().changes(revision).await.unwrap();
    let greatest = changes.iter().map(|change| change.revision).max().unwrap_or(revision);
    (changes, greatest)
}

fn one(name: &str, value: &str) -> SettingsChange {
    SettingsChange::set([(name.to_owned(), value.to_owned())])
}

async fn every_change_is_seen_once(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let (none, start) = since(&database, 0).await;
    assert_eq!(none, []);
    for name in ["shop", "mail", "blog"] {
        database.apps().create(&app(name), b"").await.unwrap();
    }
    assert!(!database.apps().create(&app("shop"), b"").await.unwrap());
    let (changes, seen) = since(&database, start).await;
    assert_eq!(names(&changes), ["blog", "mail", "shop"]);
    assert_eq!(since(&database, seen).await, (vec![], seen));
    assert_eq!(database.configuration().revision().await.unwrap(), seen);

    let settings = database.app_settings().change(&keyring, &app("shop"), &one("A", "1")).await.unwrap();
    let before = changes[2].clone();
    assert!(settings > seen);
    let (changes, seen) = since(&database, seen).await;
    let expected = AppRevision { revision: settings, settings, ..before };
    assert_eq!((changes, seen), (vec![expected.clone()], settings));

    database.app_keys().ensure(&keyring, &app("shop")).await.unwrap();
    let (changes, seen) = since(&database, seen).await;
    assert_eq!(changes, [AppRevision { revision: seen, keys: seen, ..expected.clone() }]);

    let restarted = database.configuration().restart(&app("shop")).await.unwrap();
    let (changes, _) = since(&database, seen).await;
    let expected = AppRevision { revision: restarted, settings: restarted, keys: seen, ..expected };
    assert_eq!(changes, std::slice::from_ref(&expected));
    assert_eq!(database.configuration().get(&app("shop")).await.unwrap(), Some(expected));
    assert_eq!(database.configuration().revision().await.unwrap(), restarted);
}

async fn a_deleted_app_is_seen_and_leaves_nothing_to_its_successor(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let shop = app("shop");
    database.apps().create(&shop, b"").await.unwrap();
    database.app_settings().change(&keyring, &shop, &one("SECRET", "of the first")).await.unwrap();
    let keys = database.app_keys().ensure(&keyring, &shop).await.unwrap();
    database.configuration().set_mode(&shop, AppMode::Offline).await.unwrap();
    let (_, seen) = since(&database, 0).await;
    database.apps().delete(&shop).await.unwrap();

    let (changes, seen) = since(&database, seen).await;
    assert!(matches!(changes.as_slice(), [gone] if gone.deleted && gone.revision == seen), "{changes:?}");
    assert_eq!(database.configuration().get(&shop).await.unwrap(), None);
    assert!(matches!(database.app_settings().list(&keyring, &shop).await, Err(StateError::Missing(_))));
    assert!(matches!(database.app_keys().list(&keyring, &shop).await, Err(StateError::Missing(_))));

    database.apps().create(&shop, b"").await.unwrap();
    let (changes, _) = since(&database, seen).await;
    assert!(matches!(changes.as_slice(), [new] if !new.deleted && new.mode == AppMode::Running), "{changes:?}");
    assert_eq!(database.app_settings().list(&keyring, &shop).await.unwrap(), []);
    assert!(database.app_keys().list(&keyring, &shop).await.unwrap().is_empty());
    assert_ne!(database.app_keys().ensure(&keyring, &shop).await.unwrap().master(), keys.master());
}

async fn modes_change_only_when_they_differ(fixture: Fixture) {
    let database = fixture.open().await;
    let (shop, configuration) = (app("shop"), database.configuration());
    database.apps().create(&shop, b"").await.unwrap();
    assert_eq!(configuration.set_mode(&shop, AppMode::Running).await.unwrap(), None);
    for mode in [AppMode::Offline, AppMode::Draining, AppMode::Running] {
        let revision = configuration.set_mode(&shop, mode).await.unwrap().unwrap();
        let now = configuration.get(&shop).await.unwrap().unwrap();
        assert_eq!((now.mode, now.revision), (mode, revision));
        assert_eq!(configuration.set_mode(&shop, mode).await.unwrap(), None);
    }
}

async fn what_does_not_exist_cannot_be_changed(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let none = app("none");
    let before = fixture.dump().await;
    let missing = |error: StateError| assert_eq!(error, StateError::Missing("there is no app 'none'".to_owned()));
    missing(database.configuration().restart(&none).await.unwrap_err());
    missing(database.configuration().set_mode(&none, AppMode::Offline).await.unwrap_err());
    missing(database.app_settings().change(&keyring, &none, &one("A", "1")).await.unwrap_err());
    missing(database.app_keys().ensure(&keyring, &none).await.unwrap_err());
    assert_eq!(database.configuration().get(&none).await.unwrap(), None);
    assert_eq!(fixture.dump().await, before, "a refused change raises no revision");
}

async fn no_change_is_missed_while_many_write(fixture: Fixture) {
    const WRITERS: usize = 8;
    const CHANGES: usize = 25;
    let handles = [fixture.open().await, fixture.open().await];
    let keyring = fixture.keyring();
    let apps = ["shop", "mail", "blog"];
    for name in apps {
        handles[0].apps().create(&app(name), b"").await.unwrap();
    }
    let (_, mut seen) = since(&handles[0], 0).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (database, keyring) = (handles[writer % 2].clone(), keyring.clone());
            tokio::spawn(async move {
                let mut made = Vec::new();
                for round in 0..CHANGES {
                    let target = app(apps[(writer + round) % apps.len()]);
                    let change = one(&format!("W{writer}"), &round.to_string());
                    let revision = database.app_settings().change(&keyring, &target, &change).await.unwrap();
                    assert!(made.last().is_none_or(|last| *last < revision));
                    made.push(revision);
                }
                made
            })
        })
        .collect();
    // What the watcher took for the settings of an app whenever it was told of a change of it.
    let mut watched = std::collections::BTreeMap::new();
    let mut idle = false;
    while !idle {
        idle = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let (changes, greatest) = since(&handles[1], seen).await;
        for change in changes {
            assert!(change.revision > seen);
            let now = handles[1].app_settings().list(&keyring, &change.app).await.unwrap();
            watched.insert(change.app, now);
        }
        seen = greatest;
        tokio::task::yield_now().await;
    }
    let mut all = Vec::new();
    for writer in writers {
        all.extend(writer.await.unwrap());
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), WRITERS * CHANGES, "every change has a revision of its own");
    for name in apps {
        let stored = handles[0].app_settings().list(&keyring, &app(name)).await.unwrap();
        assert_eq!(watched.get(&app(name)), Some(&stored));
    }
}
