//! Where in a component its one memory is, and how many items of each kind it has.

use std::ops::Range;

use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind, DataKind, ExternalKind,
    Instance, MemoryType, Operator, Parser, Payload, ValType,
};
use wasmtime::error::Context as _;
use wasmtime::{Error, Result, bail};

/// A component's outermost level.
#[derive(Default)]
pub(super) struct Layout {
    /// The bytes of the module that has the memory.
    pub(super) module: Range<usize>,
    /// The instance of that module.
    pub(super) instance: u32,
    /// The name under which it exports the memory.
    pub(super) memory_name: String,
    pub(super) memory: Option<MemoryType>,
    /// Where the stack ends at the beginning, if it lies below everything else.
    pub(super) stack: Option<usize>,
    /// How many there are.
    pub(super) core_modules: u32,
    pub(super) core_instances: u32,
    pub(super) core_functions: u32,
    pub(super) core_memories: u32,
    pub(super) types: u32,
    pub(super) functions: u32,
}

impl Layout {
    pub(super) fn of(component: &[u8]) -> Result<Self> {
        let mut layout = Self::default();
        let mut with_memory = None;
        let mut instances = Vec::new();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload?;
            if depth == 0 {
                if let Payload::ModuleSection { unchecked_range, .. } = &payload {
                    let range = unchecked_range.clone();
                    let module = component.get(range.clone()).context("the component is cut off")?;
                    if layout.read_module(module)? {
                        if with_memory.replace(layout.core_modules).is_some() {
                            bail!("more than one module has a memory");
                        }
                        layout.module = range;
                    }
                    layout.core_modules += 1;
                }
                layout.count(&payload, &mut instances)?;
            }
            match payload {
                Payload::ModuleSection { .. } if depth > 0 => bail!("a module in a component within the component"),
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) if depth > 0 => depth -= 1,
                _ => {}
            }
        }
        let module = with_memory.context("no module has a memory")?;
        let mut its_instances = instances.iter().filter(|(of, _)| *of == module);
        match (its_instances.next(), its_instances.next()) {
            (Some((_, instance)), None) => layout.instance = *instance,
            _ => bail!("the module with the memory must be instantiated once"),
        }
        Ok(layout)
    }

    /// Whether a module has a memory of its own, about which everything is then noted.
    fn read_module(&mut self, module: &[u8]) -> Result<bool> {
        let mut memories = Vec::new();
        let mut memory_name = None;
        let mut stack_pointer = None;
        let mut first_data = usize::MAX;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::MemorySection(section) => {
                    for memory in section {
                        memories.push(memory?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global?;
                        if global.ty.mutable {
                            let Operator::I32Const { value } = global.init_expr.get_operators_reader().read()? else {
                                bail!("a mutable global is no stack pointer");
                            };
                            if global.ty.content_type != ValType::I32 || stack_pointer.replace(value).is_some() {
                                bail!("more mutable globals than the stack pointer");
                            }
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Memory {
                            memory_name = Some(export.name.to_owned());
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for data in section {
                        let DataKind::Active { memory_index: 0, offset_expr } = data?.kind else {
                            bail!("data that is not put into the memory at once");
                        };
                        let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                            bail!("data at a place that is not constant");
                        };
                        first_data = first_data.min(address(value)?);
                    }
                }
                Payload::StartSection { .. } => bail!("a module with a start function"),
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader()? {
                        if changes_more_than_memory(&operator?) {
                            bail!("code that changes a table, or drops data");
                        }
                    }
                }
                _ => {}
            }
        }
        let [memory] = memories[..] else {
            return if memories.is_empty() && stack_pointer.is_none() {
                Ok(false)
            } else {
                bail!("more than one memory in a module, or a mutable global in one without")
            };
        };
        if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
            bail!("a memory that is not an ordinary one");
        }
        if first_data == usize::MAX {
            bail!("a module without data");
        }
        self.memory = Some(memory);
        self.memory_name = memory_name.context("the memory is not exported")?;
        self.stack = stack_pointer.map(address).transpose()?.filter(|end| *end <= first_data);
        Ok(true)
    }

    fn count(&mut self, payload: &Payload<'_>, instances: &mut Vec<(u32, u32)>) -> Result<()> {
        match payload {
            Payload::InstanceSection(section) => {
                for instance in section.clone() {
                    if let Instance::Instantiate { module_index, .. } = instance? {
                        instances.push((module_index, self.core_instances));
                    }
                    self.core_instances += 1;
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    match alias? {
                        ComponentAlias::InstanceExport { kind, .. } => self.count_item(kind)?,
                        ComponentAlias::CoreInstanceExport { kind: ExternalKind::Func, .. } => self.core_functions += 1,
                        ComponentAlias::CoreInstanceExport { kind: ExternalKind::Memory, .. } => {
                            self.core_memories += 1;
                        }
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::Type, .. } => self.types += 1,
                        ComponentAlias::Outer { kind: ComponentOuterAliasKind::CoreModule, .. } => {
                            bail!("a module from outside");
                        }
                        _ => {}
                    }
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    match function? {
                        CanonicalFunction::Lift { .. } => self.functions += 1,
                        _ => self.core_functions += 1,
                    }
                }
            }
            Payload::ComponentTypeSection(section) => self.types += section.count(),
            Payload::ComponentImportSection(section) => {
                for import in section.clone() {
                    self.count_item(import?.ty.kind())?;
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    self.count_item(export?.kind)?;
                }
            }
            Payload::ComponentStartSection { .. } => bail!("a component with a start function"),
            _ => {}
        }
        Ok(())
    }

    fn count_item(&mut self, kind: ComponentExternalKind) -> Result<()> {
        match kind {
            ComponentExternalKind::Type => self.types += 1,
            ComponentExternalKind::Func => self.functions += 1,
            ComponentExternalKind::Module => bail!("a module from outside"),
            _ => {}
        }
        Ok(())
    }
}

/// Whether an instance that executed this has state beside its memory, its globals and what the host keeps for it.
fn changes_more_than_memory(operator: &Operator<'_>) -> bool {
    use Operator::{DataDrop, ElemDrop, TableCopy, TableFill, TableGrow, TableInit, TableSet};
    matches!(
        operator,
        TableSet { .. }
            | TableGrow { .. }
            | TableFill { .. }
            | TableCopy { .. }
            | TableInit { .. }
            | ElemDrop { .. }
            | DataDrop { .. }
    )
}

fn address(value: i32) -> Result<usize> {
    usize::try_from(value.cast_unsigned()).map_err(Error::from)
}
