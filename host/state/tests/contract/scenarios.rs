//! Every operation that writes, each on the same prepared database, for the tests that break it.

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hearth_model::clock::Timestamp;
use hearth_model::control::Standing;
use hearth_model::ids::FunctionName;
use hearth_model::keys::KeyScope;
use hearth_state::documents::{
    DocumentKeyName, Expected, ItemChange, ItemWrite, Media, MediaChange, NewContainer, NewResource, ResourceKind,
};
use hearth_state::{
    AccountKeyName, AppMode, COLLECT_GRACE, ClaimOutcome, ClaimedMessage, Completion, Database, Decision,
    DeploymentStatus, DeploymentUpdate, FeedCheckpoint, FeedLease, Keyring, Lease, LogKind, NewMessage, QueuePlace,
    QueuePuts, SettingsChange, Settlement, StateError, TimerClaim, TimerKey, TimerPlan,
};

use crate::documents::{self, delete, key, put};
use crate::fixture::{Engine, Fixture, app, deployment, digest, new_deployment, new_worker, worker};

/// What a repeated call may change after one whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Nothing.
    Nothing,
    /// A fencing token, which only the last caller holds.
    Epoch,
    /// It happens again, as documented.
    Everything,
}

/// An operation to break.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// Whether it is one transaction; otherwise what is visible still changes in one step.
    pub(crate) single: bool,
    pub(crate) repeat: Repeat,
    pub(crate) act: for<'a> fn(&'a Database) -> BoxFuture<'a, Result<(), StateError>>,
}

const LEASE: Duration = Duration::from_secs(86_400);

macro_rules! scenario {
    ($name:literal, $single:literal, $repeat:ident, |$db:ident| $act:expr) => {
        Scenario {
            name: $name,
            single: $single,
            repeat: Repeat::$repeat,
            act: |$db| async move { $act.await.map(|_| ()) }.boxed(),
        }
    };
}

/// The same in every process.
fn keyring() -> Keyring {
    Fixture::sqlite().keyring()
}

fn held() -> Lease {
    Lease { name: "held".to_owned(), holder: "a".to_owned(), epoch: 1 }
}

fn decision(at: i64) -> Decision {
    let (app, kind, reason) = (app("shop"), "placed".to_owned(), "it is free".to_owned());
    Decision { app, at: Timestamp(at), kind, worker: Some(worker("w1")), reason }
}

fn feed_lease(id: &str) -> FeedLease {
    FeedLease {
        id: id.to_owned(),
        version: 0,
        owner: "a".to_owned(),
        continuation: "7".to_owned(),
        renewed: Timestamp(7),
        body: "{}".to_owned(),
    }
}

fn checkpoint() -> FeedCheckpoint {
    let lease = FeedLease { version: 1, continuation: "9".to_owned(), ..feed_lease("read") };
    FeedCheckpoint { app: app("shop"), lease }
}

/// When the timers of the prepared database are due: an hour after its first moment.
const DUE: Timestamp = Timestamp(1_800_003_600_000_000);

fn timer(function: &str) -> TimerKey {
    TimerKey { app: app("shop"), function: FunctionName::parse(function).unwrap() }
}

fn plan() -> TimerPlan {
    TimerPlan { schedule: "hourly".to_owned(), is_monitored: true, startup: None }
}

fn startup(start: &str) -> TimerPlan {
    TimerPlan { startup: Some(start.to_owned()), ..plan() }
}

/// The claim on the timer that is running, which is written once and read by every process.
async fn running(db: &Database) -> TimerClaim {
    TimerClaim::of(&timer("running"), &db.timers().history(&timer("running"), 1).await.unwrap()[0], "hourly")
}

fn place(queue: &str) -> QueuePlace<'_> {
    QueuePlace::new("shop", queue)
}

fn message(number: i64, text: &str) -> NewMessage {
    let id = format!("0197c1f2-7a4b-7c3d-9e2f-{number:012x}");
    let ttl = Some(if number == 3 { COLLECT_GRACE } else { LEASE });
    NewMessage { id: id.into(), receipt: number, text: text.into(), visibility: Duration::ZERO, time_to_live: ttl }
}

/// The message that is there, with the receipt of its put.
fn claimed() -> ClaimedMessage {
    let id = message(1, "").id.to_string();
    ClaimedMessage { account: "shop".to_owned(), queue: "orders".to_owned(), id, receipt: 1 }
}

