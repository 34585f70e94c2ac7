//! HTTP calls from a caller's side: addresses, routes, what goes in and out, streaming, more than one worker.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use bytes::Bytes;
use hearth_tests::{Hearth, Zip, curl, eventually, http_function, raw_request, sample, test_guest};
use http::Method;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

/// Greatest request body, in bytes.
const MAX_BODY: usize = 104_857_600;

fn hearth() -> &'static Hearth {
    static HEARTH: LazyLock<Hearth> = LazyLock::new(|| {
        let hearth = Hearth::with().flag("--default-app", "faults").start();
        hearth.publish("faults", &test_guest("faults"));
        hearth.publish("faults-http", &test_guest("faults-http"));
        hearth.publish("hello-http", &sample("hello-http"));
        hearth
    });
    &HEARTH
}

/// A typed app whose functions all tell what they were handed, each with this trigger.
fn inspectors(host: &Value, functions: &[(&str, Value)]) -> Zip {
    let zip = Zip::folder(&test_guest("faults")).json("host.json", host);
    functions.iter().fold(zip, |zip, (name, trigger)| {
        let mut function = http_function(trigger);
        function["entryPoint"] = "inspect".into();
        zip.json(&format!("{name}/function.json"), &function)
    })
}

#[test]
fn an_app_is_found_by_host_name_by_path_and_as_the_default() {
    let hearth = hearth();
    let port = hearth.http_address().port();
    let answered_as = |host: &str, path: &str| {
        let answer = hearth.call(Method::GET, path).host(host).send();
        (answer.status, answer.text())
    };
    let ok = (200, "ok".to_owned());
    for host in [format!("faults.localhost:{port}"), "faults.localhost".into(), "FAULTS.LocalHost:1".into()] {
        assert_eq!(answered_as(&host, "/api/ok"), ok, "{host}");
    }
    for host in [format!("127.0.0.1:{port}"), "localhost".into(), "elsewhere.example.org".into(), "[::1]".into()] {
        assert_eq!(answered_as(&host, "/apps/faults-http/api/hello"), (200, "hello".into()), "{host}");
        assert_eq!(answered_as(&host, "/api/ok"), ok, "{host}: the default app");
    }
    // The host name wins: this is a path of the app itself.
    assert_eq!(answered_as("faults.localhost", "/apps/faults-http/api/hello").0, 404);
    let welcome = answered_as("faults.localhost", "/");
    assert!(welcome.0 == 200 && welcome.1.contains("faults is up and running"), "{welcome:?}");
    assert_eq!(answered_as("localhost", "/apps/faults-http").0, 200);
}

#[test]
fn a_name_that_is_no_app_says_how_to_address_one() {
    let hearth = hearth();
    for host in ["nobody.localhost", "faults.scm.localhost", "a.b.c.localhost"] {
        let answer = hearth.call(Method::GET, "/api/ok").host(host).send().expect(404);
        assert_eq!(answer.json()["error"]["code"], "AppNotFound", "{host}");
        assert!(answer.text().contains("/apps/<app>/"), "{}", answer.text());
    }
    let answer =
        String::from_utf8(raw_request(hearth.http_address(), b"GET /api/ok HTTP/1.1\r\nconnection: close\r\n\r\n"))
            .unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("Host header"), "{answer}");
}

#[test]
fn a_custom_host_name_leads_to_its_app_as_long_as_it_has_it() {
    let hearth = hearth();
    let set = |app: &str, names: &[&str]| {
        let body = json!({ "hostNames": names }).to_string();
        hearth.manage(Method::PUT, &format!("/api/apps/{app}/host-names")).body(body).send()
    };
    let hello = || hearth.call(Method::GET, "/api/hello").host("Shop.example.org:80").send();
    // The default app has no such function.
    hello().expect(404);
    set("faults-http", &["shop.example.org"]).expect(200);
    eventually("the custom host name", || (hello().status == 200).then_some(()));
    assert_eq!(hello().text(), "hello");
    set("hello-http", &["shop.example.org"]).expect(409);
    assert_eq!(hearth.show("faults-http")["hostNames"], json!(["shop.example.org"]));
    set("faults-http", &[]).expect(200);
    eventually("the end of the custom host name", || (hello().status == 404).then_some(()));
}

