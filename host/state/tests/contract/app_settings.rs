//! App settings: sealed, all or none, and quiet when nothing changes.

use std::collections::BTreeMap;

use hearth_state::{MAX_SETTING_BYTES, MAX_SETTINGS, SettingsChange, StateError};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    settings_are_set_removed_and_replaced,
    names_ignore_case_and_keep_their_spelling,
    what_changes_nothing_has_no_new_revision,
    an_expected_revision_decides,
    limits_are_said_and_change_nothing,
    any_sequence_of_changes_equals_a_map,
);

fn pairs(text: &[(&str, &str)]) -> Vec<(String, String)> {
    text.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn names(text: &[&str]) -> Vec<String> {
    text.iter().map(|name| (*name).to_owned()).collect()
}

async fn settings_are_set_removed_and_replaced(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    for name in ["shop", "mail"] {
        database.apps().create(&app(name), b"").await.unwrap();
    }
    let settings = database.app_settings();
    assert_eq!(settings.list(&keyring, &shop).await.unwrap(), []);
    let first = pairs(&[("B", "2"), ("A", "1"), ("C", ""), ("D", "\u{fc}ml\nx")]);
    let revision = settings.change(&keyring, &shop, &SettingsChange::set(first)).await.unwrap();
    let read = settings.snapshot(&keyring, &shop).await.unwrap();
    assert_eq!(read.revision, revision);
    assert_eq!(read.values, pairs(&[("A", "1"), ("B", "2"), ("C", ""), ("D", "\u{fc}ml\nx")]));
    assert!(format!("{read:?}").contains("\"D\"") && !format!("{read:?}").contains("ml"));

    let change = SettingsChange { unset: names(&["A", "B", "none"]), ..SettingsChange::set(pairs(&[("B", "3")])) };
    assert!(settings.change(&keyring, &shop, &change).await.unwrap() > revision);
    assert_eq!(settings.list(&keyring, &shop).await.unwrap(), pairs(&[("B", "3"), ("C", ""), ("D", "\u{fc}ml\nx")]));

    let replace = SettingsChange::replace(pairs(&[("C", "4"), ("E", "5"), ("E", "6")]));
    settings.change(&keyring, &shop, &replace).await.unwrap();
    assert_eq!(settings.list(&keyring, &shop).await.unwrap(), pairs(&[("C", "4"), ("E", "6")]));
    assert_eq!(settings.list(&keyring, &app("mail")).await.unwrap(), []);
    assert!(!fixture.dump().await.contains("\u{fc}ml"));
}

async fn names_ignore_case_and_keep_their_spelling(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let settings = database.app_settings();
    let change = SettingsChange::set(pairs(&[("Mail__Server", "a"), ("STORE", "b")]));
    let first = settings.change(&keyring, &shop, &change).await.unwrap();
    let change = SettingsChange::set(pairs(&[("mail:server", "a")]));
    assert!(settings.change(&keyring, &shop, &change).await.unwrap() > first, "another spelling is a change");
    assert_eq!(settings.list(&keyring, &shop).await.unwrap(), pairs(&[("mail:server", "a"), ("STORE", "b")]));
    settings.change(&keyring, &shop, &SettingsChange::unset(names(&["MAIL__SERVER", "store"]))).await.unwrap();
    assert_eq!(settings.list(&keyring, &shop).await.unwrap(), []);
}

async fn what_changes_nothing_has_no_new_revision(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let settings = database.app_settings();
    let both = pairs(&[("A", "1"), ("B", "2")]);
    let revision = settings.change(&keyring, &shop, &SettingsChange::set(both.clone())).await.unwrap();
    let before = fixture.dump().await;
    for change in [
        SettingsChange::default(),
        SettingsChange::set(pairs(&[("A", "1")])),
        SettingsChange::replace(both.clone()),
        SettingsChange::unset(names(&["C"])),
        SettingsChange { unset: names(&["A", "B"]), ..SettingsChange::set(both) },
    ] {
        assert_eq!(settings.change(&keyring, &shop, &change).await.unwrap(), revision, "{change:?}");
    }
    assert_eq!(fixture.dump().await, before);
}

async fn an_expected_revision_decides(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let settings = database.app_settings();
    let expecting = |revision, value: &str| {
        let change = SettingsChange::set(pairs(&[("A", value)]));
        SettingsChange { expected: Some(revision), ..change }
    };
    let start = settings.snapshot(&keyring, &shop).await.unwrap().revision;
    let next = settings.change(&keyring, &shop, &expecting(start, "1")).await.unwrap();
    let refused = settings.change(&keyring, &shop, &expecting(start, "2")).await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("changed meanwhile")), "{refused}");
    let racing: Vec<_> = (0..8)
        .map(|writer| {
            let (settings, keyring, change) =
                (settings.clone(), keyring.clone(), expecting(next, &format!("w{writer}")));
            tokio::spawn(async move { settings.change(&keyring, &app("shop"), &change).await })
        })
        .collect();
    let mut won = 0;
    for one in racing {
        match one.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert!(matches!(error, StateError::Conflict(_)), "{error}"),
        }
    }
    assert_eq!(won, 1);
}

