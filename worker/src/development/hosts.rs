//! Which Host headers are answered: those that can only mean this machine.
//!
//! A web page may have its own name point to 127.0.0.1 once it is loaded, and then call what listens here as its own origin. Its requests
//! carry that name. What it sends to the true name of this machine tells by other headers where it comes from.

use std::net::IpAddr;

use hearth_engine::ResponseBody;
use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri};

use crate::front::answer::refusal;

/// Whether an authority means this machine and this listener.
pub(crate) fn is_local(authority: &str, port: u16) -> bool {
    let (host, named) = split(authority);
    named == Some(port) && is_local_name(host)
}

/// Whether a request was sent to a name that can only be this machine's, whatever the port: a tunnel may end at another one.
pub(crate) fn is_to_this_machine<B>(request: &Request<B>) -> bool {
    let of_uri = request.uri().authority().map(Authority::as_str);
    let authority = of_uri.or_else(|| request.headers().get(HOST)?.to_str().ok());
    authority.is_some_and(|authority| is_local_name(split(authority).0))
}

/// Host and port of an authority.
fn split(authority: &str) -> (&str, Option<u16>) {
    match authority.rsplit_once(':') {
        Some((host, digits)) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            (host, digits.parse::<u16>().ok())
        }
        _ => (authority, Some(80)),
    }
}

fn is_local_name(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
    match bare.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Whether a web page of another machine sends this, as browsers tell: by its origin, or without one by how the two sites are related
/// (Fetch, "Origin header"; Fetch Metadata, section 2.3). Other programs send neither.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let foreign = |origin: &HeaderValue| !origin.to_str().is_ok_and(is_local_origin);
    let mut sites = headers.get_all("sec-fetch-site").iter();
    headers.get_all(ORIGIN).iter().any(foreign) || sites.any(|site| site.as_bytes() == b"cross-site")
}

/// Whether an origin such as `http://localhost:3000` is of this machine, on any port. That of a page without one is `null`.
fn is_local_origin(origin: &str) -> bool {
    origin.parse::<Uri>().is_ok_and(|uri| uri.scheme().is_some() && uri.host().is_some_and(is_local_name))
}

/// The answer to all others.
pub(crate) fn refused(port: u16) -> Response<ResponseBody> {
    let text = format!(
        "'hearth start' answers requests for localhost:{port}, 127.0.0.1:{port}, [::1]:{port} and names below localhost only; the Host \
         header of this one says something else. Publish the app to a 'hearth up' to serve it under other names."
    );
    refusal(StatusCode::MISDIRECTED_REQUEST, "HostNotLocal", &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_this_machine_with_its_own_port_are_answered() {
        for local in [
            "localhost:7071",
            "LOCALHOST:7071",
            "localhost.:7071",
            "127.0.0.1:7071",
            "127.0.0.2:7071",
            "[::1]:7071",
            "shop.localhost:7071",
            "a.b.localhost:7071",
        ] {
            assert!(is_local(local, 7071), "{local}");
        }
        for foreign in [
            "localhost",
            "localhost:7072",
            "localhost:77071",
            "evil.test:7071",
            "localhost.evil.test:7071",
            "evillocalhost:7071",
            "127.0.0.1.evil.test:7071",
            "192.0.2.1:7071",
            "0.0.0.0:7071",
            "[::]:7071",
            "[::ffff:10.0.0.1]:7071",
            "::1",
            "",
            ":7071",
        ] {
            assert!(!is_local(foreign, 7071), "{foreign}");
        }
        assert!(is_local("localhost", 80) && is_local("[::1]", 80));
    }

    #[test]
    fn a_request_to_this_machine_may_name_any_port() {
        let to = |host: &str| is_to_this_machine(&Request::get("/").header(HOST, host).body(()).unwrap());
        assert!(to("localhost:1") && to("emulator.localhost") && to("127.0.0.1:8081") && to("[::1]:8081"));
        assert!(!to("evil.test:8081") && !to("192.0.2.1") && !to(""));
        assert!(is_to_this_machine(&Request::get("http://localhost:5/").body(()).unwrap()), "as HTTP/2 has it");
        assert!(!is_to_this_machine(&Request::get("/").body(()).unwrap()));
    }

    #[test]
    fn what_pages_of_other_machines_send_is_known() {
        let from = |name: &'static str, value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            is_from_elsewhere(&headers)
        };
        assert!(!is_from_elsewhere(&HeaderMap::new()));
        for local in [
            "http://localhost",
            "http://localhost:3000",
            "https://127.0.0.1:3000",
            "http://[::1]:3000",
            "http://shop.localhost",
        ] {
            assert!(!from("origin", local), "{local}");
        }
        for foreign in ["null", "", "localhost", "https://evil.test", "http://localhost.evil.test", "http://192.0.2.1"]
        {
            assert!(from("origin", foreign), "{foreign}");
        }
        assert!(from("sec-fetch-site", "cross-site"));
        for near in ["none", "same-origin", "same-site"] {
            assert!(!from("sec-fetch-site", near), "{near}");
        }
    }
}