#[test]
fn the_most_exact_route_answers_and_gets_its_parameters() {
    let hearth = hearth();
    let host = json!({ "version": "2.0", "extensions": { "http": { "routePrefix": "v1/shop" } } });
    let package = inspectors(
        &host,
        &[
            ("any", json!({ "route": "items/{name}" })),
            ("number", json!({ "route": "items/{id:int:min(1)}" })),
            ("special", json!({ "route": "items/special" })),
            ("rest", json!({ "route": "files/{*rest}" })),
            ("optional", json!({ "route": "pages/{page=first}/{part?}" })),
            ("two", json!({ "route": "{kind}/plan-{year:length(4)}.txt" })),
            ("plain", json!({})),
        ],
    );
    hearth.publish_zip("routes", &package);
    let found = |path: &str| {
        let answer = hearth.app("routes").get(path);
        if answer.status == 404 {
            return ("-".to_owned(), BTreeSet::new());
        }
        let told = answer.expect(200).json();
        let params: Vec<(String, String)> = serde_json::from_value(told["params"].clone()).unwrap();
        (
            told["invocation"]["functionName"].as_str().unwrap().to_owned(),
            params.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<BTreeSet<_>>(),
        )
    };
    for (path, function, params) in [
        ("/v1/shop/items/tea", "any", vec!["name=tea"]),
        ("/v1/shop/items/7", "number", vec!["id=7"]),
        ("/v1/shop/items/0", "any", vec!["name=0"]),
        ("/v1/shop/items/special", "special", vec![]),
        ("/V1/Shop/ITEMS/Special", "special", vec![]),
        ("/v1/shop/items/green%20tea%2Fcup?id=9", "any", vec!["name=green tea%2Fcup"]),
        ("/v1/shop/files/a/b/c.txt", "rest", vec!["rest=a/b/c.txt"]),
        ("/v1/shop/pages", "optional", vec!["page=first"]),
        ("/v1/shop/pages/2/head", "optional", vec!["page=2", "part=head"]),
        ("/v1/shop/tea/plan-2026.txt", "two", vec!["kind=tea", "year=2026"]),
        ("/v1/shop/tea/plan-26.txt", "-", vec![]),
        ("/v1/shop/plain", "plain", vec![]),
        ("/v1/shop/items", "-", vec![]),
        ("/v1/shop/items/a/b", "-", vec![]),
        ("/api/plain", "-", vec![]),
        ("/plain", "-", vec![]),
    ] {
        let params = params.into_iter().map(str::to_owned).collect();
        assert_eq!(found(path), (function.to_owned(), params), "{path}");
    }
    let shown = hearth.show("routes");
    let number = shown["functionList"].as_array().unwrap().iter().find(|one| one["name"] == "number").unwrap();
    assert_eq!(number["route"], "v1/shop/items/{id:int:min(1)}");
}

#[test]
fn a_method_leads_to_the_function_that_has_it() {
    let hearth = hearth();
    let host = json!({
        "version": "2.0",
        "extensions": { "http": { "routePrefix": "", "customHeaders": { "X-Frame-Options": "DENY" } } },
    });
    let package = inspectors(
        &host,
        &[
            ("read", json!({ "route": "thing", "methods": ["get", "head"] })),
            ("write", json!({ "route": "thing", "methods": ["PUT"] })),
            ("all", json!({ "route": "all" })),
        ],
    );
    hearth.publish_zip("methods", &package);
    let app = hearth.app("methods");
    let function = |method: Method, path: &str| {
        let answer = app.call(method, path).send();
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        if answer.status == 404 {
            assert_eq!(answer.json()["error"]["code"], "RouteNotFound");
            return "-".to_owned();
        }
        answer.expect(200).json()["invocation"]["functionName"].as_str().unwrap().to_owned()
    };
    assert_eq!(function(Method::GET, "/thing"), "read");
    assert_eq!(function(Method::PUT, "/thing"), "write");
    assert_eq!(function(Method::POST, "/thing"), "-");
    assert_eq!(function(Method::DELETE, "/thing"), "-");
    assert_eq!(function(Method::PATCH, "/all"), "all");
    assert_eq!(app.call(Method::HEAD, "/thing").send().expect(200).body, b"");
}

