//! Leases: one holder at a time, fenced by an epoch, decided by the database's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::fixture::Fixture;

crate::on_every_engine!(
    a_lease_has_one_holder_until_it_expires,
    eight_claimers_never_hold_it_twice,
    an_expired_lease_is_taken_exactly_once,
    many_renewals_in_one_call,
);

const TTL: Duration = Duration::from_secs(30);

async fn a_lease_has_one_holder_until_it_expires(fixture: Fixture) {
    let leases = fixture.open().await.leases();
    let first = leases.acquire("scheduler", "a", TTL).await.unwrap().unwrap();
    assert_eq!(leases.acquire("scheduler", "b", TTL).await.unwrap(), None);
    fixture.clock.advance(Duration::from_secs(29));
    assert_eq!(leases.renew(std::slice::from_ref(&first), TTL).await.unwrap(), [true]);
    fixture.clock.advance(Duration::from_secs(29));
    assert_eq!(leases.acquire("scheduler", "b", TTL).await.unwrap(), None);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(leases.renew(std::slice::from_ref(&first), TTL).await.unwrap(), [false], "it has expired");
    let second = leases.acquire("scheduler", "b", TTL).await.unwrap().unwrap();
    assert!(second.epoch > first.epoch);
    assert_eq!(leases.renew(&[first.clone(), second.clone()], TTL).await.unwrap(), [false, true]);
    assert!(!leases.release(&first).await.unwrap());
    assert!(leases.release(&second).await.unwrap());
    assert!(!leases.release(&second).await.unwrap());
    let third = leases.acquire("scheduler", "a", TTL).await.unwrap().unwrap();
    assert!(third.epoch > second.epoch);
    let again = leases.acquire("scheduler", "a", TTL).await.unwrap().unwrap();
    assert_eq!(leases.renew(&[third, again], TTL).await.unwrap(), [false, true], "the later grant fences the earlier");
}

async fn eight_claimers_never_hold_it_twice(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    let (held, last_epoch) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let tasks: Vec<_> = (0..8)
        .map(|index| {
            let leases = handles[index % 2].leases();
            let (held, last_epoch) = (Arc::clone(&held), Arc::clone(&last_epoch));
            tokio::spawn(async move {
                let holder = format!("claimer-{index}");
                let mut won = 0;
                while won < 10 {
                    let Some(lease) = leases.acquire("one", &holder, TTL).await.unwrap() else { continue };
                    assert!(!held.swap(true, Ordering::SeqCst), "two hold the lease");
                    assert!(last_epoch.swap(lease.epoch, Ordering::SeqCst) < lease.epoch, "the epoch grows");
                    tokio::task::yield_now().await;
                    held.store(false, Ordering::SeqCst);
                    assert!(leases.release(&lease).await.unwrap());
                    won += 1;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(last_epoch.load(Ordering::SeqCst), 80);
}

async fn an_expired_lease_is_taken_exactly_once(fixture: Fixture) {
    let handles = [fixture.open().await, fixture.open().await];
    for round in 0..10 {
        let dead = format!("dead-{round}");
        assert!(handles[0].leases().acquire("one", &dead, TTL).await.unwrap().is_some());
        fixture.clock.advance(TTL);
        let tasks: Vec<_> = (0..8)
            .map(|index| {
                let leases = handles[index % 2].leases();
                tokio::spawn(async move { leases.acquire("one", &format!("{round}-{index}"), TTL).await.unwrap() })
            })
            .collect();
        let mut taken = 0;
        for task in tasks {
            taken += usize::from(task.await.unwrap().is_some());
        }
        assert_eq!(taken, 1);
        fixture.clock.advance(TTL);
    }
}

async fn many_renewals_in_one_call(fixture: Fixture) {
    let leases = fixture.open().await.leases();
    let mut held = Vec::new();
    for index in 0..300 {
        held.push(leases.acquire(&format!("lease-{index}"), "a", TTL).await.unwrap().unwrap());
    }
    held[107].epoch += 1;
    let renewed = leases.renew(&held, TTL).await.unwrap();
    assert_eq!(renewed.len(), 300);
    assert!(renewed.iter().enumerate().all(|(index, renewed)| *renewed == (index != 107)));
}
