//! Publishing sites by host name: `<app>.scm.<domain>` is the same place as `/apps/<app>` on any host of this role.
//!
//! A request for such a host is rewritten to the path form before it is routed, so every route exists once.

use hearth_model::ids::AppName;
use http::uri::PathAndQuery;
use http::{HeaderMap, Request, Uri, header};

/// Left on a request that came by host name: the host with its port, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByHost(pub(crate) String);

/// Rewrites a request for a publishing host; others stay as they are.
pub(crate) fn rewrite<B>(request: &mut Request<B>, domain: &str) {
    let Some(host) = host(request.uri(), request.headers()).map(str::to_owned) else { return };
    let Some(label) = publishing_label(&host, domain) else { return };
    // A label that is no app name must not fall through to the routes of this role.
    let app = AppName::parse(&label).map_or_else(|_| "-".to_owned(), |app| app.to_string());
    let old = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let mut parts = Uri::default().into_parts();
    parts.path_and_query = PathAndQuery::try_from(format!("/apps/{app}{old}")).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(ByHost(host));
    }
}

/// Host and port of a request: from its target (HTTP/2, absolute form), else from its `Host` header.
pub(crate) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
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

    fn path(host: &str, target: &str) -> String {
        let mut request = Request::builder().uri(target).header("host", host).body(()).unwrap();
        rewrite(&mut request, "localhost");
        request.uri().to_string()
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
}
