//! Accounts of the document store: one for each app, others by name, and their keys.

use hearth_state::StateError;
use hearth_state::documents::{Committed, DocumentKeyName, Expected};

use super::{container, database_of, delete, done, lines, place, put};
use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    an_app_has_one_account_that_goes_with_it,
    named_accounts_are_made_once_and_deleted_with_everything_in_them,
    keys_are_replaced_one_at_a_time,
);

async fn an_app_has_one_account_that_goes_with_it(fixture: Fixture) {
    let (database, other, keyring) = (fixture.open().await, fixture.open().await, fixture.keyring());
    database.apps().create(&app("my-shop"), b"").await.unwrap();
    let (left, right) = (database.document_accounts(), other.document_accounts());
    let name = app("my-shop");
    let (one, two) = tokio::join!(left.ensure_for_app(&keyring, &name), right.ensure_for_app(&keyring, &name));
    let account = one.unwrap();
    assert_eq!((account.name.as_str(), &account), ("my-shop", &two.unwrap()));
    assert_eq!(account.app.as_ref(), Some(&name));
    assert!(account.keys.iter().all(|key| key.len() == 64) && account.keys[0] != account.keys[1]);
    assert_eq!(account.key(DocumentKeyName::SecondaryReadonly), account.keys[3].as_slice());
    let missing = left.ensure_for_app(&keyring, &app("none")).await.unwrap_err();
    assert!(matches!(missing, StateError::Missing(_)), "{missing}");

    assert!(database.apps().create(&app("shop"), b"").await.unwrap());
    left.ensure_for_app(&keyring, &app("shop")).await.unwrap();
    let range = place(&container(&fixture, &database, true, 2).await, 0);
    done(&database, range, &[put("a", Expected::Absent, "{}")]).await;
    assert!(database.apps().delete(&app("shop")).await.unwrap());
    assert_eq!(left.get(&keyring, "shop").await.unwrap(), None);
    assert!(database.documents().ranges(range.container).await.unwrap().is_empty());
    assert_eq!(database.documents().usage("shop").await.unwrap(), 0);
    assert!(left.get(&keyring, "my-shop").await.unwrap().is_some(), "the other one stays");
    while database.documents().sweep().await.unwrap() {}
    database.close().await;
    other.close().await;
    let dump = fixture.dump().await;
    assert!(
        !dump.contains("document_items ") && dump.contains("rows_left=0") && dump.contains("containers=0"),
        "{dump}"
    );
}

async fn named_accounts_are_made_once_and_deleted_with_everything_in_them(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let accounts = database.document_accounts();
    assert!(accounts.create(&keyring, "shop").await.unwrap());
    let made = accounts.get(&keyring, "shop").await.unwrap().unwrap();
    assert!(!accounts.create(&keyring, "shop").await.unwrap());
    assert!(!accounts.ensure_known(&keyring, "shop", b"known").await.unwrap());
    assert_eq!(accounts.get(&keyring, "shop").await.unwrap().unwrap(), made);
    assert!(accounts.ensure_known(&keyring, "emulator", b"known").await.unwrap());
    let known = accounts.get(&keyring, "emulator").await.unwrap().unwrap();
    for key in DocumentKeyName::ALL {
        assert_eq!(known.key(key) == b"known", !key.is_read_only(), "{key:?}");
    }
    assert_eq!(accounts.list().await.unwrap(), [("emulator".to_owned(), None), ("shop".to_owned(), None)]);
    assert!(accounts.set_properties("shop", "{}").await.unwrap());
    assert_eq!(accounts.get(&keyring, "shop").await.unwrap().unwrap().properties, "{}");
    let range = place(&container(&fixture, &database, false, 1).await, 0);
    let orders = database_of(&database).await;
    assert!(accounts.delete("shop").await.unwrap() && !accounts.delete("shop").await.unwrap());
    assert!(!accounts.set_properties("shop", "").await.unwrap());
    assert_eq!(database.document_resources().get_by_rid(&orders.rid).await.unwrap(), None);
    for late in [put("a", Expected::Absent, "{}"), delete("a", Expected::Present)] {
        assert_eq!(database.documents().commit(range, false, &[late]).await.unwrap(), Committed::Stale);
    }
    // Under the same name another begins, with other RIDs.
    let again = container(&fixture, &database, false, 1).await;
    assert_ne!(place(&again, 0).container, range.container);
    assert_ne!(lines(&database).await.0.parent, orders.rid);
}

async fn keys_are_replaced_one_at_a_time(fixture: Fixture) {
    let (database, keyring) = (fixture.open().await, fixture.keyring());
    let accounts = database.document_accounts();
    accounts.create(&keyring, "shop").await.unwrap();
    for key in DocumentKeyName::ALL {
        let before = accounts.get(&keyring, "shop").await.unwrap().unwrap();
        assert!(accounts.renew_key(&keyring, "shop", key).await.unwrap());
        let after = accounts.get(&keyring, "shop").await.unwrap().unwrap();
        for other in DocumentKeyName::ALL {
            assert_eq!(before.key(other) == after.key(other), other != key, "{other:?} after {key:?}");
        }
    }
    assert!(!accounts.renew_key(&keyring, "none", DocumentKeyName::Primary).await.unwrap());
    let shown = format!("{:?}", accounts.get(&keyring, "shop").await.unwrap());
    assert!(!shown.contains("keys") && shown.contains("shop"), "{shown}");
}