#[test]
fn a_function_that_wants_a_key_is_closed() {
    let hearth = hearth();
    let package = inspectors(
        &json!({ "version": "2.0" }),
        &[
            ("open", json!({})),
            ("closed", json!({ "authLevel": "function" })),
            ("keys", json!({ "authLevel": "admin" })),
            ("unsaid", json!({ "authLevel": null })),
        ],
    );
    hearth.publish_zip("levels", &package);
    let app = hearth.app("levels");
    app.get("/api/open").expect(200);
    for path in ["/api/closed", "/api/keys", "/api/unsaid", "/api/closed?code=guess"] {
        assert_eq!(app.get(path).expect(401).body, b"", "{path}");
    }
    app.call(Method::GET, "/api/closed").header("x-functions-key", hearth.admin_key()).send().expect(401);
    let keys = hearth.keys("levels");
    let opened = |path: &str, key: &Value| {
        app.call(Method::GET, path).header("x-functions-key", key["value"].as_str().unwrap()).send().status
    };
    assert_eq!((opened("/api/unsaid", &keys["host"][0]), opened("/api/keys", &keys["host"][0])), (200, 401));
    assert_eq!((opened("/api/unsaid", &keys["master"]), opened("/api/keys", &keys["master"])), (200, 200));
}

#[test]
fn everything_of_the_request_reaches_the_function() {
    let hearth = hearth();
    let app = hearth.app("faults");
    let told = app
        .call(Method::POST, "/api/inspect?name=Ada%20L&name=B+C&flag=&%C3%A4=1")
        .header("x-list", "one")
        .header("x-list", "two")
        .header("cookie", "a=1; b=2")
        .body("text")
        .send()
        .expect(200)
        .json();
    assert_eq!(told["method"], "POST");
    assert_eq!(told["query"], json!([["name", "Ada L"], ["name", "B C"], ["flag", ""], ["ä", "1"]]));
    assert_eq!(told["body"], "text");
    let url = format!("http://faults.localhost:{}/api/inspect?", hearth.http_address().port());
    assert!(told["url"].as_str().unwrap().starts_with(&url), "{told}");
    let headers: Vec<(String, String)> = serde_json::from_value(told["headers"].clone()).unwrap();
    let of = |wanted: &str| -> Vec<&str> {
        headers.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect()
    };
    assert_eq!(of("x-list"), ["one", "two"]);
    assert_eq!(of("cookie"), ["a=1; b=2"]);
    assert_eq!(of("content-length"), ["4"]);

    let bytes: Vec<u8> = vec![0, 255, 128, 10, 13, 0];
    assert_eq!(app.post("/api/inspect", bytes.clone()).json()["body"], json!(bytes));
    let answer = app.get("/api/echo/7/a/b");
    assert_eq!(answer.json()["params"], json!([["id", "7"], ["rest", "a/b"]]));
    app.get("/api/echo/seven/a").expect(404);
}

