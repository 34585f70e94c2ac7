//! How a request reached this role, and publishing sites by host name: `<app>.scm.<domain>` is the same place as
//! `/apps/<app>` on any host of this role.
//!
//! A request for such a host is rewritten to the path form before it is routed, so every route exists once.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use hearth_model::forwarded::Hops;
use hearth_model::ids::AppName;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Uri, header};
use ipnet::IpNet;

/// What requests are judged by before they are routed.
#[derive(Clone, Debug)]
pub(crate) struct Entrance {
    /// Domain of the apps' host names.
    pub(crate) domain: Arc<str>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub(crate) trusted_proxies: Arc<[IpNet]>,
}

/// Left on every request: the address under which its caller reached this role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    /// `http` or `https`, as a trusted proxy says; none when only the configuration can tell.
    pub(crate) scheme: Option<&'static str>,
    /// Host with its port, as the caller wrote it.
    pub(crate) host: Option<String>,
    /// Path before this role's own, without a slash at its end; mostly empty.
    pub(crate) prefix: String,
    /// Whether the host is that of a publishing site.
    pub(crate) by_name: bool,
}

impl<S: Sync> FromRequestParts<S> for Reached {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl Reached {
    /// What [`Entrance::admit`] left on a request.
    pub(crate) fn of(parts: &Parts) -> Self {
        parts.extensions.get().cloned().unwrap_or_default()
    }
}

impl Entrance {
    /// Notes how the request from `peer` came here, and rewrites one for a publishing host.
    pub(crate) fn admit<B>(&self, request: &mut Request<B>, peer: IpAddr) {
        let trusts = |address: IpAddr| self.trusted_proxies.iter().any(|network| network.contains(&address));
        // A socket for both families shows an IPv4 caller as an IPv6 one.
        let told = if trusts(peer.to_canonical()) { Hops::read(request.headers(), trusts) } else { Hops::default() };
        let host = told.host.or_else(|| own_host(request.uri(), request.headers()).map(str::to_owned));
        let label = host.as_deref().and_then(|host| publishing_label(host, &self.domain));
        let by_name = label.is_some_and(|label| rewrite(request, &label));
        request.extensions_mut().insert(Reached {
            scheme: told.scheme,
            host,
            prefix: told.prefix.unwrap_or_default(),
            by_name,
        });
    }
}

/// Puts the app's path before that of the request.
fn rewrite<B>(request: &mut Request<B>, label: &str) -> bool {
    // A label that is no app name must not fall through to the routes of this role.
    let app = AppName::parse(label).map_or_else(|_| "-".to_owned(), |app| app.to_string());
    let old = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let mut parts = Uri::default().into_parts();
    parts.path_and_query = PathAndQuery::try_from(format!("/apps/{app}{old}")).ok();
    match Uri::from_parts(parts) {
        Ok(uri) => {
            *request.uri_mut() = uri;
            true
        }
        Err(_) => false,
    }
}

/// Host and port of a request: from its target (HTTP/2, absolute form), else from its `Host` header.
fn own_host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.authority().map(http::uri::Authority::as_str).or_else(|| headers.get(header::HOST)?.to_str().ok())
}

fn publishing_label(host: &str, domain: &str) -> Option<String> {
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let label = name.strip_suffix(&domain.to_ascii_lowercase())?.strip_suffix(".scm.")?;
    Some(label.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: [u8; 4] = [10, 0, 0, 1];

    fn admitted(request: Request<()>, peer: [u8; 4]) -> (String, Reached) {
        let entrance =
            Entrance { domain: "localhost".into(), trusted_proxies: Arc::new([IpNet::from(IpAddr::from(PROXY))]) };
        let mut request = request;
        entrance.admit(&mut request, peer.into());
        let (parts, ()) = request.into_parts();
        (parts.uri.to_string(), Reached::of(&parts))
    }

    fn path(host: &str, target: &str) -> String {
        admitted(Request::builder().uri(target).header("host", host).body(()).unwrap(), PROXY).0
    }

    #[test]
    fn a_publishing_host_is_the_path_of_its_app() {
        assert_eq!(
            path("hello.scm.localhost:7070", "/api/zipdeploy?isAsync=true"),
            "/apps/hello/api/zipdeploy?isAsync=true"
        );
        assert_eq!(path("HELLO.SCM.Localhost", "/"), "/apps/hello/");
        assert_eq!(path("a.b.scm.localhost", "/api/apps"), "/apps/-/api/apps");
    }

    #[test]
    fn other_hosts_stay() {
        for host in ["localhost:7070", "hello.localhost", "scm.localhost", "127.0.0.1:1", "evil-scm.localhost"] {
            assert_eq!(path(host, "/api/apps"), "/api/apps", "{host}");
        }
    }

    #[test]
    fn the_host_that_a_trusted_proxy_tells_counts() {
        let request = || {
            let request = Request::builder().uri("/deployments").header("host", "127.0.0.1:7070");
            let request = request.header("x-forwarded-host", "shop.scm.localhost").header("x-forwarded-proto", "https");
            request.header("x-forwarded-prefix", "/p").body(()).unwrap()
        };
        let reached = Reached {
            scheme: Some("https"),
            host: Some("shop.scm.localhost".into()),
            prefix: "/p".into(),
            by_name: true,
        };
        assert_eq!(admitted(request(), PROXY), ("/apps/shop/deployments".into(), reached));
        let reached = Reached { host: Some("127.0.0.1:7070".into()), ..Reached::default() };
        assert_eq!(admitted(request(), [10, 0, 0, 2]), ("/deployments".into(), reached));
    }
}