fn output(queue: &str, number: i64) -> QueuePuts {
    QueuePuts { account: "shop".to_owned(), queue: queue.to_owned(), messages: vec![message(number, "out")] }
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        scenario!("apps.create", true, Nothing, |db| async { db.apps().create(&app("new"), b"sealed").await }),
        scenario!("apps.set-host-names", true, Nothing, |db| async {
            db.apps().set_host_names(&app("shop"), &["b.example".to_owned(), "c.example".to_owned()]).await
        }),
        scenario!("apps.set-publish-credential", true, Nothing, |db| async {
            db.apps().set_publish_credential(&app("shop"), b"another").await
        }),
        scenario!("apps.activate", true, Nothing, |db| async {
            db.apps().activate(&app("shop"), &deployment(1), 1).await
        }),
        scenario!("apps.delete", true, Nothing, |db| async { db.apps().delete(&app("shop")).await }),
        scenario!("deployments.insert", true, Nothing, |db| async {
            db.deployments().insert(&new_deployment("shop", 3)).await
        }),
        scenario!("deployments.update", true, Nothing, |db| async {
            let status = Some(DeploymentStatus::Success);
            let update = DeploymentUpdate { status, complete: true, ..DeploymentUpdate::default() };
            db.deployments().update(&deployment(2), update).await
        }),
        scenario!("deployments.add-log", true, Everything, |db| async {
            db.deployments().add_log(&deployment(2), "line", LogKind::Message).await
        }),
        scenario!("deployments.prune", true, Nothing, |db| async { db.deployments().prune(&app("blog"), 0).await }),
        scenario!("deployments.fail-interrupted", true, Nothing, |db| async {
            db.deployments().fail_interrupted().await
        }),
        scenario!("workers.register", true, Epoch, |db| async {
            db.workers().register(&new_worker("w1", LEASE * 2)).await
        }),
        scenario!("workers.beat", true, Nothing, |db| async {
            db.workers().beat(&[(worker("w1"), 1), (worker("w2"), 1)], LEASE * 2).await
        }),
        scenario!("workers.mark-missing", true, Nothing, |db| async {
            db.workers().mark_missing(Timestamp(i64::MAX)).await
        }),
        scenario!("assignments.replace", true, Nothing, |db| async {
            db.assignments().replace(&app("shop"), 1, &[(worker("w2"), deployment(1))]).await
        }),
        scenario!("installation.get-or-create", true, Nothing, |db| async {
            db.installation().get_or_create("token", || b"made".to_vec()).await
        }),
        scenario!("installation.restored", true, Everything, |db| async { db.installation().restored(0).await }),
        scenario!("leases.acquire", true, Epoch, |db| async { db.leases().acquire("free", "a", LEASE).await }),
        scenario!("leases.renew", true, Nothing, |db| async { db.leases().renew(&[held()], LEASE * 2).await }),
        scenario!("leases.release", true, Nothing, |db| async { db.leases().release(&held()).await }),
        scenario!("configuration.restart", true, Everything, |db| async {
            db.configuration().restart(&app("shop")).await
        }),
        scenario!("configuration.set-mode", true, Nothing, |db| async {
            db.configuration().set_mode(&app("shop"), AppMode::Offline).await
        }),
        scenario!("app-settings.change", true, Nothing, |db| async {
            let set = vec![("a".to_owned(), "other".to_owned()), ("New".to_owned(), "1".to_owned())];
            let change = SettingsChange { unset: vec!["B".to_owned()], ..SettingsChange::set(set) };
            db.app_settings().change(&keyring(), &app("shop"), &change).await
        }),
        scenario!("app-keys.ensure", true, Nothing, |db| async {
            db.app_keys().ensure(&keyring(), &app("mail")).await
        }),
        scenario!("app-keys.ensure-function", true, Nothing, |db| async {
            db.app_keys().ensure_function(&keyring(), &app("shop"), &FunctionName::parse("Orders").unwrap()).await
        }),
        scenario!("app-keys.put", true, Nothing, |db| async {
            db.app_keys().put(&keyring(), &app("shop"), &KeyScope::Host, "Default", "replaced").await
        }),
        scenario!("app-keys.delete", true, Nothing, |db| async {
            db.app_keys().delete(&app("shop"), &KeyScope::Host, "partner").await
        }),
        scenario!("app-keys.delete-default", true, Nothing, |db| async {
            db.app_keys().delete(&app("shop"), &KeyScope::Host, "default").await
        }),
        scenario!("apps.activate-under", true, Nothing, |db| async {
            db.apps().activate_under(&held(), &app("mail"), &deployment(2), 0).await
        }),
        scenario!("assignments.replace-under", true, Nothing, |db| async {
            db.assignments().replace_under(&held(), &app("shop"), 1, &[(worker("w2"), deployment(1))]).await
        }),
        scenario!("deployments.update-under", true, Nothing, |db| async {
            let update = DeploymentUpdate { complete: true, ..DeploymentUpdate::default() };
            db.deployments().update_under(&held(), &deployment(2), update).await
        }),
        scenario!("members.add-token", true, Nothing, |db| async { db.members().add_token(&[9; 32], LEASE).await }),
        scenario!("members.join", true, Nothing, |db| async {
            db.members().join(&[1; 32], &worker("w3"), &[3; 32]).await
        }),
        scenario!("members.offer", true, Nothing, |db| async {
            db.members().offer(&worker("joined"), &[5; 32], Duration::ZERO).await
        }),
        scenario!("members.confirm", true, Nothing, |db| async {
            db.members().confirm(&worker("offered"), &[7; 32]).await
        }),
        scenario!("members.set-standing", true, Nothing, |db| async {
            db.members().set_standing(&worker("w1"), Standing::Cordoned, "new disk").await
        }),
        scenario!("members.remove", true, Nothing, |db| async { db.members().remove(&worker("w1"), "sold").await }),
        scenario!("members.readmit", true, Nothing, |db| async { db.members().readmit(&worker("removed")).await }),
        scenario!("scheduling.keep-host-json", true, Nothing, |db| async {
            db.scheduling().keep_host_json(&digest(b"unused"), b"{}").await
        }),
        scenario!("scheduling.collect", true, Nothing, |db| async { db.scheduling().collect().await }),
        scenario!("scheduling.record", true, Nothing, |db| async {
            let decision = decision(8);
            let oldest = [(decision.app.clone(), Timestamp(8))];
            db.scheduling().record(&held(), &[decision], &oldest).await
        }),
        scenario!("scheduling.forget", true, Nothing, |db| async { db.scheduling().forget(&app("shop")).await }),
        scenario!("timers.open-first", true, Nothing, |db| async {
            db.timers().open(&timer("new"), &startup("first"), |now| Some(now.plus(LEASE))).await
        }),
        scenario!("timers.open-again", true, Nothing, |db| async {
            db.timers().open(&timer("idle"), &startup("second"), |now| Some(now.plus(LEASE))).await
        }),
        scenario!("timers.open-past-due", true, Nothing, |db| async {
            db.timers().open(&timer("overdue"), &plan(), |now| Some(now.plus(LEASE))).await
        }),
        scenario!("timers.claim", true, Epoch, |db| async {
            db.timers().claim(&timer("overdue"), "hourly", "a", LEASE).await
        }),
        scenario!("timers.take-over", true, Epoch, |db| async {
            db.timers().claim(&timer("running"), "hourly", "a", LEASE).await
        }),
        scenario!("timers.renew", true, Nothing, |db| async {
            let claim = running(db).await;
            db.timers().renew(&[claim], LEASE * 2).await
        }),
        scenario!("timers.retry-later", true, Nothing, |db| async {
            let claim = running(db).await;
            db.timers().retry_later(&claim, LEASE, "it failed").await
        }),
        scenario!("timers.complete", true, Nothing, |db| async {
            let completion = Completion { last: Timestamp(7), next: Some(Timestamp(8)), claim: running(db).await };
            db.timers().complete(&completion).await
        }),
        scenario!("timers.fail", true, Nothing, |db| async {
            let completion = Completion { last: Timestamp(7), next: None, claim: running(db).await };
            db.timers().fail(&completion, "it failed").await
        }),
        scenario!("timers.skip", true, Nothing, |db| async {
            db.timers().skip(&timer("overdue"), "hourly", DUE, None).await
        }),
        scenario!("timers.prune", true, Nothing, |db| async { db.timers().prune(&timer("idle"), 1).await }),
        scenario!("queue-accounts.create", true, Nothing, |db| async {
            db.queue_accounts().create(&keyring(), "archive").await
        }),
        scenario!("queue-accounts.ensure-for-app", true, Nothing, |db| async {
            db.queue_accounts().ensure_for_app(&keyring(), &app("mail")).await
        }),
        scenario!("queue-accounts.set-key", false, Nothing, |db| async {
            let before = db.queue_accounts().get(&keyring(), "shop").await?;
            let renewed = db.queue_accounts().renew_key(&keyring(), "shop", AccountKeyName::Key2).await?;
            assert_ne!(before, db.queue_accounts().get(&keyring(), "shop").await?);
            // What was sealed has the same length; this shows that it was done.
            assert!(renewed && db.queue_accounts().set_properties("shop", "renewed").await?);
            Ok::<(), StateError>(())
        }),
        scenario!("queue-accounts.delete", true, Nothing, |db| async { db.queue_accounts().delete("shop").await }),
        scenario!("queues.create", true, Nothing, |db| async { db.queues().create(place("new"), "{}").await }),
        scenario!("queues.set-metadata", true, Nothing, |db| async {
            db.queues().set_metadata(place("orders"), "{\"a\":1}").await
        }),
        scenario!("queues.set-policies", true, Nothing, |db| async {
            db.queues().set_policies(place("orders"), "some").await
        }),
        scenario!("queues.delete", true, Nothing, |db| async { db.queues().delete(place("orders")).await }),
        scenario!("queues.clear", true, Everything, |db| async { db.queues().clear(place("orders")).await }),
        scenario!("queues.put", true, Nothing, |db| async {
            db.queues().put(place("orders"), &message(9, "new")).await
        }),
        scenario!("queues.claim", true, Nothing, |db| async { db.queues().claim(place("orders"), 32, LEASE).await }),
        scenario!("queues.update", true, Nothing, |db| async { db.queues().update(&claimed(), LEASE, None).await }),
        scenario!("queues.update-text", true, Nothing, |db| async {
            db.queues().update(&claimed(), LEASE, Some("other")).await
        }),
        scenario!("queues.renew", true, Nothing, |db| async { db.queues().renew(&[claimed()], LEASE).await }),
        scenario!("queues.remove", true, Nothing, |db| async { db.queues().remove(&claimed()).await }),
        scenario!("effects.commit", true, Nothing, |db| async {
            db.effects().commit(&[output("orders", 10)], Some(&Settlement::Message(claimed()))).await
        }),
        // First without the queue, which is what almost always does.
        scenario!("effects.commit-into-new-queue", false, Nothing, |db| async {
            let outputs = [output("orders", 10), output("made", 11)];
            db.effects().commit(&outputs, Some(&Settlement::Message(claimed()))).await
        }),
        scenario!("effects.commit-with-checkpoint", true, Nothing, |db| async {
            let checkpoint = Settlement::Checkpoint(Box::new(checkpoint()));
            db.effects().commit(&[output("orders", 12)], Some(&checkpoint)).await
        }),
        scenario!("feed-leases.create", true, Nothing, |db| async {
            db.feed_leases().create(&app("shop"), &feed_lease("new")).await
        }),
        scenario!("feed-leases.replace", true, Nothing, |db| async {
            let lease = FeedLease { owner: "b".to_owned(), version: 1, ..feed_lease("read") };
            db.feed_leases().replace(&app("shop"), &lease).await
        }),
        scenario!("feed-leases.delete", true, Nothing, |db| async {
            db.feed_leases().delete(&app("shop"), "read", 1).await
        }),
        scenario!("effects.give-back", true, Nothing, |db| async { db.effects().give_back(&[claimed()]).await }),
        scenario!("queues.sweep", true, Nothing, |db| async { db.queues().sweep().await }),
        scenario!("document-accounts.create", true, Nothing, |db| async {
            db.document_accounts().create(&keyring(), "archive").await
        }),
        scenario!("document-accounts.set-key", false, Nothing, |db| async {
            let before = db.document_accounts().get(&keyring(), "shop").await?;
            let renewed = db.document_accounts().renew_key(&keyring(), "shop", DocumentKeyName::Secondary).await?;
            assert_ne!(before, db.document_accounts().get(&keyring(), "shop").await?);
            // What was sealed has the same length; this shows that it was done.
            assert!(renewed && db.document_accounts().set_properties("shop", "renewed").await?);
            Ok::<(), StateError>(())
        }),
        scenario!("document-accounts.delete", true, Nothing, |db| async {
            db.document_accounts().delete("shop").await
        }),
        scenario!("document-resources.create", true, Nothing, |db| async {
            let orders = documents::database_of(db).await;
            let ranges = [(vec![], vec![0x20]), (vec![0x20], vec![0xff])];
            let more = Some(NewContainer { ranges: &ranges, keeps_history: false });
            let new = documents::resource(ResourceKind::Container, &orders, "made");
            db.document_resources().create(&NewResource { container: more, offer: Some("{}"), ..new }).await
        }),
        scenario!("document-resources.replace", true, Everything, |db| async {
            let (lines, _) = documents::lines(db).await;
            db.document_resources().replace(&lines, None, ("lines", "{\"ttl\":1}"), true).await
        }),
        scenario!("document-resources.delete", true, Nothing, |db| async {
            let orders = db.document_resources().get("shop", ResourceKind::Database, "", "orders").await?;
            match orders {
                Some(orders) => db.document_resources().delete(&orders, None).await.map(drop),
                None => Ok(()),
            }
        }),
        scenario!("documents.create", true, Nothing, |db| documents::commit(
            db,
            vec![put("new", Expected::Absent, "{}")]
        )),
        scenario!("documents.put", true, Everything, |db| documents::commit(
            db,
            vec![put("a", Expected::Anything, "{\"a\":2}")]
        )),
        scenario!("documents.delete", true, Nothing, |db| documents::commit(db, vec![delete("a", Expected::Present)])),
        scenario!("documents.batch", true, Nothing, |db| documents::commit(
            db,
            vec![
                ItemWrite { key: key("a"), expected: Expected::Present, change: ItemChange::Keep },
                put("b", Expected::Present, "{\"b\":2}"),
                documents::unique("new", "value"),
                delete("c", Expected::Present),
            ]
        )),
        scenario!("documents.purge-expired", true, Nothing, |db| async { db.documents().purge_expired(10).await }),
        scenario!("documents.sweep", true, Nothing, |db| async { db.documents().sweep().await }),
        scenario!("documents.purge-history", true, Nothing, |db| async {
            let (_, place) = documents::lines(db).await;
            db.documents().purge_history(place.container, place.range, Duration::ZERO).await
        }),
        scenario!("documents.create-attachment", true, Nothing, |db| async {
            let (_, place) = documents::lines(db).await;
            let media = Media { content_type: "text/plain".to_owned(), bytes: vec![1, 2, 3].into() };
            db.documents().create_attachment(place, key("b"), ("made", "{}"), Some(("shop", &media))).await
        }),
        scenario!("documents.replace-attachment", true, Everything, |db| async {
            let at = documents::attachment(db).await;
            db.documents().replace_attachment(at.unwrap(), None, "{\"a\":1}", MediaChange::Keep).await
        }),
        scenario!("documents.replace-attachment-and-media", true, Everything, |db| async {
            let media = Media { content_type: "text/css".to_owned(), bytes: vec![6, 7, 8].into() };
            let (at, put) = (documents::attachment(db).await, MediaChange::Put("shop", &media));
            db.documents().replace_attachment(at.unwrap(), None, "{\"a\":1}", put).await
        }),
        scenario!("documents.set-media", true, Nothing, |db| async {
            let media = Media { content_type: "text/html".to_owned(), bytes: vec![4, 5].into() };
            let at = documents::attachment(db).await;
            db.documents().set_media(at.unwrap(), &media).await
        }),
        scenario!("documents.delete-attachment", true, Nothing, |db| async {
            match documents::attachment(db).await {
                Some(at) => db.documents().delete_attachment(at, None).await,
                None => Ok(false),
            }
        }),
        scenario!("packages.put", false, Nothing, |db| async {
            let content = vec![5; 1_500_000];
            db.packages().put(&digest(&content), 1_500_000, content.as_slice()).await
        }),
        scenario!("packages.collect", false, Nothing, |db| async { db.packages().collect_unreferenced().await }),
    ]
}

