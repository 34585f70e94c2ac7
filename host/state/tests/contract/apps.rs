//! Apps: creation, host names, activation and deletion.

use hearth_model::clock::{Clock, Timestamp};
use hearth_state::StateError;

use crate::fixture::{Fixture, app, deployment, new_deployment};

crate::on_every_engine!(
    an_app_is_created_once,
    a_publish_credential_is_replaced,
    host_names_belong_to_one_app,
    activation_is_fenced_by_the_generation,
    of_many_activations_one_wins,
    a_deleted_app_leaves_nothing_and_its_generation_goes_on,
    many_apps_at_once,
);

async fn an_app_is_created_once(fixture: Fixture) {
    let apps = fixture.open().await.apps();
    assert!(apps.create(&app("shop"), b"sealed").await.unwrap());
    assert!(!apps.create(&app("shop"), b"other").await.unwrap());
    let shop = apps.get(&app("shop")).await.unwrap().unwrap();
    assert_eq!((shop.publish_credential.as_slice(), shop.created), (b"sealed".as_slice(), fixture.clock.now()));
    assert_eq!((shop.active, shop.generation, shop.host_names.len()), (None, 0, 0));
    assert_eq!(apps.get(&app("none")).await.unwrap(), None);
}

async fn a_publish_credential_is_replaced(fixture: Fixture) {
    let apps = fixture.open().await.apps();
    apps.create(&app("shop"), b"leaked").await.unwrap();
    assert!(apps.set_publish_credential(&app("shop"), b"new").await.unwrap());
    assert_eq!(apps.get(&app("shop")).await.unwrap().unwrap().publish_credential, b"new");
    assert!(!apps.set_publish_credential(&app("none"), b"new").await.unwrap());
}

async fn host_names_belong_to_one_app(fixture: Fixture) {
    let apps = fixture.open().await.apps();
    for name in ["shop", "mail", "blog"] {
        apps.create(&app(name), b"").await.unwrap();
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    apps.set_host_names(&app("shop"), &names(&["WWW.shop.example", "shop.example", "shop.example"])).await.unwrap();
    apps.set_host_names(&app("mail"), &names(&["mail.example"])).await.unwrap();
    assert_eq!(apps.by_host_name("www.SHOP.example").await.unwrap().unwrap().name, app("shop"));

    let refused = apps.set_host_names(&app("mail"), &names(&["a.example", "shop.example"])).await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("'shop.example'")), "{refused}");
    assert!(matches!(apps.set_host_names(&app("none"), &[]).await, Err(StateError::Missing(_))));

    let listed: Vec<_> = apps.list().await.unwrap().into_iter().map(|app| (app.name, app.host_names)).collect();
    assert_eq!(
        listed,
        [
            (app("blog"), vec![]),
            (app("mail"), names(&["mail.example"])),
            (app("shop"), names(&["shop.example", "www.shop.example"])),
        ]
    );
    apps.set_host_names(&app("shop"), &[]).await.unwrap();
    apps.set_host_names(&app("mail"), &names(&["shop.example"])).await.unwrap();
    assert_eq!(apps.by_host_name("shop.example").await.unwrap().unwrap().name, app("mail"));
    assert_eq!(apps.by_host_name("www.shop.example").await.unwrap(), None);
}

async fn activation_is_fenced_by_the_generation(fixture: Fixture) {
    let database = fixture.open().await;
    let apps = database.apps();
    apps.create(&app("shop"), b"").await.unwrap();
    apps.create(&app("mail"), b"").await.unwrap();
    database.deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    database.deployments().insert(&new_deployment("mail", 2)).await.unwrap();
    assert_eq!(apps.activate(&app("shop"), &deployment(1), 0).await.unwrap(), Some(1));
    assert_eq!(apps.activate(&app("shop"), &deployment(1), 0).await.unwrap(), None);
    assert_eq!(apps.activate(&app("shop"), &deployment(1), 7).await.unwrap(), None);
    assert_eq!(apps.activate(&app("shop"), &deployment(1), 1).await.unwrap(), Some(2));
    for (name, id) in [("shop", 2), ("shop", 3), ("none", 1)] {
        assert!(matches!(apps.activate(&app(name), &deployment(id), 2).await, Err(StateError::Missing(_))), "{name}");
    }
    let shop = apps.get(&app("shop")).await.unwrap().unwrap();
    assert_eq!((shop.active, shop.generation), (Some(deployment(1)), 2));
}

async fn of_many_activations_one_wins(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    handles[0].apps().create(&app("shop"), b"").await.unwrap();
    handles[0].deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|index| {
            let apps = handles[index % 2].apps();
            tokio::spawn(async move { apps.activate(&app("shop"), &deployment(1), 0).await.unwrap() })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap() == Some(1));
    }
    assert_eq!(won, 1);
    assert_eq!(handles[1].apps().get(&app("shop")).await.unwrap().unwrap().generation, 1);
}

async fn a_deleted_app_leaves_nothing_and_its_generation_goes_on(fixture: Fixture) {
    let database = fixture.open().await;
    let apps = database.apps();
    apps.create(&app("shop"), b"").await.unwrap();
    apps.set_host_names(&app("shop"), &["shop.example".to_owned()]).await.unwrap();
    database.deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    database.deployments().add_log(&deployment(1), "begun", Default::default()).await.unwrap();
    apps.activate(&app("shop"), &deployment(1), 0).await.unwrap();
    assert!(apps.delete(&app("shop")).await.unwrap());
    assert!(!apps.delete(&app("shop")).await.unwrap());
    assert_eq!(apps.list().await.unwrap(), []);
    assert_eq!(database.deployments().get(&deployment(1)).await.unwrap(), None);
    assert_eq!(database.deployments().logs(&deployment(1)).await.unwrap(), []);
    assert_eq!(apps.by_host_name("shop.example").await.unwrap(), None);

    fixture.clock.set(Timestamp::from_micros(1_900_000_000_000_000));
    assert!(apps.create(&app("shop"), b"").await.unwrap());
    let again = apps.get(&app("shop")).await.unwrap().unwrap();
    assert_eq!((again.generation, again.active, again.created), (2, None, fixture.clock.now()));
}

async fn many_apps_at_once(fixture: Fixture) {
    let database = fixture.open().await;
    let tasks: Vec<_> = (0..300)
        .map(|index| {
            let apps = database.apps();
            tokio::spawn(async move { apps.create(&app(&format!("app-{}", index % 200)), b"").await.unwrap() })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        created += usize::from(task.await.unwrap());
    }
    assert_eq!((created, database.apps().list().await.unwrap().len()), (200, 200));
}
