//! Every route of the management role, on one page.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post, put};
use hearth_model::control::{BEAT_PATH, JOIN_PATH, REGISTER_PATH};

use crate::answer::MAX_BODY;
use crate::auth::require_admin;
use crate::context::Context;
use crate::controllers::{apps, deployments, documents, health, keys, logstream, metrics, queues, settings, workers};
use crate::standby;

/// The routes with their handlers.
pub(crate) fn router(context: Arc<Context>) -> Router {
    Router::new()
        .nest("/api", management(&context))
        // A publishing site; also what `<app>.scm.<domain>` is rewritten to. Each handler checks its caller.
        .nest("/apps/{app}", publishing())
        .nest("/apps/{app}/api", publishing())
        // Workers; each handler checks its caller.
        .route(JOIN_PATH, post(workers::join))
        .route(REGISTER_PATH, post(workers::register))
        .route(BEAT_PATH, post(workers::beat))
        .route("/", get(health::page))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics).layer(from_fn_with_state(Arc::clone(&context), require_admin)))
        .fallback(health::not_found)
        .method_not_allowed_fallback(health::not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&context), standby::gate))
        .with_state(context)
}

/// The management API; the admin key opens it.
fn management(context: &Arc<Context>) -> Router<Arc<Context>> {
    Router::new()
        .route("/apps", get(apps::list))
        .route("/apps/{app}", get(apps::show).put(apps::create).delete(apps::delete))
        .route("/apps/{app}/host-names", put(apps::set_host_names))
        .route("/apps/{app}/publish-credentials", get(apps::credentials))
        .route("/apps/{app}/publish-credentials/reset", post(apps::reset_credentials))
        .route("/apps/{app}/rollback", post(apps::rollback))
        .route("/apps/{app}/functions/{function}/invoke", post(apps::invoke))
        .route("/apps/{app}/queues", get(queues::of_app))
        .route("/apps/{app}/documents", get(documents::of_app))
        .route("/apps/{app}/restart", post(apps::restart))
        .route("/apps/{app}/stop", post(apps::stop))
        .route("/apps/{app}/start", post(apps::start))
        .route("/apps/{app}/settings", get(settings::show).put(settings::replace).patch(settings::change))
        .route("/apps/{app}/keys", get(keys::all))
        .route("/apps/{app}/keys/master", one_key())
        .route("/apps/{app}/keys/{scope}", get(keys::list))
        .route("/apps/{app}/keys/{scope}/{name}", one_key())
        .route("/apps/{app}/keys/functions/{function}", get(keys::list))
        .route("/apps/{app}/keys/functions/{function}/{name}", one_key())
        .route("/documents", get(documents::list))
        .route("/documents/{account}", one_document_account())
        .route("/documents/{account}/keys/{key}", post(documents::renew))
        .route("/queues", get(queues::list))
        .route("/queues/{account}", get(queues::show).put(queues::create).delete(queues::delete))
        .route("/queues/{account}/keys/{key}", post(queues::renew))
        .route("/workers", get(workers::list))
        .route("/workers/tokens", post(workers::token))
        .route("/workers/{worker}", delete(workers::remove))
        .route("/workers/{worker}/cordon", post(workers::cordon))
        .route("/workers/{worker}/drain", post(workers::drain))
        .route("/workers/{worker}/uncordon", post(workers::uncordon))
        .fallback(health::not_found)
        .method_not_allowed_fallback(health::not_allowed)
        .layer(from_fn_with_state(Arc::clone(context), require_admin))
}

fn one_key() -> MethodRouter<Arc<Context>> {
    get(keys::show).post(keys::generate).put(keys::put).delete(keys::delete)
}

fn one_document_account() -> MethodRouter<Arc<Context>> {
    get(documents::show).put(documents::create).patch(documents::change).delete(documents::delete)
}

/// The Kudu surface of one app.
fn publishing() -> Router<Arc<Context>> {
    Router::new()
        .route("/zipdeploy", post(deployments::zipdeploy).put(deployments::zipdeploy))
        .route("/deployments", get(deployments::list))
        .route("/deployments/{id}", get(deployments::show))
        .route("/deployments/{id}/log", get(deployments::log))
        .route("/deployments/{id}/log/{log_id}", get(deployments::log_entry))
        .route("/settings", get(settings::kudu_list).post(settings::kudu_set))
        .route("/settings/{key}", get(settings::kudu_show).delete(settings::kudu_delete))
        .route("/logstream", get(logstream::stream))
        .route("/logstream/{*path}", get(logstream::stream))
}
