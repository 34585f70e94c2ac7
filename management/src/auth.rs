//! Who may do what: the admin key opens everything, an app's publish credential opens that app's publishing site.
//!
//! Wrong credentials cost the caller a short wait of its own. Only so many wait at once; the rest is turned away, so
//! guessing is slow and never slows anyone else.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hearth_model::ids::AppName;
use http::{HeaderMap, StatusCode, header};
use tokio::sync::Semaphore;

use crate::answer::Failure;
use crate::context::Context;
use crate::secret::{self, Expected};

/// What a wrong credential costs.
const DELAY: Duration = Duration::from_millis(250);
/// How many callers wait for it at once.
const DELAYED: usize = 64;

/// Slows down guessing.
pub(crate) struct Delays(Semaphore);

impl Delays {
    pub(crate) fn new() -> Self {
        Self(Semaphore::new(DELAYED))
    }

    /// Waits a moment, then hands the refusal on; turns the caller away when too many wait.
    pub(crate) async fn refuse(&self, refusal: Failure) -> Failure {
        match self.0.try_acquire() {
            Ok(_turn) => {
                tokio::time::sleep(DELAY).await;
                refusal
            }
            Err(_) => {
                let message = "Too many requests with wrong credentials at once; try again in a moment.";
                let status = StatusCode::TOO_MANY_REQUESTS;
                Failure { retry_after: Some(1), ..Failure::new(status, "too_many_failures", message) }
            }
        }
    }
}

/// The key in `x-functions-key` or in `authorization: Bearer`.
pub(crate) fn presented_key(headers: &HeaderMap) -> Option<&str> {
    match headers.get("x-functions-key") {
        Some(key) => key.to_str().ok(),
        None => bearer(headers),
    }
}

/// The token in `authorization: Bearer`.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    credentials(headers, "bearer")
}

/// User and password in `authorization: Basic`.
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let decoded = STANDARD.decode(credentials(headers, "basic")?).ok()?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn credentials<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case(wanted).then_some(rest.trim())
}

/// Middleware of the management API: lets the admin key pass.
pub(crate) async fn require_admin(State(context): State<Arc<Context>>, request: Request, next: Next) -> Response {
    let message = match presented_key(request.headers()) {
        Some(key) if context.admin_key.matches(key) => return next.run(request).await,
        Some(_) => {
            "The admin key is not right. It is in the ready file (adminKey) and in profile.json of the data directory."
        }
        None => "This needs the admin key, in the header 'x-functions-key' or as a bearer token.",
    };
    let refusal = Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", message);
    context.delays.refuse(refusal).await.into_json()
}

/// Who asks at a publishing site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Publisher {
    /// With the admin key: may make the app by publishing it.
    Admin,
    /// With the publish credential of the app, which therefore exists.
    Credential,
}

/// Checks the credentials presented for an app's publishing site.
pub(crate) async fn publisher(context: &Context, app: &AppName, headers: &HeaderMap) -> Result<Publisher, Failure> {
    let refusal =
        |message: &str| Failure { challenge: true, ..Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", message) };
    if let Some((user, password)) = basic(headers) {
        let expected = match context.state.apps().get(app).await? {
            Some(app) => secret::open_publish_password(&context.keyring, &app.name, &app.publish_credential)?,
            // Whether an app exists is not told to those who can't log in.
            None => secret::generate().map_err(Failure::internal)?,
        };
        // Azure's publish profiles carry `$site` or `site\$site`.
        let user = user.rsplit('\\').next().unwrap_or_default();
        let right_user = user.strip_prefix('$').is_some_and(|name| name == app.as_str());
        if Expected::new(&expected).matches(&password) && right_user {
            return Ok(Publisher::Credential);
        }
        let text = format!(
            "User or password is not right for app '{app}'. The user is '${app}'; see 'hearth apps credentials {app}'."
        );
        return Err(context.delays.refuse(refusal(&text)).await);
    }
    match presented_key(headers) {
        Some(key) if context.admin_key.matches(key) => Ok(Publisher::Admin),
        Some(_) => Err(context.delays.refuse(refusal("The admin key is not right.")).await),
        None => Err(refusal(
            "Publishing needs the app's publish credential (HTTP Basic) or the admin key ('x-functions-key').",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn guessing_is_slow_and_bounded() {
        let delays = Delays::new();
        let refusal = || Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", "no");
        let refused = futures_util::future::join_all((0..DELAYED + 10).map(|_| delays.refuse(refusal()))).await;
        let turned_away = refused.iter().filter(|failure| failure.status == StatusCode::TOO_MANY_REQUESTS).count();
        assert_eq!(turned_away, 10);
        assert_eq!(delays.refuse(refusal()).await.status, StatusCode::UNAUTHORIZED);
    }

    #[test]
    fn credentials_are_read_from_either_header() {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", "bearer abc".parse().unwrap());
        assert_eq!(presented_key(&headers), Some("abc"));
        headers.insert("x-functions-key", "key".parse().unwrap());
        assert_eq!(presented_key(&headers), Some("key"));
        headers.insert("authorization", "Basic JHNob3A6cGE6c3M=".parse().unwrap());
        assert_eq!(basic(&headers), Some(("$shop".to_owned(), "pa:ss".to_owned())));
        headers.insert("authorization", "Basic nonsense!".parse().unwrap());
        assert_eq!(basic(&headers), None);
    }
}
