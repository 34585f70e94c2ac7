//! Accounts of the queue service: one of each app, others by name, keys that are replaced one at a time.

use hearth_state::{AccountKeyName, QueueCreation, QueuePlace, StateError};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    each_app_has_one_account_that_goes_with_it,
    a_name_that_is_taken_gives_way_to_another,
    named_accounts_are_made_once_and_deleted_with_their_queues,
    keys_are_replaced_one_at_a_time,
);

async fn each_app_has_one_account_that_goes_with_it(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let keyring = fixture.keyring();
    for name in ["shop", "my-shop"] {
        handles[0].apps().create(&app(name), b"").await.unwrap();
    }
    let tasks: Vec<_> = (0..16)
        .map(|index| {
            let (accounts, keyring) = (handles[index % 2].queue_accounts(), keyring.clone());
            tokio::spawn(async move { accounts.ensure_for_app(&keyring, &app("my-shop")).await.unwrap() })
        })
        .collect();
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    assert!(made.iter().all(|account| *account == made[0]), "all got the same");
    let account = &made[0];
    assert!(account.name.starts_with("myshop") && account.name.len() == 16, "{}", account.name);
    assert_eq!((account.app.as_ref(), account.keys.len()), (Some(&app("my-shop")), 2));
    assert!(account.keys[0] != account.keys[1] && account.keys[0].len() == 64);
    let own = handles[0].queue_accounts().ensure_for_app(&keyring, &app("shop")).await.unwrap();
    assert_eq!(own.name, "shop");
    let missing = handles[0].queue_accounts().ensure_for_app(&keyring, &app("none")).await.unwrap_err();
    assert!(matches!(missing, StateError::Missing(_)), "{missing}");

    let place = QueuePlace::new(&account.name, "orders");
    assert_eq!(handles[0].queues().create(place, "").await.unwrap(), QueueCreation::Created);
    assert!(handles[1].apps().delete(&app("my-shop")).await.unwrap());
    assert_eq!(handles[0].queue_accounts().get(&keyring, &account.name).await.unwrap(), None);
    assert_eq!(handles[0].queue_accounts().of_app(&keyring, &app("my-shop")).await.unwrap(), None);
    assert_eq!(handles[0].queues().get(place).await.unwrap(), None);
    assert_eq!(handles[0].queues().create(place, "").await.unwrap(), QueueCreation::NoAccount);
    handles[0].apps().create(&app("my-shop"), b"").await.unwrap();
    let again = handles[0].queue_accounts().ensure_for_app(&keyring, &app("my-shop")).await.unwrap();
    assert_eq!(again.name, account.name);
    assert_ne!(again.keys, account.keys, "the keys of the app that is gone open nothing");
}

async fn a_name_that_is_taken_gives_way_to_another(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    database.apps().create(&app("shop"), b"").await.unwrap();
    assert!(database.queue_accounts().create(&keyring, "shop").await.unwrap());
    let own = database.queue_accounts().ensure_for_app(&keyring, &app("shop")).await.unwrap();
    assert!(own.name.starts_with("shop") && own.name.len() == 14, "{}", own.name);
    let listed = database.queue_accounts().list().await.unwrap();
    assert_eq!(listed, [("shop".to_owned(), None), (own.name, Some(app("shop")))]);
}

async fn named_accounts_are_made_once_and_deleted_with_their_queues(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let accounts = database.queue_accounts();
    assert!(accounts.create(&keyring, "archive").await.unwrap());
    let made = accounts.get(&keyring, "archive").await.unwrap().unwrap();
    assert!(!accounts.create(&keyring, "archive").await.unwrap());
    assert!(!accounts.ensure_known(&keyring, "archive", b"known").await.unwrap());
    assert_eq!(accounts.get(&keyring, "archive").await.unwrap().unwrap(), made);
    assert!(accounts.ensure_known(&keyring, "devstoreaccount1", b"known").await.unwrap());
    let known = accounts.get(&keyring, "devstoreaccount1").await.unwrap().unwrap();
    assert!(known.keys.iter().all(|key| key.as_slice() == b"known"));
    assert!(accounts.set_properties("archive", "<p/>").await.unwrap());
    assert_eq!(accounts.get(&keyring, "archive").await.unwrap().unwrap().properties, "<p/>");
    database.queues().create(QueuePlace::new("archive", "old"), "").await.unwrap();
    assert!(accounts.delete("archive").await.unwrap() && !accounts.delete("archive").await.unwrap());
    assert!(!accounts.set_properties("archive", "").await.unwrap());
    assert_eq!(database.queues().get(QueuePlace::new("archive", "old")).await.unwrap(), None);
}

async fn keys_are_replaced_one_at_a_time(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let accounts = database.queue_accounts();
    accounts.create(&keyring, "archive").await.unwrap();
    let before = accounts.get(&keyring, "archive").await.unwrap().unwrap();
    assert!(accounts.renew_key(&keyring, "archive", AccountKeyName::Key1).await.unwrap());
    let after = accounts.get(&keyring, "archive").await.unwrap().unwrap();
    assert_ne!(before.keys[0], after.keys[0]);
    assert_eq!(before.keys[1], after.keys[1]);
    assert!(!accounts.renew_key(&keyring, "none", AccountKeyName::Key2).await.unwrap());
    let shown = format!("{after:?}");
    assert!(!shown.contains("keys") && shown.contains("archive"), "{shown}");
}
