use http::Method;

use super::*;

fn table(routes: &[&str]) -> RouteTable<String> {
    let mut table = RouteTable::new("api");
    for route in routes {
        let (methods, text) = match route.split_once(' ') {
            Some((methods, text)) => (methods.split(',').map(|m| m.parse().unwrap()).collect(), text),
            None => (Vec::new(), *route),
        };
        table.insert(RouteTemplate::parse(text).unwrap(), methods, (*route).to_owned()).unwrap();
    }
    table
}

/// `GET path` → `route|name=value,...`, or `-`.
fn found(table: &RouteTable<String>, request: &str) -> String {
    let (method, path) = request.split_once(' ').unwrap_or(("GET", request));
    match table.find(&method.parse().unwrap(), path) {
        None => "-".to_owned(),
        Some(found) => {
            let params: Vec<String> = found.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{}|{}", found.value, params.join(","))
        }
    }
}

#[test]
fn shapes() {
    for (route, path, expected) in [
        ("hello", "/api/hello", "hello|"),
        ("hello", "/API/HELLO/", "hello|"),
        ("hello", "/api/hello//", "-"),
        ("hello", "/api", "-"),
        ("hello", "/hello", "-"),
        ("hello", "/apihello", "-"),
        ("hello", "/api/hell%6F", "hello|"),
        ("hello", "/api/hello/x", "-"),
        ("/hello/", "/api/hello", "/hello/|"),
        ("/", "/api", "/|"),
        ("/", "/api/", "/|"),
        ("/", "/api/x", "-"),
        ("gr\u{fc}n", "/api/gr%C3%BCn", "gr\u{fc}n|"),
        ("gr\u{fc}n", "/api/GR%c3%9cN", "gr\u{fc}n|"),
        ("a/{id}", "/api/a/5", "a/{id}|id=5"),
        ("a/{id}", "/api/a", "-"),
        ("a/{id}", "/api/a/", "-"),
        ("a/{id}", "/api/a//", "-"),
        ("a/{id}", "/api/a/b%20c%C3%BC", "a/{id}|id=b c\u{fc}"),
        ("a/{id}", "/api/a/b%2Fc%2fd", "a/{id}|id=b%2Fc%2fd"),
        ("a/{id}", "/api/a/%ff", "a/{id}|id=%ff"),
        ("a/{id}", "/api/a/100%", "a/{id}|id=100%"),
        ("a/{id}", "/api/a/%zz%2", "a/{id}|id=%zz%2"),
        ("a/{id}", "/api/a/%25%32%30", "a/{id}|id=%20"),
        ("a/{id}", "/api/a/b+c", "a/{id}|id=b+c"),
        ("a/{id?}", "/api/a", "a/{id?}|"),
        ("a/{id?}", "/api/a/7", "a/{id?}|id=7"),
        ("a/{id=5}", "/api/a", "a/{id=5}|id=5"),
        ("a/{id=5}", "/api/a/7", "a/{id=5}|id=7"),
        ("a/{x?}/b", "/api/a/1/b", "a/{x?}/b|x=1"),
        ("a/{x?}/b", "/api/a/b", "-"),
        ("{x=1}/{y=2}", "/api", "{x=1}/{y=2}|x=1,y=2"),
        ("f/{*rest}", "/api/f", "f/{*rest}|"),
        ("f/{*rest}", "/api/f/", "f/{*rest}|"),
        ("f/{*rest}", "/api/f/a/b%20c/d/", "f/{*rest}|rest=a/b c/d/"),
        ("f/{**rest}", "/api/f/a//b", "f/{**rest}|rest=a//b"),
        ("f/{*rest=index}", "/api/f", "f/{*rest=index}|rest=index"),
        ("f/{*rest:alpha}", "/api/f", "-"),
        ("f/{*rest:alpha}", "/api/f/abc", "f/{*rest:alpha}|rest=abc"),
        ("v{n:int}", "/api/v12", "v{n:int}|n=12"),
        ("v{n:int}", "/api/vx", "-"),
        ("v{n:int}", "/api/v", "-"),
        ("{name}.txt", "/api/a.b.TXT", "{name}.txt|name=a.b"),
        ("a{x}a", "/api/aa", "-"),
        ("{{x}}", "/api/{x}", "{{x}}|"),
        ("x/{Name}", "/api/x/1", "x/{Name}|Name=1"),
    ] {
        assert_eq!(found(&table(&[route]), path), expected, "{route} with {path}");
    }
}

