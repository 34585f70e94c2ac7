//! Publishing, from the upload to the version that answers: every way in, every refusal, and what happens when something
//! breaks half way.
#![cfg(unix)]
#![expect(clippy::print_stdout, reason = "a skipped test says why")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod disk;
mod intake;
mod interrupted;
mod kudu;
mod versions;

use hearth_tests::{Answer, Hearth, Zip, sample, test_guest};
use http::Method;
use serde_json::Value;

/// A version whose `/api/hello` says [`V1_SAYS`].
fn v1() -> Zip {
    Zip::folder(&sample("hello-http"))
}

/// A version whose `/api/hello` says [`V2_SAYS`].
fn v2() -> Zip {
    Zip::folder(&test_guest("faults-http"))
}

const V1_SAYS: &str = "Hello, WASI!\n";
const V2_SAYS: &str = "hello";

/// Publishes as `curl --data-binary` does, with the admin key, and waits for the end.
#[track_caller]
fn zipdeploy(hearth: &Hearth, app: &str, package: Vec<u8>) -> Answer {
    hearth.manage(Method::POST, &format!("/apps/{app}/api/zipdeploy")).body(package).send()
}

/// The newest deployment of an app.
#[track_caller]
fn latest(hearth: &Hearth, app: &str) -> Value {
    hearth.manage(Method::GET, &format!("/apps/{app}/api/deployments/latest")).send().json()
}

/// What `/api/hello` of the app says.
#[track_caller]
fn says(hearth: &Hearth, app: &str) -> String {
    hearth.app(app).get("/api/hello").expect(200).text()
}

/// The uploads that lie in the spool directory.
fn spooled(hearth: &Hearth) -> usize {
    std::fs::read_dir(hearth.data().join("spool")).unwrap().count()
}
