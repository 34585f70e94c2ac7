//! The worker role: holds function apps and answers for them.
//!
//! Rooms: `control` talks with management (register, beat, reconcile), `app` turns a package into something that can be called, `front`
//! serves function HTTP, `logs` keeps each app's lines. A worker goes on serving while management is away; what it does
//! not hold it looks up in host state and loads by itself. `development` stands in for packages under `hearth start`.

mod admin;
mod advertise;
mod app;
mod control;
mod development;
mod doorbell;
mod events;
mod front;
mod hop;
mod listeners;
mod logs;
mod options;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub use control::{AvailableTimes, JoinOptions, Membership, join_installation};
pub use development::{CodeCache, DevelopmentOptions, TellFunctions};
pub use options::{TlsFiles, WorkerError, WorkerOptions};

/// Runs the worker until `shutdown` resolves and the drain ends. `ready` is called once with the address that serves
/// function HTTP, when the worker has registered and accepts connections.
pub async fn run(
    options: WorkerOptions,
    ready: impl FnOnce(SocketAddr) + Send,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), WorkerError> {
    let stop = CancellationToken::new();
    let _stop_all = stop.clone().drop_guard();
    let services = events::Services::new(&options);
    let apps = Arc::new(app::Apps::new(app::Loader::new(&options)?, services, &options));

    let control = control::bind(options.control).await?;
    let control_url = advertise::control_url(&options, &control)?;
    let hop_key = hop::HopKey::new(&options.keyring);
    let hops = Arc::new(hop::Hops::new(hop_key.clone(), &options.name, &control_url));
    let doorbell = doorbell::Doorbell::of(apps.services(), hops.clone(), options.state.clone());
    if options.development.is_none() {
        tokio::spawn(doorbell.run(stop.clone()));
    }
    let (state, keyring, clock) = (options.state.clone(), options.keyring.clone(), options.clock.clone());
    let own_certificate = Arc::new(front::OwnCertificate::new(state, keyring, clock, &options.domain));
    let front = front::Front::new(apps.clone(), hops, &options)?;
    let listener = socket(options.http, "the HTTP socket can't be used")?;
    let queues = socket(options.queues, "the socket of the queue service can't be used")?;
    let documents = socket(options.documents, "the socket of the document store can't be used")?;
    let http = listener.local_addr().map_err(WorkerError::io("the HTTP socket can't be used"))?;

    let control_key = Arc::new(control::ControlKey::default());
    // Log streams go on while invocations are let finish: their last lines are wanted most.
    let ended = CancellationToken::new();
    let _end_streams = ended.clone().drop_guard();
    let answering = control::Answering {
        name: options.name.clone(),
        key: control_key.clone(),
        hop_key,
        apps: apps.clone(),
        front: front.clone(),
    };
    tokio::spawn(control::serve(control, answering, ended));
    let member = control::Member {
        state: options.state.clone(),
        management_url: options.management_url,
        join_token: options.join_token,
        name: options.name,
        control_url,
        http_url: format!("{}://{http}", front.scheme()),
        capacity: options.capacity,
        labels: options.labels,
        control_key,
        node: options.node,
        membership: options.membership,
        rest: control::Rest::new(options.available, options.clock),
    };
    let session = control::join(&member, &stop).await?;
    let mut beats = tokio::spawn(control::beat(member, session, apps.clone(), stop.clone()));
    let watching = tokio::spawn(apps.clone().watch(stop.clone()));
    if let Some(development) = apps.development() {
        tokio::spawn(development::watch(development.folder().to_owned(), apps.clone(), stop.clone()));
        // Whoever is told that everything is ready finds the functions told and answering.
        development.first_load(&apps).await;
    }

    let services = apps.services().clone();
    let sweeping = stop.clone();
    tokio::spawn(async move {
        let both = async { tokio::join!(services.queues.service().maintain(), services.documents.maintain()) };
        sweeping.run_until_cancelled(both).await
    });
    let listeners = Arc::new(listeners::Listeners::new(apps.clone()));
    let listening = tokio::spawn({
        let (listeners, stop) = (listeners.clone(), stop.clone());
        async move { listeners.follow(stop).await }
    });
    let (draining, apps_of_drain) = (stop.clone(), apps.clone());
    let drain = options.drain_timeout;
    let services = apps_of_drain.services();
    let queue_service = front::Service {
        router: hearth_queues::rest::router(services.queues.service().clone()),
        peer: |ip, https| hearth_queues::rest::Peer { ip, https },
        security: front::Security::AsFunctions,
    };
    let document_store = front::Service {
        router: hearth_documents::rest::router(services.documents.clone()),
        peer: |_, https| hearth_documents::rest::Peer { https },
        security: front::Security::Both { own: own_certificate, guarded: options.document_options.development },
    };
    let queues = tokio::spawn(front.clone().serve_service(queues, queue_service, stop.clone(), drain));
    let documents = tokio::spawn(front.clone().serve_service(documents, document_store, stop.clone(), drain));
    let serving = tokio::spawn(front.serve(listener, stop.clone(), drain));
    ready(http);
    // Beats end by themselves only when management removed this worker.
    let removed = tokio::select! {
        () = shutdown => None,
        ended = &mut beats => Some(ended),
    };
    // Load balancers and management hear of it before a caller can.
    apps_of_drain.drain();
    if !options.drain_grace.is_zero() {
        tokio::time::sleep(options.drain_grace).await;
    }
    draining.cancel();
    let _ = listening.await;
    // What listeners took has the same time as what callers asked for.
    let _ = tokio::join!(serving, queues, documents, listeners.finished(drain));
    let ended = match removed {
        Some(ended) => ended,
        None => beats.await,
    };
    let _ = watching.await;
    ended.unwrap_or(Ok(()))
}

/// A socket that was bound before, for this runtime.
fn socket(bound: std::net::TcpListener, unusable: &'static str) -> Result<TcpListener, WorkerError> {
    bound.set_nonblocking(true).map_err(WorkerError::io(unusable))?;
    TcpListener::from_std(bound).map_err(WorkerError::io(unusable))
}
