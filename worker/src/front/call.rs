//! One HTTP call up to its function, in the order of the reference (Azure Functions, section 2.3): app, preflight, size, throttle,
//! route, level, turn. On a warm call nothing here touches host state or a shared lock.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_engine::{ResponseBody, within};
use hearth_model::ids::AppName;
use hearth_model::index::AuthLevel;
use hearth_model::keys::CallerLevel;
use hearth_state::AppMode;
use http::header::{CONNECTION, CONTENT_LENGTH, ORIGIN, RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body;
use hyper::body::Incoming;

use crate::admin;
use crate::app::{LoadedApp, LoadedFunction, Lookup, Place, Turn};
use crate::development::{is_local, refused};
use crate::front::address::{Address, address};
use crate::front::answer::{empty, refusal, too_large, too_many};
use crate::front::health::Health;
use crate::front::invocation::ANSWER_TIMEOUT;
use crate::front::page;
use crate::front::policy::Cors;
use crate::front::proxies::Peer;
use crate::front::request::{Room, host_of, presented_key, room, without_authority, without_prefix};
use crate::front::{Caller, Front};
use crate::hop::{Facts, Outgoing, Passed};

impl Front {
    /// The answer to a request, whatever becomes of it.
    ///
    /// It is boxed, as further down, because it is handed on many times, and every hand would have room for a whole one.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Box<Request<Incoming>>,
        peer: &Peer,
    ) -> Response<ResponseBody> {
        let head = *request.method() == Method::HEAD;
        // A proxy may have taken a length for the end where the chunks count; the server has dropped a length that came with
        // chunks. What follows on a connection that callers share is then not to be trusted (RFC 9112, section 6.3).
        let ambiguous = peer.is_proxy()
            && request.version() == Version::HTTP_11
            && request.headers().contains_key(TRANSFER_ENCODING);
        let mut response = self.respond(request, peer).await;
        if head {
            without_body(&mut response);
        }
        if ambiguous {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer to a call that another worker hands over; it is not handed on again.
    pub(crate) async fn answer_handed(&self, request: Box<Request<Incoming>>, facts: &Facts) -> Response<ResponseBody> {
        let head = *request.method() == Method::HEAD;
        let caller = facts.caller(ANSWER_TIMEOUT);
        let mut response = self.respond_as(&facts.app, &caller, request, None).await;
        if head {
            without_body(&mut response);
        }
        response
    }

    async fn respond(&self, mut request: Box<Request<Incoming>>, peer: &Peer) -> Response<ResponseBody> {
        let Some(host) = host_of(&request, &self.domain) else {
            return refusal(StatusCode::BAD_REQUEST, "NoHost", "The request needs one valid Host header.");
        };
        if let Some(port) = self.local_port
            && !is_local(&host, port)
        {
            return refused(port);
        }
        if request.method() == Method::CONNECT {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "NoProxy", "CONNECT is for proxies; this is none.");
        }
        let (caller, meant) = self.find(&mut request, host, peer).await;
        match meant {
            Meant::App(name) => self.respond_as(&name, &caller, request, Some(peer)).await,
            Meant::Nobody => app_not_found(),
            Meant::Health(health) => health.answer(request.method(), self.apps.readiness()),
            Meant::StateAway => state_away(),
        }
    }

    /// The answer of an app; without a `peer` the call comes from another worker.
    async fn respond_as(
        &self,
        name: &AppName,
        caller: &Caller,
        mut request: Box<Request<Incoming>>,
        peer: Option<&Peer>,
    ) -> Response<ResponseBody> {
        let room = room(request.uri().path());
        if room == Room::Runtime {
            // Webhooks are an extension's, and there is none that has any.
            return route_not_found();
        }
        let mut here = self.apps.at_hand(name);
        if here.is_none() {
            // Elsewhere than in this future, which the server moves about for every call: it is as large as its largest part.
            match Box::pin(self.seek(name, caller, request, peer, room)).await {
                Ok((found, back)) => (here, request) = (found, back),
                Err(response) => return response,
            }
        }
        if room == Room::Admin {
            return Box::pin(admin::answer(&self.apps, name, caller, *request)).await;
        }
        let Some(app) = here else { return app_not_found() };
        if let Some(peer) = peer {
            peer.tell(caller, request.headers_mut());
        }
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
                let mut response = self.call(&app, caller, request).await;
                if let Some(cors) = cors {
                    cors.answer(origin.as_ref(), response.headers_mut());
                }
                response
            }
        };
        app.policy.add_headers(caller, response.headers_mut());
        response
    }

    /// Finds an app that is not loaded here: another worker has it and answers, or it is loaded for this call. The admin API needs
    /// no app that is loaded.
    async fn seek(
        &self,
        name: &AppName,
        caller: &Caller,
        mut request: Box<Request<Incoming>>,
        peer: Option<&Peer>,
        room: Room,
    ) -> Result<(Option<Arc<LoadedApp>>, Box<Request<Incoming>>), Response<ResponseBody>> {
        if room == Room::Functions && self.apps.is_away(name) {
            return Err(page::offline());
        }
        if let (Some(peer), Some(hops)) = (peer, &self.hops)
            && self.apps.may_be_elsewhere(name, room == Room::Admin)
        {
            let since = Instant::now();
            let assignees = self.apps.assignees(name).await;
            let mut headers = request.headers().clone();
            peer.tell(caller, &mut headers);
            match hops.pass(&assignees, Outgoing { app: name, caller, headers, request: *request, since }).await {
                Passed::Answered(response) => return Err(response),
                Passed::Back(back) => request = Box::new(back),
            }
        }
        if room == Room::Admin {
            return Ok((None, request));
        }
        match self.apps.by_name(name).await {
            Lookup::Found(app) => Ok((Some(app), request)),
            Lookup::Unknown => Err(app_not_found()),
            Lookup::StateAway => Err(state_away()),
            Lookup::NotRunning => {
                let mut response =
                    refusal(StatusCode::SERVICE_UNAVAILABLE, "AppNotRunning", "Function host is not running.");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
                Err(response)
            }
        }
    }

    /// Who calls, and the app that is meant. Of the request's path is left what the app's routes are about.
    async fn find(&self, request: &mut Request<Incoming>, host: String, peer: &Peer) -> (Caller, Meant) {
        let origin = self.proxies.origin(peer, &host, request.headers());
        let mut caller = Caller {
            scheme: origin.scheme,
            host,
            prefix: origin.prefix,
            client: origin.client,
            patience: ANSWER_TIMEOUT,
        };
        let mut found = address(&caller.host, request.uri().path(), &self.domain);
        // A proxy that speaks to the app by a name of its own has chosen it; else the name that the caller used counts.
        if let (Address::Host(_), Some(outer)) = (&found, &origin.host) {
            found = address(outer, request.uri().path(), &self.domain);
        }
        let meant = match found {
            Address::Named(name, rest) => {
                let stripped = request.uri().path().len() - rest.len().min(request.uri().path().len());
                if stripped > 0
                    && let Some(uri) = without_prefix(request.uri(), stripped)
                {
                    caller.prefix.push_str(&request.uri().path()[..stripped]);
                    *request.uri_mut() = uri;
                }
                Meant::App(name)
            }
            Address::Host(host) => self.meant_by_host(&host, request.uri().path()).await,
            Address::Nowhere => Meant::Nobody,
        };
        if let Some(outer) = origin.host {
            caller.host = outer;
            if let Some(uri) = without_authority(request.uri()) {
                *request.uri_mut() = uri;
            }
        }
        (caller, meant)
    }

    /// What is meant by a host name that is not of the form `<app>.<domain>`.
    async fn meant_by_host(&self, host: &str, path: &str) -> Meant {
        // An app under development is served at the addresses of this machine, and all paths are its own.
        let health = if self.local_port.is_some() { None } else { Health::of(path) };
        match (self.apps.app_of_host(host, &self.domain).await, health) {
            (Ok(Some(name)), _) => Meant::App(name),
            (_, Some(health)) => Meant::Health(health),
            (unclear, None) => match (self.apps.default_app(), unclear) {
                (Some(name), _) => Meant::App(name),
                (None, Ok(_)) => Meant::Nobody,
                (None, Err(_)) => Meant::StateAway,
            },
        }
    }

    async fn call(
        &self,
        app: &Arc<LoadedApp>,
        caller: &Caller,
        request: Box<Request<Incoming>>,
    ) -> Response<ResponseBody> {
        let limit = app.policy.body_limit;
        if request.headers().contains_key(CONTENT_LENGTH) && request.body().size_hint().lower() > limit as u64 {
            return too_large(limit);
        }
        if app.live.mode() == AppMode::Offline {
            return page::offline();
        }
        let found = app.routes.find(request.method(), request.uri().path());
        if found.is_none() && request.uri().path() == "/" {
            return page::welcome(app);
        }
        let Some(place) = app.throttle.place() else { return too_many(app.throttle.max_outstanding) };
        let Some(found) = found else { return route_not_found() };
        let (at, params) = (*found.value, found.params);
        let Some(function) = app.functions.get(at) else { return route_not_found() };
        if let Err(refused) = admit(app, function, &request).await {
            return refused;
        }
        let turn = match app.throttle.turn_now(place) {
            Ok(turn) => turn,
            // Seldom, so that its state is no part of every call's.
            Err(place) => match Box::pin(turn(app, place, caller.patience)).await {
                Ok(turn) => turn,
                Err(busy) => return busy,
            },
        };
        self.invoke((app, at, params), turn, caller, request).await
    }
}

