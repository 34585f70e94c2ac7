//! Connections that break: a proxy cuts them after N bytes, for growing N, through whole operations in both directions.
//!
//! Whatever is cut where: what was acknowledged is there, an operation without an answer happened wholly or not at all and is
//! repeated without effect if it had, and nothing is written under a lease that another has taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use hearth_state::{Database, OpenOptions, StateError, StateUrl, UnderLease};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::fixture::{Fixture, address, app, deployment, new_deployment};

crate::on_sql_server!(
    whatever_is_cut_nothing_acknowledged_is_lost_and_nothing_is_written_under_a_stale_lease,
    a_connection_that_is_cut_while_it_is_made_is_made_again,
);

const TTL: Duration = Duration::from_secs(3600);
/// By how much N grows: a number that falls on every part of a message in time.
const STRIDE: i64 = 127;

/// Which way the bytes go that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    ToServer = 0,
    FromServer = 1,
}

/// Passes everything on until it is told to cut.
struct Proxy {
    port: u16,
    lines: Arc<Lines>,
}

struct Lines {
    /// Bytes that may still pass each way until all connections are cut, once; below 0: no limit.
    left: [AtomicI64; 2],
    cuts: AtomicUsize,
    cut: Notify,
}

impl Proxy {
    async fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let left = [AtomicI64::new(-1), AtomicI64::new(-1)];
        let lines = Arc::new(Lines { left, cuts: AtomicUsize::new(0), cut: Notify::new() });
        let proxy = Self { port, lines: Arc::clone(&lines) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(address()).await.unwrap();
                for socket in [&client, &server] {
                    socket.set_nodelay(true).unwrap();
                }
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                let lines = Arc::clone(&lines);
                tokio::spawn(async move {
                    let cut = lines.cut.notified();
                    tokio::select! {
                        () = lines.pass(Way::ToServer, from_client, to_server) => {}
                        () = lines.pass(Way::FromServer, from_server, to_client) => {}
                        () = cut => {}
                    }
                });
            }
        });
        proxy
    }

    /// Cuts all connections after so many more bytes this way, once.
    fn cut_after(&self, bytes: i64, way: Way) {
        self.lines.left[way as usize].store(bytes, Ordering::SeqCst);
    }

    /// Cuts nothing more, and answers whether something was cut since it was told to.
    fn was_cut(&self, way: Way) -> bool {
        self.lines.left[way as usize].swap(-1, Ordering::SeqCst) < 0
    }

    /// The fixture's database by way of this.
    async fn open(&self, fixture: &Fixture) -> Result<Database, StateError> {
        let parts: Vec<String> = fixture
            .state()
            .split(';')
            .filter(|part| {
                let name = part.split('=').next().unwrap().trim().to_ascii_lowercase().replace(' ', "");
                !["server", "datasource", "port", "trustservercertificate"].contains(&name.as_str())
            })
            .map(str::to_owned)
            .collect();
        // The certificate has the name of the server and not of the proxy.
        let text = format!("Server=tcp:127.0.0.1,{};TrustServerCertificate=true;{}", self.port, parts.join(";"));
        let options = OpenOptions { clock: Arc::clone(&fixture.clock) as _, clock_decides: true, ..Default::default() };
        Database::open(&StateUrl::parse(&text).unwrap(), options).await
    }
}

impl Lines {
    async fn pass(&self, way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let take = |left: i64| (left >= 0).then(|| left - i64::try_from(read).unwrap());
            let before = self.left[way as usize].fetch_update(Ordering::SeqCst, Ordering::SeqCst, take);
            let passed = before.map_or(read, |left| read.min(usize::try_from(left).unwrap()));
            if to.write_all(&buffer[..passed]).await.is_err() {
                return;
            }
            if before.is_ok_and(|left| usize::try_from(left).unwrap() < read) {
                self.left[way as usize].store(-1, Ordering::SeqCst);
                self.cuts.fetch_add(1, Ordering::SeqCst);
                return self.cut.notify_waiters();
            }
        }
    }
}

