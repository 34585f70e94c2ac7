//! How many of the heavy steps of scripts run at once, all apps together. Each takes a processor, or memory that no app's own
//! limit counts; without a bound one app could take all of both.

use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::Semaphore;

/// Files of packages that are read at once. Each is in memory whole, up to what a script may read.
const READS: usize = 4;
/// TypeScript files that are translated at once, where there are as many processors. Each may take a processor for seconds, and
/// half a gigabyte.
const TRANSLATIONS: usize = 2;

/// Permits of one engine, given in the order in which they are asked for.
pub(crate) struct Permits {
    /// To be held until a file's content is handed on.
    pub(crate) reads: Arc<Semaphore>,
    /// To be held while a file is translated.
    pub(crate) translations: Semaphore,
}

impl Default for Permits {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { reads: Arc::new(Semaphore::new(READS)), translations: Semaphore::new(processors.min(TRANSLATIONS)) }
    }
}
