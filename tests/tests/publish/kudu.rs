//! The publishing site as Azure's tools use it: where it is, who may use it, what it answers.

use hearth_tests::{Answer, Call, Hearth, Signal, eventually, signal};
use http::Method;
use serde_json::Value;

use crate::{V1_SAYS, V2_SAYS, latest, says, spooled, v1, v2, zipdeploy};

/// The publishing site of an app by host name.
fn scm(hearth: &Hearth, app: &str, method: Method, path: &str) -> Call {
    let port = hearth.management_address().port();
    hearth.call_management(method, path).host(&format!("{app}.scm.localhost:{port}"))
}

/// The publish credential of an app.
fn credential(hearth: &Hearth, app: &str) -> (String, String) {
    let found = hearth.manage(Method::GET, &format!("/api/apps/{app}/publish-credentials")).send().expect(200).json();
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("user"), text("password"))
}

/// Follows an absolute URL of an answer with the admin key.
fn follow(hearth: &Hearth, url: &str) -> Answer {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect(url);
    hearth.manage(Method::GET, &format!("/{path}")).host(host).send()
}

#[test]
fn every_way_in_publishes() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    let (user, password) = credential(&hearth, "site");
    assert_eq!(user, "$site");

    let by_host = ["/api/zipdeploy", "/zipdeploy"];
    let by_path = ["/apps/site/api/zipdeploy", "/apps/site/zipdeploy"];
    let mut seen = std::collections::BTreeSet::new();
    for (turn, path) in by_host.into_iter().chain(by_path).enumerate() {
        let call = |method: Method| match by_host.contains(&path) {
            true => scm(&hearth, "site", method, path),
            false => hearth.call_management(method, path),
        };
        let ways = [
            call(Method::POST).header("x-functions-key", hearth.admin_key()),
            call(Method::PUT).header("authorization", &format!("Bearer {}", hearth.admin_key())),
            // curl's content type, and what Visual Studio writes for the user.
            call(Method::POST).basic("$site", &password).header("content-type", "application/x-www-form-urlencoded"),
            call(Method::POST).basic("site\\$site", &password).header("content-type", "application/octet-stream"),
        ];
        let way = ways[turn].clone();
        let (package, expected) = if turn % 2 == 0 { (v2(), V2_SAYS) } else { (v1(), V1_SAYS) };
        let answer = way.body(package.bytes()).send().expect(200);
        let deployment = answer.json();
        assert_eq!((deployment["status"].as_i64(), deployment["complete"].as_bool()), (Some(4), Some(true)), "{path}");
        assert_eq!(answer.header("scm-deployment-id"), deployment["id"].as_str());
        assert!(seen.insert(deployment["id"].as_str().unwrap().to_owned()));
        assert_eq!(says(&hearth, "site"), expected, "{path}");
    }
    assert_eq!(spooled(&hearth), 0);
}

