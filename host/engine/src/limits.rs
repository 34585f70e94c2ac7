//! What one instance may use: linear memory and tables, and the time of the invocation that it runs.

use std::fmt;
use std::time::{Duration, Instant};

use wasmtime::ResourceLimiter;

/// Stack that a guest's WebAssembly frames may take. JavaScript takes many of them for one of its calls, and must be refused by its engine, which
/// scripts can catch, before it gets here.
pub(crate) const GUEST_STACK_BYTES: usize = 16 * 1024 * 1024;
/// Table elements of all tables of an instance together.
const MAX_TABLE_ELEMENTS: usize = 1_000_000;

/// Bounds an instance's memories together; exceeding it ends the invocation with [`MemoryExceeded`].
pub(crate) struct InstanceLimits {
    limit_mib: u32,
    used: usize,
    table_elements: usize,
    /// Whether growth that was allowed did not happen, and `used` says too much.
    uncertain: bool,
}

impl InstanceLimits {
    pub(crate) fn new(limit_mib: u32) -> Self {
        Self { limit_mib, used: 0, table_elements: 0, uncertain: false }
    }

    /// All memories of the instance together, in bytes; `None` when it is not known.
    pub(crate) fn memory_bytes(&self) -> Option<usize> {
        (!self.uncertain).then_some(self.used)
    }
}

impl ResourceLimiter for InstanceLimits {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        // Beyond what the memory itself allows, growth fails as WebAssembly says; it is not counted, since it does not happen.
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let used = self.used.saturating_sub(current).saturating_add(desired);
        if used > self.limit_mib as usize * 1024 * 1024 {
            return Err(MemoryExceeded { limit_mib: self.limit_mib }.into());
        }
        self.used = used;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.uncertain = true;
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let elements = self.table_elements.saturating_sub(current).saturating_add(desired);
        if elements > MAX_TABLE_ELEMENTS || maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.table_elements = elements;
        Ok(true)
    }
}

/// The guest asked for more memory than its app may have.
#[derive(Debug)]
pub(crate) struct MemoryExceeded {
    pub(crate) limit_mib: u32,
}

impl fmt::Display for MemoryExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "memory limit of {} MiB exceeded", self.limit_mib)
    }
}

impl std::error::Error for MemoryExceeded {}

/// When the running invocation must end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    pub(crate) timeout: Duration,
}

impl Deadline {
    pub(crate) fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, timeout }
    }
}

/// The guest was computing when its time was over; carries the guest's backtrace.
#[derive(Debug)]
pub(crate) struct DeadlineExceeded {
    pub(crate) timeout: Duration,
}

impl fmt::Display for DeadlineExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function timeout of {:?} exceeded", self.timeout)
    }
}

impl std::error::Error for DeadlineExceeded {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_count_together_and_only_growth_that_happens() {
        let mut limits = InstanceLimits::new(2);
        let mib = 1024 * 1024;
        assert!(limits.memory_growing(0, mib, None).unwrap());
        assert!(limits.memory_growing(0, mib / 2, Some(mib / 2)).unwrap(), "a second memory");
        for _ in 0..10 {
            assert!(!limits.memory_growing(mib / 2, mib, Some(mib / 2)).unwrap(), "more than that memory may have");
        }
        assert!(limits.memory_growing(mib, mib + mib / 2, None).unwrap());
        assert!(limits.memory_growing(mib + mib / 2, mib + mib / 2 + 1, None).unwrap_err().is::<MemoryExceeded>());
    }
}
