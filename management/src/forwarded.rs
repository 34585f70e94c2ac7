//! What a trusted proxy tells about the request it passed on: scheme, host and path prefix as the caller wrote them.
//!
//! Anyone can send these headers, so they count only from a peer in `trusted-proxies`. Of several values the last one is
//! taken, because that is the one the trusted peer itself set.

use std::net::IpAddr;

use http::HeaderMap;
use http::uri::Authority;
use ipnet::IpNet;

/// The caller's side of a request that came through a proxy; empty for any other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded {
    /// `http` or `https`.
    pub(crate) scheme: Option<&'static str>,
    /// Host with its port, where it has one.
    pub(crate) host: Option<String>,
    /// Path that the proxy took off, without a slash at its end; mostly empty.
    pub(crate) prefix: String,
}

impl Forwarded {
    /// Reads `X-Forwarded-Proto`, `-Host` and `-Prefix` of a request from `peer`. What can't be used is passed over.
    pub(crate) fn read(headers: &HeaderMap, peer: IpAddr, trusted: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        if !trusted.iter().any(|network| network.contains(&peer)) {
            return Self::default();
        }
        Self {
            scheme: last(headers, "x-forwarded-proto").and_then(scheme),
            host: last(headers, "x-forwarded-host").filter(|host| is_host(host)).map(str::to_owned),
            prefix: last(headers, "x-forwarded-prefix").and_then(prefix).unwrap_or_default(),
        }
    }
}

fn last<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim)
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme))
}

fn is_host(text: &str) -> bool {
    !text.contains('@') && text.parse::<Authority>().is_ok_and(|authority| !authority.host().is_empty())
}

/// A path that can stand in a link as it is.
fn prefix(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let segment = |segment: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:@".contains(&byte);
        !segment.is_empty() && segment != "." && segment != ".." && segment.bytes().all(plain)
    };
    path.strip_prefix('/')?.split('/').all(segment).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(peer: &str, headers: &[(&'static str, &'static str)]) -> Forwarded {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap(), "127.0.0.1/32".parse().unwrap()];
        Forwarded::read(&map, peer.parse().unwrap(), &trusted)
    }

    const ALL: [(&str, &str); 3] =
        [("x-forwarded-proto", "HTTPS"), ("x-forwarded-host", "example.org:8443"), ("x-forwarded-prefix", "/hearth/")];

    #[test]
    fn only_a_trusted_peer_is_believed() {
        let told = Forwarded { scheme: Some("https"), host: Some("example.org:8443".into()), prefix: "/hearth".into() };
        assert_eq!(read("10.1.2.3", &ALL), told);
        assert_eq!(read("::ffff:10.1.2.3", &ALL), told);
        for stranger in ["192.0.2.1", "127.0.0.2", "::1"] {
            assert_eq!(read(stranger, &ALL), Forwarded::default(), "{stranger}");
        }
    }

    #[test]
    fn the_last_value_counts_and_nonsense_does_not() {
        let told =
            read("127.0.0.1", &[("x-forwarded-host", "evil.test, a.test"), ("x-forwarded-host", "b.test, c.test")]);
        assert_eq!(told.host.as_deref(), Some("c.test"));
        for (name, value) in [
            ("x-forwarded-proto", "ftp"),
            ("x-forwarded-host", "user@host"),
            ("x-forwarded-host", "a b"),
            ("x-forwarded-host", ""),
            ("x-forwarded-prefix", "hearth"),
            ("x-forwarded-prefix", "//evil.test"),
            ("x-forwarded-prefix", "/a/../b"),
            ("x-forwarded-prefix", "/a?b"),
            ("x-forwarded-prefix", "/"),
        ] {
            assert_eq!(read("127.0.0.1", &[(name, value)]), Forwarded::default(), "{name}: {value}");
        }
    }
}
