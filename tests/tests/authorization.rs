//! Who may call what: every level with every kind of key in every place, disabled functions and the admin API, against
//! rules written down here once more from the reference of Azure Functions (sections 2.3, 2.4 and 6.3).
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use hearth_tests::{Connection, Hearth, Protocol, Zip, http_function, test_guest};
use http::Method;
use serde_json::json;

const LEVELS: [&str; 5] = ["anonymous", "function", "admin", "system", "user"];
/// Paths that only the master key opens.
const ADMIN: [&str; 6] = [
    "/admin/host/status",
    "/admin/functions",
    "/admin/functions/for-function-on",
    "/admin/functions/for-function-on/keys",
    "/admin/host/functionkeys",
    "/admin/host/systemkeys",
];
/// A change of keys holds everywhere within a second; a busy machine gets another one to run the test.
const LIVE: Duration = Duration::from_secs(2);

/// What a key is to the app that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// None at all.
    Absent,
    Empty,
    Wrong,
    /// Of the app itself, but taken back.
    Revoked,
    Master,
    Host,
    System,
    /// Of the function that is called.
    OwnFunction,
    OtherFunction,
    /// One of these of another app.
    Foreign,
}

#[derive(Clone, Debug)]
struct Key {
    kind: Kind,
    value: String,
}

/// The caller's standing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Nobody,
    Function,
    System,
    Admin,
}

/// 2.4: the header alone counts where there is one, else the query.
fn standing(header: &Key, code: &Key) -> Standing {
    let counts = if header.kind == Kind::Absent { code } else { header };
    match counts.kind {
        Kind::Master => Standing::Admin,
        Kind::System => Standing::System,
        Kind::Host | Kind::OwnFunction => Standing::Function,
        Kind::Absent | Kind::Empty | Kind::Wrong | Kind::Revoked | Kind::OtherFunction | Kind::Foreign => {
            Standing::Nobody
        }
    }
}

/// 2.3, steps 6 to 8: first the level, which the standing must equal unless it is the master's; then whether the function
/// is disabled for everybody else.
fn status(level: &str, disabled: bool, standing: Standing) -> u16 {
    let opens = match level {
        "anonymous" => true,
        "function" => standing == Standing::Function,
        "system" => standing == Standing::System,
        // `user` needs the platform's own authentication.
        _ => false,
    };
    match standing {
        Standing::Admin => 200,
        _ if !opens => 401,
        _ if disabled => 404,
        _ => 200,
    }
}

/// The name of the function with this level. A route must not begin with `admin`.
fn name(level: &str, disabled: bool) -> String {
    format!("for-{level}-{}", if disabled { "off" } else { "on" })
}

/// Publishes an app with a function of each level, enabled and disabled, each with a key of its own, and one more function
/// with a key. Every value names the app.
fn publish(hearth: &Hearth, app: &str) {
    hearth.create_app(app);
    let off: Vec<String> = LEVELS.iter().map(|level| format!("AzureWebJobs.{}.Disabled", name(level, true))).collect();
    hearth.set_settings(app, off.iter().map(|name| (name.as_str(), "true")));
    let mut zip = Zip::folder(&test_guest("contract"));
    for level in LEVELS {
        for disabled in [false, true] {
            let name = name(level, disabled);
            let mut function = http_function(&json!({ "authLevel": level }));
            function["entryPoint"] = "which".into();
            function["bindings"][1]["name"] = "$return".into();
            zip = zip.json(&format!("{name}/function.json"), &function);
            hearth.put_key(app, &format!("functions/{name}"), "mine", &format!("{app}-{name}"));
        }
    }
    let mut function = http_function(&json!({}));
    function["entryPoint"] = "which".into();
    zip = zip.json("other/function.json", &function);
    hearth.put_key(app, "functions/other", "mine", &format!("{app}-other"));
    hearth.put_key(app, "host", "more", &format!("{app}-host"));
    hearth.put_key(app, "host", "revoked", &format!("{app}-revoked"));
    hearth.put_key(app, "system", "hook_extension", &format!("{app}-system"));
    hearth.delete_key(app, "host", "revoked");
    hearth.publish_zip(app, &zip);
}

fn master(hearth: &Hearth, app: &str) -> String {
    hearth.keys(app)["master"]["value"].as_str().unwrap().to_owned()
}

