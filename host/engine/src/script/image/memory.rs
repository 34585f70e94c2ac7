//! A component whose memory begins with given content.

use wasm_encoder::{
    Component, ConstExpr, DataCountSection, DataSection, MemorySection, MemoryType, Module, RawSection,
};
use wasmparser::{Parser, Payload};
use wasmtime::Result;
use wasmtime::error::Context as _;

use super::layout::Layout;

const PAGE_BYTES: usize = 64 * 1024;
/// Pieces of the memory of which each is written down as a whole, or not at all if it is zero.
const PIECE_BYTES: usize = 4096;

/// `component` with `memory` as what its memory holds at the beginning. What is left of finished calls on the stack is cleared.
pub(super) fn replace(component: &[u8], layout: &Layout, mut memory: Vec<u8>) -> Result<Vec<u8>> {
    if let Some(stack) = layout.stack.and_then(|end| memory.get_mut(..end)) {
        stack.fill(0);
    }
    let module = component.get(layout.module.clone()).context("the component is cut off")?;
    let module = module_with(module, layout, &memory)?;
    let mut result = Component::new();
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        if depth == 0
            && let Some((id, range)) = payload.as_section()
        {
            let data = if range == layout.module { &module[..] } else { &component[range] };
            result.section(&RawSection { id, data });
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) if depth > 0 => depth -= 1,
            _ => {}
        }
    }
    Ok(result.finish())
}

fn module_with(module: &[u8], layout: &Layout, memory: &[u8]) -> Result<Vec<u8>> {
    let mut data = DataSection::new();
    for (at, content) in pieces(memory) {
        data.active(0, &ConstExpr::i32_const(u32::try_from(at)?.cast_signed()), content.iter().copied());
    }
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: memory.len().div_ceil(PAGE_BYTES) as u64,
        maximum: layout.memory.and_then(|memory| memory.maximum),
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut result = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        match &payload {
            Payload::MemorySection(_) => {
                result.section(&memories);
            }
            Payload::DataCountSection { .. } => {
                result.section(&DataCountSection { count: data.len() });
            }
            Payload::DataSection(_) => {
                result.section(&data);
            }
            _ => {
                if let Some((id, range)) = payload.as_section() {
                    result.section(&RawSection { id, data: &module[range] });
                }
            }
        }
    }
    Ok(result.finish())
}

/// What is not zero, with its addresses.
fn pieces(memory: &[u8]) -> Vec<(usize, &[u8])> {
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    for (number, piece) in memory.chunks(PIECE_BYTES).enumerate() {
        let start = number * PIECE_BYTES;
        let end = start + piece.len();
        match pieces.last_mut() {
            _ if piece.iter().all(|byte| *byte == 0) => {}
            Some(last) if last.1 == start => last.1 = end,
            _ => pieces.push((start, end)),
        }
    }
    pieces.into_iter().map(|(start, end)| (start, &memory[start..end])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_not_written_down() {
        let mut memory = vec![0; 5 * PIECE_BYTES + 3];
        assert!(pieces(&memory).is_empty());
        memory[PIECE_BYTES] = 1;
        memory[3 * PIECE_BYTES - 1] = 1;
        memory[5 * PIECE_BYTES] = 1;
        let places: Vec<_> = pieces(&memory).into_iter().map(|(at, piece)| (at, piece.len())).collect();
        assert_eq!(places, [(PIECE_BYTES, 2 * PIECE_BYTES), (5 * PIECE_BYTES, 3)]);
    }
}
