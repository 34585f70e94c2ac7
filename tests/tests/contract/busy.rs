//! The answers of an app that has more to do than it may: they depend on other calls, so no table can hold them.

use hearth_tests::{App, Hearth, Zip, test_guest};
use http::Method;
use serde_json::json;

use crate::snapshot::Errors;

/// 429 beyond `maxOutstandingRequests` (reference, section 2.3, step 4), also for a path that no function has.
pub(crate) fn check(hearth: &Hearth, errors: &mut Errors) {
    let http = json!({ "maxConcurrentRequests": 1, "maxOutstandingRequests": 1 });
    let host = json!({ "version": "2.0", "extensions": { "http": http } });
    hearth.publish_zip("busy", &Zip::folder(&test_guest("faults-http")).json("host.json", &host));
    let app: App<'_> = hearth.app("busy");
    let mut held = app.call(Method::GET, "/api/slow?chunks=100000&pause=10").open();
    held.finish();
    assert_eq!(held.head().0, 200);
    for path in ["/api/hello", "/api/nothing"] {
        let answer = app.get(path).expect(429);
        assert_eq!(answer.header("x-function-scaleout"), Some("1"), "{path}");
        errors.see(&answer, &[]);
    }
    // Never refused: the admin API, which is how one finds out.
    app.get("/admin/host/ping").expect(200);
}
