//! The host as the engine sees it: Hearth's interfaces, and WASI's for clocks, randomness, the environment and HTTP.

use super::bindings::hearth::functions::{app, host};
use super::{clock, convert};
use crate::host::{
    Definition, EntryKind, Exchange, Host, HttpError, HttpEvent, HttpRequest, Level, ScriptError, Source,
};

/// Hearth.
#[derive(Default)]
pub(super) struct Hearth {
    exchanges: super::http::Exchanges,
}

impl Host for Hearth {
    fn log(&self, level: Level, message: &str) {
        let level = match level {
            Level::Trace => host::Level::Trace,
            Level::Debug => host::Level::Debug,
            Level::Information => host::Level::Information,
            Level::Warning => host::Level::Warning,
            Level::Error => host::Level::Error,
            Level::Critical => host::Level::Critical,
        };
        host::log(level, message);
    }

    fn wall_clock(&self) -> f64 {
        clock::wall()
    }

    fn monotonic_clock(&self) -> f64 {
        clock::monotonic()
    }

    fn environment(&self) -> Vec<(String, String)> {
        wasip2::cli::environment::get_environment()
    }

    fn random(&self, buffer: &mut [u8]) {
        let bytes = wasip2::random::random::get_random_bytes(buffer.len() as u64);
        buffer.copy_from_slice(&bytes);
    }

    fn stat(&self, path: &str) -> Option<EntryKind> {
        Some(match app::stat(path)? {
            app::EntryKind::File => EntryKind::File,
            app::EntryKind::Directory => EntryKind::Directory,
        })
    }

    fn names(&self, path: &str) -> Vec<String> {
        app::names(path)
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        app::read(path)
    }

    fn script(&self, path: &str) -> Result<Option<Source>, ScriptError> {
        let source = |source: app::Source| Source { text: source.text, source_map: source.source_map };
        app::script(path).map(|found| found.map(source)).map_err(convert::script_error_in)
    }

    fn bytecode(&self, path: &str) -> Option<Vec<u8>> {
        app::bytecode(path)
    }

    fn keep_bytecode(&self, path: &str, bytecode: &[u8]) {
        app::keep_bytecode(path, bytecode);
    }

    fn retire(&self) {
        app::retire();
    }

    fn definitions(&self) -> Vec<Definition> {
        app::definitions().into_iter().map(definition).collect()
    }

    fn definition(&self, name: &str) -> Option<Definition> {
        app::definition(name).map(definition)
    }

    fn entry_files(&self) -> Vec<String> {
        app::entry_files()
    }

    fn http_send(&self, request: HttpRequest) -> Result<Exchange, HttpError> {
        self.exchanges.send(request)
    }

    fn http_read(&self, exchange: Exchange) {
        self.exchanges.read(exchange);
    }

    fn http_cancel(&self, exchange: Exchange) {
        self.exchanges.cancel(exchange);
    }

    fn wait(&self, timeout: Option<f64>) -> Vec<(Exchange, HttpEvent)> {
        self.exchanges.wait(timeout)
    }
}

fn definition(definition: app::FunctionDefinition) -> Definition {
    Definition {
        name: definition.name,
        directory: definition.directory,
        script_file: definition.script_file,
        entry_point: definition.entry_point,
        bindings: definition.bindings,
    }
}
