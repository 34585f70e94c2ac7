use super::*;
use crate::package::tests::{open, zip_of};

const HOST: (&str, &[u8]) = ("host.json", b"{\"version\": \"2.0\"}");
const HTTP: &[u8] = br#"{"bindings": [{"type": "httpTrigger", "name": "req"}]}"#;

fn indexed(files: &[(&str, &[u8])]) -> Result<AppDefinition, PackageError> {
    index(&mut open(zip_of(files)).unwrap(), &Settings::new())
}

/// `name=script` or `name!error` of every function.
fn outline(app: &AppDefinition) -> Vec<String> {
    app.functions
        .iter()
        .map(|entry| match &entry.definition {
            Ok(definition) => format!("{}={}", entry.name, definition.script_file),
            Err(reason) => format!("{}!{reason}", entry.name),
        })
        .collect()
}

#[test]
fn functions_are_sorted_and_a_broken_one_leaves_the_others() {
    let app = indexed(&[
        HOST,
        ("zeta/function.json", HTTP),
        ("zeta/a.wasm", b""),
        ("Alpha/function.json", HTTP),
        ("Alpha/b.wasm", b""),
        ("broken/function.json", b"{\n  \"bindings\": ["),
        ("docs/readme.md", b""),
        ("deep/er/function.json", b"no function"),
        ("bad name/function.json", HTTP),
        ("host/function.json", HTTP),
    ])
    .unwrap();
    let outline = outline(&app);
    assert_eq!(outline[0], "Alpha=Alpha/b.wasm");
    assert!(
        outline[1].starts_with("bad name!bad name/function.json: function name 'bad name' is not valid"),
        "{outline:?}"
    );
    assert!(outline[2].starts_with("broken!broken/function.json:2:15: the file is not valid JSON"), "{outline:?}");
    assert!(outline[3].starts_with("host!") && outline[3].contains("reserved"), "{outline:?}");
    assert_eq!(outline[4], "zeta=zeta/a.wasm");
    assert_eq!(app.code_first, None);
}

