use hearth_model::clock::Timestamp;

use super::*;

fn places(domain: &str, public_url: Option<&str>, functions_url: Option<&str>) -> Places {
    let base = |text: Option<&str>| Base::of_setting("test", text.map(str::to_owned)).unwrap();
    let addr = "127.0.0.1:7070".parse().unwrap();
    Places { domain: domain.into(), public_url: base(public_url), functions_url: base(functions_url), addr }
}

fn shop(host_names: &[&str]) -> App {
    App {
        name: AppName::parse("shop").unwrap(),
        created: Timestamp::from_micros(0),
        publish_credential: Vec::new(),
        active: None,
        generation: 0,
        host_names: host_names.iter().map(|&name| name.into()).collect(),
    }
}

fn functions(domain: &str, functions_url: &str) -> FunctionUrls {
    let places = places(domain, None, Some(functions_url));
    let reached = Reached::default();
    Links { places: &places, reached: &reached }.functions(&shop(&["shop.example.com"]), &[]).unwrap()
}

fn at(host: &str) -> Reached {
    Reached { host: Some(host.into()), ..Reached::default() }
}

/// By host name where possible, by path, and as reached.
fn scm(places: &Places, reached: &Reached) -> [String; 3] {
    let links = Links { places, reached };
    let app = &AppName::parse("shop").unwrap();
    [links.scm(app), links.scm_by_path(app), links.scm_as_reached(app)]
}

#[test]
fn functions_are_linked_by_host_name_where_that_leads_there() {
    let urls = functions("localhost", "http://localhost:7071");
    assert_eq!(urls.main, "http://shop.localhost:7071");
    assert_eq!(urls.by_path, "http://localhost:7071/apps/shop");
    assert_eq!(urls.custom, ["http://shop.example.com:7071"]);
    assert_eq!(functions("localhost", "http://127.0.0.1:7071").main, "http://shop.localhost:7071");
    assert_eq!(functions("fn.example.org", "https://fn.example.org/").main, "https://shop.fn.example.org");
    assert_eq!(functions("fn.example.org", "http://10.0.0.5:7071").main, "http://shop.fn.example.org:7071");
}

#[test]
fn functions_behind_a_path_or_elsewhere_are_linked_by_path() {
    let urls = functions("fn.example.org", "https://example.org/fn/");
    assert_eq!(urls.main, "https://example.org/fn/apps/shop");
    assert_eq!(urls.by_path, urls.main);
    assert_eq!(urls.custom, ["https://shop.example.com"], "a host name of its own has no such path");
    // Names below localhost lead to the machine of whoever follows them.
    assert_eq!(functions("localhost", "http://10.0.0.5:7071").main, "http://10.0.0.5:7071/apps/shop");
    assert_eq!(functions("localhost", "http://[2001:db8::1]:7071").main, "http://[2001:db8::1]:7071/apps/shop");
}

#[test]
fn publishing_sites_are_linked_as_the_caller_reached_this_role() {
    let plain = places("localhost", None, None);
    let site = "http://shop.scm.localhost:7070";
    assert_eq!(
        scm(&plain, &Reached::default()),
        [site, "http://127.0.0.1:7070/apps/shop", "http://127.0.0.1:7070/apps/shop"]
    );
    assert_eq!(scm(&plain, &at("localhost:9000"))[0], "http://shop.scm.localhost:9000", "by a tunnel");
    assert_eq!(scm(&plain, &at("10.0.0.5:7070"))[0], "http://10.0.0.5:7070/apps/shop");
    let by_name = Reached { by_name: true, ..at("shop.scm.localhost:7070") };
    assert_eq!(scm(&plain, &by_name), [site, "http://127.0.0.1:7070/apps/shop", site]);
    let proxied = Reached { scheme: Some("https"), prefix: "/hearth".into(), ..at("example.org") };
    assert_eq!(scm(&plain, &proxied), ["https://example.org/hearth/apps/shop"; 3]);
    let proxied = Reached { scheme: Some("https"), by_name: true, ..at("shop.scm.example.org") };
    assert_eq!(scm(&places("example.org", None, None), &proxied)[2], "https://shop.scm.example.org");
}

#[test]
fn what_the_operator_set_counts_first() {
    let prefix = places("fn.example.org", Some("https://example.org/hearth"), None);
    assert_eq!(scm(&prefix, &at("127.0.0.1:7070")), ["https://example.org/hearth/apps/shop"; 3]);
    let name = places("fn.example.org", Some("https://manage.example.org:8443/"), None);
    let by_path = "https://manage.example.org:8443/apps/shop";
    assert_eq!(scm(&name, &at("10.0.0.1")), ["https://shop.scm.fn.example.org:8443", by_path, by_path]);
    let by_name = Reached { by_name: true, ..at("shop.scm.fn.example.org:8443") };
    assert_eq!(scm(&name, &by_name)[2], "https://shop.scm.fn.example.org:8443", "TLS ends at the proxy");
}

#[test]
fn a_setting_that_is_no_base_url_is_refused_by_name() {
    for wrong in ["", "example.org", "ftp://example.org", "https://example.org/?q", "/hearth"] {
        let error = Base::of_setting("the public URL", Some(wrong.into())).unwrap_err().to_string();
        assert!(error.contains("the public URL"), "{error}");
    }
}
