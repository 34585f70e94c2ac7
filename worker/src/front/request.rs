//! What is read off a request before it reaches a function.

use std::borrow::Cow;

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderName, Request, Uri, Version};

const KEY_HEADER: HeaderName = HeaderName::from_static("x-functions-key");

/// The authority that the caller names: in the request's target, else in its Host header. HTTP/1.0 may leave it out.
pub(super) fn host_of<B>(request: &Request<B>, domain: &str) -> Option<String> {
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
pub(super) fn without_prefix(uri: &Uri, count: usize) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().get(count..)?;
    let rest = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.try_into().ok()?);
    Uri::from_parts(parts).ok()
}

/// The same URI without scheme and authority, for a request whose caller knows it under another host.
pub(super) fn without_authority(uri: &Uri) -> Option<Uri> {
    Some(Uri::from(uri.path_and_query()?.clone()))
}

/// The key that a caller presents: the first `x-functions-key`, and only without any such header `?code=` (reference: section 2.4).
pub(super) fn presented_key<B>(request: &Request<B>) -> Option<Cow<'_, str>> {
    if let Some(key) = request.headers().get(KEY_HEADER) {
        // Checked first: of text that is right, the lossy way would look at each byte by itself.
        let text = std::str::from_utf8(key.as_bytes());
        return Some(text.map_or_else(|_| String::from_utf8_lossy(key.as_bytes()), Cow::Borrowed));
    }
    let mut query = form_urlencoded::parse(request.uri().query()?.as_bytes());
    query.find(|(name, _)| name.eq_ignore_ascii_case("code")).map(|(_, key)| key)
}

/// What a path is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// The app's functions.
    Functions,
    /// `/admin/…`, the host's own.
    Admin,
    /// `/runtime/…`, for webhooks of extensions.
    Runtime,
}

/// Whose a path is; no function's route gets what is the host's. Case does not matter.
pub(super) fn room(path: &str) -> Room {
    let first = path.strip_prefix('/').unwrap_or(path).split('/').next().unwrap_or_default();
    let is = |name: &str| {
        first.eq_ignore_ascii_case(name)
            || (first.contains('%')
                && percent_encoding::percent_decode_str(first).decode_utf8_lossy().eq_ignore_ascii_case(name))
    };
    match () {
        () if is("admin") => Room::Admin,
        () if is("runtime") => Room::Runtime,
        () => Room::Functions,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_address_is_cut_off_with_the_query_kept() {
        let uri: Uri = "http://localhost/apps/hello/api/x?a=1".parse().unwrap();
        assert_eq!(without_prefix(&uri, "/apps/hello".len()).unwrap(), "http://localhost/api/x?a=1");
        assert_eq!(without_authority(&uri).unwrap(), "/apps/hello/api/x?a=1");
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

    #[test]
    fn a_key_is_in_the_header_or_else_in_the_query() {
        let key = |uri: &str, headers: &[&str]| {
            let mut request = Request::get(uri);
            for value in headers {
                request = request.header(KEY_HEADER, *value);
            }
            presented_key(&request.body(()).unwrap()).map(Cow::into_owned)
        };
        assert_eq!(key("/x", &[]), None);
        assert_eq!(key("/x?a=1&Code=q%3D%3D&code=second", &[]).as_deref(), Some("q=="));
        assert_eq!(key("/x?code=q", &["h", "second"]).as_deref(), Some("h"));
        assert_eq!(key("/x?code=q", &[""]).as_deref(), Some(""), "a header that is there hides the query");
    }

    #[test]
    fn no_function_shadows_the_host() {
        for (path, wanted) in [
            ("/admin", Room::Admin),
            ("/Admin/host/status", Room::Admin),
            ("/%61dmin/host/keys", Room::Admin),
            ("/RUNTIME/webhooks/x", Room::Runtime),
            ("/administrators", Room::Functions),
            ("/api/admin", Room::Functions),
            ("/", Room::Functions),
            ("", Room::Functions),
        ] {
            assert_eq!(room(path), wanted, "{path}");
        }
    }
}
