//! What trusted proxies tell about a caller: `X-Forwarded-*`, or `Forwarded` (RFC 7239) where those are absent.
//!
//! Each proxy adds to the right. Read from there, the first address that is no trusted proxy is the client; what stands left
//! of it may be the client's own invention. Scheme, host and prefix are taken as many places from the right.

use std::net::{IpAddr, SocketAddr};

use http::uri::Authority;
use http::{HeaderMap, HeaderName};

/// The chain of addresses.
pub const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The caller's scheme.
pub const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The host as the caller wrote it.
pub const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// The path that a proxy took off.
pub const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

const FORWARDED: HeaderName = HeaderName::from_static("forwarded");

/// What was told; whatever was not, or cannot be, is absent.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Hops {
    /// Where the call comes from.
    pub client: Option<IpAddr>,
    /// `http` or `https`.
    pub scheme: Option<&'static str>,
    /// Host, with its port where it was given.
    pub host: Option<String>,
    /// Path that the proxy took off, without a slash at its end.
    pub prefix: Option<String>,
}

impl Hops {
    /// Reads the headers of a request whose sender is a trusted proxy; `trusted` tells which others are.
    pub fn read(headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> Self {
        let told = [FOR, PROTO, HOST, PREFIX];
        if !told.iter().any(|name| headers.contains_key(name)) && headers.contains_key(FORWARDED) {
            return Self::by_standard(headers, trusted);
        }
        let [chain, protos, hosts, prefixes] = told.map(|name| listed(headers, &name));
        let (client, hops) = client(&chain, trusted);
        Self {
            client,
            scheme: at(&protos, hops).and_then(scheme),
            host: at(&hosts, hops).and_then(host),
            prefix: at(&prefixes, hops).and_then(prefix),
        }
    }

    fn by_standard(headers: &HeaderMap, trusted: impl Fn(IpAddr) -> bool) -> Self {
        let elements = listed(headers, &FORWARDED);
        let parts = |name: &str| -> Vec<&str> {
            elements.iter().map(|element| parameter(element, name).unwrap_or_default()).collect()
        };
        let (client, hops) = client(&parts("for"), trusted);
        Self {
            client,
            scheme: at(&parts("proto"), hops).and_then(scheme),
            host: at(&parts("host"), hops).and_then(host),
            prefix: None,
        }
    }
}

/// The members of all headers of a name, in their order.
fn listed<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<&'h str> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// The client's address, and how many members from the right it stands.
fn client(chain: &[&str], trusted: impl Fn(IpAddr) -> bool) -> (Option<IpAddr>, usize) {
    let mut found = (None, 1);
    for (hop, member) in chain.iter().rev().enumerate() {
        // What is no address (`unknown`, a name) ends what is known.
        let Some(address) = address(member) else { break };
        found = (Some(address), hop + 1);
        if !trusted(address) {
            break;
        }
    }
    found
}

/// The member so many places from the right; a proxy that passes on only one value means the caller's.
fn at<'h>(members: &[&'h str], hops: usize) -> Option<&'h str> {
    let from_right = hops.min(members.len());
    members.get(members.len() - from_right).copied().filter(|_| from_right > 0)
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|scheme| scheme.eq_ignore_ascii_case(text))
}

/// An authority that can stand in a link.
fn host(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    (!authority.host().is_empty() && !text.contains('@')).then(|| text.to_owned())
}

/// An absolute path of plain segments, without a slash at its end.
fn prefix(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let plain = |segment: &str| {
        !segment.is_empty()
            && segment != "."
            && segment != ".."
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+=:@".contains(&byte))
    };
    let segments = path.strip_prefix('/').map(|rest| rest.split('/').all(plain));
    (path.is_empty() || segments == Some(true)).then(|| path.to_owned())
}

/// The value of a parameter of a `Forwarded` element, its quotes taken off.
fn parameter<'e>(element: &'e str, name: &str) -> Option<&'e str> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) =
        pairs.map(|(name, value)| (name.trim(), value.trim())).find(|pair| pair.0.eq_ignore_ascii_case(name))?;
    Some(value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(pairs: &[(&'static str, &'static str)]) -> Hops {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        Hops::read(&headers, |address| address.to_string().starts_with("10."))
    }

    fn client_of(chain: &'static str) -> Option<String> {
        read(&[("x-forwarded-for", chain)]).client.map(|client| client.to_string())
    }

    #[test]
    fn the_client_is_the_first_from_the_right_that_is_no_proxy() {
        assert_eq!(client_of("192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(client_of("6.6.6.6, 192.0.2.7, 10.0.0.2").as_deref(), Some("192.0.2.7"), "the rest may be invented");
        assert_eq!(client_of("10.0.0.3, 10.0.0.2").as_deref(), Some("10.0.0.3"), "a client within the networks");
        assert_eq!(client_of("192.0.2.7:4711").as_deref(), Some("192.0.2.7"));
        assert_eq!(client_of("[2001:db8::1]:80").as_deref(), Some("2001:db8::1"));
        assert_eq!(client_of("2001:db8::1").as_deref(), Some("2001:db8::1"));
        assert_eq!(client_of("192.0.2.7, unknown"), None);
    }

    #[test]
    fn scheme_host_and_prefix_are_those_of_the_same_proxy() {
        let told = [
            ("x-forwarded-for", "6.6.6.6, 192.0.2.7"),
            ("x-forwarded-for", "10.0.0.2"),
            ("x-forwarded-proto", "ftp, https, http"),
            ("x-forwarded-host", "evil.test, shop.test, inner"),
            ("x-forwarded-prefix", "/shop"),
        ];
        let hops = read(&told);
        assert_eq!(
            (hops.scheme, hops.host.as_deref(), hops.prefix.as_deref()),
            (Some("https"), Some("shop.test"), Some("/shop"))
        );
    }

    #[test]
    fn what_cannot_stand_in_a_link_is_passed_over() {
        for (name, value) in [
            ("x-forwarded-proto", "javascript"),
            ("x-forwarded-host", "user@evil.test"),
            ("x-forwarded-host", "a b"),
            ("x-forwarded-prefix", "//evil.test"),
            ("x-forwarded-prefix", "/a/../b"),
            ("x-forwarded-prefix", "https://evil.test"),
            ("x-forwarded-prefix", "/a?b"),
        ] {
            assert_eq!(read(&[(name, value)]), Hops::default(), "{name}: {value}");
        }
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let hops = read(&[(
            "forwarded",
            r#"for=6.6.6.6, For="[2001:db8::1]:4711";proto=HTTPS;host="shop.test:8443", for=10.0.0.2"#,
        )]);
        assert_eq!(hops.client.map(|client| client.to_string()).as_deref(), Some("2001:db8::1"));
        assert_eq!((hops.scheme, hops.host.as_deref()), (Some("https"), Some("shop.test:8443")));
    }
}