#[test]
fn prefixes() {
    for (prefix, path, matches) in [
        ("", "/hello", true),
        ("", "/api/hello", false),
        ("/v1/api/", "/V1/api/hello", true),
        ("v1/api", "/v1/hello", false),
        ("v1/api", "/v1", false),
        ("api", "hello", false),
        ("api", "api/hello", true),
    ] {
        let mut table = RouteTable::new(prefix);
        table.insert(RouteTemplate::parse("hello").unwrap(), Vec::new(), ()).unwrap();
        assert_eq!(table.find(&Method::GET, path).is_some(), matches, "{prefix} with {path}");
    }
}

#[test]
fn constraints() {
    for (constraint, good, bad) in [
        ("int", &["0", "-5", "+7", "2147483647"][..], &["2147483648", "1.0", "x", "-", "1_0"][..]),
        ("long", &["9223372036854775807", "-1"], &["9223372036854775808", "1e3"]),
        (
            "decimal",
            &["1", "1.5", "-.5", "1,000.25", "5-"],
            &["x", ".", "1e3", "1.2.3", "99999999999999999999999999999999"],
        ),
        ("double", &["1.5", "1e10", "-1E-5", "NaN", "-Infinity", "1,000"], &["x", "", "1e", "inf"]),
        ("float", &["1.5", "2"], &["x", "1.5f"]),
        ("bool", &["true", "FALSE"], &["1", "yes"]),
        (
            "guid",
            &[
                "cd2c1638-1638-72d5-1638-deadbeef1638",
                "CD2C1638163872D51638DEADBEEF1638",
                "{cd2c1638-1638-72d5-1638-deadbeef1638}",
                "(cd2c1638-1638-72d5-1638-deadbeef1638)",
            ],
            &["cd2c1638", "urn:uuid:cd2c1638-1638-72d5-1638-deadbeef1638", "{cd2c1638163872d51638deadbeef1638}"],
        ),
        (
            "datetime",
            &["2016-12-31", "2016-12-31T07:32:00Z", "2016-12-31T07:32", "2016-12-31%207:32pm", "12-31-2016"],
            &["2016-13-31", "today", "2016-02-30", "5"],
        ),
        ("alpha", &["abcXYZ"], &["ab1", "a-b", "gr%C3%BCn"]),
        ("length(3)", &["abc", "%C3%BCab"], &["ab", "abcd"]),
        ("length(2,3)", &["ab", "abc"], &["a", "abcd"]),
        ("minlength(2)", &["ab", "abcdef"], &["a"]),
        ("maxlength(2)", &["a", "ab"], &["abc", "%F0%9F%94%A5x"]),
        ("min(18)", &["18", "99"], &["17", "x"]),
        ("max(120)", &["120", "-5"], &["121", "x"]),
        ("range(18,120)", &["18", "120"], &["17", "121"]),
        ("regex(^\\d{{3}}-\\d{{2}}$)", &["123-45"], &["12-345", "1234-56"]),
        ("regex(b(c|d)+:e)", &["abC:e", "xbd:ey"], &["ab:e"]),
        ("regex(^(a|b)$)", &["A", "b"], &["ab"]),
        ("required", &["x"], &[]),
        ("file", &["a.txt"], &["a", "a."]),
        ("nonfile", &["a"], &["a.txt"]),
        ("int:min(5):max(7)", &["5", "7"], &["4", "8", "x"]),
        ("INT", &["5"], &["x"]),
    ] {
        let table = table(&[&format!("{{x:{constraint}}}")]);
        for value in good {
            assert_ne!(found(&table, &format!("GET /api/{value}")), "-", "{constraint} must take {value}");
        }
        for value in bad {
            assert_eq!(found(&table, &format!("GET /api/{value}")), "-", "{constraint} must not take {value}");
        }
    }
}

