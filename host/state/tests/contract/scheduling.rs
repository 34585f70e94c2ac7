//! The scheduler's writes: done under its lease or not at all, and what it keeps for people.

use std::time::Duration;

use hearth_model::clock::Timestamp;
use hearth_state::{Decision, DeploymentStatus, DeploymentUpdate, SettingsChange, StateError, UnderLease};

use crate::fixture::{Fixture, app, deployment, digest, new_deployment, worker};

crate::on_every_engine!(
    a_stale_scheduler_is_refused_at_every_write,
    the_holder_of_a_lease_is_told_while_it_lives,
    decisions_are_kept_in_order_and_bounded,
    host_json_goes_with_its_package,
);

const TTL: Duration = Duration::from_secs(30);

fn failed() -> DeploymentUpdate {
    DeploymentUpdate { status: Some(DeploymentStatus::Failed), complete: true, ..DeploymentUpdate::default() }
}

async fn a_stale_scheduler_is_refused_at_every_write(fixture: Fixture) {
    let database = fixture.open().await;
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    let (apps, assignments, deployments) = (database.apps(), database.assignments(), database.deployments());
    let old = database.leases().acquire("scheduler", "a", TTL).await.unwrap().unwrap();
    let both = [(worker("w1"), deployment(1))];
    assert_eq!(assignments.replace_under(&old, &app("shop"), 0, &both).await.unwrap(), UnderLease::Done(true));
    assert_eq!(assignments.replace_under(&old, &app("shop"), 7, &[]).await.unwrap(), UnderLease::Done(false));

    // Expired and taken by nobody: the one who had it still decides.
    fixture.clock.advance(TTL * 2);
    let active = apps.activate_under(&old, &app("shop"), &deployment(1), 0).await.unwrap();
    assert_eq!(active, UnderLease::Done(Some(1)));
    assert_eq!(apps.activate_under(&old, &app("shop"), &deployment(1), 0).await.unwrap(), UnderLease::Done(None));
    let missing = apps.activate_under(&old, &app("shop"), &deployment(2), 1).await.unwrap_err();
    assert!(matches!(missing, StateError::Missing(_)));

    let new = database.leases().acquire("scheduler", "b", TTL).await.unwrap().unwrap();
    let before = fixture.dump().await;
    assert_eq!(assignments.replace_under(&old, &app("shop"), 1, &[]).await.unwrap(), UnderLease::Stale);
    let stale = apps.activate_under(&old, &app("shop"), &deployment(1), 1).await.unwrap();
    assert_eq!(stale, UnderLease::Stale);
    assert_eq!(deployments.update_under(&old, &deployment(1), failed()).await.unwrap(), UnderLease::Stale);
    let decision = decision("shop", 1);
    let recorded = database.scheduling().record(&old, std::slice::from_ref(&decision), &[]).await.unwrap();
    assert_eq!(recorded, UnderLease::Stale);
    assert_eq!(fixture.dump().await, before, "and nothing of it is in the database");

    assert_eq!(deployments.update_under(&new, &deployment(1), failed()).await.unwrap(), UnderLease::Done(true));
    assert_eq!(deployments.update_under(&new, &deployment(1), failed()).await.unwrap(), UnderLease::Done(false));
}

async fn the_holder_of_a_lease_is_told_while_it_lives(fixture: Fixture) {
    let leases = fixture.open().await.leases();
    assert_eq!(leases.holder("scheduler").await.unwrap(), None);
    let lease = leases.acquire("scheduler", "http://m1:7070", TTL).await.unwrap().unwrap();
    let holder = leases.holder("scheduler").await.unwrap().unwrap();
    assert_eq!((holder.holder.as_str(), holder.epoch), ("http://m1:7070", lease.epoch));
    assert_eq!(leases.holder("other").await.unwrap(), None);
    fixture.clock.advance(TTL);
    assert_eq!(leases.holder("scheduler").await.unwrap(), None, "it has expired");
    leases.acquire("scheduler", "http://m2:7070", TTL).await.unwrap().unwrap();
    assert_eq!(leases.holder("scheduler").await.unwrap().unwrap().holder, "http://m2:7070");
}

fn decision(name: &str, at: i64) -> Decision {
    Decision {
        app: app(name),
        at: Timestamp::from_micros(at),
        kind: "placed".into(),
        worker: (at % 2 == 1).then(|| worker("w1")),
        reason: format!("decision {at}"),
    }
}

async fn decisions_are_kept_in_order_and_bounded(fixture: Fixture) {
    let database = fixture.open().await;
    let lease = database.leases().acquire("scheduler", "a", TTL).await.unwrap().unwrap();
    let scheduling = database.scheduling();
    let all: Vec<Decision> = (1..=5).map(|at| decision("shop", at)).chain([decision("mail", 9)]).collect();
    // Twice, as after a lost answer.
    for _ in 0..2 {
        let oldest = [(app("shop"), Timestamp::from_micros(3))];
        assert_eq!(scheduling.record(&lease, &all, &oldest).await.unwrap(), UnderLease::Done(()));
        let kept: Vec<Decision> = [&all[5..], &all[2..5]].concat();
        assert_eq!(scheduling.decisions().await.unwrap(), kept);
    }
    scheduling.forget(&app("shop")).await.unwrap();
    assert_eq!(scheduling.decisions().await.unwrap(), all[5..]);
}

async fn host_json_goes_with_its_package(fixture: Fixture) {
    let database = fixture.open().await;
    let scheduling = database.scheduling();
    let (stored, gone) = (digest(b"stored"), digest(b"gone"));
    database.packages().put(&stored, 6, &b"stored"[..]).await.unwrap();
    for digest in [&stored, &gone] {
        scheduling.keep_host_json(digest, b"{}").await.unwrap();
        scheduling.keep_host_json(digest, b"{}").await.unwrap();
        assert_eq!(scheduling.host_json(digest).await.unwrap().as_deref(), Some(&b"{}"[..]));
    }
    scheduling.collect().await.unwrap();
    assert!(scheduling.host_json(&stored).await.unwrap().is_some());
    assert_eq!(scheduling.host_json(&gone).await.unwrap(), None);

    let keyring = fixture.keyring();
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.apps().create(&app("mail"), b"").await.unwrap();
    for (name, setting) in [("shop", "AzureFunctionsJobHost__placement__maxWorkers"), ("mail", "OTHER")] {
        let change = SettingsChange::set(vec![(setting.to_owned(), "1".to_owned())]);
        database.app_settings().change(&keyring, &app(name), &change).await.unwrap();
    }
    assert_eq!(scheduling.overriding_apps().await.unwrap(), [app("shop")]);
}
