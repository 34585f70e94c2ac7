//! One HTTP call up to its function: app, preflight, limits, route, level, turn (reference: Azure Functions, section 2.3). On a warm
//! call nothing here touches host state or a shared lock.

use std::sync::Arc;

use hearth_engine::ResponseBody;
use hearth_model::ids::AppName;
use hearth_model::index::AuthLevel;
use http::header::{CONTENT_LENGTH, ORIGIN, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use crate::admin;
use crate::app::{LoadedApp, Lookup};
use crate::front::address::{Address, address};
use crate::front::answer::{empty, full, refusal, too_large};
use crate::front::invocation::ANSWER_TIMEOUT;
use crate::front::policy::Cors;
use crate::front::proxies::Peer;
use crate::front::request::{host_of, without_authority, without_prefix};
use crate::front::{Caller, Front};

impl Front {
    /// The answer to a request, whatever becomes of it.
    pub(super) async fn answer(self: Arc<Self>, mut request: Request<Incoming>, peer: &Peer) -> Response<ResponseBody> {
        let Some(host) = host_of(&request, &self.domain) else {
            return refusal(StatusCode::BAD_REQUEST, "NoHost", "The request needs one valid Host header.");
        };
        if request.method() == Method::CONNECT {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "NoProxy", "CONNECT is for proxies; this is none.");
        }
        let (caller, name) = self.find(&mut request, host, peer).await;
        let lookup = match name {
            Some(name) if admin::is_admin(request.uri().path()) => {
                return admin::answer(&self.apps, &name, &caller, request).await;
            }
            Some(name) => self.apps.by_name(&name).await,
            None => Lookup::Unknown,
        };
        let app = match lookup {
            Lookup::Found(app) => app,
            Lookup::Unknown => {
                return refusal(
                    StatusCode::NOT_FOUND,
                    "AppNotFound",
                    "No function app answers here. Address one as <app>.<domain> or /apps/<app>/…",
                );
            }
            Lookup::NotRunning => {
                let mut response =
                    refusal(StatusCode::SERVICE_UNAVAILABLE, "AppNotRunning", "Function host is not running.");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
                return response;
            }
        };
        peer.tell(&caller, request.headers_mut());
        let cors = app.policy.cors.as_ref();
        let origin = cors.and_then(|_| request.headers().get(ORIGIN).cloned());
        let preflight = cors.filter(|_| Cors::is_preflight(request.method(), request.headers()));
        let mut response = match preflight {
            Some(cors) => {
                let mut response = empty(StatusCode::NO_CONTENT);
                *response.headers_mut() = cors.preflight(request.headers());
                response
            }
            None => {
                let mut response = self.call(&app, &caller, request).await;
                if let Some(cors) = cors {
                    cors.answer(origin.as_ref(), response.headers_mut());
                }
                response
            }
        };
        app.policy.add_headers(response.headers_mut());
        response
    }

    /// Who calls, and the name of the app that is meant. Of the request's path is left what the app's routes are about.
    async fn find(&self, request: &mut Request<Incoming>, host: String, peer: &Peer) -> (Caller, Option<AppName>) {
        let origin = self.proxies.origin(peer, &host, request.headers());
        let mut caller = Caller { scheme: origin.scheme, host, prefix: origin.prefix, client: origin.client };
        let mut found = address(&caller.host, request.uri().path(), &self.domain);
        // A proxy that speaks to the app by a name of its own has chosen it; else the name that the caller used counts.
        if let (Address::Host(_), Some(outer)) = (&found, &origin.host) {
            found = address(outer, request.uri().path(), &self.domain);
        }
        let name = match found {
            Address::Named(name, rest) => {
                let stripped = request.uri().path().len() - rest.len().min(request.uri().path().len());
                if stripped > 0
                    && let Some(uri) = without_prefix(request.uri(), stripped)
                {
                    caller.prefix.push_str(&request.uri().path()[..stripped]);
                    *request.uri_mut() = uri;
                }
                Some(name)
            }
            Address::Host(name) => self.apps.name_of_host(&name).await,
            Address::Nowhere => None,
        };
        if let Some(outer) = origin.host {
            caller.host = outer;
            if let Some(uri) = without_authority(request.uri()) {
                *request.uri_mut() = uri;
            }
        }
        (caller, name)
    }

    async fn call(&self, app: &Arc<LoadedApp>, caller: &Caller, request: Request<Incoming>) -> Response<ResponseBody> {
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > app.policy.body_limit as u64) {
            return too_large(app.policy.body_limit);
        }
        let Some(found) = app.routes.find(request.method(), request.uri().path()) else {
            if request.uri().path() == "/" {
                if !app.policy.homepage {
                    return empty(StatusCode::NO_CONTENT);
                }
                let text = format!("Your function app {} is up and running.\n", app.name);
                return Response::new(full(text.into()));
            }
            return refusal(StatusCode::NOT_FOUND, "RouteNotFound", "No function has this route and method.");
        };
        let (at, params) = (*found.value, found.params);
        let Some(function) = app.functions.get(at) else {
            return empty(StatusCode::NOT_FOUND);
        };
        if function.http().auth_level != AuthLevel::Anonymous {
            return empty(StatusCode::UNAUTHORIZED);
        }
        let Ok(turn) = tokio::time::timeout(ANSWER_TIMEOUT, app.throttle.enter()).await else {
            return refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "AppBusy",
                &format!(
                    "The app had no room for the request within {} seconds (host.json: extensions.http.maxConcurrentRequests).",
                    ANSWER_TIMEOUT.as_secs()
                ),
            );
        };
        let Some(turn) = turn else {
            let mut response = refusal(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                &format!(
                    "The app has {} requests outstanding (host.json: extensions.http.maxOutstandingRequests).",
                    app.throttle.max_outstanding
                ),
            );
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-function-scaleout"), HeaderValue::from_static("1"));
            return response;
        };
        self.invoke((app, at, params), turn, caller, request).await
    }
}
