//! JSON over HTTP to management, over TLS where its URL says https: to the process that the worker was given, or the one
//! that host state says decides now.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use hearth_model::control::{SCHEDULER_LEASE, scheduler_url};
use hearth_state::Database;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::options::WorkerError;

/// Largest answer read.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// Why a call to management gave nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    /// Management refused: status and its text.
    #[error("management answered {0}: {1}")]
    Refused(u16, String),
    /// It could not be reached or understood.
    #[error("{0}")]
    Unreachable(String),
}

/// The body of an answer that refuses.
#[derive(Deserialize)]
struct Refusal {
    message: String,
}

/// Host state must tell who decides within this time.
const LOOK_LIMIT: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(super) struct ManagementClient {
    /// As the worker was given it.
    given: Arc<str>,
    /// Where the next call goes.
    base: Arc<ArcSwap<String>>,
    /// None before the worker has joined.
    state: Option<Database>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

impl ManagementClient {
    /// For management at `base`; with the machine's certificates where that is https.
    pub(super) fn new(base: &str, state: Option<Database>) -> Result<Self, WorkerError> {
        let failed = |error: &dyn std::fmt::Display| WorkerError::Failed(format!("TLS can't be set up: {error}"));
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = HttpsConnectorBuilder::new();
        let builder = if base.starts_with("https:") {
            builder.with_provider_and_native_roots(provider).map_err(|error| failed(&error))?
        } else {
            let config = ClientConfig::builder_with_provider(provider.into())
                .with_safe_default_protocol_versions()
                .map_err(|error| failed(&error))?
                .with_root_certificates(RootCertStore::empty())
                .with_no_client_auth();
            builder.with_tls_config(config)
        };
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let connector = builder.https_or_http().enable_http1().wrap_connector(connector);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        let given = base.trim_end_matches('/');
        Ok(Self { given: given.into(), base: Arc::new(ArcSwap::from_pointee(given.to_owned())), state, client })
    }

    /// Posts; after a failure that is not this worker's, the next call goes to whoever decides by then.
    pub(super) async fn post<R: DeserializeOwned>(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
    ) -> Result<R, CallError> {
        let base = self.base.load_full();
        let answer = self.post_to(&base, path, bearer, body).await;
        if matches!(answer, Err(CallError::Unreachable(_) | CallError::Refused(500.., _))) {
            self.look_around(&base).await;
        }
        answer
    }

    /// As after a failure, for whoever gave up waiting for an answer.
    pub(super) async fn elsewhere(&self) {
        let base = self.base.load_full();
        self.look_around(&base).await;
    }

    /// Turns to the management process that decides; when host state names none or can't tell, to the one that was given.
    async fn look_around(&self, failed: &str) {
        let Some(state) = &self.state else { return };
        let leases = state.leases();
        let holder = tokio::time::timeout(LOOK_LIMIT, leases.holder(SCHEDULER_LEASE)).await;
        let active = match &holder {
            Ok(Ok(Some(holder))) => scheduler_url(&holder.holder).filter(|url| *url != failed),
            _ => None,
        };
        let next = active.unwrap_or(&self.given);
        if next != failed {
            tracing::info!(category = "Host.General", "management is looked for at {next}");
            self.base.store(Arc::new(next.to_owned()));
        }
    }

    async fn post_to<R: DeserializeOwned>(
        &self,
        base: &str,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
    ) -> Result<R, CallError> {
        let broken = |error: &dyn std::fmt::Display| CallError::Unreachable(error.to_string());
        let body = serde_json::to_vec(body).map_err(|error| broken(&error))?;
        let mut request = http::Request::post(format!("{base}{path}")).header("content-type", "application/json");
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| broken(&error))?;
        let response = self
            .client
            .request(request)
            .await
            .map_err(|error| CallError::Unreachable(format!("management at {base} can't be reached: {error}")))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER_BYTES)
            .collect()
            .await
            .map_err(|error| broken(&error))?
            .to_bytes();
        if !status.is_success() {
            let text = serde_json::from_slice(&body).map_or_else(
                |_| String::from_utf8_lossy(&body).chars().take(500).collect(),
                |refusal: Refusal| refusal.message,
            );
            return Err(CallError::Refused(status.as_u16(), text));
        }
        serde_json::from_slice(&body).map_err(|error| broken(&error))
    }
}
