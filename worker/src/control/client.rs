//! JSON over HTTP to management.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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

#[derive(Clone)]
pub(super) struct ManagementClient {
    base: String,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl ManagementClient {
    pub(super) fn new(base: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { base: base.trim_end_matches('/').to_owned(), client }
    }

    pub(super) async fn post<R: DeserializeOwned>(
        &self,
        path: &str,
        bearer: Option<&str>,
        body: &impl Serialize,
    ) -> Result<R, CallError> {
        let broken = |error: &dyn std::fmt::Display| CallError::Unreachable(error.to_string());
        let body = serde_json::to_vec(body).map_err(|error| broken(&error))?;
        let mut request =
            http::Request::post(format!("{}{path}", self.base)).header("content-type", "application/json");
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| broken(&error))?;
        let response = self.client.request(request).await.map_err(|error| {
            CallError::Unreachable(format!("management at {} can't be reached: {error}", self.base))
        })?;
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