async fn limits_are_said_and_change_nothing(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let settings = database.app_settings();
    let many = |count: usize| (0..count).map(|n| (format!("N{n}"), "v".to_owned())).collect::<Vec<_>>();
    settings.change(&keyring, &shop, &SettingsChange::set(many(MAX_SETTINGS))).await.unwrap();
    settings
        .change(&keyring, &shop, &SettingsChange::set(vec![("n0".into(), "v".repeat(MAX_SETTING_BYTES))]))
        .await
        .unwrap();
    let before = fixture.dump().await;
    for (change, expected) in [
        (pairs(&[("one-more", "")]), "1001 settings, but an app may have 1000"),
        (
            vec![("N1".to_owned(), "v".repeat(MAX_SETTING_BYTES + 1))],
            "'N1' has 65537 bytes, but a value may have 65536",
        ),
        (pairs(&[("N2", "2"), ("", "x")]), "setting name is empty"),
        (pairs(&[("a=b", "x")]), "'a=b' is not valid"),
        (pairs(&[(" a", "x")]), "ends with a space"),
        (pairs(&[("N3", "x\0y")]), "NUL"),
    ] {
        let refused = settings.change(&keyring, &shop, &SettingsChange::set(change)).await.unwrap_err();
        assert!(matches!(&refused, StateError::Rejected(text) if text.contains(expected)), "{refused}");
    }
    assert_eq!(fixture.dump().await, before);
    let change = SettingsChange { unset: names(&["N0"]), ..SettingsChange::set(pairs(&[("one-more", "")])) };
    settings.change(&keyring, &shop, &change).await.unwrap();
    assert_eq!(settings.list(&keyring, &shop).await.unwrap().len(), MAX_SETTINGS);
}

async fn any_sequence_of_changes_equals_a_map(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let settings = database.app_settings();
    let mut model: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut state = 0x5eed_u64;
    let mut below = |limit: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % limit
    };
    let vocabulary = ["A", "a", "B__c", "b:C", "D", "e-1", "f g", "F G"];
    for round in 0..300 {
        let mut change = SettingsChange { replace_all: below(12) == 0, ..SettingsChange::default() };
        for _ in 0..below(4) {
            let name = vocabulary[usize::try_from(below(8)).unwrap()];
            if below(3) == 0 {
                change.unset.push(name.to_owned());
            } else {
                change.set.push((name.to_owned(), below(4).to_string()));
            }
        }
        let fold = |name: &str| name.replace("__", ":").to_lowercase();
        let before = model.clone();
        if change.replace_all {
            model.clear();
        }
        for name in &change.unset {
            model.remove(&fold(name));
        }
        for (name, value) in &change.set {
            model.insert(fold(name), (name.clone(), value.clone()));
        }
        let old = settings.snapshot(&keyring, &shop).await.unwrap().revision;
        let new = settings.change(&keyring, &shop, &change).await.unwrap();
        assert_eq!(new > old, model != before, "round {round}: {change:?}");
        let stored = settings.list(&keyring, &shop).await.unwrap();
        assert_eq!(stored, model.values().cloned().collect::<Vec<_>>(), "round {round}: {change:?}");
    }
}
