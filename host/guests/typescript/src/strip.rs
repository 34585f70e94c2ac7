//! Parse, check, take the types off, print. Nothing here reads or writes anything but its arguments.

use std::path::Path;

use oxc_allocator::Allocator;
use oxc_ast::ast::{Decorator, JSXElement, JSXFragment, Program, Statement, TSModuleReference};
use oxc_ast_visit::Visit;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_diagnostics::OxcDiagnostic;
use oxc_parser::{ParseOptions, Parser};
use oxc_semantic::SemanticBuilder;
use oxc_span::{SourceType, Span};
use oxc_transformer::{EnvOptions, Module, TransformOptions, Transformer, TypeScriptOptions};

use crate::place::Problem;

const JSX: &str = "JSX is not supported; compile it with your bundler (`hearth publish --bundle`) or with tsc and publish the JavaScript";
const DECORATORS: &str =
    "decorators are not supported; compile this app with tsc and publish the JavaScript, or do without them";
const NAMESPACES: &str =
    "a namespace can export constants, functions, classes and namespaces only; make this one a `const`";

/// JavaScript, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The JavaScript.
    pub text: String,
    /// Source map, revision 3, without the sources themselves.
    pub source_map: String,
}

/// Takes the types off a `.ts`, `.mts` or `.cts` file. Imports that are used as types only are dropped, as TypeScript does
/// unless `verbatimModuleSyntax` is set; fields that only declare a type are dropped, as with `useDefineForClassFields` off.
///
/// # Errors
/// The first thing that is wrong with the file.
pub fn strip(path: &str, text: &str) -> Result<Script, Problem> {
    let source_type = dialect(path)?;
    // The mark at the start of a file is no part of the program.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let allocator = Allocator::default();
    let mut program = parse(&allocator, text, source_type)?;
    if let Some(place) = First::in_program(&program).decorator {
        return Err(Problem::at(DECORATORS, text, place.start as usize));
    }
    let checked = SemanticBuilder::new().with_check_syntax_error(true).with_enum_eval(true).build(&program);
    none_of(&checked.diagnostics, text)?;
    let scoping = checked.semantic.into_scoping();

    let transformed =
        Transformer::new(&allocator, Path::new(path), &options(&program)).build_with_scoping(scoping, &mut program);
    none_of(&transformed.diagnostics, text)?;

    let printed = Codegen::new()
        .with_options(CodegenOptions {
            // Named as a map beside the script would name it: from the script's folder.
            source_map_path: Path::new(path).file_name().map(Into::into),
            comments: CommentOptions::disabled(),
            ..CodegenOptions::default()
        })
        .with_scoping(Some(transformed.scoping))
        .build(&program);
    let mut map = printed.map.unwrap_or_default();
    // The sources are in the package.
    map.set_source_contents(Vec::new());
    Ok(Script { text: printed.code, source_map: map.to_json_string() })
}

fn dialect(path: &str) -> Result<SourceType, Problem> {
    match Path::new(path).extension().and_then(|extension| extension.to_str()) {
        // A file with `import` or `export` is a module, another one is CommonJS.
        Some("ts" | "cts") => Ok(SourceType::ts().with_unambiguous(true)),
        Some("mts") => Ok(SourceType::ts()),
        Some("tsx" | "jsx") => Err(Problem::of_file(JSX)),
        _ => Err(Problem::of_file("only .ts, .mts and .cts files hold TypeScript")),
    }
}

fn parse<'a>(allocator: &'a Allocator, text: &'a str, source_type: SourceType) -> Result<Program<'a>, Problem> {
    // CommonJS files are functions, which may return.
    let options = ParseOptions { allow_return_outside_function: true, ..ParseOptions::default() };
    let parse = |source_type| Parser::new(allocator, text, source_type).with_options(options).parse();
    let parsed = parse(source_type);
    let Some(error) = parsed.diagnostics.first() else { return Ok(parsed.program) };
    // What a TypeScript parser says about an element in a .ts file is about types and brackets, which helps nobody.
    let with_elements = parse(source_type.with_jsx(true));
    if with_elements.diagnostics.is_empty()
        && let Some(place) = First::in_program(&with_elements.program).element
    {
        return Err(Problem::at(JSX, text, place.start as usize));
    }
    Err(problem(error, text))
}

/// Only types go. `import x = require()` and `export =` are for CommonJS, so the file must be no ES module then.
fn options(program: &Program<'_>) -> TransformOptions {
    let module =
        if !program.source_type.is_module() || only_commonjs(program) { Module::CommonJS } else { Module::Esm };
    TransformOptions {
        typescript: TypeScriptOptions { remove_class_fields_without_initializer: true, ..TypeScriptOptions::default() },
        env: EnvOptions { module, ..EnvOptions::default() },
        ..TransformOptions::default()
    }
}

/// Whether the only imports and exports are TypeScript's for CommonJS.
fn only_commonjs(program: &Program<'_>) -> bool {
    let commonjs = program.body.iter().any(|statement| match statement {
        Statement::TSExportAssignment(_) => true,
        Statement::TSImportEqualsDeclaration(import) => {
            matches!(import.module_reference, TSModuleReference::ExternalModuleReference(_))
        }
        _ => false,
    });
    commonjs
        && !program.body.iter().any(|statement| {
            matches!(
                statement,
                Statement::ImportDeclaration(_)
                    | Statement::ExportAllDeclaration(_)
                    | Statement::ExportDefaultDeclaration(_)
                    | Statement::ExportNamedDeclaration(_)
            )
        })
}

/// The first places of what is refused.
#[derive(Default)]
struct First {
    decorator: Option<Span>,
    element: Option<Span>,
}

impl First {
    fn in_program(program: &Program<'_>) -> Self {
        let mut first = Self::default();
        first.visit_program(program);
        first
    }
}

impl<'a> Visit<'a> for First {
    fn visit_decorator(&mut self, decorator: &Decorator<'a>) {
        self.decorator.get_or_insert(decorator.span);
    }

    fn visit_jsx_element(&mut self, element: &JSXElement<'a>) {
        self.element.get_or_insert(element.span);
    }

    fn visit_jsx_fragment(&mut self, fragment: &JSXFragment<'a>) {
        self.element.get_or_insert(fragment.span);
    }
}

fn none_of(found: &[OxcDiagnostic], text: &str) -> Result<(), Problem> {
    found.first().map_or(Ok(()), |error| Err(problem(error, text)))
}

fn problem(error: &OxcDiagnostic, text: &str) -> Problem {
    let message = if error.message.starts_with("Namespaces exporting non-const") {
        NAMESPACES.to_owned()
    } else {
        let help = error.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}{help}", error.message).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let start = error.labels.first().map_or(0, |label| label.offset() as usize);
    Problem::at(message.trim_end_matches('.'), text, start)
}
