//! Types and glue generated from `host/wit`.

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

/// The component that runs JavaScript apps.
pub(crate) mod javascript {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "javascript-engine",
        imports: {
            // TypeScript is translated in an instance of its own.
            "hearth:functions/app.script": async | trappable,
            // Unpacking a file would hold up every guest of the thread.
            "hearth:functions/app.read": async | trappable,
        },
        exports: { default: async },
        with: {
            "hearth:functions/types": super::generated::hearth::functions::types,
            "hearth:functions/host": super::generated::hearth::functions::host,
        },
    });
}

/// What a component may tell beside its functions.
pub(crate) mod policies {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "function-policies",
        exports: { default: async },
    });
}

/// The component that takes the types off TypeScript.
pub(crate) mod typescript {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "typescript-stripper",
        exports: { default: async },
        with: {
            "hearth:functions/script-types": super::javascript::hearth::functions::script_types,
        },
    });
}

pub(crate) use generated::hearth::functions::host;
pub use generated::hearth::functions::types::*;
pub(crate) use generated::{FunctionApp, FunctionAppIndices};
