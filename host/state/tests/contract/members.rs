//! Members: joining by one-time tokens, credentials that change without a gap, and what operators decide.

use std::sync::Arc;
use std::time::Duration;

use hearth_model::control::Standing;
use hearth_state::{JoinOutcome, Member, StateError};

use crate::fixture::{Fixture, new_worker, worker};

crate::on_every_engine!(
    a_token_admits_one_worker_once,
    eight_joiners_and_one_token,
    a_live_workers_name_is_not_taken,
    a_credential_and_its_successor_both_open,
    what_operators_decide_outlives_registrations,
    a_removed_worker_is_refused_until_it_joins_again,
);

const TTL: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
const LEASE: Duration = Duration::from_secs(10);
const TOKEN: [u8; 32] = [1; 32];

async fn a_token_admits_one_worker_once(fixture: Fixture) {
    let members = fixture.open().await.members();
    let (w1, w2, mine) = (worker("w1"), worker("w2"), [8; 32]);
    assert_eq!(members.join(&TOKEN, &w1, &mine).await.unwrap(), JoinOutcome::Unknown);
    let expires = members.add_token(&TOKEN, TTL).await.unwrap();
    assert_eq!(members.add_token(&TOKEN, DAY).await.unwrap(), expires, "a repeated call changes nothing");
    assert!(!members.admit(&w1, &mine).await.unwrap());
    assert_eq!(members.join(&TOKEN, &w1, &mine).await.unwrap(), JoinOutcome::Joined);
    assert_eq!(members.join(&TOKEN, &w1, &mine).await.unwrap(), JoinOutcome::Joined, "the answer may have been lost");
    for (name, credential) in [(&w1, [9; 32]), (&w2, [9; 32]), (&w2, mine)] {
        assert_eq!(members.join(&TOKEN, name, &credential).await.unwrap(), JoinOutcome::Used);
    }
    assert!(members.admit(&w1, &mine).await.unwrap());
    assert!(!members.admit(&w1, &[9; 32]).await.unwrap());
    assert!(!members.admit(&w2, &mine).await.unwrap());

    members.add_token(&[2; 32], TTL).await.unwrap();
    fixture.clock.advance(TTL);
    assert_eq!(members.join(&[2; 32], &w2, &mine).await.unwrap(), JoinOutcome::Expired);
    assert_eq!(members.join(&TOKEN, &w1, &mine).await.unwrap(), JoinOutcome::Expired, "not even the one who used it");
    fixture.clock.advance(DAY);
    members.add_token(&[3; 32], TTL).await.unwrap();
    assert_eq!(members.join(&[2; 32], &w2, &mine).await.unwrap(), JoinOutcome::Unknown, "it was cleared away");
    assert_eq!(members.list().await.unwrap().len(), 1);
}

async fn eight_joiners_and_one_token(fixture: Fixture) {
    let handles = [Arc::new(fixture.open().await), Arc::new(fixture.open().await)];
    for round in 0..10u8 {
        let token = [round; 32];
        handles[0].members().add_token(&token, TTL).await.unwrap();
        let tasks: Vec<_> = (0..8u8)
            .map(|index| {
                let members = handles[usize::from(index) % 2].members();
                tokio::spawn(async move {
                    members.join(&token, &worker(&format!("w{index}")), &[index + 1; 32]).await.unwrap()
                })
            })
            .collect();
        let mut joined = 0;
        for task in tasks {
            joined += usize::from(task.await.unwrap() == JoinOutcome::Joined);
        }
        assert_eq!(joined, 1);
    }
}

async fn a_live_workers_name_is_not_taken(fixture: Fixture) {
    let database = fixture.open().await;
    let (members, workers) = (database.members(), database.workers());
    workers.register(&new_worker("w1", LEASE)).await.unwrap();
    members.add_token(&TOKEN, TTL).await.unwrap();
    assert_eq!(members.join(&TOKEN, &worker("w1"), &[8; 32]).await.unwrap(), JoinOutcome::NameInUse);
    assert_eq!(members.join(&TOKEN, &worker("w2"), &[8; 32]).await.unwrap(), JoinOutcome::Joined, "it was not used up");
    fixture.clock.advance(LEASE);
    members.add_token(&[2; 32], TTL).await.unwrap();
    assert_eq!(members.join(&[2; 32], &worker("w1"), &[7; 32]).await.unwrap(), JoinOutcome::Joined, "it is silent");
}