async fn whatever_is_cut_nothing_acknowledged_is_lost_and_nothing_is_written_under_a_stale_lease(fixture: Fixture) {
    let (direct, proxy) = (fixture.open().await, Proxy::begin().await);
    let (shop, id) = (app("shop"), deployment(1));
    direct.apps().create(&shop, b"").await.unwrap();
    direct.deployments().insert(&new_deployment("shop", 1)).await.unwrap();
    let database = proxy.open(&fixture).await.unwrap();
    let generation = async || direct.apps().get(&shop).await.unwrap().unwrap().generation;
    let (mut happened, mut undone, mut stale) = (0, 0, 0);
    for way in [Way::ToServer, Way::FromServer] {
        for round in 0.. {
            let bytes = round * STRIDE;
            let lease = direct.leases().acquire("row", "a", TTL).await.unwrap().unwrap();
            let before = generation().await;
            // A read first, so that the connection is one that works.
            database.apps().get(&shop).await.unwrap();
            proxy.cut_after(bytes, way);
            let answer = database.apps().activate_under(&lease, &shop, &id, before).await;
            let cut = proxy.was_cut(way);
            let after = generation().await;
            match answer {
                Ok(UnderLease::Done(Some(acknowledged))) => assert_eq!((acknowledged, after), (before + 1, before + 1)),
                // Nobody knows what became of it, and what it was is asked again.
                Err(StateError::Unavailable(_)) => {
                    assert!(after == before || after == before + 1, "{bytes} {way:?}: {before} became {after}");
                    let again = database.apps().activate_under(&lease, &shop, &id, before).await.unwrap();
                    let expected = if after == before { Some(before + 1) } else { None };
                    assert_eq!(again, UnderLease::Done(expected), "{bytes} {way:?}");
                    assert_eq!(generation().await, before + 1, "{bytes} {way:?}: once");
                    if after == before { undone += 1 } else { happened += 1 }
                }
                other => panic!("{bytes} {way:?}: {other:?}"),
            }

            // Another takes the lease; whatever the first one tries is refused, also when its connection breaks.
            fixture.clock.advance(TTL);
            let other = direct.leases().acquire("row", "b", TTL).await.unwrap().unwrap();
            proxy.cut_after(bytes, way);
            let refused = database.apps().activate_under(&lease, &shop, &id, before + 1).await;
            proxy.was_cut(way);
            assert!(matches!(refused, Ok(UnderLease::Stale) | Err(StateError::Unavailable(_))), "{bytes}: {refused:?}");
            assert_eq!(generation().await, before + 1, "{bytes} {way:?}: written under a stale lease");
            assert!(direct.leases().release(&other).await.unwrap());
            stale += usize::from(refused.is_ok());
            if !cut {
                assert!(round > 3, "N grew through a whole operation");
                break;
            }
        }
    }
    let (metrics, cuts) = (database.metrics(), proxy.lines.cuts.load(Ordering::SeqCst));
    assert!(happened > 0 && undone > 0 && stale > 0, "{happened} {undone} {stale} of {cuts}: {metrics:?}");
    assert!(metrics.unknown >= happened && metrics.discarded > 0, "{cuts} cuts: {metrics:?}");
}

async fn a_connection_that_is_cut_while_it_is_made_is_made_again(fixture: Fixture) {
    let direct = fixture.open().await;
    direct.apps().create(&app("shop"), b"").await.unwrap();
    for way in [Way::ToServer, Way::FromServer] {
        // The first bytes one by one, then in strides.
        for bytes in (0..8).chain((8..).step_by(256)) {
            // Another for each, because connections that are being closed still send something.
            let proxy = Proxy::begin().await;
            proxy.cut_after(bytes, way);
            let database = proxy.open(&fixture).await.unwrap_or_else(|error| panic!("{bytes} {way:?}: {error}"));
            let cut = proxy.was_cut(way);
            assert!(database.apps().get(&app("shop")).await.unwrap().is_some());
            assert!(!cut || database.metrics().disconnects == 1, "{bytes} {way:?}: {:?}", database.metrics());
            database.close().await;
            if !cut {
                assert!(bytes > 1000, "N grew through all of it");
                break;
            }
        }
    }
}
