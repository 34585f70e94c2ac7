//! One HTTP call: app, route, level, throttle, invocation, answer. On a warm call nothing here touches host state or a shared lock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hearth_engine::contract::{InvocationRequest, NamedData, TypedData};
use hearth_engine::{AppForm, InvocationContext, InvokeError, ResponseBody};
use hearth_model::ids::InvocationId;
use hearth_model::index::AuthLevel;
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, RETRY_AFTER, TRANSFER_ENCODING, UPGRADE};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;

use crate::app::{LoadedApp, LoadedFunction, Lookup};
use crate::front::Front;
use crate::front::address::{Address, address};
use crate::front::answer::{INVOCATION_HEADER, empty, failed, failure, full, refusal};
use crate::front::body::{BodyError, MAX_BODY_BYTES};
use crate::front::upload::{Upload, read_on};

/// A caller waits at most this long for the answer to begin; the function goes on.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(230);
/// The reason that log lines of HTTP invocations give.
const REASON: &str = "This function was programmatically called via the host APIs.";

impl Front {
    pub(super) async fn answer(self: Arc<Self>, mut request: Request<Incoming>) -> Response<ResponseBody> {
        let Some(host) = host_of(&request, &self.domain) else {
            return refusal(StatusCode::BAD_REQUEST, "NoHost", "The request needs one valid Host header.");
        };
        if request.method() == Method::CONNECT {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "NoProxy", "CONNECT is for proxies; this is none.");
        }
        let lookup = match address(&host, request.uri().path(), &self.domain) {
            Address::Named(name, rest) => {
                let stripped = request.uri().path().len() - rest.len().min(request.uri().path().len());
                if stripped > 0
                    && let Some(uri) = without_prefix(request.uri(), stripped)
                {
                    *request.uri_mut() = uri;
                }
                self.apps.by_name(&name).await
            }
            Address::Host(name) => self.apps.by_host(&name).await,
            Address::Nowhere => Lookup::Unknown,
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
        let mut response = self.call(&app, &host, request).await;
        add_custom_headers(response.headers_mut(), &app);
        response
    }

    async fn call(&self, app: &Arc<LoadedApp>, host: &str, request: Request<Incoming>) -> Response<ResponseBody> {
        let Some(found) = app.routes.find(request.method(), request.uri().path()) else {
            if request.uri().path() == "/" {
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
        let declared = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared.is_some_and(|length| length > MAX_BODY_BYTES as u64) {
            return too_large();
        }
        let started = Instant::now();
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
        let invocation = Invocation {
            id: InvocationId::random(),
            started,
            app: app.clone(),
            function: at,
            running: false,
            _held: (turn, self.invocations.token()),
        };
        match function.guest.form() {
            AppForm::Typed => self.call_typed(invocation, function, host, params, request).await,
            AppForm::WasiHttp => call_wasi_http(invocation, function, host, request).await,
        }
    }

    async fn call_typed(
        &self,
        invocation: Invocation,
        function: &LoadedFunction,
        host: &str,
        params: Vec<(String, String)>,
        request: Request<Incoming>,
    ) -> Response<ResponseBody> {
        let (parts, mut incoming) = request.into_parts();
        let (body, room) = match tokio::time::timeout(ANSWER_TIMEOUT, self.bodies.read(&mut incoming)).await {
            Ok(Ok(read)) => read,
            Ok(Err(BodyError::TooLarge)) => {
                read_on(&mut incoming).await;
                return too_large();
            }
            Ok(Err(BodyError::Incomplete)) => {
                return refusal(StatusCode::BAD_REQUEST, "BodyIncomplete", "The request's body ended early.");
            }
            Ok(Err(BodyError::NoRoom)) => {
                let mut response = refusal(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "WorkerBusy",
                    "The worker holds as many request bodies as it may. Try again.",
                );
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                return response;
            }
            Err(_) => {
                return refusal(
                    StatusCode::REQUEST_TIMEOUT,
                    "BodyTimeout",
                    "The request's body did not arrive in time.",
                );
            }
        };
        let payload = hearth_triggers::http::payload(&parts, &format!("http://{host}"), params, body);
        let id = invocation.id;
        let trigger = function.http().binding_name.clone();
        let request = InvocationRequest {
            invocation_id: id.to_string(),
            function_name: function.definition.name.as_str().to_owned(),
            entry_point: function.definition.entry_point.clone().unwrap_or_default(),
            trigger: NamedData { name: trigger, data: TypedData::HttpRequest(payload) },
            metadata: Vec::new(),
            inputs: Vec::new(),
            trace: None,
            retry: None,
        };
        // In a task of its own: a caller that goes away does not end the function half way.
        let task = tokio::spawn(async move {
            let _room = room;
            let mut invocation = invocation;
            invocation.begin();
            let function = invocation.function();
            let result = function.guest.invoke(&request, invocation.context()).await;
            let answer = result.and_then(|response| {
                hearth_triggers::http::answer(function.http(), response)
                    .map_err(|error| InvokeError::Failed { message: error.to_string(), causes: Vec::new() })
            });
            invocation.end(answer.as_ref().map(|_| ()));
            answer
        });
        match tokio::time::timeout(ANSWER_TIMEOUT, task).await {
            Ok(Ok(Ok(response))) => response.map(full),
            Ok(Ok(Err(error))) => failure(id, &error),
            Ok(Err(_)) => {
                failed(id, StatusCode::INTERNAL_SERVER_ERROR, "HostFailed", "The host failed to run the function.")
            }
            Err(_) => no_answer_yet(id),
        }
    }
}

async fn call_wasi_http(
    mut invocation: Invocation,
    function: &LoadedFunction,
    host: &str,
    mut request: Request<Incoming>,
) -> Response<ResponseBody> {
    let id = invocation.id;
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        request.headers_mut().insert(INVOCATION_HEADER, value);
    }
    if let Ok(value) = HeaderValue::try_from(host) {
        request.headers_mut().insert(HOST, value);
    }
    let request = request.map(Upload::new);
    invocation.begin();
    let context = invocation.context();
    let handled =
        function.guest.handle(request, false, context, move |result| invocation.end(result.as_ref().copied()));
    match tokio::time::timeout(ANSWER_TIMEOUT, handled).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => failure(id, &error),
        Err(_) => no_answer_yet(id),
    }
}