#[test]
fn a_wasi_http_function_sees_the_request_as_it_was_sent() {
    let hearth = hearth();
    let call = |path: &str, host: &str| {
        hearth.call(Method::GET, path).host(host).header("x-list", "one").header("x-list", "two").send().expect(200)
    };
    let text = call("/api/inspect?a=1&b=%20", "faults-http.localhost:1234").text();
    for line in ["method: Method::Get", "authority: faults-http.localhost:1234", "path: /api/inspect?a=1&b=%20"] {
        assert!(text.lines().any(|other| other == line), "{text}");
    }
    assert_eq!(text.matches("x-list: ").count(), 2, "{text}");
    assert!(text.contains("x-ms-invocation-id: "), "{text}");
    // By path, the part that names the app is not the app's business.
    let text = call("/apps/faults-http/api/inspect?a=1", "localhost").text();
    assert!(text.contains("path: /api/inspect?a=1\n"), "{text}");
}

#[test]
fn a_body_may_come_in_chunks() {
    let app = hearth().app("faults");
    let chunks: [&[u8]; 3] = [b"one", b" and ", b"two"];
    let told = app.call(Method::POST, "/api/inspect").send_chunks(chunks).expect(200).json();
    assert_eq!(told["body"], "one and two");
    let block = vec![7; 64 * 1024];
    let blocks: Vec<&[u8]> = vec![&block; 40];
    assert_eq!(app.call(Method::POST, "/api/length").send_chunks(blocks.clone()).text(), (40 * 65536).to_string());
    let sink = hearth().app("faults-http").call(Method::POST, "/api/sink").send_chunks(blocks);
    assert_eq!(sink.text(), (40 * 65536).to_string());
}

#[test]
fn status_headers_and_large_bodies_come_back() {
    let app = hearth().app("faults");
    let answer = app.get("/api/headers").expect(202);
    assert_eq!(answer.headers("set-cookie"), ["a=1", "b=2"]);
    assert_eq!((answer.header("x-kind"), answer.body.len()), (Some("plain"), 0));
    for status in [200, 204, 304, 418, 503, 599] {
        app.get(&format!("/api/status?status={status}")).expect(status);
    }
    let answer = app.get("/api/refuse?status=409&message=Sold%20out.").expect(409);
    assert_eq!(answer.text(), "Sold out.");
    let answer = app.get("/api/big?bytes=10000000").expect(200);
    assert!(answer.body.len() == 10_000_000 && answer.body.iter().all(|byte| *byte == b'x'));
}

#[test]
fn an_answer_that_http_does_not_allow_is_the_functions_failure() {
    let app = hearth().app("faults");
    for path in ["/api/status?status=42", "/api/status?status=101", "/api/bad_header"] {
        let answer = app.get(path).expect(500);
        assert_eq!(answer.json()["error"]["code"], "FunctionFailed", "{path}");
        assert!(answer.header("x bad").is_none() && !answer.text().contains("header"), "{path}");
    }
}

#[test]
fn an_answer_streams_while_the_function_runs() {
    let mut exchange = hearth().app("faults-http").call(Method::GET, "/api/slow?chunks=1000000&pause=1").open();
    exchange.finish();
    assert_eq!(exchange.head().0, 200);
    // The function has hours to go; what it sent so far is here.
    exchange.until("\n5\n");
    exchange.until("\n20\n");
}

#[test]
fn a_body_streams_both_ways_at_once() {
    let mut exchange = hearth().app("hello-http").call(Method::POST, "/api/echo").open();
    exchange.send(b"first piece\n");
    assert_eq!(exchange.head().0, 200);
    assert_eq!(exchange.until("first piece\n"), "first piece\n");
    exchange.send(b"second piece\n");
    assert_eq!(exchange.until("second piece\n"), "second piece\n");
    exchange.finish();
    let rest = exchange.answer();
    assert_eq!((rest.body.len(), rest.broken), (0, None));
}

#[test]
fn five_megabytes_come_back_as_they_went() {
    let bytes: Vec<u8> =
        (0..5_000_000_u32).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    let answer = hearth().app("hello-http").post("/api/echo", bytes.clone()).expect(200);
    assert!(answer.broken.is_none() && answer.body == bytes, "{} bytes came back", answer.body.len());
}

