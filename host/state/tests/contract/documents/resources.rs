//! Databases, users, permissions and scripts: unique by name below their parents, replaced and deleted as they were read.

use hearth_state::Database;
use hearth_state::documents::{NewResource, ResourceChange, ResourceCreation, ResourceKind, StoredResource};

use super::{container, database_named, database_of, made, resource};
use crate::fixture::Fixture;

crate::on_every_engine!(
    a_name_is_unique_among_its_kind_below_its_parent,
    a_resource_is_replaced_as_it_was_read,
    what_is_deleted_takes_everything_below_it,
    lists_go_by_name,
    after_a_restore_no_token_of_a_permission_is_good,
);

async fn by_rid(database: &Database, resource: &StoredResource) -> Option<StoredResource> {
    database.document_resources().get_by_rid(&resource.rid).await.unwrap()
}

async fn after_a_restore_no_token_of_a_permission_is_good(fixture: Fixture) {
    let database = fixture.open().await;
    container(&fixture, &database, false, 1).await;
    let user = made(&database, &resource(ResourceKind::User, &database_of(&database).await, "ann")).await;
    let permission = made(&database, &resource(ResourceKind::Permission, &user, "p")).await;
    // Whatever version it had after the backup was one of a time before the restore.
    fixture.clock.advance(std::time::Duration::from_secs(60));
    let replaced = database.document_resources().replace(&permission, None, ("p", "{\"a\":1}"), false).await.unwrap();
    let ResourceChange::Done(replaced) = replaced else { panic!("{replaced:?}") };
    fixture.clock.advance(std::time::Duration::from_millis(1));
    database.installation().restored(1).await.unwrap();
    let now = by_rid(&database, &permission).await.unwrap();
    assert!(now.version > replaced.version, "{} and {}", now.version, replaced.version);
    let user_now = by_rid(&database, &user).await.unwrap();
    assert_eq!(user_now.version, user.version, "what no token is made of stays as it is");
}

async fn a_name_is_unique_among_its_kind_below_its_parent(fixture: Fixture) {
    let database = fixture.open().await;
    let resources = database.document_resources();
    assert_eq!(resources.create(&database_named("orders")).await.unwrap(), ResourceCreation::NoParent, "no account");
    database.document_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    let orders = made(&database, &database_named("orders")).await;
    assert_eq!((orders.rid.len(), orders.parent.as_str(), orders.kind), (8, "", ResourceKind::Database));
    assert_eq!(by_rid(&database, &orders).await, Some(orders.clone()));
    let again = resources.create(&NewResource { body: "{\"a\":1}", ..database_named("orders") }).await.unwrap();
    assert_eq!(again, ResourceCreation::Exists(orders.clone()));
    let other = made(&database, &database_named("Orders")).await;
    assert_ne!(other.rid, orders.rid, "names are told apart by case");
    for parent in [&orders, &other] {
        let user = made(&database, &resource(ResourceKind::User, parent, "ann")).await;
        assert!(user.rid.starts_with(&parent.rid) && user.rid.len() == 16);
        let permission = made(&database, &resource(ResourceKind::Permission, &user, "ann")).await;
        assert!(permission.rid.starts_with(&user.rid) && permission.rid.len() == 32);
    }
    let unknown = StoredResource { rid: "00000000".to_owned(), ..orders };
    let lost = resources.create(&resource(ResourceKind::User, &unknown, "ann")).await.unwrap();
    assert_eq!(lost, ResourceCreation::NoParent);
}

async fn a_resource_is_replaced_as_it_was_read(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, false, 2).await;
    let resources = database.document_resources();
    let script = made(&database, &resource(ResourceKind::StoredProcedure, &lines, "one")).await;
    let other = made(&database, &resource(ResourceKind::StoredProcedure, &lines, "two")).await;
    let replaced = resources.replace(&script, Some(script.version), ("first", "{\"body\":1}"), false).await.unwrap();
    let ResourceChange::Done(now) = replaced else { panic!("{replaced:?}") };
    assert!(now.version > script.version && now.name == "first" && &*now.body == "{\"body\":1}");
    assert_eq!(by_rid(&database, &script).await, Some(now.clone()));
    let outdated = resources.replace(&script, Some(script.version), ("x", "{}"), false).await.unwrap();
    assert_eq!(outdated, ResourceChange::Unexpected(now.clone()));
    assert_eq!(resources.replace(&now, None, ("two", "{}"), false).await.unwrap(), ResourceChange::NameTaken);
    assert_eq!(resources.delete(&now, Some(script.version)).await.unwrap(), ResourceChange::Unexpected(now.clone()));
    assert_eq!(resources.delete(&now, Some(now.version)).await.unwrap(), ResourceChange::Done(now.clone()));
    assert_eq!(resources.delete(&now, None).await.unwrap(), ResourceChange::Missing);
    assert_eq!(resources.replace(&now, None, ("x", "{}"), false).await.unwrap(), ResourceChange::Missing);
    assert_eq!(by_rid(&database, &other).await, Some(other));
}

async fn what_is_deleted_takes_everything_below_it(fixture: Fixture) {
    let database = fixture.open().await;
    let lines = container(&fixture, &database, false, 2).await;
    let (resources, orders) = (database.document_resources(), database_of(&database).await);
    let offer = || resources.get("shop", ResourceKind::Offer, "", &lines.rid);
    assert_eq!(offer().await.unwrap().unwrap().rid.len(), 6);
    let trigger = made(&database, &resource(ResourceKind::Trigger, &lines, "t")).await;
    let user = made(&database, &resource(ResourceKind::User, &orders, "ann")).await;
    let permission = made(&database, &resource(ResourceKind::Permission, &user, "p")).await;
    let neighbour = made(&database, &resource(ResourceKind::User, &orders, "bob")).await;
    resources.delete(&user, None).await.unwrap();
    assert_eq!((by_rid(&database, &permission).await, by_rid(&database, &user).await), (None, None));
    assert!(by_rid(&database, &neighbour).await.is_some() && by_rid(&database, &trigger).await.is_some());
    resources.delete(&orders, None).await.unwrap();
    for gone in [&orders, &lines, &trigger, &neighbour] {
        assert_eq!(by_rid(&database, gone).await, None, "{}", gone.name);
    }
    assert_eq!(offer().await.unwrap(), None);
    assert_eq!(resources.list("shop", ResourceKind::Offer, "", "", 10).await.unwrap(), []);
}

async fn lists_go_by_name(fixture: Fixture) {
    let database = fixture.open().await;
    database.document_accounts().create(&fixture.keyring(), "shop").await.unwrap();
    for name in ["b", "a", "d", "c"] {
        made(&database, &database_named(name)).await;
    }
    let resources = database.document_resources();
    let names = async |after: &str, most| -> Vec<String> {
        let found = resources.list("shop", ResourceKind::Database, "", after, most).await.unwrap();
        found.into_iter().map(|resource| resource.name).collect()
    };
    assert_eq!(names("", 10).await, ["a", "b", "c", "d"]);
    assert_eq!(names("a", 2).await, ["b", "c"]);
    assert!(resources.list("none", ResourceKind::Database, "", "", 10).await.unwrap().is_empty());
}