/// Every key that a caller of this function of `own` might come with.
fn keys(hearth: &Hearth, function: &str) -> Vec<Key> {
    let key = |kind, value: &str| Key { kind, value: value.to_owned() };
    let keys = hearth.keys("own");
    let default = keys["host"].as_array().unwrap().iter().find(|key| key["name"] == "default").unwrap();
    vec![
        key(Kind::Absent, ""),
        key(Kind::Empty, ""),
        key(Kind::Wrong, "wrong"),
        key(Kind::Wrong, &master(hearth, "own").to_lowercase()),
        key(Kind::Revoked, "own-revoked"),
        key(Kind::Master, &master(hearth, "own")),
        key(Kind::Host, "own-host"),
        key(Kind::Host, default["value"].as_str().unwrap()),
        key(Kind::System, "own-system"),
        key(Kind::OwnFunction, &format!("own-{function}")),
        key(Kind::OtherFunction, "own-other"),
        key(Kind::Foreign, &master(hearth, "foreign")),
        key(Kind::Foreign, "foreign-host"),
        key(Kind::Foreign, "foreign-system"),
        key(Kind::Foreign, &format!("foreign-{function}")),
        key(Kind::Foreign, "foreign-revoked"),
        key(Kind::Wrong, hearth.admin_key()),
    ]
}

/// Calls the path with each pair of keys, one in the header and one in the query, and tells where the status is not what
/// the rules say. Gives the number of calls.
fn all_pairs(
    connection: &mut Connection,
    hearth: &Hearth,
    path: &str,
    keys: &[Key],
    expected: impl Fn(Standing) -> u16,
    wrong: &mut Vec<String>,
) -> usize {
    for header in keys {
        for code in keys {
            let target = match code.kind {
                Kind::Absent => path.to_owned(),
                _ => format!("{path}?code={}", code.value.replace('+', "%2B").replace('=', "%3D")),
            };
            let mut call = hearth.app("own").call(Method::GET, &target);
            if header.kind != Kind::Absent {
                call = call.header("x-functions-key", &header.value);
            }
            let answer = connection.send(&call).unwrap();
            let expected = expected(standing(header, code));
            if answer.status != expected {
                let keys = format!("header {:?}, code {:?}", header.kind, code.kind);
                wrong.push(format!("{path} with {keys}: {} instead of {expected}", answer.status));
            }
            if answer.status == 401 && (!answer.body.is_empty() || answer.header("www-authenticate").is_some()) {
                wrong.push(format!("{path}: the 401 says {:?} {}", answer.headers, answer.text()));
            }
        }
    }
    keys.len() * keys.len()
}

#[test]
fn every_level_opens_to_the_keys_that_it_names() {
    let hearth = Hearth::start();
    publish(&hearth, "own");
    publish(&hearth, "foreign");
    let mut connection = Connection::new(hearth.http_address(), Protocol::Http1);
    let (mut calls, mut wrong) = (0, Vec::new());
    for level in LEVELS {
        for disabled in [false, true] {
            let function = name(level, disabled);
            let expected = |standing| status(level, disabled, standing);
            let path = format!("/api/{function}");
            let keys = keys(&hearth, &function);
            calls += all_pairs(&mut connection, &hearth, &path, &keys, expected, &mut wrong);
        }
    }
    let keys = keys(&hearth, "for-function-on");
    for path in ADMIN {
        let expected = |standing| if standing == Standing::Admin { 200 } else { 401 };
        calls += all_pairs(&mut connection, &hearth, path, &keys, expected, &mut wrong);
    }
    assert!(calls > 4000, "{calls} calls");
    assert!(wrong.is_empty(), "{} of {calls} calls differ:\n{}", wrong.len(), wrong.join("\n"));
    // No key is in the log.
    let log = hearth.log().text();
    for key in [master(&hearth, "own").as_str(), "own-host", "own-system"] {
        assert!(!log.contains(key), "a key is in the log");
    }
}

#[test]
fn a_changed_key_holds_at_once_on_every_worker() {
    let hearth = Hearth::with().workers(2).start();
    publish(&hearth, "own");
    // Each call has a connection of its own; so many meet both workers.
    let all_answer = |key: &str, status: u16| {
        let call = hearth.app("own").call(Method::GET, "/api/for-function-on").header("x-functions-key", key);
        (0..20).all(|_| call.clone().send().status == status)
    };
    let within = |what: &str, done: &dyn Fn() -> bool| {
        let begin = Instant::now();
        while !done() {
            assert!(begin.elapsed() < LIVE, "{what} did not hold after {LIVE:?}");
        }
    };
    assert!(all_answer("own-host", 200));
    hearth.put_key("own", "host", "more", "own-host-2");
    within("the new value", &|| all_answer("own-host-2", 200));
    within("the end of the old value", &|| all_answer("own-host", 401));
    hearth.delete_key("own", "host", "more");
    within("the revocation", &|| all_answer("own-host-2", 401));
    hearth.put_key("own", "functions/for-function-on", "mine", "own-function-2");
    within("the function's new key", &|| all_answer("own-function-2", 200));
    // The master key, renewed through the app's own admin API with itself.
    let old = master(&hearth, "own");
    let call = hearth.app("own").call(Method::POST, "/admin/host/keys/_master").header("x-functions-key", &old);
    call.send().expect(201);
    let new = master(&hearth, "own");
    assert_ne!(old, new);
    within("the new master key", &|| all_answer(&new, 200));
    within("the end of the old master key", &|| all_answer(&old, 401));
}
