//! Which app a request is for: by host name `<app>.<domain>`, by custom host name, or by path `/apps/<app>/…`.

use hearth_model::ids::AppName;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Address<'a> {
    /// The app by its own name, and the end of the path that is left for its routes; empty stands for `/`.
    Named(AppName, &'a str),
    /// A host name that is to be looked up, else the default app.
    Host(String),
    /// A host name under the domain that can't be an app.
    Nowhere,
}

/// `host` is an authority, possibly with a port; `path` begins with a slash.
pub(super) fn address<'a>(host: &str, path: &'a str, domain: &str) -> Address<'a> {
    let host = without_port(host).trim_end_matches('.').to_ascii_lowercase();
    if let Some(label) = host.strip_suffix(domain).and_then(|rest| rest.strip_suffix('.')) {
        return match AppName::parse(label) {
            Ok(app) => Address::Named(app, path),
            Err(_) => Address::Nowhere,
        };
    }
    if let Some(rest) = path.strip_prefix("/apps/") {
        let (name, rest) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        if let Ok(app) = AppName::parse(name) {
            return Address::Named(app, rest);
        }
    }
    Address::Host(host)
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.is_empty() => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<'a>(app: &str, rest: &'a str) -> Address<'a> {
        Address::Named(AppName::parse(app).unwrap(), rest)
    }

    #[test]
    fn an_app_is_found_by_host_name_or_path() {
        assert_eq!(address("Hello.localhost:7071", "/api/x", "localhost"), named("hello", "/api/x"));
        assert_eq!(address("hello.localhost.", "/", "localhost"), named("hello", "/"));
        assert_eq!(address("localhost:7071", "/apps/hello/api/x", "localhost"), named("hello", "/api/x"));
        assert_eq!(address("127.0.0.1", "/apps/hello", "localhost"), named("hello", ""));
        assert_eq!(address("hello.localhost", "/apps/other/x", "localhost"), named("hello", "/apps/other/x"));
    }

    #[test]
    fn other_names_are_looked_up() {
        assert_eq!(address("localhost:7071", "/api/x", "localhost"), Address::Host("localhost".into()));
        assert_eq!(address("[::1]:7071", "/", "localhost"), Address::Host("[::1]".into()));
        assert_eq!(address("shop.example.org:80", "/", "localhost"), Address::Host("shop.example.org".into()));
        assert_eq!(address("localhost", "/apps/No_App/x", "localhost"), Address::Host("localhost".into()));
        assert_eq!(address("hello.scm.localhost", "/", "localhost"), Address::Nowhere);
    }
}
