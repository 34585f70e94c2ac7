//! How long the first answer takes: of a server that has just been started, and of an app that a running worker has not
//! loaded (its machine code is in the cache on disk).

use std::path::Path;
use std::time::{Duration, Instant};

use super::{HTTP_CALL, TYPED_CALL};
use crate::bench::app::App;
use crate::bench::call::{LIMIT, cold, median, until_answered};
use crate::bench::hearth::Hearth;
use crate::bench::load::{Call, Target};
use crate::bench::peer::Wasmtime;
use crate::bench::server::Server;

/// Starts of which the median counts, and apps that are called cold.
const TIMES: usize = 7;

/// Medians.
#[derive(Clone, Copy, Debug)]
pub(super) struct Starts {
    /// From spawning the process to the first answer.
    pub(super) wasmtime: Duration,
    pub(super) hearth: Duration,
    /// What the first call of an app takes longer than the second.
    pub(super) cold_http: Duration,
    pub(super) cold_typed: Duration,
}

/// Measures all of them. `hearth` is running; afterwards it runs again.
pub(super) fn measure(
    hearth: &mut Hearth,
    wasmtime: &Wasmtime,
    guest: &Path,
    [http, typed]: [&App; 2],
    folder: &Path,
) -> anyhow::Result<Starts> {
    let serve = |_| {
        let started = Instant::now();
        let server = Server::start("wasmtime", &folder.join("wasmtime.log"), |port| wasmtime.serve(guest, port, None))?;
        until_answered(&server.target("localhost", HTTP_CALL), LIMIT)?;
        Ok(started.elapsed())
    };
    let wasmtime = median((0..TIMES).map(serve))?;

    let copies = |app: &App| (0..TIMES).map(|n| app.named(format!("{}-{n}", app.name))).collect::<Vec<_>>();
    let (http_copies, typed_copies) = (copies(http), copies(typed));
    for app in http_copies.iter().chain(&typed_copies) {
        hearth.publish(app)?;
    }
    let targets = |apps: &[App], call: Call| apps.iter().map(|app| hearth.target(app, call)).collect::<Vec<_>>();
    let targets = [targets(&http_copies, HTTP_CALL), targets(&typed_copies, TYPED_CALL)];
    let [cold_http, cold_typed] = hearth.with_lone_worker(folder, |address| {
        let [http, typed] = targets
            .map(|targets| cold(&targets.into_iter().map(|target| Target { address, ..target }).collect::<Vec<_>>()));
        Ok([http?.1, typed?.1])
    })?;

    for app in http_copies.iter().chain(&typed_copies) {
        hearth.delete(app)?;
    }
    let target = hearth.target(http, HTTP_CALL);
    let hearth = median((0..TIMES).map(|_| hearth.restart(|| until_answered(&target, LIMIT))))?;
    Ok(Starts { wasmtime, hearth, cold_http, cold_typed })
}
