//! Types and glue generated from `host/wit/hearth.wit`.

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
