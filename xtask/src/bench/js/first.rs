//! What is slow once: the engine of an installation, an app when it is published, an app that a worker has not loaded.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::{APPS, Apps, HELLO};
use crate::bench::app::App;
use crate::bench::call::{LIMIT, cold, until_answered};
use crate::bench::hearth::Hearth;
use crate::bench::load::Target;

/// Apps of which the median counts.
const TIMES: usize = 7;

/// The times.
#[derive(Clone, Copy, Debug)]
pub(super) struct First {
    /// From `hearth publish` to the first answer: the first JavaScript app of an installation, and a later one.
    pub(super) engine: Duration,
    pub(super) published: Duration,
    /// The same in TypeScript.
    pub(super) typescript_engine: Duration,
    pub(super) typescript: Duration,
    /// What the first call of an app takes longer than the second in a worker that has not loaded it: the first JavaScript
    /// of that worker, and later apps.
    pub(super) cold_worker: Duration,
    pub(super) cold_v3: Duration,
    pub(super) cold_v4: Duration,
    pub(super) cold_rust: Duration,
}

/// Publishes apps to an installation that has none, and calls them in a worker that has loaded none.
pub(super) fn measure(hearth: &mut Hearth, apps: &Apps, folder: &Path) -> anyhow::Result<First> {
    let copies = |app: &App, what: &str| {
        (0..TIMES).map(|number| app.copy(folder, &format!("{what}{number}"))).collect::<anyhow::Result<Vec<_>>>()
    };
    let (v3, v4) = (copies(&apps.v3[1], "v3-")?, copies(&apps.v4[1], "v4-")?);
    let rust = copies(&apps.rust[1], "rust-")?;
    let typescript = copies(&apps.v4[1], "ts-")?;
    for app in v3.iter().chain(&v4).chain(&typescript) {
        // Another file makes another version, so that nothing is known of it.
        std::fs::write(app.package.join("name.txt"), &app.name)?;
    }
    for app in &typescript {
        make_typescript(app)?;
    }
    let (engine, published) = publish(hearth, &v3)?;
    publish(hearth, &v4)?;
    publish(hearth, &rust)?;
    let (typescript_engine, typescript) = publish(hearth, &typescript)?;

    let targets = [&v3, &v4, &rust].map(|apps| apps.iter().map(|app| hearth.target(app, HELLO)).collect::<Vec<_>>());
    let [(cold_worker, cold_v3), (_, cold_v4), (_, cold_rust)] = hearth.with_lone_worker(folder, |address| {
        let [v3, v4, rust] = targets
            .map(|targets| cold(&targets.into_iter().map(|target| Target { address, ..target }).collect::<Vec<_>>()));
        Ok([v3?, v4?, rust?])
    })?;
    Ok(First { engine, published, typescript_engine, typescript, cold_worker, cold_v3, cold_v4, cold_rust })
}

/// The first time, and the median of the others.
fn publish(hearth: &Hearth, apps: &[App]) -> anyhow::Result<(Duration, Duration)> {
    let mut times = Vec::new();
    for app in apps {
        let started = Instant::now();
        hearth.publish(app)?;
        until_answered(&hearth.target(app, HELLO), LIMIT)?;
        times.push(started.elapsed());
    }
    let first = *times.first().context("nothing was published")?;
    let others = times.get_mut(1..).unwrap_or_default();
    others.sort_unstable();
    Ok((first, others.get(others.len() / 2).copied().unwrap_or(first)))
}

/// The same functions in TypeScript, with a few types to take off.
fn make_typescript(app: &App) -> anyhow::Result<()> {
    let script = app.package.join("src/functions.js");
    let text = std::fs::read_to_string(&script).with_context(|| format!("{APPS}/v4 has no src/functions.js"))?;
    let typed = text
        .replace(
            "const { app } = require('@azure/functions');",
            "import { app, type HttpRequest } from '@azure/functions';",
        )
        .replace("async (request)", "async (request: HttpRequest)");
    std::fs::write(script.with_extension("ts"), typed)?;
    std::fs::remove_file(script)?;
    let manifest = app.package.join("package.json");
    let text = std::fs::read_to_string(&manifest)?;
    std::fs::write(&manifest, text.replace("src/functions.js", "src/functions.ts"))?;
    Ok(())
}
