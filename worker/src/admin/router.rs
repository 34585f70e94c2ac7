//! Every path and method of the admin API, on one page.

use bytes::Bytes;
use hearth_engine::ResponseBody;
use http::header::ALLOW;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use crate::admin::answer::{Refusal, not_stored};
use crate::admin::keys::Collection;
use crate::admin::request::AdminCall;
use crate::admin::{functions, host, keys};

/// What a path stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resource {
    Ping,
    Warmup,
    Status,
    Restart,
    Drain,
    DrainStatus,
    Resume,
    State,
    SyncTriggers,
    Log,
    Config,
    /// Keys of the host or of a function.
    Keys(Collection),
    /// One key by its name.
    Key(Collection, String),
    Functions,
    Function(String),
    FunctionStatus(String),
    ChangeFeed(String),
}

impl Resource {
    /// From the segments after `admin`. Words ignore case; names of keys and functions are as given.
    pub(super) fn find(path: &[String]) -> Option<Self> {
        let lower: Vec<String> = path.iter().map(|part| part.to_ascii_lowercase()).collect();
        let words: Vec<&str> = lower.iter().map(String::as_str).collect();
        let given = |at: usize| path[at].clone();
        Some(match words.as_slice() {
            ["warmup"] => Self::Warmup,
            ["host", "ping"] => Self::Ping,
            ["host", "status"] => Self::Status,
            ["host", "restart"] => Self::Restart,
            ["host", "drain"] => Self::Drain,
            ["host", "drain", "status"] => Self::DrainStatus,
            ["host", "resume"] => Self::Resume,
            ["host", "state"] => Self::State,
            ["host", "synctriggers"] => Self::SyncTriggers,
            ["host", "log"] => Self::Log,
            ["host", "config"] => Self::Config,
            ["host", "keys" | "functionkeys"] => Self::Keys(Collection::Host),
            ["host", "keys" | "functionkeys", _] => Self::Key(Collection::Host, given(2)),
            ["host", "systemkeys"] => Self::Keys(Collection::System),
            ["host", "systemkeys", _] => Self::Key(Collection::System, given(2)),
            ["functions"] => Self::Functions,
            ["functions", _] => Self::Function(given(1)),
            ["functions", _, "status"] => Self::FunctionStatus(given(1)),
            ["functions", _, "changefeed"] => Self::ChangeFeed(given(1)),
            ["functions", _, "keys"] => Self::Keys(Collection::Function(given(1))),
            ["functions", _, "keys", _] => Self::Key(Collection::Function(given(1)), given(3)),
            _ => return None,
        })
    }

    /// Whether it needs no key.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Ping | Self::Warmup)
    }
}

/// Answers an admitted request.
pub(super) async fn dispatch<B>(
    call: &AdminCall<'_>,
    resource: &Resource,
    request: Request<B>,
) -> Response<ResponseBody>
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    use Resource as R;
    let method = call.method.clone();
    let answer = match (resource, method) {
        (R::Ping, Method::GET | Method::POST) => host::ping(call),
        (R::Warmup, Method::GET | Method::POST) => host::warmup(call).await,
        (R::Status, Method::GET) => host::status(call),
        (R::Restart, Method::POST) => host::restart(call).await,
        (R::Drain, Method::POST) => host::drain(call).await,
        (R::DrainStatus, Method::GET) => host::drain_status(call),
        (R::Resume, Method::POST) => host::resume(call).await,
        (R::State, Method::PUT) => host::set_state(call, request).await,
        (R::SyncTriggers, Method::POST) => host::sync_triggers(),
        (R::Log, Method::POST) => host::log(call, request).await,
        (R::Config, Method::GET) => host::config(call).await,
        (R::Keys(of), Method::GET) => keys::list(call, of).await,
        (R::Key(of, name), Method::GET) => keys::show(call, of, name).await,
        (R::Key(of, name), Method::POST) => keys::generate(call, of, name).await,
        (R::Key(of, name), Method::PUT) => keys::set(call, of, name, request).await,
        (R::Key(of, name), Method::DELETE) => keys::delete(call, of, name).await,
        (R::Functions, Method::GET) => functions::list(call).await,
        (R::Function(name), Method::GET) => functions::show(call, name).await,
        (R::Function(name), Method::POST) => functions::invoke(call, name, request).await,
        (R::Function(_), Method::PUT | Method::DELETE) => functions::read_only(),
        (R::FunctionStatus(name), Method::GET) => functions::status(call, name).await,
        (R::ChangeFeed(name), Method::GET) => functions::changefeed::show(call, name).await,
        (R::ChangeFeed(name), Method::POST) => functions::changefeed::change(call, name, request).await,
        (resource, _) => Ok(not_allowed(resource)),
    };
    not_stored(answer.unwrap_or_else(Refusal::respond))
}

fn not_allowed(resource: &Resource) -> Response<ResponseBody> {
    use Resource as R;
    let allowed = match resource {
        R::Ping | R::Warmup => "GET, POST",
        R::Status | R::DrainStatus | R::Config | R::Keys(_) | R::Functions | R::FunctionStatus(_) => "GET",
        R::Restart | R::Drain | R::Resume | R::SyncTriggers | R::Log => "POST",
        R::State => "PUT",
        R::Key(..) => "GET, POST, PUT, DELETE",
        R::Function(_) | R::ChangeFeed(_) => "GET, POST",
    };
    let message = format!("This path of the admin API takes {allowed}.");
    let mut response = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message).respond();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(path: &str) -> Option<Resource> {
        Resource::find(&path.split('/').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn words_ignore_case_and_names_are_kept() {
        assert_eq!(find("HOST/Status"), Some(Resource::Status));
        assert_eq!(find("host/Keys"), find("Host/functionKeys"));
        assert_eq!(find("host/SystemKeys/My Key"), Some(Resource::Key(Collection::System, "My Key".into())));
        let function = Collection::Function("Hello".into());
        assert_eq!(find("Functions/Hello/KEYS/Ada"), Some(Resource::Key(function, "Ada".into())));
        assert_eq!(find("functions/keys"), Some(Resource::Function("keys".into())));
        for unknown in ["", "host", "vfs/site/wwwroot", "host/processes", "functions/a/b", "host/keys/a/b"] {
            assert_eq!(find(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn only_ping_and_warmup_are_open() {
        assert!(Resource::Ping.is_open() && Resource::Warmup.is_open());
        assert!(!Resource::Status.is_open() && !Resource::Functions.is_open());
    }
}
