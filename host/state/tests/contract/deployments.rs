//! Deployments: one in progress per app, updates until complete, the log, and what a restart does.

use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_state::{DeploymentStatus, DeploymentUpdate, LogKind, StateError};

use crate::fixture::{Fixture, app, deployment, new_deployment};

crate::on_every_engine!(
    old_deployments_are_forgotten,
    one_deployment_of_an_app_is_in_progress,
    of_many_publishes_one_begins,
    a_complete_deployment_no_longer_changes,
    the_log_keeps_its_order,
    a_restart_fails_what_was_interrupted,
);

fn complete(status: DeploymentStatus) -> DeploymentUpdate {
    DeploymentUpdate { status: Some(status), complete: true, ..DeploymentUpdate::default() }
}

async fn one_deployment_of_an_app_is_in_progress(fixture: Fixture) {
    let database = fixture.open().await;
    let deployments = database.deployments();
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.apps().create(&app("mail"), b"").await.unwrap();
    deployments.insert(&new_deployment("shop", 1)).await.unwrap();
    deployments.insert(&new_deployment("shop", 1)).await.unwrap();
    deployments.insert(&new_deployment("mail", 2)).await.unwrap();
    let refused = deployments.insert(&new_deployment("shop", 3)).await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("in progress")), "{refused}");
    assert!(matches!(deployments.insert(&new_deployment("none", 4)).await, Err(StateError::Missing(_))));
    assert!(deployments.update(&deployment(1), complete(DeploymentStatus::Failed)).await.unwrap());
    fixture.clock.advance(Duration::from_secs(1));
    deployments.insert(&new_deployment("shop", 3)).await.unwrap();
    let listed: Vec<_> = deployments.list(&app("shop")).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(listed, [deployment(3), deployment(1)]);
    assert_eq!(deployments.latest(&app("shop")).await.unwrap().unwrap().id, deployment(3));
    assert_eq!(deployments.latest(&app("none")).await.unwrap(), None);
}

async fn of_many_publishes_one_begins(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    handles[0].apps().create(&app("shop"), b"").await.unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|index| {
            let deployments = handles[index as usize % 2].deployments();
            tokio::spawn(async move { deployments.insert(&new_deployment("shop", index)).await })
        })
        .collect();
    let mut begun = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => begun += 1,
            Err(error) => assert!(matches!(error, StateError::Conflict(_)), "{error}"),
        }
    }
    assert_eq!((begun, handles[1].deployments().list(&app("shop")).await.unwrap().len()), (1, 1));
}

async fn a_complete_deployment_no_longer_changes(fixture: Fixture) {
    let database = fixture.open().await;
    let deployments = database.deployments();
    database.apps().create(&app("shop"), b"").await.unwrap();
    deployments.insert(&new_deployment("shop", 1)).await.unwrap();
    let received = fixture.clock.now();
    let progress = DeploymentUpdate {
        status: Some(DeploymentStatus::Building),
        progress: Some("Indexing".to_owned()),
        functions_json: Some("[]".to_owned()),
        ..DeploymentUpdate::default()
    };
    assert!(deployments.update(&deployment(1), progress).await.unwrap());
    let now = deployments.get(&deployment(1)).await.unwrap().unwrap();
    assert_eq!((now.status, now.progress.as_str(), now.complete), (DeploymentStatus::Building, "Indexing", false));
    assert_eq!((now.author.as_str(), now.size, now.end), ("ann", 7, None));

    let ended = fixture.clock.advance(Duration::from_secs(5));
    let text = DeploymentUpdate { status_text: Some("done".to_owned()), ..complete(DeploymentStatus::Success) };
    assert!(deployments.update(&deployment(1), text).await.unwrap());
    assert!(!deployments.update(&deployment(1), complete(DeploymentStatus::Failed)).await.unwrap());
    assert!(!deployments.update(&deployment(9), complete(DeploymentStatus::Failed)).await.unwrap());
    let end = deployments.get(&deployment(1)).await.unwrap().unwrap();
    assert_eq!((end.status, end.status_text.as_str(), end.complete), (DeploymentStatus::Success, "done", true));
    assert_eq!((end.received, end.end, end.functions_json.as_deref()), (received, Some(ended), Some("[]")));
}

