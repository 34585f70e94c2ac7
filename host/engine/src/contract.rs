//! Types and glue generated from `host/wit/hearth.wit`, and what the host does for a guest that calls it.

use crate::context::StoreData;
use crate::log::Level;

#[expect(missing_docs, reason = "generated from the contract, which documents itself")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "function-app",
        imports: {
            "hearth:functions/host.send": async,
        },
        exports: { default: async },
    });
}

pub(crate) use generated::hearth::functions::host;
pub use generated::hearth::functions::types::*;
pub(crate) use generated::{FunctionApp, FunctionAppPre};

impl Host for StoreData {}

impl host::Host for StoreData {
    fn log(&mut self, level: host::Level, message: String) {
        let level = match level {
            host::Level::Trace => Level::Trace,
            host::Level::Debug => Level::Debug,
            host::Level::Information => Level::Information,
            host::Level::Warning => Level::Warning,
            host::Level::Error => Level::Error,
            host::Level::Critical => Level::Critical,
        };
        self.log.log(level, &message);
    }

    fn get_setting(&mut self, name: String) -> Option<String> {
        self.guest.settings.get(&name).cloned()
    }

    async fn send(&mut self, request: host::OutboundRequest) -> Result<HttpResponse, host::OutboundError> {
        self.guest.outbound.send_complete(request).await
    }
}