/// A closed database that every scenario finds something to change in.
pub(crate) async fn prepared(engine: Engine) -> Fixture {
    let fixture = Fixture::on(engine);
    let db = fixture.open().await;
    for (name, id) in [("shop", 1), ("mail", 2)] {
        db.apps().create(&app(name), b"sealed").await.unwrap();
        db.deployments().insert(&new_deployment(name, id)).await.unwrap();
    }
    db.apps().set_host_names(&app("shop"), &["a.example".to_owned(), "b.example".to_owned()]).await.unwrap();
    let done = DeploymentUpdate { complete: true, ..DeploymentUpdate::default() };
    db.deployments().update(&deployment(1), done).await.unwrap();
    db.deployments().add_log(&deployment(1), "line", LogKind::Message).await.unwrap();
    db.apps().activate(&app("shop"), &deployment(1), 0).await.unwrap();
    db.apps().create(&app("blog"), b"sealed").await.unwrap();
    db.deployments().insert(&new_deployment("blog", 4)).await.unwrap();
    db.deployments().add_log(&deployment(4), "line", LogKind::Message).await.unwrap();
    db.deployments().update(&deployment(4), DeploymentUpdate { complete: true, ..Default::default() }).await.unwrap();
    for name in ["w1", "w2"] {
        db.workers().register(&new_worker(name, LEASE)).await.unwrap();
    }
    db.assignments().replace(&app("shop"), 1, &[(worker("w1"), deployment(1))]).await.unwrap();
    let settings = ["A", "B"].map(|name| (name.to_owned(), "value".to_owned()));
    db.app_settings().change(&keyring(), &app("shop"), &SettingsChange::set(settings)).await.unwrap();
    db.app_keys().ensure(&keyring(), &app("shop")).await.unwrap();
    db.app_keys().put(&keyring(), &app("shop"), &KeyScope::Host, "partner", "value").await.unwrap();
    db.leases().acquire("held", "a", LEASE).await.unwrap();
    db.members().add_token(&[1; 32], LEASE).await.unwrap();
    for (name, token, credential) in
        [("joined", [2; 32], [4; 32]), ("offered", [3; 32], [6; 32]), ("removed", [10; 32], [11; 32])]
    {
        db.members().add_token(&token, LEASE).await.unwrap();
        db.members().join(&token, &worker(name), &credential).await.unwrap();
    }
    assert!(db.members().offer(&worker("offered"), &[7; 32], Duration::ZERO).await.unwrap());
    assert!(db.members().remove(&worker("removed"), "sold").await.unwrap());
    db.scheduling().keep_host_json(&digest(b"gone"), b"{}").await.unwrap();
    db.scheduling().record(&held(), &[decision(7)], &[]).await.unwrap();
    db.queue_accounts().ensure_for_app(&keyring(), &app("shop")).await.unwrap();
    for queue in ["orders", "gone"] {
        db.queues().create(place(queue), "").await.unwrap();
    }
    for (queue, number) in [("orders", 1), ("orders", 2), ("orders", 3), ("gone", 4)] {
        db.queues().put(place(queue), &message(number, "text")).await.unwrap().unwrap();
    }
    assert!(db.queues().delete(place("gone")).await.unwrap());
    documents::prepare(&fixture, &db).await;
    for function in ["running", "overdue", "idle"] {
        db.timers().open(&timer(function), &plan(), |_| Some(DUE)).await.unwrap();
    }
    fixture.clock.advance(Duration::from_secs(3600));
    let claim = |function| {
        let timers = db.timers();
        async move {
            match timers.claim(&timer(function), "hourly", "a", LEASE).await.unwrap() {
                ClaimOutcome::Claimed(claim) => *claim,
                other => panic!("{function}: {other:?}"),
            }
        }
    };
    claim("running").await;
    for next in [Some(Timestamp(DUE.0 - 1)), None] {
        let completion = Completion { claim: claim("idle").await, last: DUE, next };
        db.timers().complete(&completion).await.unwrap();
    }
    db.feed_leases().create(&app("shop"), &feed_lease("read")).await.unwrap();
    db.packages().put(&digest(b"unused"), 6, b"unused".as_slice()).await.unwrap();
    db.close().await;
    fixture.clock.advance(COLLECT_GRACE * 2);
    fixture
}