#[test]
fn scripts_are_chosen() {
    let with = |script: &str| {
        format!(r#"{{"scriptFile": "{script}", "bindings": [{{"type": "httpTrigger", "name": "req"}}]}}"#)
    };
    for (json, files, expected) in [
        (None, &["F/x.wasm"][..], "F=F/x.wasm"),
        (None, &["F/run.wasm", "F/a.wasm"], "F=F/run.wasm"),
        (None, &["F/index.wasm", "F/notes.txt", "F/a.wasm"], "F=F/index.wasm"),
        (None, &["F/a.wasm", "F/notes.txt"], "F=F/a.wasm"),
        (None, &["F/sub/a.wasm", "app.wasm"], "F=app.wasm"),
        (None, &["app.wasm"], "F=app.wasm"),
        (None, &["F/a.wasm", "F/b.wasm"], "F!F/function.json:1:1: does not say which of a.wasm, b.wasm to run"),
        (
            None,
            &["a.wasm", "b.wasm"],
            "F!F/function.json:1:1: does not say which of a.wasm, b.wasm to run; name it in \"scriptFile\", for example \"../a.wasm\"",
        ),
        (None, &["lib/a.wasm"], "F!F/function.json:1:1: has no script: put index.js or a .wasm component into 'F'"),
        (None, &["F/index.js"], "F=F/index.js"),
        (None, &["F/hello.js", "a.wasm"], "F=F/hello.js"),
        (None, &["F/index.js", "F/index.js.map"], "F=F/index.js"),
        (None, &["F/index.js", "F/sample.dat", "F/other.js"], "F=F/index.js"),
        (None, &["F/index.mjs", "F/index.cjs"], "F=F/index.mjs"),
        (None, &["F/index.ts", "F/index.cjs"], "F=F/index.cjs"),
        (None, &["F/index.ts", "F/types.d.ts"], "F=F/index.ts"),
        (None, &["F/run.js", "F/index.js"], "F=F/run.js"),
        (None, &["F/run.mts", "F/run.sh"], "F=F/run.mts"),
        (None, &["F/run.wasm", "F/run.js"], "F=F/run.js"),
        (None, &["F/index.js", "F/helper.wasm"], "F=F/index.js"),
        (None, &["F/index.js", "F/index.wasm"], "F=F/index.js"),
        (
            None,
            &["F/app.js", "F/b.txt"],
            "F!F/function.json:1:1: does not say which file to run; name it in \"scriptFile\", for example \"app.js\"",
        ),
        (None, &["F/sample.dat", "a.wasm"], "F!F/function.json:1:1: the script 'sample.dat' is neither JavaScript"),
        (None, &["F/run.py", "F/b.txt", "a.wasm"], "F!F/function.json:1:1: the script 'run.py' is neither JavaScript"),
        (
            None,
            &["F/main.py", "F/b.txt", "a.wasm"],
            "F!F/function.json:1:1: the script 'main.py' is neither JavaScript",
        ),
        (Some("../dist/F/index.js"), &["dist/F/index.js"], "F=dist/F/index.js"),
        (Some("../dist/F/index.mjs"), &["dist/F/index.mjs", "F/index.ts"], "F=dist/F/index.mjs"),
        (Some("../dist/F/index.js"), &["F/index.ts", "tsconfig.json"], "F=F/index.ts"),
        (Some("index.ts"), &["F/index.ts", "F/index.js"], "F=F/index.ts"),
        (
            Some("../dist/F/index.js"),
            &["F/index.ts"],
            "F!F/function.json:1:16: scriptFile names 'dist/F/index.js', which is not in the package, but 'F/index.ts' is: build the project",
        ),
        (Some("x.wasm"), &["F/x.wasm"], "F=F/x.wasm"),
        (Some("./X.WASM"), &["F/x.wasm"], "F=F/x.wasm"),
        (Some("../bin/x.wasm"), &["bin/x.wasm"], "F=bin/x.wasm"),
        (Some("..\\\\x.wasm"), &["x.wasm"], "F=x.wasm"),
        (Some(""), &["F/x.wasm"], "F=F/x.wasm"),
        (
            Some("../../x.wasm"),
            &["x.wasm"],
            "F!F/function.json:1:16: scriptFile '../../x.wasm' leads out of the package",
        ),
        (Some("/x.wasm"), &["x.wasm"], "F!F/function.json:1:16: scriptFile '/x.wasm' leads out of the package"),
        (
            Some("y.wasm"),
            &["F/x.wasm"],
            "F!F/function.json:1:16: scriptFile names 'F/y.wasm', which is not in the package",
        ),
        (
            Some("../x.dll"),
            &["x.dll", "a.wasm"],
            "F!F/function.json:1:16: scriptFile the script 'x.dll' is neither JavaScript",
        ),
    ] {
        let json = json.map_or(HTTP.to_vec(), |script| with(script).into_bytes());
        let mut list: Vec<(&str, &[u8])> = vec![HOST, ("F/function.json", &json)];
        list.extend(files.iter().map(|file| (*file, &b""[..])));
        let outline = outline(&indexed(&list).unwrap());
        assert!(outline[0].starts_with(expected), "{files:?} gave {outline:?}");
    }
}

#[test]
fn a_package_without_function_json_is_code_first() {
    let app = indexed(&[HOST, ("App.WASM", b""), ("static/tool.wasm", b""), ("setup.py", b"")]).unwrap();
    assert_eq!(app.code_first, Some(CodeFirst::Component("App.WASM".to_owned())));
    assert!(app.functions.is_empty());
    for (files, expected) in [
        (&[HOST][..], "the package has no function: name the script that registers"),
        (&[HOST, ("a.wasm", b""), ("b.wasm", b"")], "the package has several components at its top (a.wasm, b.wasm)"),
        (&[HOST, ("target/a.wasm", b"")], "the package has no function"),
    ] {
        let error = indexed(files).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn host_json_must_be_there_and_right() {
    for (files, expected) in [
        (&[("app.wasm", &b""[..])][..], "the package has no host.json; add one at its top"),
        (
            &[("my-app/host.json", &b"{}"[..]), ("my-app/app.wasm", b""), ("__MACOSX/x", b"")],
            "host.json is in the folder 'my-app' of the zip and must be at its top; make the zip from the content",
        ),
        (
            &[("host.json", &b"{\"version\": \"3.0\"}"[..]), ("a.wasm", b"")],
            "host.json:1:13: version must be the text \"2.0\"",
        ),
        (&[("host.json", &b"{"[..]), ("a.wasm", b"")], "host.json:1:1: the file is not valid JSON"),
    ] {
        let error = indexed(files).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn foreign_packages_are_named() {
    for (files, kind) in [
        (&["app.dll", "app.deps.json"][..], ".NET"),
        (&["F/function.json", "app.jar"], "Java"),
        (&["function_app.py", "requirements.txt"], "Python"),
        (&["F/function.json", "F/__init__.py"], "Python"),
        (&["F/function.json", "F/run.ps1"], "PowerShell"),
    ] {
        for host in [&[HOST][..], &[]] {
            let mut list = host.to_vec();
            list.extend(files.iter().map(|file| (*file, HTTP)));
            let error = indexed(&list).unwrap_err();
            assert!(matches!(error, PackageError::Foreign(_)), "{files:?}: {error}");
            let text = error.to_string();
            assert!(text.starts_with(&format!("this is a {kind} package")), "{text}");
            assert!(text.contains("wasi:http"), "{text}");
        }
    }
    let handler = br#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;
    let error =
        indexed(&[("host.json", handler), ("F/function.json", HTTP), ("handler", b"")]).unwrap_err().to_string();
    assert!(error.contains("custom handler"), "{error}");
}

#[test]
fn a_component_beside_other_scripts_is_enough() {
    let app = indexed(&[HOST, ("F/function.json", HTTP), ("F/f.wasm", b""), ("build.py", b""), ("package.json", b"")]);
    assert_eq!(outline(&app.unwrap()), ["F=F/f.wasm"]);
}

#[test]
fn the_functions_list_filters() {
    let host = br#"{"version": "2.0", "functions": ["ONE"]}"#;
    let app =
        indexed(&[("host.json", host), ("one/function.json", HTTP), ("two/function.json", b"{"), ("a.wasm", b"")]);
    assert_eq!(outline(&app.unwrap()), ["one=a.wasm"]);
}

#[test]
fn routes_that_collide_put_the_later_function_in_error() {
    let get = br#"{"bindings": [{"type": "httpTrigger", "name": "r", "route": "x/{id}", "methods": ["get"]}]}"#;
    let post = br#"{"bindings": [{"type": "httpTrigger", "name": "r", "route": "x/{id}", "methods": ["post"]}]}"#;
    let all = br#"{"bindings": [{"type": "httpTrigger", "name": "r", "route": "X/{ID}"}]}"#;
    let app = indexed(&[
        HOST,
        ("b/function.json", all),
        ("A/function.json", get),
        ("a2/function.json", post),
        ("a.wasm", b""),
    ]);
    let outline = outline(&app.unwrap());
    assert_eq!(outline[..2], ["A=a.wasm", "a2=a.wasm"]);
    assert!(outline[2].starts_with("b!its route 'X/{ID}' is also that of function 'A'"), "{outline:?}");
}

#[test]
fn warnings_are_collected() {
    let disabled = br#"{"disabled": true, "bindings": [{"type": "httpTrigger", "name": "r", "route": "x/{id}"}]}"#;
    let special = br#"{"bindings": [{"type": "httpTrigger", "name": "r", "route": "x/special"}]}"#;
    let host = br#"{"version": "2.0", "customHandler": {}}"#;
    let app = indexed(&[
        ("host.json", host),
        ("local.settings.json", b"{}"),
        ("F/function.json", disabled),
        ("G/function.json", special),
        ("a.wasm", b""),
    ])
    .unwrap();
    assert_eq!(outline(&app), ["F=a.wasm", "G=a.wasm"]);
    for (warning, expected) in app.warnings.iter().zip([
        "'local.settings.json' was left out",
        "F/function.json: \"disabled\" has no effect; set the app setting AzureWebJobs.F.Disabled",
        "the route of function 'G' is tried before that of 'F'",
        "host.json: \"customHandler\" has no effect",
    ]) {
        assert!(warning.starts_with(expected), "{warning}");
    }
    assert_eq!(app.warnings.len(), 4);
}

#[test]
fn settings_decide_about_single_functions() {
    let settings: Settings = [("AzureWebJobs.two.Disabled", "1"), ("Route", "first")].into_iter().collect();
    let one = br#"{"bindings": [{"type": "httpTrigger", "name": "r", "route": "%Route%"}], "Extra": 1}"#;
    let bad = b"{\n\"bindings\": [{\"type\": \"httpTrigger\", \"name\": \"r\", \"route\": \"%Nowhere%\"}]}";
    let files: &[(&str, &[u8])] = &[
        HOST,
        ("one/function.json", one),
        ("one/notes/a.txt", b""),
        ("Two/function.json", HTTP),
        ("three/function.json", bad),
        ("four/function.json", b"["),
        ("a.wasm", b""),
    ];
    let app = index(&mut open(zip_of(files)).unwrap(), &settings).unwrap();
    let [four, one, three, two] = app.functions.as_slice() else { panic!("{:?}", outline(&app)) };
    assert_eq!((one.disabled, two.disabled), (false, true));
    assert_eq!(one.files, ["one/function.json", "one/notes/a.txt"]);
    assert_eq!(one.json.as_ref().unwrap()["bindings"][0]["route"], "%Route%");
    assert_eq!(one.json.as_ref().unwrap()["Extra"], 1);
    let http = one.definition.as_ref().unwrap().trigger.as_http().unwrap();
    assert_eq!(http.route.to_string(), "first");
    let error = three.definition.as_ref().unwrap_err();
    assert!(error.starts_with("three/function.json:2:"), "{error}");
    assert!(error.contains("the app has no setting 'Nowhere'"), "{error}");
    assert!(three.json.is_some() && four.json.is_none());
}

#[test]
fn retry_policies_are_checked_and_warned_about() {
    let policy = r#""retry": {"strategy": "fixedDelay", "maxRetryCount": 3, "delayInterval": "00:00:01"}"#;
    let function = |retry: &str, trigger: &str| format!("{{{retry}, \"bindings\": [{{{trigger}, \"name\": \"x\"}}]}}");
    for (json, error, warning) in [
        (function(policy, r#""type": "httpTrigger""#), None, Some("retry has no effect with httpTrigger")),
        (
            function(policy, r#""type": "queueTrigger", "queueName": "orders""#),
            None,
            Some("retry has no effect with queueTrigger"),
        ),
        (function(policy, r#""type": "timerTrigger", "schedule": "0 * * * * *""#), None, None),
        (
            function(r#""retry": {"strategy": "fixedDelay"}"#, r#""type": "httpTrigger""#),
            Some("F/function.json:1:11: retry has no \"maxRetryCount\""),
            None,
        ),
        (
            function(
                "\"disabled\": false",
                r#""type": "cosmosDBTrigger", "databaseName": "d", "containerName": "c", "collectionName": "e""#,
            ),
            None,
            Some("bindings[0].collectionName has no effect beside containerName, its newer name"),
        ),
        (
            function("\"configurationSource\": \"elsewhere\"", r#""type": "httpTrigger""#),
            Some("configurationSource must be one of config, attributes, not \"elsewhere\""),
            None,
        ),
        (function("\"entryPoint\": 5", r#""type": "httpTrigger""#), Some("entryPoint must be a string"), None),
    ] {
        let app = indexed(&[HOST, ("F/function.json", json.as_bytes()), ("a.wasm", b"")]).unwrap();
        let found = app.functions[0].definition.as_ref().err();
        assert_eq!(found.is_some(), error.is_some(), "{json}: {found:?}");
        assert!(found.is_none_or(|found| found.contains(error.unwrap_or_default())), "{json}: {found:?}");
        let warned = app.warnings.iter().filter(|text| warning.is_some_and(|expected| text.contains(expected)));
        assert_eq!(warned.count(), usize::from(warning.is_some()), "{json}: {:?}", app.warnings);
    }
}

#[test]
fn a_conflict_of_routes_from_settings_names_the_settings() {
    let route = br#"{"bindings": [{"type": "httpTrigger", "name": "req", "route": "hooks/%HOOK%"}]}"#;
    let files: &[(&str, &[u8])] =
        &[HOST, ("a/function.json", route), ("a/x.wasm", b""), ("b/function.json", route), ("b/x.wasm", b"")];
    let settings: Settings = [("HOOK".to_owned(), "hunter2".to_owned())].into_iter().collect();
    let app = index(&mut open(zip_of(files)).unwrap(), &settings).unwrap();
    let error = app.functions[1].definition.as_ref().unwrap_err();
    assert!(error.starts_with("its route (the value of the setting HOOK) is also that of function 'a'"), "{error}");
}

#[test]
fn scripts_that_package_json_names_declare_functions() {
    let scripts = |app: &AppDefinition| match &app.code_first {
        Some(CodeFirst::Scripts(paths)) => paths.join(" "),
        other => panic!("{other:?}"),
    };
    let main = br#"{"main": "src/functions/*.js"}"#;
    let files = [HOST, ("package.json", &main[..]), ("src/functions/b.js", b""), ("src/functions/a.js", b"")];
    let app = indexed(&files).unwrap();
    assert_eq!(scripts(&app), "src/functions/a.js src/functions/b.js");
    assert_eq!((app.functions.len(), app.warnings.len()), (0, 0));

    assert_eq!(scripts(&indexed(&[HOST, ("index.js", b"")]).unwrap()), "index.js");
    assert_eq!(scripts(&indexed(&[HOST, ("package.json", b"{"), ("index.ts", b"")]).unwrap()), "index.ts");
    for (package, expected) in [
        (
            &b"{\"main\": \"dist/*.js\"}"[..],
            "package.json: main 'dist/*.js' matches no script in the package: the TypeScript project was not built",
        ),
        (b"{}", "the package has no function: name the script that registers the functions as \"main\""),
    ] {
        let error = indexed(&[HOST, ("package.json", package), ("src/hello.ts", b"")]).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn function_json_and_scripts_that_register_functions() {
    let main = br#"{"main": "app.js"}"#;
    let version_4 = br#"{"main": "app.js", "dependencies": {"@azure/functions": "^4.0.0"}}"#;
    let in_code = |package: &[u8], files: &[(&str, &[u8])]| {
        let mut all = vec![HOST, ("package.json", package), ("app.js", b""), ("F/function.json", HTTP)];
        all.extend(files);
        let app = indexed(&all).unwrap();
        assert_eq!(app.code_first.is_some(), app.functions.is_empty());
        let told = app.warnings.iter().any(|text| text.starts_with("function.json of 'F' has no effect"));
        assert_eq!(app.code_first.is_some(), told, "{:?}", app.warnings);
        app.code_first == Some(CodeFirst::Scripts(vec!["app.js".to_owned()]))
    };
    // The folder model as it always was: main is for other tools.
    assert!(!in_code(main, &[("F/index.js", b"")]));
    // What is left over of it, and a project of the newer model.
    assert!(in_code(main, &[]));
    assert!(in_code(version_4, &[("F/index.js", b"")]));
    // A component is a script as well.
    assert!(!in_code(main, &[("a.wasm", b"")]));
    let only_folder =
        indexed(&[HOST, ("package.json", b"{\"main\": \"index.js\"}"), ("F/function.json", HTTP), ("F/index.js", b"")]);
    assert_eq!(outline(&only_folder.unwrap()), ["F=F/index.js"]);
}

#[test]
fn components_and_scripts_in_one_package() {
    let files: [(&str, &[u8]); 5] =
        [HOST, ("A/function.json", HTTP), ("A/index.js", b""), ("B/function.json", HTTP), ("B/b.wasm", b"")];
    let app = indexed(&files).unwrap();
    assert_eq!(outline(&app), ["A=A/index.js", "B=B/b.wasm"]);
    let is_script: Vec<bool> =
        app.functions.iter().map(|entry| entry.definition.as_ref().unwrap().is_script()).collect();
    assert_eq!(is_script, [true, false]);
    let warned = |runtime: &str| {
        let settings: Settings = [("FUNCTIONS_WORKER_RUNTIME", runtime)].into_iter().collect();
        index(&mut open(zip_of(&files)).unwrap(), &settings).unwrap().warnings
    };
    assert_eq!(warned("node"), Vec::<String>::new());
    assert!(warned("python")[0].starts_with("the setting FUNCTIONS_WORKER_RUNTIME is 'python'; the app is JavaScript"));
}

#[test]
fn a_retry_policy_of_code_is_that_of_function_json() {
    let trigger = [r#"{"type": "httpTrigger", "name": "req"}"#.to_owned()];
    let entry = || FunctionEntry::from_metadata("F", "a.wasm", Some("f"), &trigger, &Settings::new());
    assert_eq!(entry().with_retry(None).definition.unwrap().retry, None);

    let told = entry().with_retry(Some(r#"{"strategy":"fixedDelay","maxRetryCount":4,"delayInterval":"00:00:10"}"#));
    assert_eq!(told.definition.unwrap().retry.unwrap().max_retries, Some(4));
    assert_eq!(told.json.unwrap()["retry"]["delayInterval"], "00:00:10");

    let wrong = entry().with_retry(Some(r#"{"strategy":"fixedDelay","maxRetryCount":4}"#)).definition.unwrap_err();
    assert!(wrong.contains("delayInterval"), "{wrong}");
    for broken in ["", "{", "5", "null"] {
        assert!(entry().with_retry(Some(broken)).definition.is_err(), "{broken}");
    }
}
