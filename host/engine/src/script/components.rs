//! The components that come with this build of Hearth, made ready on their first use.
//!
//! The JavaScript engine is kept as an image of its memory after its initialisation. Making and compiling it takes seconds, once in an
//! installation; who asks meanwhile waits. Afterwards it comes from the code cache.

use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::config::Engine;
use crate::context::StoreData;
use crate::contract::javascript::JavascriptEnginePre;
use crate::contract::typescript::TypescriptStripperPre;
use crate::error::LoadError;
use crate::instance::SharedImage;
use crate::script::image;

mod built {
    include!(concat!(env!("OUT_DIR"), "/components.rs"));
}

/// What is loaded so far.
#[derive(Default)]
pub(crate) struct Components {
    javascript: Mutex<Option<JavaScript>>,
    typescript: Mutex<Option<TypescriptStripperPre<StoreData>>>,
}

/// The JavaScript engine.
#[derive(Clone)]
pub(crate) struct JavaScript {
    pub(crate) pre: JavascriptEnginePre<StoreData>,
    /// Which engine it is, the translator of TypeScript included: bytecode of one is nothing to another.
    pub(crate) digest: [u8; 32],
    /// What its instances begin with.
    pub(crate) image: SharedImage,
}

impl Components {
    /// Blocking: seconds the first time in an installation, milliseconds the first time in a process, nothing after that.
    pub(crate) fn javascript(&self, engine: &Engine) -> Result<JavaScript, LoadError> {
        let mut loaded = self.javascript.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(javascript) = &*loaded {
            return Ok(javascript.clone());
        }
        let bytes = built::JAVASCRIPT.ok_or_else(|| missing("JavaScript"))?;
        let kind = format!("image {}", image::VERSION);
        let component = engine.cache.load_own(&engine.wasmtime, &kind, bytes, || {
            image::make(&engine.wasmtime, bytes, "hearth:functions/scripts@0.1.0", "initialize")
                .map_err(|error| LoadError::Host(format!("the JavaScript engine can't be made ready: {error:#}")))
        })?;
        let pre = engine.linker.instantiate_pre(&component).map_err(misfit)?;
        let pre = JavascriptEnginePre::new(pre).map_err(misfit)?;
        let digest = digest(bytes, built::TYPESCRIPT.unwrap_or_default());
        Ok(loaded.insert(JavaScript { pre, digest, image: SharedImage::default() }).clone())
    }

    /// Blocking as above.
    pub(crate) fn typescript(&self, engine: &Engine) -> Result<TypescriptStripperPre<StoreData>, LoadError> {
        let mut loaded = self.typescript.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pre) = &*loaded {
            return Ok(pre.clone());
        }
        let bytes = built::TYPESCRIPT.ok_or_else(|| missing("TypeScript"))?;
        let component = engine.cache.load_own(&engine.wasmtime, "typescript", bytes, || Ok(bytes))?;
        let pre = engine.linker.instantiate_pre(&component).map_err(misfit)?;
        Ok(loaded.insert(TypescriptStripperPre::new(pre).map_err(misfit)?).clone())
    }
}

/// Of both components that have a part in bytecode, each by its own digest so that where one ends and the other begins counts.
fn digest(javascript: &[u8], typescript: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(Sha256::digest(javascript)).chain_update(Sha256::digest(typescript)).finalize().into()
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err gives it")]
fn misfit(error: wasmtime::Error) -> LoadError {
    LoadError::Host(format!("a component of this build of hearth does not fit it: {error:#}"))
}

/// A debug build may lack them; a release build does not.
fn missing(language: &str) -> LoadError {
    LoadError::Host(format!(
        "this build of hearth can't run {language}: the component for it was not there when hearth was built. Run `cargo xtask guests`, then build \
         hearth again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_component_makes_another_engine() {
        let engine = digest(b"javascript", b"typescript");
        assert_eq!(engine, digest(b"javascript", b"typescript"));
        assert_ne!(engine, digest(b"javascript 2", b"typescript"));
        assert_ne!(engine, digest(b"javascript", b"typescript 2"));
        assert_ne!(engine, digest(b"javascripttype", b"script"));
    }
}
