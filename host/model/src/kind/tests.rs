use super::*;

#[test]
fn kinds_are_recognised() {
    use PackageKind::*;
    for (paths, expected) in [
        (&["host.json", "app.dll", "app.deps.json", "app.runtimeconfig.json"][..], Some(DotNet)),
        (&["host.json", "functions.metadata", "worker.config.json"], Some(DotNet)),
        (&["host.json", "F/function.json", "bin/App.dll"], Some(DotNet)),
        (&["host.json", "F/function.json", "app-1.0.jar", "lib/gson.jar"], Some(Java)),
        (&["host.json", "F/function.json", "a/b/c.jar"], Some(Java)),
        (&["pom.xml", "src/main/java/F.java"], Some(Java)),
        (&["host.json", "function_app.py", "requirements.txt", ".python_packages/lib/x/y.dll"], Some(Python)),
        (&["host.json", "F/__init__.py", "F/function.json"], Some(Python)),
        (&["host.json", "F/run.ps1", "F/function.json", "Modules/Az/Az.dll"], Some(PowerShell)),
        (&["host.json", "profile.ps1", "requirements.psd1"], Some(PowerShell)),
        (&["host.json", "F/index.js", "F/function.json"], Some(JavaScript)),
        (&["host.json", "package.json", "dist/src/functions/hello.js", "node_modules/x/y.py"], Some(JavaScript)),
        (&["host.json", "package.json", "tools/release.py"], Some(JavaScript)),
        (&["host.json", "F/function.json", "F/index.ts"], Some(JavaScript)),
        (&["host.json", "package.json", "F/__init__.py"], Some(Python)),
        (&["host.json", "Cargo.toml", "src/lib.rs"], Some(RustSource)),
        (&["host.json", "README.md", "docs/deep/tool.py"], None),
    ] {
        assert_eq!(PackageKind::recognise(paths.iter().copied()), expected, "{paths:?}");
    }
}

#[test]
fn a_refusal_names_the_kind_and_what_is_accepted() {
    for kind in [PackageKind::DotNet, PackageKind::Java, PackageKind::Python, PackageKind::PowerShell] {
        let text = kind.refusal();
        assert!(
            text.contains(&kind.to_string())
                && text.contains("JavaScript and TypeScript as they are, and WebAssembly components"),
            "{text}"
        );
    }
}