async fn a_credential_and_its_successor_both_open(fixture: Fixture) {
    let members = fixture.open().await.members();
    let w1 = worker("w1");
    members.add_token(&TOKEN, TTL).await.unwrap();
    members.join(&TOKEN, &w1, &[8; 32]).await.unwrap();
    assert!(!members.offer(&w1, &[9; 32], DAY).await.unwrap(), "it is not due");
    fixture.clock.advance(DAY);
    assert!(members.offer(&w1, &[9; 32], DAY).await.unwrap());
    assert!(members.admit(&w1, &[8; 32]).await.unwrap(), "the worker died before it stored the next one");
    assert!(members.offer(&w1, &[10; 32], DAY).await.unwrap());
    assert!(!members.admit(&w1, &[9; 32]).await.unwrap(), "that one never arrived");
    members.confirm(&w1, &[9; 32]).await.unwrap();
    assert!(members.admit(&w1, &[8; 32]).await.unwrap(), "what was not offered confirms nothing");
    assert!(members.admit(&w1, &[10; 32]).await.unwrap(), "it died after that");
    assert!(!members.admit(&w1, &[8; 32]).await.unwrap());
    members.confirm(&w1, &[10; 32]).await.unwrap();
    assert!(members.admit(&w1, &[10; 32]).await.unwrap());
    assert!(!members.offer(&w1, &[11; 32], DAY).await.unwrap(), "the next is due a day later");
    assert!(!members.offer(&worker("w2"), &[11; 32], DAY).await.unwrap());
}

async fn what_operators_decide_outlives_registrations(fixture: Fixture) {
    let database = fixture.open().await;
    let (members, workers) = (database.members(), database.workers());
    let w1 = worker("w1");
    assert!(!members.set_standing(&w1, Standing::Cordoned, "").await.unwrap(), "there is no such worker");
    let mut new = new_worker("w1", LEASE);
    new.available = "22:00-06:00 Europe/Berlin".to_owned();
    workers.register(&new).await.unwrap();
    assert!(members.set_standing(&w1, Standing::Draining, "new disk").await.unwrap());
    let at = hearth_model::clock::Clock::now(&*fixture.clock);
    new.node = "machine-2".to_owned();
    workers.register(&new).await.unwrap();
    let expected = Member {
        name: w1.clone(),
        node: "machine-2".to_owned(),
        available: "22:00-06:00 Europe/Berlin".to_owned(),
        standing: Standing::Draining,
        reason: "new disk".to_owned(),
        changed: at,
        joined: false,
        rotated: hearth_model::clock::Timestamp::from_micros(0),
    };
    assert_eq!(members.get(&w1).await.unwrap(), Some(expected));
    assert!(members.set_standing(&w1, Standing::InService, "").await.unwrap());
    assert_eq!(members.list().await.unwrap()[0].standing, Standing::InService);
}

async fn a_removed_worker_is_refused_until_it_joins_again(fixture: Fixture) {
    let database = fixture.open().await;
    let (members, workers) = (database.members(), database.workers());
    let w1 = worker("w1");
    members.add_token(&TOKEN, TTL).await.unwrap();
    members.join(&TOKEN, &w1, &[8; 32]).await.unwrap();
    let epoch = workers.register(&new_worker("w1", LEASE)).await.unwrap();
    assert!(members.remove(&w1, "sold").await.unwrap());
    assert_eq!(workers.beat(&[(w1.clone(), epoch)], LEASE).await.unwrap(), [false]);
    assert!(!members.admit(&w1, &[8; 32]).await.unwrap());
    let refused = workers.register(&new_worker("w1", LEASE)).await.unwrap_err();
    assert!(matches!(&refused, StateError::Conflict(text) if text.contains("'w1' was removed")), "{refused}");
    assert!(!members.set_standing(&w1, Standing::InService, "").await.unwrap());
    assert_eq!(members.get(&w1).await.unwrap().unwrap().standing, Standing::Removed);
    assert!(!members.remove(&worker("w2"), "").await.unwrap());

    members.add_token(&[2; 32], TTL).await.unwrap();
    assert_eq!(members.join(&[2; 32], &w1, &[9; 32]).await.unwrap(), JoinOutcome::Joined);
    assert!(workers.register(&new_worker("w1", LEASE)).await.unwrap() > epoch);
    assert_eq!(members.get(&w1).await.unwrap().unwrap().standing, Standing::InService);

    members.readmit(&w1).await.unwrap();
    assert!(members.admit(&w1, &[9; 32]).await.unwrap(), "who was not removed stays as it is");
    assert!(members.remove(&w1, "sold again").await.unwrap());
    members.readmit(&w1).await.unwrap();
    assert!(!members.admit(&w1, &[9; 32]).await.unwrap(), "its credential stays void");
    workers.register(&new_worker("w1", LEASE)).await.unwrap();
    let back = members.get(&w1).await.unwrap().unwrap();
    assert_eq!((back.standing, back.reason.as_str()), (Standing::InService, ""));
}
