//! What is left when a client goes away half way, and when management dies or comes back.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hearth_model::control::AssignmentRole;
use hearth_state::faults::FaultPoint;
use hearth_state::{Database, Faults, OpenOptions, StateError, StateUrl};

use super::bench::{PATIENCE, Place, package};
use super::worker::{Behaviour, FakeWorker};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_cut_half_way_leaves_nothing() {
    let place = Place::new();
    let role = place.start().await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);

    let mut socket = TcpStream::connect(role.addr).unwrap();
    let head = format!(
        "POST /apps/shop/zipdeploy HTTP/1.1\r\nhost: x\r\nx-functions-key: {}\r\ncontent-length: 100000\r\n\r\n",
        role.admin_key
    );
    socket.write_all(head.as_bytes()).unwrap();
    socket.write_all(&[7; 5000]).unwrap();
    wait(|| place.spooled() == 1).await;
    let second = role.publish("shop", package(&["hello"], "2")).await.expect(409);
    assert!(second.text().contains("in progress"));
    drop(socket);
    wait(|| place.spooled() == 0).await;

    let list = role.get("/apps/shop/deployments").await.expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    role.publish("shop", package(&["hello"], "2")).await.expect(200);
    role.stop().await;
}

async fn wait(passes: impl Fn() -> bool) {
    let waiting = async {
        while !passes() {
            // Looks again until the condition holds; the whole is bounded.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap();
}

#[tokio::test]
async fn workers_go_on_under_a_restarted_management() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    let (admin_key, join_token) = (role.admin_key.clone(), role.join_token.clone());
    let published = role.publish("shop", package(&["hello"], "1")).await.expect(200).json();
    let registered = worker.registered.clone();
    drop(worker);
    role.kill().await;

    let role = place.start().await;
    assert_eq!((&role.admin_key, &role.join_token), (&admin_key, &join_token), "keys are made once");
    let mut worker = FakeWorker::resume(&role, registered);
    let told = worker.told(|told| !told.is_empty()).await;
    assert_eq!((told[0].role, told[0].deployment.as_str()), (AssignmentRole::Serve, published["id"].as_str().unwrap()));
    role.until("/api/apps/shop", |app| app["state"] == "running").await;
    role.publish("shop", package(&["hello"], "2")).await.expect(200);
    role.stop().await;
}

#[tokio::test]
async fn a_deployment_cut_by_the_end_of_management_is_failed_at_the_next_start() {
    let place = Place::new();
    let role = place.start().await;
    let worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    worker.behave(Behaviour { stuck: true, ..Behaviour::default() });
    role.call("POST", "/apps/shop/zipdeploy?isAsync=true", package(&["hello"], "2")).await.expect(202);
    role.until("/apps/shop/deployments/latest", |latest| latest["status"] == 2).await;
    std::fs::write(place.spool().join("publish-left.zip"), b"half").unwrap();
    drop(worker);
    role.kill().await;

    let role = place.start().await;
    assert_eq!(place.spooled(), 0);
    let latest = role.get("/apps/shop/deployments/latest").await.expect(200).json();
    assert_eq!(latest["status"], 3);
    assert!(latest["status_text"].as_str().unwrap().contains("interrupted"), "{latest}");
    let app = role.get("/api/apps/shop").await.json();
    assert_eq!((&app["generation"], &app["deployments"][1]["active"]), (&1.into(), &true.into()));
    let _worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "3")).await.expect(200);
    role.stop().await;
}

/// Fails the first attempts to activate, and loses the answer of the one that succeeds.
#[derive(Default)]
struct Unreliable {
    activations: AtomicU32,
    lost: AtomicU32,
}

impl Faults for Unreliable {
    fn at(&self, point: FaultPoint) -> Result<(), StateError> {
        let fault = || Err(StateError::Unavailable("injected".into()));
        match point {
            FaultPoint::BeforeStatement("apps.activate") if self.activations.fetch_add(1, Ordering::SeqCst) < 4 => {
                fault()
            }
            FaultPoint::AfterCommit
                if self.activations.load(Ordering::SeqCst) > 4 && self.lost.fetch_add(1, Ordering::SeqCst) == 0 =>
            {
                fault()
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn an_activation_is_tried_until_it_is_made_and_made_once() {
    let place = Place::new();
    let url = StateUrl::sqlite(&place.dir.path().join("state.db"));
    let faults = Arc::new(Unreliable::default());
    let options = OpenOptions { faults: Some(faults.clone()), ..OpenOptions::default() };
    let state = Database::open(&url, options).await.unwrap();
    let role = place.start_with(|options| options.state = state.clone()).await;
    let _worker = FakeWorker::join(&role, "w1").await;
    let published = role.publish("shop", package(&["hello"], "1")).await.expect(200).json();
    assert!(faults.activations.load(Ordering::SeqCst) > 4 && faults.lost.load(Ordering::SeqCst) > 0);
    let app = role.get("/api/apps/shop").await.json();
    assert_eq!((&app["generation"], &app["activeDeployment"]), (&1.into(), &published["id"]));
    role.publish("shop", package(&["hello"], "2")).await.expect(200);
    role.stop().await;
}

#[tokio::test]
async fn state_without_space_answers_507() {
    let place = Place::new();
    let state = {
        let url = StateUrl::sqlite(&place.dir.path().join("state.db"));
        let options = OpenOptions { max_file_bytes: Some(1 << 20), ..OpenOptions::default() };
        Database::open(&url, options).await.unwrap()
    };
    let role = place.start_with(|options| options.state = state.clone()).await;
    let _worker = FakeWorker::join(&role, "w1").await;
    role.publish("shop", package(&["hello"], "1")).await.expect(200);
    // Bytes that do not compress, so that the package itself is what does not fit.
    let noise: Vec<u8> = (0..4u64 << 20)
        .scan(0x9e37_79b9_7f4a_7c15u64, |seed, _| {
            *seed ^= *seed << 13;
            *seed ^= *seed >> 7;
            *seed ^= *seed << 17;
            Some(u8::try_from(*seed >> 56).unwrap())
        })
        .collect();
    let files = [
        ("host.json".to_owned(), br#"{"version": "2.0"}"#.to_vec()),
        ("app.wasm".to_owned(), super::bench::COMPONENT.to_vec()),
        ("noise.bin".to_owned(), noise),
    ];
    let full = role.publish("shop", super::bench::zip(&files)).await.expect(507);
    assert!(full.text().contains("space"), "{}", full.text());
    let app = role.get("/api/apps/shop").await.expect(200).json();
    assert_eq!((&app["generation"], &app["state"]), (&1.into(), &"running".into()));
    role.publish("shop", package(&["hello"], "2")).await.expect(200);
    role.stop().await;
}
