//! A component that also exports the content of its memory.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, CodeSection, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentTypeSection, ComponentValType, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, ImportSection, InstanceSection, MemArg, MemoryType, Module, ModuleArg, ModuleSection,
    PrimitiveValType, TypeSection, ValType,
};

use super::layout::Layout;

/// The function that returns the memory, `func() -> list<u8>`. It leaves the list's pointer and length in the first
/// [`LIST_BYTES`] bytes, which were zero.
pub(crate) const EXPORT: &str = "hearth-memory";

/// Bytes at the beginning of the memory that hold the list's pointer and length after a call.
pub(crate) const LIST_BYTES: usize = 8;

const PAGE_BITS: i32 = 16;

pub(super) fn add(component: &[u8], layout: &Layout) -> Vec<u8> {
    let module = module(&layout.memory_name);
    let mut instances = InstanceSection::new();
    instances.instantiate(layout.core_modules, [("component", ModuleArg::Instance(layout.instance))]);
    let mut aliases = ComponentAliasSection::new();
    let alias = |instance, kind, name| Alias::CoreInstanceExport { instance, kind, name };
    aliases.alias(alias(layout.instance, ExportKind::Memory, &layout.memory_name));
    aliases.alias(alias(layout.core_instances, ExportKind::Func, EXPORT));
    let mut types = ComponentTypeSection::new();
    types.defined_type().list(PrimitiveValType::U8);
    let none: [(&str, ComponentValType); 0] = [];
    types.function().params(none).result(Some(ComponentValType::Type(layout.types)));
    let mut functions = CanonicalFunctionSection::new();
    functions.lift(layout.core_functions, layout.types + 1, [CanonicalOption::Memory(layout.core_memories)]);
    let mut exports = ComponentExportSection::new();
    exports.export(EXPORT, ComponentExportKind::Func, layout.functions, None);

    let mut bytes = component.to_vec();
    append(&mut bytes, &ModuleSection(&module));
    append(&mut bytes, &instances);
    append(&mut bytes, &aliases);
    append(&mut bytes, &types);
    append(&mut bytes, &functions);
    append(&mut bytes, &exports);
    bytes
}

fn append(bytes: &mut Vec<u8>, section: &impl wasm_encoder::ComponentSection) {
    section.append_to_component(bytes);
}

/// Puts pointer and length of the list, which is all of the memory, at its beginning: the far end of the stack, where nothing is.
fn module(memory_name: &str) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut imports = ImportSection::new();
    let any = MemoryType { minimum: 0, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import("component", memory_name, EntityType::Memory(any));
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export(EXPORT, ExportKind::Func, 0);

    let at = |offset| MemArg { offset, align: 2, memory_index: 0 };
    let mut function = Function::new([]);
    let mut code = function.instructions();
    code.i32_const(0).i32_const(0).i32_store(at(0));
    code.i32_const(0).memory_size(0).i32_const(PAGE_BITS).i32_shl().i32_store(at(4));
    code.i32_const(0).end();
    let mut bodies = CodeSection::new();
    bodies.function(&function);

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&exports).section(&bodies);
    module
}