#[test]
fn constraints_of_absent_values() {
    let table = table(&["a/{id:int?}", "b/{id:int=5}"]);
    assert_eq!(found(&table, "/api/a"), "a/{id:int?}|");
    assert_eq!(found(&table, "/api/a/x"), "-");
    assert_eq!(found(&table, "/api/b"), "b/{id:int=5}|id=5");
}

#[test]
fn the_more_exact_route_wins_whatever_the_order() {
    let routes = [
        "items/{*rest}",
        "items/{id}",
        "items/{id:int}",
        "items/v{id}",
        "items/special",
        "items",
        "{any}/special",
        "items/{id}/parts",
        "{*everything}",
    ];
    let mut backwards = routes;
    backwards.reverse();
    for table in [table(&routes), table(&backwards)] {
        for (path, expected) in [
            ("/api/items/special", "items/special|"),
            ("/api/items/v7", "items/v{id}|id=7"),
            ("/api/items/7", "items/{id:int}|id=7"),
            ("/api/items/x", "items/{id}|id=x"),
            ("/api/items", "items|"),
            ("/api/items/x/parts", "items/{id}/parts|id=x"),
            ("/api/items/x/other", "items/{*rest}|rest=x/other"),
            ("/api/other/special", "{any}/special|any=other"),
            ("/api/other", "{*everything}|everything=other"),
            ("/api", "{*everything}|"),
        ] {
            assert_eq!(found(&table, path), expected, "{path}");
        }
    }
}

#[test]
fn methods() {
    let table = table(&["GET x", "POST,PUT x", "y", "GET z/{id}", "POST z/special"]);
    for (request, expected) in [
        ("GET /api/x", "GET x|"),
        ("PUT /api/x", "POST,PUT x|"),
        ("HEAD /api/x", "-"),
        ("OPTIONS /api/x", "-"),
        ("DELETE /api/x", "-"),
        ("PURGE /api/y", "y|"),
        ("HEAD /api/y", "y|"),
        ("GET /api/z/special", "GET z/{id}|id=special"),
    ] {
        assert_eq!(found(&table, request), expected, "{request}");
    }
}

#[test]
fn conflicts() {
    let mut table = table(&["GET,POST items/{id}", "all"]);
    let mut insert = |text: &str, methods: &[Method]| {
        table
            .insert(RouteTemplate::parse(text).unwrap(), methods.to_vec(), text.to_owned())
            .err()
            .map(|conflict| conflict.to_string())
    };
    assert_eq!(
        insert("Items/{ID}", &[Method::POST, Method::PUT]).unwrap(),
        "the route 'Items/{ID}' is already taken for POST"
    );
    assert_eq!(insert("items/{id}", &[]).unwrap(), "the route 'items/{id}' is already taken for GET, POST");
    assert_eq!(insert("ALL", &[]).unwrap(), "the route 'ALL' is already taken for all methods");
    assert_eq!(insert("items/{id}", &[Method::DELETE]), None);
    assert_eq!(insert("items/{other}", &[Method::GET]), None);
    assert_eq!(table.conflicting(&RouteTemplate::parse("aLL").unwrap(), &[]), Some(&"all".to_owned()));
}

#[test]
fn a_changed_order_is_told() {
    let shadowed = table(&["items/{id}", "items/special", "GET other/{id:int}", "POST other/5", "GET other/x"]);
    assert_eq!(shadowed.reordered(), [(&"items/special".to_owned(), &"items/{id}".to_owned())]);
    assert!(table(&["items/special", "items/{id}"]).reordered().is_empty());
    let catch_all = table(&["{*all}", "a/b/c"]);
    assert_eq!(catch_all.reordered().len(), 1);
}

