//! Tokens of Microsoft Entra ID for identity-based connections: of the machine's managed identity or of an app registration with a
//! secret. A token is kept until shortly before it expires.

use std::time::Duration;

use bytes::Bytes;
use hearth_model::clock::{Clock, Timestamp};
use hearth_outbound::{Answer, Outbound, SendError};
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use http::{Method, Request, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::ClientErrorKind;
use crate::connection::IdentityKind;

/// What tokens are for.
const RESOURCE: &str = "https://storage.azure.com/";
/// A token is replaced this long before it expires, by the machine's clock.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// Longest secret of an Arc challenge.
const MAX_CHALLENGE_BYTES: u64 = 4096;

/// Where this machine's managed identity is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityEnvironment {
    /// `IDENTITY_ENDPOINT`: the endpoint of the platform, or of the Arc agent.
    pub endpoint: Option<String>,
    /// `IDENTITY_HEADER`: what the platform's endpoint wants to see; the Arc agent has none.
    pub header: Option<String>,
    /// Base URL of the metadata service, `http://169.254.169.254` in `AZURE_POD_IDENTITY_AUTHORITY_HOST`'s absence.
    pub metadata: Option<String>,
}

impl IdentityEnvironment {
    /// What the environment of this process says.
    pub fn of_process() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            endpoint: variable("IDENTITY_ENDPOINT"),
            header: variable("IDENTITY_HEADER"),
            metadata: variable("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
        }
    }
}

type Failure = (ClientErrorKind, String);

/// The tokens of one identity.
pub(super) struct Tokens {
    kind: IdentityKind,
    environment: IdentityEnvironment,
    kept: Mutex<Option<Token>>,
}

struct Token {
    text: String,
    expires: Timestamp,
}

/// Numbers come as such or as texts, by who answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(i64),
    Text(String),
}

impl Number {
    fn value(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    /// Seconds since 1970.
    expires_on: Option<Number>,
    /// Seconds from now.
    expires_in: Option<Number>,
}

#[derive(Deserialize)]
struct Refused {
    error: Option<String>,
}

impl Tokens {
    pub(super) fn new(kind: IdentityKind, environment: IdentityEnvironment) -> Self {
        Self { kind, environment, kept: Mutex::new(None) }
    }

    /// A token that is good for some minutes. Who asks while one is fetched waits for that one.
    pub(super) async fn get(&self, http: &Outbound, clock: &dyn Clock) -> Result<String, Failure> {
        let mut kept = self.kept.lock().await;
        let now = clock.now();
        if let Some(token) = kept.as_ref().filter(|token| now.plus(MARGIN) < token.expires) {
            return Ok(token.text.clone());
        }
        match self.fetch(http, now).await {
            Ok(token) => Ok(kept.insert(token).text.clone()),
            // An old one that is still good does until another can be had.
            Err(error) => match kept.as_ref().filter(|token| now < token.expires) {
                Some(token) => Ok(token.text.clone()),
                None => Err(error),
            },
        }
    }

    /// Forgets what was refused.
    pub(super) async fn forget(&self) {
        *self.kept.lock().await = None;
    }

    async fn fetch(&self, http: &Outbound, now: Timestamp) -> Result<Token, Failure> {
        let (answer, who) = match &self.kind {
            IdentityKind::ClientSecret { tenant, client_id, secret, authority } => {
                let form = form_urlencoded::Serializer::new(String::new())
                    .append_pair("grant_type", "client_credentials")
                    .append_pair("client_id", client_id)
                    .append_pair("client_secret", secret)
                    .append_pair("scope", &format!("{RESOURCE}.default"))
                    .finish();
                let tenant: String = form_urlencoded::byte_serialize(tenant.as_bytes()).collect();
                let mut request = request(Method::POST, &format!("{authority}/{tenant}/oauth2/v2.0/token"), &[])?;
                *request.body_mut() = form.into();
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                request.headers_mut().insert(CONTENT_TYPE, form);
                (http.send(request).await, "the token service")
            }
            IdentityKind::Managed { client_id } => self.managed(http, client_id.as_deref()).await?,
        };
        let answer =
            answer.map_err(|reason| (ClientErrorKind::Passing, format!("{who} can't be reached: {reason}")))?;
        read(&answer, now).map_err(|(kind, reason)| (kind, format!("{who} gave no token: {reason}")))
    }

