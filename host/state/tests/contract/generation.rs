//! What a restore fences, also where the database's own tools have done it: nothing that was handed out before counts.

use std::time::Duration;

use hearth_model::clock::Clock;
use hearth_state::backup;

use crate::fixture::{Engine, Fixture, app, deployment, new_worker, worker};

crate::on_every_engine!(
    after_a_restore_nothing_that_was_handed_out_before_counts,
    every_number_that_is_handed_out_is_lifted,
    a_server_is_backed_up_by_its_own_tools,
);

const TTL: Duration = Duration::from_secs(60);

async fn after_a_restore_nothing_that_was_handed_out_before_counts(fixture: Fixture) {
    let database = fixture.open().await;
    let (leases, workers) = (database.leases(), database.workers());
    assert_eq!(database.installation().generation().await.unwrap(), 1);
    let lease = leases.acquire("known", "a", TTL).await.unwrap().unwrap();
    let epoch = workers.register(&new_worker("w1", TTL)).await.unwrap();
    database.apps().create(&app("shop"), b"").await.unwrap();
    database.assignments().replace(&app("shop"), 0, &[(worker("w1"), deployment(1))]).await.unwrap();
    let revision = database.configuration().restart(&app("shop")).await.unwrap();

    let generation = database.installation().restored(5).await.unwrap();
    assert_eq!(generation, u64::try_from(fixture.clock.now().as_micros()).unwrap(), "the database's time");
    assert_eq!(database.installation().generation().await.unwrap(), generation);
    assert_eq!(leases.renew(std::slice::from_ref(&lease), TTL).await.unwrap(), [false]);
    assert!(!leases.release(&lease).await.unwrap());
    assert_eq!(workers.beat(&[(worker("w1"), epoch)], TTL).await.unwrap(), [false]);
    assert!(workers.get(&worker("w1")).await.unwrap().unwrap().missing);
    // Free at once, and what is new begins where nobody was.
    for name in ["known", "later"] {
        assert!(leases.acquire(name, "b", TTL).await.unwrap().unwrap().epoch >= generation);
    }
    for name in ["w1", "w2"] {
        assert!(workers.register(&new_worker(name, TTL)).await.unwrap() >= generation);
    }
    database.apps().create(&app("later"), b"").await.unwrap();
    let first = database.apps().get(&app("later")).await.unwrap().unwrap().generation;
    assert!(first >= generation - 1, "its first change is above all: {first}");
    assert!(database.apps().get(&app("shop")).await.unwrap().unwrap().generation >= generation);
    assert!(database.assignments().list().await.unwrap().iter().all(|one| one.3 >= generation));
    let changes = database.configuration().changes(revision).await.unwrap();
    let shop = changes.iter().find(|change| change.app == app("shop")).unwrap();
    assert!(shop.settings >= generation && shop.keys >= generation, "whoever watches hears of everything: {shop:?}");

    // It may be repeated, also within a microsecond, and knows of a generation elsewhere.
    let again = database.installation().restored(0).await.unwrap();
    assert_eq!(again, generation + 1);
    assert_eq!(database.installation().restored(again + 70).await.unwrap(), again + 71);
    database.close().await;
}

async fn every_number_that_is_handed_out_is_lifted(fixture: Fixture) {
    let fixture = {
        let template = crate::scenarios::prepared(fixture.engine()).await;
        template.copy().await
    };
    fixture.raw("INSERT INTO $.retired_apps VALUES ('gone', 7)").await;
    let database = fixture.open().await;
    let generation = database.installation().restored(0).await.unwrap();
    database.close().await;
    let mut seen = std::collections::BTreeSet::new();
    for line in fixture.dump().await.lines() {
        let (table, columns) = line.split_once(' ').unwrap();
        for (name, value) in columns.split(' ').filter_map(|column| column.split_once('=')) {
            let token = ["epoch", "generation", "revision"].iter().any(|word| name.ends_with(word));
            let place = format!("{table}.{name}");
            if token {
                assert!(value.parse::<u64>().unwrap() >= generation, "{place} is not lifted: {line}");
                seen.insert(place);
            }
        }
    }
    assert_eq!(seen.len(), 11, "{seen:?}");
}

async fn a_server_is_backed_up_by_its_own_tools(fixture: Fixture) {
    let target = fixture.path().with_extension("copy");
    fixture.open().await.close().await;
    let done = backup(&fixture.url(), &target, fixture.clock.as_ref()).await;
    match fixture.engine() {
        Engine::Sqlite => assert_eq!(done.unwrap().generation, 1),
        Engine::SqlServer => {
            let refused = done.unwrap_err().to_string();
            assert!(refused.contains("BACKUP DATABASE") && refused.contains("--restored"), "{refused}");
        }
    }
    assert_eq!(target.exists(), fixture.engine() == Engine::Sqlite);
}
