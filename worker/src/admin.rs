//! The admin API of each app, `/admin/…` on the app's own address (reference: Azure Functions, sections 2.5 and 2.8).
//!
//! It answers for every app that this worker can find, also for one that can't be loaded: that is where one asks why. The master key
//! opens it; only `ping` and `warmup` are open. What changes something writes to host state, so it works with management down and
//! reaches every worker; this worker has applied it when it answers.

mod answer;
mod functions;
mod host;
mod keys;
mod request;
mod router;
#[cfg(test)]
mod tests;

pub(crate) use functions::{Order, invoke_for_management};

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hearth_engine::ResponseBody;
use hearth_model::ids::AppName;
use hearth_model::keys::CallerLevel;
use http::{Request, Response, StatusCode};
use http_body::Body;

use crate::admin::answer::{Refusal, empty};
use crate::admin::request::AdminCall;
use crate::admin::router::Resource;
use crate::app::{Apps, Entry};
use crate::development::is_from_elsewhere;
use crate::front::Caller;

/// An admin request must be through within this time; longer than the wait for an app that is starting.
const LIMIT: Duration = Duration::from_secs(60);

/// Answers a request for the admin API of an app. The request's path begins at the app.
pub(crate) async fn answer<B>(
    apps: &Arc<Apps>,
    app: &AppName,
    caller: &Caller,
    request: Request<B>,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let limit = LIMIT + functions::wait_of(request.headers());
    match tokio::time::timeout(limit, admit(apps, app, caller, request)).await {
        Ok(response) => response,
        Err(_) => Refusal::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "AdminTimeout",
            format!("The admin API did not answer within {} seconds. Try again.", LIMIT.as_secs()),
        )
        .respond(),
    }
}

async fn admit<B>(apps: &Arc<Apps>, app: &AppName, caller: &Caller, request: Request<B>) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let standing = match apps.enter(app).await {
        Entry::Found(standing) => standing,
        Entry::Unknown => return Refusal::app_not_found().respond(),
        Entry::Unreachable => {
            return Refusal::unavailable("The app can't be looked up in host state now. Try again.").respond();
        }
    };
    let mut call = AdminCall::new(apps, standing, caller, &request);
    // Without keys nothing else tells the developer from a page that their browser shows.
    if call.live().keys.are_off() && is_from_elsewhere(request.headers()) {
        let message = "Keys are off, so the admin API answers no web pages from elsewhere: the Origin or Sec-Fetch-Site header of this \
                       request tells of one. 'hearth start --enable-auth' asks for a key instead.";
        return Refusal::new(StatusCode::FORBIDDEN, "OriginNotLocal", message).respond();
    }
    let resource = Resource::find(&call.path);
    if !resource.as_ref().is_some_and(Resource::is_open) {
        if let Err(reason) = call.live().keys.known().await {
            tracing::error!(category = "Host.General", app = app.as_str(), "{app}: the admin API is closed: {reason}");
            return Refusal::unavailable(reason).respond();
        }
        if !is_admin(&call).await {
            return empty(StatusCode::UNAUTHORIZED);
        }
    }
    let Some(resource) = resource else {
        let message = "The admin API has no such path.";
        return Refusal::new(StatusCode::NOT_FOUND, "AdminPathNotFound", message).respond();
    };
    if !resource.is_open() {
        // Another worker may just have changed what this one is asked about.
        call.catch_up().await;
        // What it changed may be the very key that was presented.
        if !is_admin(&call).await {
            return empty(StatusCode::UNAUTHORIZED);
        }
    }
    router::dispatch(&call, &resource, request).await
}

async fn is_admin(call: &AdminCall<'_>) -> bool {
    call.live().keys.are_off() || call.live().keys.level(call.presented.as_deref(), "").await == CallerLevel::Admin
}