    async fn managed(
        &self,
        http: &Outbound,
        client_id: Option<&str>,
    ) -> Result<(Result<Answer, SendError>, &'static str), Failure> {
        let query = |version: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("api-version", version).append_pair("resource", RESOURCE);
            if let Some(client_id) = client_id {
                query.append_pair("client_id", client_id);
            }
            query.finish()
        };
        let metadata = ("metadata", "true");
        match (&self.environment.endpoint, &self.environment.header) {
            (Some(endpoint), Some(header)) => {
                let url = format!("{endpoint}?{}", query("2019-08-01"));
                let request = request(Method::GET, &url, &[("x-identity-header", header)])?;
                Ok((http.send_direct(request).await, "the managed identity endpoint (IDENTITY_ENDPOINT)"))
            }
            (Some(endpoint), None) => {
                let url = format!("{endpoint}?{}", query("2019-11-01"));
                let who = "the Arc agent (IDENTITY_ENDPOINT)";
                let answer = http.send_direct(request(Method::GET, &url, &[metadata])?).await;
                let Ok(challenge) = &answer else { return Ok((answer, who)) };
                if challenge.status != StatusCode::UNAUTHORIZED {
                    return Ok((answer, who));
                }
                // Who can read the file that it names may have the token.
                let secret = challenge_secret(challenge).await?;
                let mut request = request(Method::GET, &url, &[metadata])?;
                request.headers_mut().insert(AUTHORIZATION, super::secret(&format!("Basic {secret}"))?);
                Ok((http.send_direct(request).await, who))
            }
            (None, _) => {
                let base = self.environment.metadata.as_deref().unwrap_or("http://169.254.169.254");
                let url =
                    format!("{}/metadata/identity/oauth2/token?{}", base.trim_end_matches('/'), query("2018-02-01"));
                let who = "the metadata service (169.254.169.254), which gives managed identities on machines in Azure; elsewhere \
                           set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET as app settings:";
                Ok((http.send_direct(request(Method::GET, &url, &[metadata])?).await, who))
            }
        }
    }
}

/// What an Arc agent's challenge is answered with: the content of the file it names.
async fn challenge_secret(challenge: &Answer) -> Result<String, Failure> {
    let wrong =
        |reason: &str| (ClientErrorKind::Denied, format!("the Arc agent's challenge can't be answered: {reason}"));
    let header = challenge.headers.get(WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let path = header
        .and_then(|text| text.strip_prefix("Basic realm="))
        .map(|path| path.trim_matches('"'))
        .filter(|path| path.ends_with(".key"))
        .ok_or_else(|| wrong("it names no key file"))?;
    let size = tokio::fs::metadata(path).await.map_err(|error| wrong(&error.to_string()))?.len();
    if size > MAX_CHALLENGE_BYTES {
        return Err(wrong("its key file is longer than 4 KiB"));
    }
    tokio::fs::read_to_string(path).await.map_err(|error| wrong(&error.to_string()))
}

fn request(method: Method, url: &str, headers: &[(&str, &str)]) -> Result<Request<Bytes>, Failure> {
    let mut builder = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder
        .body(Bytes::new())
        .map_err(|_| (ClientErrorKind::Other, "the address of the identity endpoint is no URL".to_owned()))
}

fn read(answer: &Answer, now: Timestamp) -> Result<Token, Failure> {
    if !answer.status.is_success() {
        let passing = super::is_passing(answer.status);
        let kind = if passing { ClientErrorKind::Passing } else { ClientErrorKind::Denied };
        // The code is a word such as `invalid_client`; the description may repeat what was sent.
        let code = serde_json::from_slice::<Refused>(&answer.body).ok().and_then(|refused| refused.error);
        let code = code.filter(|code| code.len() <= 80 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let told = code.map(|code| format!(" {code}")).unwrap_or_default();
        return Err((kind, format!("it answered {}{told}", answer.status.as_u16())));
    }
    let granted: Granted = serde_json::from_slice(&answer.body)
        .map_err(|_| (ClientErrorKind::Passing, "its answer holds no access_token".to_owned()))?;
    let seconds = |number: &Option<Number>| number.as_ref().and_then(Number::value);
    let expires = match (seconds(&granted.expires_on), seconds(&granted.expires_in)) {
        (Some(on), _) => Timestamp::from_micros(on.saturating_mul(1_000_000)),
        (None, lasts) => now.plus(Duration::from_secs(u64::try_from(lasts.unwrap_or(300)).unwrap_or(0))),
    };
    Ok(Token { text: granted.access_token, expires })
}