/// Whom a request is for.
enum Meant {
    App(AppName),
    Nobody,
    /// The host itself, by a load balancer.
    Health(Health),
    /// Host state would have to say, and does not answer.
    StateAway,
}

/// Lets a caller through who may call the function.
async fn admit(
    app: &LoadedApp,
    function: &LoadedFunction,
    request: &Request<Incoming>,
) -> Result<(), Response<ResponseBody>> {
    let required = function.http().map_or(AuthLevel::Admin, |http| http.auth_level);
    let open = required == AuthLevel::Anonymous || app.live.keys.are_off();
    if open && !function.disabled {
        return Ok(());
    }
    let key = presented_key(request);
    let level = app.live.keys.level(key.as_deref(), function.definition.name.as_str()).await;
    if !open && !level.satisfies(required) {
        return Err(empty(StatusCode::UNAUTHORIZED));
    }
    if function.disabled && level != CallerLevel::Admin {
        return Err(refusal(StatusCode::NOT_FOUND, "FunctionDisabled", "The function is disabled by an app setting."));
    }
    Ok(())
}

async fn turn(app: &LoadedApp, place: Place, patience: Duration) -> Result<Turn, Response<ResponseBody>> {
    let busy = || {
        let mut response = refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "AppBusy",
            &format!(
                "The app had no room for the request within {} seconds (host.json: extensions.http.maxConcurrentRequests).",
                patience.as_secs()
            ),
        );
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        response
    };
    let waited = within(patience, pin!(app.throttle.turn(place))).await;
    waited.flatten().ok_or_else(busy)
}

/// What answers HEAD has the headers of what would answer GET.
fn without_body(response: &mut Response<ResponseBody>) {
    if let Some(length) = response.body().size_hint().exact().filter(|length| *length > 0) {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = empty(StatusCode::OK).into_body();
}

fn app_not_found() -> Response<ResponseBody> {
    refusal(
        StatusCode::NOT_FOUND,
        "AppNotFound",
        "No function app answers here. Address one as <app>.<domain> or /apps/<app>/…",
    )
}

/// Nothing is known of the app here, and host state cannot be asked.
fn state_away() -> Response<ResponseBody> {
    let mut response = refusal(
        StatusCode::SERVICE_UNAVAILABLE,
        "StateUnavailable",
        "The app is not loaded on this worker, and host state can't be asked for it now. Try again.",
    );
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn route_not_found() -> Response<ResponseBody> {
    refusal(StatusCode::NOT_FOUND, "RouteNotFound", "No function has this route and method.")
}