#[test]
fn wrong_templates() {
    for (text, expected) in [
        ("admin", "routes that start with 'admin' are reserved"),
        ("/Administrators/{id}", "routes that start with 'admin' are reserved"),
        ("runtime/x", "routes that start with 'runtime' are reserved"),
        ("a//b", "two slashes"),
        ("a/{id", "a '{' is not closed"),
        ("a/id}", "a '}' has no '{'"),
        ("a/{i{d}", "inside a parameter"),
        ("a/{}", "'' is not a valid parameter name"),
        ("a/{i/d}", "'i/d' is not a valid parameter name"),
        ("a/{*}", "'' is not a valid parameter name"),
        ("a/{id}/{ID}", "the parameter 'ID' occurs twice"),
        ("a/{*rest}/b", "must be the last part"),
        ("a/x{*rest}", "must stand alone"),
        ("a/{*rest?}", "can't be optional"),
        ("a/{x}.{y}", "two parameters between slashes"),
        ("a/{x}{y}", "two parameters between slashes"),
        ("a/v{x?}", "must stand alone"),
        ("a/{x=5?}", "optional and has a default"),
        ("a/{x:int=y}", "the default 'y' of the parameter 'x' breaks its constraint"),
        ("a/{x:number}", "the constraint 'number' is unknown"),
        ("a/{x:int(5)}", "the constraint 'int(5)' has wrong arguments"),
        ("a/{x:min}", "the constraint 'min' has wrong arguments"),
        ("a/{x:min(y)}", "the constraint 'min(y)' has wrong arguments"),
        ("a/{x:length(3,2)}", "wrong arguments"),
        ("a/{x:length(-1)}", "wrong arguments"),
        ("a/{x:range(1)}", "wrong arguments"),
        ("a/{x:min(5}", "lacks its ')'"),
        ("a/{x:}", "the constraint '' is unknown"),
        ("a/{x:regex(()}", "can't be used"),
        ("a/{x:regex(a(?=b))}", "look-around"),
        ("a?b", "'?' is not allowed"),
        ("a\nb", "control character"),
    ] {
        let error = RouteTemplate::parse(text).unwrap_err();
        assert_eq!(error.template, text);
        assert!(error.reason.contains(expected), "{text:?}: {}", error.reason);
    }
    assert!(RouteTemplate::parse(&"a/".repeat(61)).is_err());
    assert!(RouteTemplate::parse(&"a/".repeat(60)).is_ok());
}

#[test]
fn long_paths_reach_only_a_catch_all() {
    let table = table(&["x/{*rest}", "x/{a}"]);
    let path = format!("/api/x{}", "/s".repeat(5000));
    assert!(found(&table, &path).starts_with("x/{*rest}|rest=s/s/s"));
    assert_eq!(found(&table, &path).len(), "x/{*rest}|rest=".len() + 9999);
}

#[test]
fn routes_that_can_never_be_found_are_told() {
    let shadowed = |routes: &[&str]| -> Vec<(String, String)> {
        table(routes).shadowed().into_iter().map(|(winner, other)| (winner.clone(), other.clone())).collect()
    };
    let pair = |winner: &str, other: &str| vec![(winner.to_owned(), other.to_owned())];
    assert_eq!(shadowed(&["items/{a}", "items/{b}"]), pair("items/{a}", "items/{b}"));
    assert_eq!(shadowed(&["{a?}", "{b}"]), pair("{a?}", "{b}"));
    assert_eq!(shadowed(&["x/{*a}", "x/{*b}"]), pair("x/{*a}", "x/{*b}"));
    for reached in [
        ["items/{id}", "items/special"],
        ["items/{a:int}", "items/{b}"],
        ["{a}", "{b?}"],
        ["x/{a}", "y/{a}"],
        ["x/{a}", "x/{a}/{b}"],
        ["x", "x/{b?}"],
    ] {
        assert!(shadowed(&reached).is_empty(), "{reached:?}");
    }
    let mut methods: RouteTable<&str> = RouteTable::new("");
    methods.insert(RouteTemplate::parse("{a}").unwrap(), vec![Method::GET], "get").unwrap();
    methods.insert(RouteTemplate::parse("{b}").unwrap(), vec![Method::GET, Method::POST], "both").unwrap();
    methods.insert(RouteTemplate::parse("{c}").unwrap(), vec![Method::POST], "post").unwrap();
    assert_eq!(methods.shadowed(), [(&"both", &"post")]);
}
