//! The management API as client commands use it: where it is, with which key, and what an error answer means.

mod deployment;
mod documents;
mod http;
mod profile;
mod settings;

use ::http::{Method, Request, StatusCode};
use bytes::Bytes;
use hearth_management::api::{AppDetail, ErrorBody};
use hearth_model::ids::AppName;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use deployment::{Accepted, Deployed};
pub(crate) use documents::{Call, Documents};
pub(crate) use http::Body;
pub(crate) use profile::Profile;
pub(crate) use settings::InForce;

use self::http::{Connection, body_of};
use crate::config::data::DataDir;
use crate::config::settings::{ClientSettings, MANAGEMENT_PORT};
use crate::config::values::BaseUrl;
use crate::exit::{Failure, Kind};

/// A management role that commands talk to.
pub(crate) struct Management {
    base: String,
    key: String,
    connection: Connection,
}

impl std::fmt::Debug for Management {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Management").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Management {
    /// Finds URL and key; nothing is sent yet.
    pub(crate) fn connect(settings: ClientSettings) -> Result<Self, Failure> {
        let data = DataDir::new(settings.data.data.as_deref());
        let profile = Profile::read(&data.profile())?;
        let (base, key) = choose(settings.target.management, settings.credential.key, profile);
        let key = key.ok_or_else(|| {
            Failure::new(
                Kind::Refused,
                format_args!(
                    "no key for {base}: give --key or HEARTH_KEY, or --data with the data directory of its 'hearth up' ('{}' holds none for it)",
                    data.profile().display()
                ),
            )
        })?;
        let connection = Connection::new(&base)?;
        Ok(Self { base, key, connection })
    }

    /// Asks for a resource.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failure> {
        let (status, _, body) = self.send(Method::GET, path, None, body_of(Bytes::new())).await?;
        self.accept(status, &body)?;
        self.parse(&body)
    }

    /// As [`Management::get`], None when there is no such resource.
    pub(crate) async fn find<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Failure> {
        let (status, _, body) = self.send(Method::GET, path, None, body_of(Bytes::new())).await?;
        if status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.accept(status, &body)?;
        self.parse(&body).map(Some)
    }

    /// Sends a JSON document that starts a deployment.
    pub(crate) async fn post(&self, path: &str, json: Vec<u8>) -> Result<Accepted, Failure> {
        self.start(path, "application/json", body_of(json.into())).await
    }

    /// Sends a body that starts a deployment. A streamed body needs its length.
    pub(crate) async fn start(&self, path: &str, content_type: &str, body: Body) -> Result<Accepted, Failure> {
        let (status, headers, body) = self.send(Method::POST, path, Some(content_type), body).await?;
        self.accept(status, &body)?;
        Ok(Accepted::from_answer(&headers, &body))
    }

    /// Replaces a resource and yields what is in force now.
    pub(crate) async fn put<T: DeserializeOwned>(&self, path: &str, value: &impl Serialize) -> Result<T, Failure> {
        self.send_json(Method::PUT, path, value).await
    }

    /// Sends a JSON document and yields the answer.
    pub(crate) async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        value: &impl Serialize,
    ) -> Result<T, Failure> {
        let json = serde_json::to_vec(value).map_err(Failure::general)?;
        let (status, _, body) = self.send(method, path, Some("application/json"), body_of(json.into())).await?;
        self.accept(status, &body)?;
        self.parse(&body)
    }

    /// Makes an app where there is none.
    pub(crate) async fn create_app(&self, app: &AppName) -> Result<AppDetail, Failure> {
        self.send_json(Method::PUT, &format!("/api/apps/{app}"), &()).await
    }

    /// Deletes a resource.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Failure> {
        let (status, _, body) = self.send(Method::DELETE, path, None, body_of(Bytes::new())).await?;
        self.accept(status, &body)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        content_type: Option<&str>,
        body: Body,
    ) -> Result<(StatusCode, ::http::HeaderMap, Bytes), Failure> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("x-functions-key", &self.key)
            .header(::http::header::USER_AGENT, concat!("hearth/", env!("CARGO_PKG_VERSION")));
        if let Some(content_type) = content_type {
            request = request.header(::http::header::CONTENT_TYPE, content_type);
        }
        let request = request.body(body).map_err(|error| {
            Failure::new(Kind::Usage, format_args!("the request to {}{path} can't be made: {error}", self.base))
        })?;
        self.connection.send(request).await.map_err(|reason| {
            Failure::new(
                Kind::Unreachable,
                format_args!("management at {} can't be reached: {reason}; is 'hearth up' running there?", self.base),
            )
        })
    }

    fn accept(&self, status: StatusCode, body: &[u8]) -> Result<(), Failure> {
        if status.is_success() {
            return Ok(());
        }
        let text = error_text(status, body);
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(Failure::new(Kind::Refused, format_args!("management at {} refused the key: {text}", self.base)))
            }
            _ => Err(Failure::general(text)),
        }
    }

    fn parse<T: DeserializeOwned>(&self, body: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(body).map_err(|error| {
            Failure::general(format_args!(
                "the answer of {} is not understood ({error}); are both of one version?",
                self.base
            ))
        })
    }
}

/// URL and key in force. The profile's key goes to the profile's URL only: a `hearth.toml` that came with somebody's
/// project may name a URL, but does not get the key by that.
fn choose(url: Option<BaseUrl>, key: Option<String>, profile: Option<Profile>) -> (String, Option<String>) {
    let (known, own_key) = match profile {
        Some(profile) => (Some(profile.management), Some(profile.admin_key)),
        None => (None, None),
    };
    let base = match (url, &known) {
        (Some(url), _) => url.as_str().to_owned(),
        (None, Some(known)) => known.clone(),
        (None, None) => format!("http://127.0.0.1:{MANAGEMENT_PORT}"),
    };
    let same = known.as_deref() == Some(base.as_str());
    let key = key.or_else(|| own_key.filter(|_| same));
    (base, key)
}

/// What an error answer says, in one line.
fn error_text(status: StatusCode, body: &[u8]) -> String {
    if let Ok(error) = serde_json::from_slice::<ErrorBody>(body) {
        return error.message;
    }
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { format!("management answered {status}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile() -> Option<Profile> {
        Some(Profile::new("http://127.0.0.1:7000", "secret"))
    }

    #[test]
    fn the_profiles_key_goes_to_its_own_url_only() {
        let url = |text: &str| Some(text.parse::<BaseUrl>().unwrap());
        let own = ("http://127.0.0.1:7000".to_owned(), Some("secret".to_owned()));
        assert_eq!(choose(None, None, profile()), own);
        assert_eq!(choose(url("http://127.0.0.1:7000/"), None, profile()), own);
        assert_eq!(choose(url("http://other:1"), None, profile()), ("http://other:1".into(), None));
        assert_eq!(choose(url("http://other:1"), Some("k".into()), profile()).1.as_deref(), Some("k"));
        assert_eq!(choose(None, None, None), ("http://127.0.0.1:7070".into(), None));
    }

    #[test]
    fn error_answers_are_one_line() {
        let json = br#"{"code":"app_not_found","message":"There is no app 'x'."}"#;
        assert_eq!(error_text(StatusCode::NOT_FOUND, json), "There is no app 'x'.");
        assert_eq!(error_text(StatusCode::BAD_REQUEST, b"plain\ntext"), "plain text");
        assert_eq!(error_text(StatusCode::BAD_GATEWAY, b""), "management answered 502 Bad Gateway");
    }
}
