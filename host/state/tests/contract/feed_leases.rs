//! Leases of change feeds: written by who has read them, and moved on in one transaction with what a function gave out.

use hearth_model::clock::Timestamp;
use hearth_state::{
    Database, FeedCheckpoint, FeedLease, MAX_FEED_LEASE_ID, NewMessage, QueuePlace, QueuePuts, Settlement, StateError,
    UnderLease,
};

use crate::fixture::{Fixture, app};

crate::on_every_engine!(
    a_lease_is_made_once_and_changed_by_who_has_read_it,
    leases_are_listed_by_how_their_ids_begin,
    outputs_and_the_checkpoint_are_one,
    a_checkpoint_of_whoever_lost_the_lease_commits_nothing,
    eight_who_take_a_lease_and_one_winner,
    an_app_takes_its_leases_along,
    what_is_too_long_is_refused,
);

async fn with_app(fixture: &Fixture) -> Database {
    let database = fixture.open().await;
    database.apps().create(&app("shop"), b"x").await.unwrap();
    database.queue_accounts().ensure_for_app(&fixture.keyring(), &app("shop")).await.unwrap();
    database
}

fn lease(id: &str) -> FeedLease {
    FeedLease {
        id: id.to_owned(),
        version: 0,
        owner: String::new(),
        continuation: String::new(),
        renewed: Timestamp(5),
        body: "{\"LeaseToken\":\"0\"}".to_owned(),
    }
}

/// As whoever has this lease stores a position.
fn checkpoint(lease: &FeedLease, to: &str) -> FeedCheckpoint {
    FeedCheckpoint { app: app("shop"), lease: FeedLease { continuation: to.to_owned(), ..lease.clone() } }
}

/// The lease of range 0, which `a` owns and has read so far.
async fn owned(database: &Database, continuation: &str) -> FeedLease {
    let mut lease = FeedLease { owner: "a".to_owned(), continuation: continuation.to_owned(), ..lease("unit..0") };
    lease.version = database.feed_leases().create(&app("shop"), &lease).await.unwrap().unwrap();
    lease
}

async fn messages(database: &Database) -> Vec<String> {
    let found = database.queues().peek(QueuePlace::new("shop", "out"), 32).await.unwrap();
    found.unwrap_or_default().into_iter().map(|message| message.text).collect()
}

fn puts(text: &str) -> Vec<QueuePuts> {
    let messages = vec![NewMessage::new(text, None).unwrap()];
    vec![QueuePuts { account: "shop".to_owned(), queue: "out".to_owned(), messages }]
}

async fn commit(database: &Database, text: &str, checkpoint: FeedCheckpoint) -> UnderLease<()> {
    database.effects().commit(&puts(text), Some(&Settlement::Checkpoint(Box::new(checkpoint)))).await.unwrap()
}

async fn a_lease_is_made_once_and_changed_by_who_has_read_it(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let (leases, shop) = (database.feed_leases(), app("shop"));
    let version = leases.create(&shop, &lease("unit..0")).await.unwrap().unwrap();
    assert_eq!(leases.create(&shop, &lease("unit..0")).await.unwrap(), None, "it is there");
    assert_eq!(leases.create(&app("gone"), &lease("unit..0")).await.unwrap(), None, "there is no such app");
    let taken = FeedLease { version, owner: "a".to_owned(), continuation: "9".to_owned(), ..lease("unit..0") };
    let next = leases.replace(&shop, &taken).await.unwrap().unwrap();
    assert!(next > version);
    assert_eq!(leases.replace(&shop, &taken).await.unwrap(), None, "another has written since");
    let found = leases.get(&shop, "unit..0").await.unwrap().unwrap();
    assert_eq!(found, FeedLease { version: next, ..taken });
    assert!(!leases.delete(&shop, "unit..0", version).await.unwrap());
    assert!(leases.delete(&shop, "unit..0", next).await.unwrap());
    assert_eq!(leases.get(&shop, "unit..0").await.unwrap(), None);
    assert_eq!(leases.replace(&shop, &found).await.unwrap(), None, "it is gone");
}