async fn the_log_keeps_its_order(fixture: Fixture) {
    let database = fixture.open().await;
    let deployments = database.deployments();
    database.apps().create(&app("shop"), b"").await.unwrap();
    deployments.insert(&new_deployment("shop", 1)).await.unwrap();
    for (text, kind) in [("a", LogKind::Message), ("b", LogKind::Warning), ("c", LogKind::Error)] {
        deployments.add_log(&deployment(1), text, kind).await.unwrap();
    }
    deployments.add_log(&deployment(2), "nowhere", LogKind::Message).await.unwrap();
    let logs = deployments.logs(&deployment(1)).await.unwrap();
    let seen: Vec<_> = logs.iter().map(|line| (line.seq, line.message.as_str(), line.kind)).collect();
    assert_eq!(seen, [(1, "a", LogKind::Message), (2, "b", LogKind::Warning), (3, "c", LogKind::Error)]);
    assert_eq!(deployments.logs(&deployment(2)).await.unwrap(), []);
}

async fn a_restart_fails_what_was_interrupted(fixture: Fixture) {
    let database = fixture.open().await;
    let deployments = database.deployments();
    for (name, id) in [("shop", 1), ("mail", 2)] {
        database.apps().create(&app(name), b"").await.unwrap();
        deployments.insert(&new_deployment(name, id)).await.unwrap();
    }
    deployments.update(&deployment(2), complete(DeploymentStatus::Success)).await.unwrap();
    assert_eq!(deployments.fail_interrupted().await.unwrap(), [deployment(1)]);
    assert_eq!(deployments.fail_interrupted().await.unwrap(), []);
    let failed = deployments.get(&deployment(1)).await.unwrap().unwrap();
    assert_eq!(
        (failed.status, failed.complete, failed.end),
        (DeploymentStatus::Failed, true, Some(fixture.clock.now()))
    );
    assert!(failed.status_text.contains("interrupted"));
    assert_eq!(deployments.get(&deployment(2)).await.unwrap().unwrap().status, DeploymentStatus::Success);
}

async fn old_deployments_are_forgotten(fixture: Fixture) {
    let database = fixture.open().await;
    let deployments = database.deployments();
    for name in ["shop", "mail"] {
        database.apps().create(&app(name), b"").await.unwrap();
    }
    deployments.insert(&new_deployment("mail", 20)).await.unwrap();
    deployments.update(&deployment(20), complete(DeploymentStatus::Failed)).await.unwrap();
    for id in 1..=9 {
        deployments.insert(&new_deployment("shop", id)).await.unwrap();
        deployments.add_log(&deployment(id), "line", LogKind::Message).await.unwrap();
        if id < 9 {
            deployments.update(&deployment(id), complete(DeploymentStatus::Success)).await.unwrap();
        }
        fixture.clock.advance(Duration::from_secs(1));
    }
    database.apps().activate(&app("shop"), &deployment(2), 0).await.unwrap();
    let held = [(crate::fixture::worker("w1"), deployment(3))];
    assert!(database.assignments().replace(&app("shop"), 1, &held).await.unwrap());
    assert_eq!(deployments.prune(&app("shop"), 2).await.unwrap(), 4);
    assert_eq!(deployments.prune(&app("shop"), 2).await.unwrap(), 0);
    let left: Vec<_> = deployments.list(&app("shop")).await.unwrap().into_iter().map(|one| one.id).collect();
    assert_eq!(left, [9, 8, 7, 3, 2].map(deployment));
    assert_eq!(deployments.logs(&deployment(6)).await.unwrap(), []);
    assert_eq!(deployments.logs(&deployment(2)).await.unwrap().len(), 1);
    assert!(deployments.get(&deployment(20)).await.unwrap().is_some());
}