#[test]
fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    for (app, path) in [("faults", "/api/length"), ("faults-http", "/api/sink")] {
        let call = hearth().app(app).call(Method::POST, path);
        let mut exchange = call.header("content-length", &(MAX_BODY + 1).to_string()).open();
        exchange.send(b"the first of many");
        let answer = exchange.answer().expect(413);
        assert!(answer.text().contains(&MAX_BODY.to_string()), "{}", answer.text());
    }
}

#[test]
fn a_body_that_grows_too_large_is_cut_off() {
    let block = vec![0; 4 << 20];
    let blocks = |count: usize| -> Vec<&[u8]> { vec![&block; count] };
    let app = hearth().app("faults-http");
    // What just fits passes, also through a guest with less memory than that.
    let answer = app.call(Method::POST, "/api/sink").send_chunks(blocks(MAX_BODY / block.len()));
    assert_eq!(answer.expect(200).text(), MAX_BODY.to_string());
    let answer = app.call(Method::POST, "/api/sink").send_chunks(blocks(MAX_BODY / block.len() + 1));
    assert!(answer.expect(400).text().contains("the body broke off"));
    let answer =
        hearth().app("faults").call(Method::POST, "/api/length").send_chunks(blocks(MAX_BODY / block.len() + 1));
    assert_eq!(answer.expect(413).json()["error"]["code"], "BodyTooLarge");
}

/// Runs curl to its end; gives what it wrote.
fn curl_says(arguments: &[&str]) -> String {
    let output = Command::new(curl()).args(["-sS", "-m", "60", "--noproxy", "*"]).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn a_client_that_asks_first_need_not_send_what_is_too_large() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(MAX_BODY as u64 + 1).unwrap();
    let body = format!("@{}", file.path().display());
    for (app, path) in [("faults", "/api/length"), ("faults-http", "/api/sink")] {
        let url = format!("{}/apps/{app}{path}", hearth().http());
        let arguments =
            ["-w", " %{http_code} %{size_upload}", "-H", "Expect: 100-continue", "--data-binary", &body, &url];
        let text = curl_says(&arguments);
        assert!(text.contains("BodyTooLarge") && text.ends_with(" 413 0"), "{text}");
    }
}

#[test]
fn http_2_and_kept_connections_work() {
    let url = format!("{}/apps/faults/api/length", hearth().http());
    let twice = ["-w", "=%{http_version}/%{num_connects} ", "-d", "abc", &url, &url];
    assert_eq!(curl_says(&twice), "3=1.1/1 3=1.1/0 ");
    let once = ["--http2-prior-knowledge", "-w", "=%{http_version}", "-d", "abc", &url];
    assert_eq!(curl_says(&once), "3=2");
    // Streaming over HTTP/2 as well.
    let url = format!("{}/apps/faults-http/api/slow?chunks=3&pause=1", hearth().http());
    assert_eq!(curl_says(&["--http2-prior-knowledge", &url]), "1\n2\n3\n");
}

#[test]
fn requests_share_an_http_2_connection() {
    let address = hearth().http_address();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = TokioIo::new(tokio::net::TcpStream::connect(address).await.unwrap());
        let (sender, connection) =
            hyper::client::conn::http2::handshake::<_, _, Full<Bytes>>(TokioExecutor::new(), stream).await.unwrap();
        tokio::spawn(connection);
        let call = |path: &str, body: &'static [u8]| {
            let uri = format!("http://faults-http.localhost:{}{path}", address.port());
            let request = http::Request::post(uri).body(Full::new(Bytes::from_static(body))).unwrap();
            let mut sender = sender.clone();
            async move { sender.send_request(request).await }
        };
        // The slow one is answered while others come and go; none of them waits for it.
        let slow = call("/api/slow?chunks=100000&pause=10", b"").await.unwrap();
        for _ in 0..5 {
            let answer = call("/api/sink", b"12345").await.unwrap().into_body().collect().await.unwrap().to_bytes();
            assert_eq!(&answer[..], b"5");
        }
        assert_eq!(slow.status(), 200);
        // A stream whose function fails ends with an error; the connection and its other streams stay.
        if let Ok(answer) = call("/api/trap_midway", b"").await {
            assert!(answer.into_body().collect().await.is_err());
        }
        assert_eq!(call("/api/sink", b"1").await.unwrap().status(), 200);
        let told = call("/api/inspect", b"").await.unwrap().into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8_lossy(&told);
        assert!(text.contains(&format!("authority: faults-http.localhost:{}", address.port())), "{text}");
    });
}