#[test]
fn a_deployment_is_shown_with_every_field_of_kudu() {
    let hearth = Hearth::start();
    let path = "/apps/site/zipdeploy?author=Ada&authorEmail=ada%40example.org&deployer=ci&message=first%20one";
    let answer = hearth.manage(Method::POST, path).body(v1().bytes()).send().expect(200);
    let shown = latest(&hearth, "site");
    assert_eq!(shown["id"].as_str(), answer.header("scm-deployment-id"));
    let id = shown["id"].as_str().unwrap();
    let base = format!("{}/apps/site/api/deployments/{id}", hearth.management());
    for (name, value) in [
        ("status", Value::from(4)),
        ("status_text", "".into()),
        ("author", "Ada".into()),
        ("author_email", "ada@example.org".into()),
        ("deployer", "ci".into()),
        ("message", "first one".into()),
        ("progress", "".into()),
        ("complete", true.into()),
        ("active", true.into()),
        ("is_temp", false.into()),
        ("is_readonly", true.into()),
        ("site_name", "site".into()),
        ("provisioningState", "Succeeded".into()),
        ("url", base.clone().into()),
        ("log_url", format!("{base}/log").into()),
    ] {
        assert_eq!(shown[name], value, "{name} of {shown}");
    }
    for name in ["received_time", "start_time", "end_time", "last_success_end_time"] {
        let time = shown[name].as_str().unwrap_or_else(|| panic!("{name} of {shown}"));
        assert!(time.starts_with("20") && time.ends_with('Z'), "{name}: {time}");
    }

    let list = hearth.manage(Method::GET, "/apps/site/api/deployments").send().expect(200).json();
    assert_eq!(list, serde_json::json!([shown]));
    assert_eq!(follow(&hearth, &base).expect(200).json(), shown);
    let log = follow(&hearth, &format!("{base}/log")).expect(200).json();
    let accepted = log.as_array().unwrap().iter().any(|line| {
        line["message"].as_str().unwrap().contains("functions: count, echo, hello") && line["log_time"].is_string()
    });
    assert!(accepted, "{log}");
    hearth.manage(Method::GET, "/apps/site/api/deployments/0197c1f2-7a4b-7c3d-9e2f-5a6b7c8d9e0f").send().expect(404);
    hearth.manage(Method::GET, "/apps/nobody/api/deployments/latest").send().expect(404);
}