async fn leases_are_listed_by_how_their_ids_begin(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let (leases, shop) = (database.feed_leases(), app("shop"));
    for id in ["unit..0", "unit..00-FF", "unit..\u{e9}", "unit.info", "unita..0", "uni..0", "UNIT..0"] {
        leases.create(&shop, &lease(id)).await.unwrap().unwrap();
    }
    let ids = |prefix: &'static str| {
        let (leases, shop) = (leases.clone(), shop.clone());
        async move {
            let found = leases.list(&shop, prefix).await.unwrap();
            found.into_iter().map(|lease| lease.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(ids("unit..").await, ["unit..0", "unit..00-FF", "unit..\u{e9}"]);
    assert_eq!(ids("unit..\u{e9}").await, ["unit..\u{e9}"]);
    assert_eq!(ids("").await.len(), 7);
    assert!(ids("other").await.is_empty());
}

async fn outputs_and_the_checkpoint_are_one(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let first = owned(&database, "").await;
    assert_eq!(commit(&database, "first", checkpoint(&first, "5")).await, UnderLease::Done(()));
    let second = FeedLease { version: first.version + 1, ..first };
    assert_eq!(commit(&database, "second", checkpoint(&second, "9")).await, UnderLease::Done(()));
    let after = database.feed_leases().get(&app("shop"), "unit..0").await.unwrap().unwrap();
    assert_eq!(after, FeedLease { version: second.version + 1, continuation: "9".to_owned(), ..second.clone() });
    assert_eq!(messages(&database).await, ["first", "second"]);
    // The same batch once more, as after a restart amid it.
    assert_eq!(commit(&database, "second", checkpoint(&second, "9")).await, UnderLease::Stale);
    assert_eq!(messages(&database).await, ["first", "second"]);
}

async fn a_checkpoint_of_whoever_lost_the_lease_commits_nothing(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let mine = owned(&database, "5").await;
    let leases = database.feed_leases();
    let theirs = FeedLease { owner: "b".to_owned(), ..mine.clone() };
    let version = leases.replace(&app("shop"), &theirs).await.unwrap().unwrap();
    assert_eq!(commit(&database, "late", checkpoint(&mine, "9")).await, UnderLease::Stale);
    let guessed = FeedLease { version, ..mine.clone() };
    assert_eq!(commit(&database, "late", checkpoint(&guessed, "9")).await, UnderLease::Stale, "the owner counts too");
    // Mine again, but somebody set it back meanwhile.
    let back = FeedLease { version, continuation: "2".to_owned(), ..mine.clone() };
    let version = leases.replace(&app("shop"), &back).await.unwrap().unwrap();
    assert_eq!(commit(&database, "late", checkpoint(&mine, "9")).await, UnderLease::Stale);
    assert!(leases.delete(&app("shop"), "unit..0", version).await.unwrap());
    assert_eq!(commit(&database, "late", checkpoint(&FeedLease { version, ..back }, "9")).await, UnderLease::Stale);
    assert!(messages(&database).await.is_empty());
}

async fn eight_who_take_a_lease_and_one_winner(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let free = lease("unit..0");
    let version = database.feed_leases().create(&app("shop"), &free).await.unwrap().unwrap();
    let take = |owner: usize| {
        let (leases, lease) = (database.feed_leases(), FeedLease { version, owner: owner.to_string(), ..free.clone() });
        tokio::spawn(async move { leases.replace(&app("shop"), &lease).await.unwrap().map(|_| lease.owner) })
    };
    let tasks: Vec<_> = (0..8).map(take).collect();
    let mut winners = Vec::new();
    for task in tasks {
        winners.extend(task.await.unwrap());
    }
    let owner = database.feed_leases().get(&app("shop"), "unit..0").await.unwrap().unwrap().owner;
    assert_eq!(winners, [owner]);
}

async fn an_app_takes_its_leases_along(fixture: Fixture) {
    let database = with_app(&fixture).await;
    database.apps().create(&app("mail"), b"x").await.unwrap();
    for name in ["shop", "mail"] {
        database.feed_leases().create(&app(name), &lease("unit..0")).await.unwrap().unwrap();
    }
    database.apps().delete(&app("shop")).await.unwrap();
    assert!(database.feed_leases().list(&app("shop"), "").await.unwrap().is_empty());
    assert_eq!(database.feed_leases().list(&app("mail"), "").await.unwrap().len(), 1);
}

async fn what_is_too_long_is_refused(fixture: Fixture) {
    let database = with_app(&fixture).await;
    let longest = lease(&"x".repeat(MAX_FEED_LEASE_ID));
    assert!(database.feed_leases().create(&app("shop"), &longest).await.unwrap().is_some());
    let longer = lease(&"x".repeat(MAX_FEED_LEASE_ID + 1));
    let error = database.feed_leases().create(&app("shop"), &longer).await.unwrap_err();
    assert!(matches!(&error, StateError::Rejected(text) if text.contains("leaseContainerPrefix")), "{error:?}");
}