#[test]
fn platform_variables_are_set() {
    let app = hearth().app("faults");
    let value = |name: &str| app.get(&format!("/api/setting_value?name={name}"));
    assert_eq!(value("WEBSITE_SITE_NAME").text(), "faults");
    assert_eq!(value("WEBSITE_HOSTNAME").text(), format!("faults.localhost:{}", hearth().http_address().port()));
    assert_eq!(value("FUNCTIONS_EXTENSION_VERSION").text(), "~4");
    assert_eq!(value("WEBSITE_INSTANCE_ID").text(), "worker-1");
    // Nothing of the host's own environment.
    for name in ["PATH", "HOME", "HEARTH_JOIN_TOKEN", "HEARTH_KEY"] {
        value(name).expect(404);
    }
}

#[test]
fn an_instance_is_fresh_unless_the_app_wants_it_reused() {
    let hearth = hearth();
    let reuse = json!({ "version": "2.0", "wasm": { "instanceReuse": 1000 } });
    for guest in ["faults", "faults-http"] {
        let counts = |app: &str| -> Vec<u32> {
            (0..6).map(|_| hearth.app(app).get("/api/counter").expect(200).text().parse().unwrap()).collect()
        };
        assert_eq!(counts(guest), [1; 6]);
        let reused = format!("{guest}-reused");
        hearth.publish_zip(&reused, &Zip::folder(&test_guest(guest)).json("host.json", &reuse));
        assert_eq!(counts(&reused), [1, 2, 3, 4, 5, 6]);
        // One that trapped is never used again.
        hearth.app(&reused).get(if guest == "faults" { "/api/abort" } else { "/api/trap" }).expect(500);
        assert_eq!(counts(&reused), [1, 2, 3, 4, 5, 6]);
    }
}

#[test]
fn with_two_workers_both_answer_and_both_take_the_next_version() {
    let hearth = Hearth::with().workers(2).start();
    let package = Zip::folder(&test_guest("faults"));
    hearth.publish_zip("only", &package);
    // The only app is the default.
    let worker = || hearth.call(Method::GET, "/api/setting_value?name=WEBSITE_INSTANCE_ID").send().expect(200).text();
    let both: BTreeSet<String> = ["worker-1", "worker-2"].map(str::to_owned).into();
    let mut seen = BTreeSet::new();
    eventually("an answer of each worker", || {
        seen.insert(worker());
        (seen == both).then_some(())
    });

    let headers = json!({ "version": "2.0", "extensions": { "http": { "customHeaders": { "x-version": "2" } } } });
    hearth.publish_zip("only", &package.json("host.json", &headers));
    let mut newest = BTreeSet::new();
    eventually("the second version at each worker", || {
        let answer = hearth.call(Method::GET, "/api/setting_value?name=WEBSITE_INSTANCE_ID").send().expect(200);
        if answer.header("x-version") == Some("2") {
            newest.insert(answer.text());
        }
        (newest == both).then_some(())
    });
    // `hearth publish` has come back: neither worker may show the old version any more.
    for _ in 0..40 {
        assert_eq!(hearth.call(Method::GET, "/api/ok").send().expect(200).header("x-version"), Some("2"));
    }
}