/// An invocation under way; what it holds is given back when it is dropped.
struct Invocation {
    id: InvocationId,
    started: Instant,
    app: Arc<LoadedApp>,
    function: usize,
    /// Said to have begun and not yet to have ended.
    running: bool,
    _held: (crate::app::Turn, tokio_util::task::task_tracker::TaskTrackerToken),
}

impl Invocation {
    fn function(&self) -> &LoadedFunction {
        &self.app.functions[self.function]
    }

    fn context(&self) -> InvocationContext {
        InvocationContext { timeout: self.app.host.function_timeout, log: self.function().log.clone() }
    }

    fn begin(&mut self) {
        (self.started, self.running) = (Instant::now(), true);
        self.function().log.executing(self.id, REASON);
    }

    fn end(mut self, result: Result<(), &InvokeError>) {
        self.running = false;
        self.function().log.executed(self.id, self.started.elapsed(), result);
    }
}

impl Drop for Invocation {
    /// Whatever begins has an end in the log, also when its task panicked or the worker stopped before it was through.
    fn drop(&mut self) {
        if self.running {
            let error =
                InvokeError::Failed { message: "the host ended it before it was through".into(), causes: vec![] };
            self.function().log.executed(self.id, self.started.elapsed(), Err(&error));
        }
    }
}

/// The authority that the caller names: in the request's target, else in its Host header. HTTP/1.0 may leave it out.
fn host_of<B>(request: &Request<B>, domain: &str) -> Option<String> {
    let named = |authority: &Authority| {
        (!authority.host().is_empty() && !authority.as_str().contains('@')).then(|| authority.as_str().to_owned())
    };
    if let Some(authority) = request.uri().authority() {
        return named(authority);
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => named(&Authority::try_from(host.as_bytes()).ok()?),
        (None, _) if request.version() <= Version::HTTP_10 => Some(domain.to_owned()),
        _ => None,
    }
}

/// The same URI without the first `count` bytes of its path.
fn without_prefix(uri: &Uri, count: usize) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().get(count..)?;
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

fn add_custom_headers(headers: &mut HeaderMap, app: &LoadedApp) {
    for (name, value) in &app.host.custom_headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            && !frames(&name)
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    }
}

/// Headers that say where a message ends or what becomes of the connection: the server's alone. Another value than the
/// true one would let an app write answers to whoever shares a connection with it.
fn frames(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION, UPGRADE].contains(name)
}

fn too_large() -> Response<ResponseBody> {
    refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BodyTooLarge",
        &format!("The request's body is larger than {MAX_BODY_BYTES} bytes."),
    )
}

fn no_answer_yet(id: InvocationId) -> Response<ResponseBody> {
    failed(
        id,
        StatusCode::GATEWAY_TIMEOUT,
        "AnswerTimeout",
        &format!("The function did not answer within {} seconds; it goes on running.", ANSWER_TIMEOUT.as_secs()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_address_is_cut_off_with_the_query_kept() {
        let uri: Uri = "http://localhost/apps/hello/api/x?a=1".parse().unwrap();
        assert_eq!(without_prefix(&uri, "/apps/hello".len()).unwrap(), "http://localhost/api/x?a=1");
        let bare: Uri = "/apps/hello?a=1".parse().unwrap();
        assert_eq!(without_prefix(&bare, "/apps/hello".len()).unwrap(), "/?a=1");
    }

    #[test]
    fn the_host_is_one_valid_authority() {
        let host = |version, hosts: &[&str]| {
            let mut request = Request::get("/").version(version);
            for host in hosts {
                request = request.header(HOST, *host);
            }
            host_of(&request.body(()).unwrap(), "localhost")
        };
        assert_eq!(host(Version::HTTP_11, &["shop.test:80"]).as_deref(), Some("shop.test:80"));
        assert_eq!(host(Version::HTTP_11, &["[::1]:7071"]).as_deref(), Some("[::1]:7071"));
        for bad in [&[][..], &[""], &["a", "b"], &["a/b"], &["user@a"], &["a b"], &[":80"]] {
            assert_eq!(host(Version::HTTP_11, bad), None, "{bad:?}");
        }
        assert_eq!(host(Version::HTTP_10, &[]).as_deref(), Some("localhost"), "HTTP/1.0 knows no Host");
        let absolute = Request::get("http://a.test/x").header(HOST, "b.test").body(()).unwrap();
        assert_eq!(host_of(&absolute, "localhost").as_deref(), Some("a.test"), "the target counts");
    }
}
