//! Assignments: replaced as a whole, under the app's generation.

use crate::fixture::{Fixture, app, deployment, new_deployment, worker};

crate::on_every_engine!(assignments_are_replaced_under_the_generation, assignments_go_with_their_app);

async fn assignments_are_replaced_under_the_generation(fixture: Fixture) {
    let database = fixture.open().await;
    let assignments = database.assignments();
    for (name, id) in [("shop", 1), ("mail", 2)] {
        database.apps().create(&app(name), b"").await.unwrap();
        database.deployments().insert(&new_deployment(name, id)).await.unwrap();
        database.apps().activate(&app(name), &deployment(id), 0).await.unwrap();
    }
    let both = [(worker("w2"), deployment(1)), (worker("w1"), deployment(1))];
    assert!(assignments.replace(&app("shop"), 1, &both).await.unwrap());
    assert!(assignments.replace(&app("mail"), 1, &[(worker("w1"), deployment(2))]).await.unwrap());
    assert!(!assignments.replace(&app("shop"), 0, &[]).await.unwrap());
    assert!(!assignments.replace(&app("none"), 0, &[]).await.unwrap());
    let shop = |name| (app("shop"), worker(name), deployment(1), 1);
    let mail = (app("mail"), worker("w1"), deployment(2), 1);
    assert_eq!(assignments.list().await.unwrap(), [mail.clone(), shop("w1"), shop("w2")]);
    assert_eq!(assignments.for_worker(&worker("w1")).await.unwrap(), [mail.clone(), shop("w1")]);

    assert!(assignments.replace(&app("shop"), 1, &[(worker("w3"), deployment(1))]).await.unwrap());
    assert_eq!(assignments.list().await.unwrap(), [mail.clone(), shop("w3")]);
    database.apps().activate(&app("shop"), &deployment(1), 1).await.unwrap();
    assert!(!assignments.replace(&app("shop"), 1, &[]).await.unwrap());
    assert!(assignments.replace(&app("shop"), 2, &[]).await.unwrap());
    assert_eq!(assignments.list().await.unwrap(), [mail]);
}

async fn assignments_go_with_their_app(fixture: Fixture) {
    let database = fixture.open().await;
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.assignments().replace(&app("shop"), 0, &[(worker("w1"), deployment(1))]).await.unwrap();
    database.apps().delete(&app("shop")).await.unwrap();
    assert_eq!(database.assignments().list().await.unwrap(), []);
}