#[test]
fn an_asynchronous_publish_is_followed_to_its_end() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    // A worker that stands still keeps the deployment in progress for as long as the test wants.
    let worker = hearth.worker();
    signal(worker, Signal::STOP);
    let key = hearth.admin_key();
    let answer =
        scm(&hearth, "site", Method::POST, "/api/zipdeploy?isAsync=true&deployer=GITHUB_ZIP_DEPLOY_FUNCTIONS_V1")
            .header("x-functions-key", key)
            .body(v2().bytes())
            .send()
            .expect(202);
    let location = answer.header("location").unwrap().to_owned();
    let port = hearth.management_address().port();
    let begin = format!(
        "http://site.scm.localhost:{port}/api/deployments/latest?deployer=GITHUB_ZIP_DEPLOY_FUNCTIONS_V1&time=20"
    );
    assert!(location.starts_with(&begin), "{location}");
    assert!(answer.header("retry-after").is_some());

    let running = eventually("the deployment to reach the workers", || {
        let running = follow(&hearth, &location).expect(202);
        assert!(running.header("location").is_some());
        Some(running.json()).filter(|shown| shown["status"] == 2)
    });
    assert_eq!(running["id"].as_str(), answer.header("scm-deployment-id"));
    assert_eq!((running["complete"].as_bool(), running["active"].as_bool()), (Some(false), Some(false)));
    assert_eq!((running["provisioningState"].as_str(), running["end_time"].as_str()), (Some("InProgress"), None));
    assert_eq!(running["is_temp"], false);

    // Meanwhile there is no second one, and it is refused at its first byte.
    let answer = zipdeploy(&hearth, "site", v1().bytes()).expect(409);
    assert!(answer.text().contains("There is a deployment currently in progress for app 'site'"), "{}", answer.text());
    signal(worker, Signal::CONT);
    let ended = eventually("the end of the deployment", || {
        let answer = follow(&hearth, &location);
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!((ended["status"].as_i64(), ended["provisioningState"].as_str()), (Some(4), Some("Succeeded")));
    assert_eq!(says(&hearth, "site"), V2_SAYS);
}

#[test]
fn a_second_upload_is_refused_while_the_first_arrives() {
    let hearth = Hearth::start();
    let package = v1().bytes();
    let (half, rest) = package.split_at(package.len() / 2);
    let mut first =
        hearth.manage(Method::POST, "/apps/site/zipdeploy").header("content-length", &package.len().to_string()).open();
    assert!(first.send(half));
    eventually("the first upload to arrive", || (spooled(&hearth) == 1).then_some(()));
    let second = zipdeploy(&hearth, "site", v2().bytes()).expect(409);
    assert!(second.text().contains("There is a deployment currently in progress for app 'site'"), "{}", second.text());
    // Another app's publish is not concerned.
    zipdeploy(&hearth, "other", v2().bytes()).expect(200);
    assert!(first.send(rest));
    first.finish();
    first.answer().expect(200);
    assert_eq!((says(&hearth, "site"), says(&hearth, "other")), (V1_SAYS.to_owned(), V2_SAYS.to_owned()));
}

#[test]
fn wrong_credentials_are_asked_for_again_and_change_nothing() {
    let hearth = Hearth::start();
    zipdeploy(&hearth, "site", v1().bytes()).expect(200);
    zipdeploy(&hearth, "other", v1().bytes()).expect(200);
    let (_, password) = credential(&hearth, "site");
    let (_, others) = credential(&hearth, "other");
    let publish = || hearth.call_management(Method::POST, "/apps/site/zipdeploy").body(v2().bytes());
    let cases = [
        (publish(), "needs the app's publish credential (HTTP Basic) or the admin key"),
        (publish().basic("$site", "guessed"), "User or password is not right for app 'site'"),
        (publish().basic("$other", &password), "User or password is not right for app 'site'"),
        (publish().basic("$other", &others), "User or password is not right for app 'site'"),
        (publish().basic("site", &password), "User or password is not right for app 'site'"),
        (publish().header("x-functions-key", "guessed"), "The admin key is not right."),
        (publish().header("authorization", "Bearer guessed"), "The admin key is not right."),
        (scm(&hearth, "site", Method::GET, "/api/deployments/latest"), "needs the app's publish credential"),
        (scm(&hearth, "nobody", Method::GET, "/api/deployments").basic("$nobody", "x"), "not right for app 'nobody'"),
    ];
    for (call, text) in cases {
        let answer = call.send().expect(401);
        assert!(answer.text().contains(text), "{text}: {}", answer.text());
        assert!(!answer.text().contains("guessed") && !answer.text().contains(&password), "{}", answer.text());
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Basic realm=\""), "{challenge}");
    }
    // The publish credential opens nothing else.
    hearth.call_management(Method::GET, "/api/apps").basic("$site", &password).send().expect(401);
    let answer = hearth.call_management(Method::DELETE, "/api/apps/site").header("x-functions-key", "guessed").send();
    assert_eq!(answer.expect(401).json()["code"], "unauthorized");
    assert_eq!(says(&hearth, "site"), V1_SAYS);
    let list = hearth.manage(Method::GET, "/apps/site/deployments").send().expect(200).json();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_package_is_told_apart() {
    let hearth = Hearth::with().flag("--package-limit-mib", "1").start();
    let publish = || hearth.manage(Method::POST, "/apps/site/zipdeploy");
    let cases = [
        (publish(), 400, "The body is empty: send the package (a zip) as the body"),
        (publish().body(vec![7; (1 << 20) + 1]), 413, "The package is larger than 1048576 bytes"),
        (
            publish().header("content-type", "application/json").body(r#"{"packageUri":"http://example.org/app.zip"}"#),
            415,
            "JSON with a packageUri is not taken here: send the package itself",
        ),
    ];
    for (call, status, text) in cases {
        let answer = call.send().expect(status);
        assert!(answer.text().contains(text), "{text}: {}", answer.text());
    }
    // Of unknown length, so that it shows only while it arrives.
    let piece = vec![7; 300 << 10];
    let answer = publish().send_chunks([&*piece; 5]).expect(413);
    assert!(answer.text().contains("larger than 1048576 bytes"), "{}", answer.text());
    assert_eq!(spooled(&hearth), 0);
    hearth.manage(Method::GET, "/apps/site/zipdeploy").send().expect(405);
    hearth.manage(Method::POST, "/apps/UPPER/zipdeploy").body("x").send().expect(400);
}
