//! App keys: made once, sealed, replaced and deleted.

use hearth_model::ids::FunctionName;
use hearth_model::keys::{CallerLevel, KeyScope};
use hearth_state::{KeyPut, MAX_KEYS, StateError};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    keys_that_every_app_has_are_made_once,
    a_default_that_was_deleted_stays_away,
    keys_are_put_and_deleted,
    the_master_key_is_one_and_stays,
    limits_of_keys_are_said_and_change_nothing,
);

async fn keys_that_every_app_has_are_made_once(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let (keyring, shop) = (fixture.keyring(), app("shop"));
    handles[0].apps().create(&shop, b"").await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|index| {
            let (keys, keyring) = (handles[index % 2].app_keys(), keyring.clone());
            tokio::spawn(async move {
                let made = keys.ensure(&keyring, &app("shop")).await.unwrap();
                let host = made.get(&KeyScope::Host, "default").unwrap().value.clone();
                (made.master().unwrap().to_owned(), host)
            })
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    assert!(made.iter().all(|pair| *pair == made[0]) && made[0].0 != made[0].1);
    let revision = handles[0].configuration().revision().await.unwrap();
    let function = FunctionName::parse("Orders").unwrap();
    let keys = handles[0].app_keys().ensure_function(&keyring, &shop, &function).await.unwrap();
    let own = keys.get(&KeyScope::function("orders"), "default").unwrap().value.clone();
    assert_eq!(keys.level(Some(&own), "ORDERS"), CallerLevel::Function);
    assert_eq!(keys.level(Some(&made[0].0), "orders"), CallerLevel::Admin);
    assert_eq!(handles[1].app_keys().ensure_function(&keyring, &shop, &function).await.unwrap().len(), 3);
    assert_eq!(handles[1].app_keys().list(&keyring, &shop).await.unwrap().len(), 3);
    assert_eq!(handles[0].configuration().revision().await.unwrap(), revision + 1);
    assert!(!fixture.dump().await.contains(&own));
}

async fn a_default_that_was_deleted_stays_away(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let (keys, function) = (database.app_keys(), FunctionName::parse("Orders").unwrap());
    keys.ensure(&keyring, &shop).await.unwrap();
    keys.ensure_function(&keyring, &shop, &function).await.unwrap();
    for scope in [KeyScope::Host, KeyScope::function("Orders")] {
        assert!(keys.delete(&shop, &scope, "DEFAULT").await.unwrap());
        assert!(!keys.delete(&shop, &scope, "default").await.unwrap());
    }
    keys.ensure_function(&keyring, &shop, &function).await.unwrap();
    let left = keys.ensure(&keyring, &shop).await.unwrap();
    assert_eq!(left.iter().map(|(scope, _)| scope.clone()).collect::<Vec<_>>(), [KeyScope::Master]);
    assert_eq!(keys.put(&keyring, &shop, &KeyScope::Host, "default", "again").await.unwrap(), KeyPut::Created);
    assert_eq!(keys.list(&keyring, &shop).await.unwrap().level(Some("again"), "x"), CallerLevel::Function);
}

async fn keys_are_put_and_deleted(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let keys = database.app_keys();
    let partner = |value: &'static str, name: &'static str| {
        let (keys, keyring, shop) = (keys.clone(), keyring.clone(), shop.clone());
        async move { keys.put(&keyring, &shop, &KeyScope::Host, name, value).await.unwrap() }
    };
    assert_eq!(partner("one", "Partner").await, KeyPut::Created);
    let revision = database.configuration().revision().await.unwrap();
    assert_eq!(partner("one", "Partner").await, KeyPut::Replaced);
    assert_eq!(database.configuration().revision().await.unwrap(), revision, "nothing changed");
    assert_eq!(partner("two", "PARTNER").await, KeyPut::Replaced);
    let stored = keys.list(&keyring, &shop).await.unwrap();
    assert_eq!(stored.list(&KeyScope::Host).map(|key| key.name.as_str()).collect::<Vec<_>>(), ["PARTNER"]);
    let levels = ["one", "two"].map(|key| stored.level(Some(key), "f"));
    assert_eq!(levels, [CallerLevel::Anonymous, CallerLevel::Function]);
    keys.put(&keyring, &shop, &KeyScope::System, "partner", "hook").await.unwrap();
    assert!(keys.delete(&shop, &KeyScope::Host, "partner").await.unwrap());
    assert!(!keys.delete(&shop, &KeyScope::Host, "partner").await.unwrap());
    assert_eq!(keys.list(&keyring, &shop).await.unwrap().level(Some("hook"), "f"), CallerLevel::System);
    assert!(matches!(keys.delete(&app("none"), &KeyScope::Host, "x").await, Err(StateError::Missing(_))));
}

async fn the_master_key_is_one_and_stays(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let keys = database.app_keys();
    keys.ensure(&keyring, &shop).await.unwrap();
    for name in ["_master", "master", "other"] {
        let put = keys.put(&keyring, &shop, &KeyScope::Master, name, &format!("set by {name}")).await.unwrap();
        assert_eq!(put, KeyPut::Replaced);
    }
    let refused = keys.delete(&shop, &KeyScope::Master, "master").await.unwrap_err();
    assert!(matches!(refused, StateError::Rejected(_)), "{refused}");
    let now = keys.ensure(&keyring, &shop).await.unwrap();
    assert_eq!((now.master(), now.list(&KeyScope::Master).count()), (Some("set by other"), 1));
}

async fn limits_of_keys_are_said_and_change_nothing(fixture: Fixture) {
    let (database, keyring, shop) = (fixture.open().await, fixture.keyring(), app("shop"));
    database.apps().create(&shop, b"").await.unwrap();
    let keys = database.app_keys();
    for index in 0..MAX_KEYS {
        keys.put(&keyring, &shop, &KeyScope::System, &format!("k{index}"), "value").await.unwrap();
    }
    let before = fixture.dump().await;
    for (name, value, expected) in [
        ("one-more", "value", "the scope system of app 'shop' has 100 keys"),
        ("k1", "", "has 0 characters: use 1 to 1024"),
        ("k1", " x", "surrounding spaces"),
        ("a/b", "x", "key name 'a/b' is not valid"),
        ("_master", "x", "name of the master key"),
    ] {
        let refused = keys.put(&keyring, &shop, &KeyScope::System, name, value).await.unwrap_err();
        assert!(matches!(&refused, StateError::Rejected(text) if text.contains(expected)), "{refused}");
    }
    assert_eq!(fixture.dump().await, before);
    keys.put(&keyring, &shop, &KeyScope::System, "K1", "other").await.unwrap();
    keys.put(&keyring, &shop, &KeyScope::Host, "k1", "value").await.unwrap();
}
