//! The command line as people and scripts see it: help as a checked-in text, exit codes, one-line errors.
//!
//! `cli-help.txt` is the product's surface. After a wanted change, run the tests once with `HEARTH_UPDATE_HELP=1` and
//! review the difference.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::process::{Command, Output};

/// The binary, away from this machine's settings.
fn hearth(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hearth"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("HEARTH_") {
            command.env_remove(name);
        }
    }
    command.env("HOME", home).env_remove("XDG_DATA_HOME").env_remove("NOTIFY_SOCKET").current_dir(home);
    command
}

fn run(home: &Path, arguments: &[&str]) -> Output {
    hearth(home).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const PAGES: [&[&str]; 42] = [
    &[],
    &["init"],
    &["new"],
    &["start"],
    &["up"],
    &["management"],
    &["worker"],
    &["publish"],
    &["check"],
    &["apps"],
    &["apps", "list"],
    &["apps", "show"],
    &["apps", "create"],
    &["apps", "restart"],
    &["apps", "stop"],
    &["apps", "start"],
    &["apps", "rollback"],
    &["apps", "credentials"],
    &["apps", "host-names"],
    &["apps", "delete"],
    &["settings", "list"],
    &["settings", "set"],
    &["settings", "unset"],
    &["settings", "import"],
    &["settings", "export"],
    &["keys", "list"],
    &["keys", "show"],
    &["keys", "set"],
    &["keys", "renew"],
    &["keys", "delete"],
    &["workers"],
    &["workers", "list"],
    &["workers", "token"],
    &["workers", "cordon"],
    &["workers", "drain"],
    &["workers", "uncordon"],
    &["workers", "remove"],
    &["backup"],
    &["restore"],
    &["rotate-key"],
    &["config"],
    &["config", "check"],
];

#[test]
fn help_is_as_checked_in() {
    let home = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for page in PAGES {
        let output = hearth(home.path()).args(page).arg("--help").env("COLUMNS", "100").output().unwrap();
        assert!(output.status.success(), "{page:?}: {}", stderr(&output));
        let title = [&["hearth"], page, &["--help"]].concat().join(" ");
        text.push_str(&format!("$ {title}\n{}\n", stdout(&output)));
    }
    let text: String = text.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli-help.txt");
    if std::env::var_os("HEARTH_UPDATE_HELP").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(text == checked_in, "help differs from tests/cli-help.txt; HEARTH_UPDATE_HELP=1 writes it anew");
}

#[test]
fn the_version_is_the_packages() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["--version"]);
    assert_eq!(stdout(&output), concat!("hearth ", env!("CARGO_PKG_VERSION"), "\n"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_command_line_that_is_not_understood_ends_with_2() {
    let home = tempfile::tempdir().unwrap();
    let wrong: [&[&str]; 9] = [
        &["frobnicate"],
        &["up", "--workers", "0"],
        &["up", "--http-listen", "nowhere"],
        &["up", "--egress-allow", "everything"],
        &["apps", "show", "UPPER"],
        &["apps", "rollback", "hello", "--to", "yesterday"],
        &["settings", "set", "--app", "hello"],
        &["keys", "set", "--app", "hello", "default"],
        &["keys", "show", "--app", "hello", "--master", "--host"],
    ];
    for arguments in wrong {
        let output = run(home.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
    }
}

#[test]
fn a_wrong_value_in_the_environment_is_told_with_its_variable() {
    let home = tempfile::tempdir().unwrap();
    let output = hearth(home.path()).args(["up"]).env("HEARTH_WORKERS", "many").output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(stderr(&output), "error: HEARTH_WORKERS: 'many': invalid digit found in string\n");
}

#[test]
fn a_wrong_value_in_the_file_is_told_with_its_line() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("hearth.toml"), "# mine\nworkers = 1000\n").unwrap();
    let output = run(home.path(), &["up"]);
    assert_eq!(output.status.code(), Some(78));
    assert_eq!(stderr(&output), "error: hearth.toml:2: 'workers': 1000 is not in 1..=256\n");
    let output = run(home.path(), &["apps", "list", "--config", "absent.toml"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).starts_with("error: absent.toml: the configuration file can't be read"));
}

#[test]
fn config_check_tells_where_each_value_came_from_and_no_secret() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(
        home.path().join("hearth.toml"),
        "workers = 3\ndomain = \"apps.example.org\"\nkey = \"very-secret\"\n",
    )
    .unwrap();
    let output = hearth(home.path())
        .args(["config", "check", "--output", "json", "--http-listen", "127.0.0.1:0", "--data", "/srv/hearth"])
        .env("HEARTH_DOMAIN", "from.environment")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let text = stdout(&output);
    assert!(!text.contains("very-secret"), "{text}");
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["file"], "hearth.toml");
    let setting = |name: &str| {
        let found = value["settings"].as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
        (found["value"].clone(), found["origin"].as_str().unwrap().to_owned())
    };
    assert_eq!(setting("workers"), ("3".into(), "file hearth.toml:1".into()));
    assert_eq!(setting("domain"), ("from.environment".into(), "environment HEARTH_DOMAIN".into()));
    assert_eq!(setting("http-listen"), ("127.0.0.1:0".into(), "flag".into()));
    assert_eq!(setting("key"), ("(set)".into(), "file hearth.toml:3".into()));
    assert_eq!(setting("management-listen"), ("127.0.0.1:7070".into(), "default".into()));
    assert_eq!(setting("state"), ("sqlite:/srv/hearth/state.db".into(), "default".into()));
    assert_eq!(setting("join-token"), (serde_json::Value::Null, "default".into()));
}

#[test]
fn config_check_judges_where_host_state_is_and_shows_no_password() {
    let home = tempfile::tempdir().unwrap();
    let check = |state: &str| {
        let arguments = ["config", "check", "--output", "json"];
        hearth(home.path()).args(arguments).env("HEARTH_STATE", state).output().unwrap()
    };
    for state in
        ["mssql://ann:geheim@db.example.org/hearth", "Server=db.example.org;Database=hearth;User Id=ann;Pwd=geheim"]
    {
        let output = check(state);
        assert!(output.status.success(), "{}", stderr(&output));
        let text = stdout(&output);
        assert!(text.contains("mssql://ann@db.example.org/hearth") && !text.contains("geheim"), "{text}");
    }
    for (state, named) in [
        ("Server=db.example.org;Database=hearth;User Id=ann;Password=geheim;Colour=red", "colour"),
        ("mssql://ann:geheim@db.example.org", "database"),
        ("postgres://ann:geheim@db.example.org/hearth", "postgres"),
    ] {
        let output = check(state);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(78), "{text}");
        assert!(text.to_lowercase().contains(named) && !text.contains("geheim"), "{text}");
    }
}

#[test]
fn a_client_without_key_or_without_management_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let data = data.to_str().unwrap();
    let output = run(home.path(), &["apps", "list", "--data", data]);
    assert_eq!(output.status.code(), Some(77), "{}", stderr(&output));
    assert!(stderr(&output).contains("HEARTH_KEY"));
    // A port that was free a moment ago and that nobody was told of.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    let output = run(home.path(), &["workers", "list", "--data", data, "--management", &url, "--key", "a-secret-key"]);
    assert_eq!(output.status.code(), Some(69), "{}", stderr(&output));
    let text = stderr(&output);
    assert!(text.contains(&url) && !text.contains("a-secret-key") && text.lines().count() == 1, "{text}");
}

#[test]
fn deleting_is_not_asked_when_nobody_can_answer() {
    let home = tempfile::tempdir().unwrap();
    let output = hearth(home.path())
        .args(["apps", "delete", "hello", "--key", "k", "--management", "http://127.0.0.1:9"])
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--yes"));
}

#[test]
fn a_worker_that_misses_a_setting_names_all_three_places() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["worker", "--data", "data"]);
    assert_eq!(output.status.code(), Some(78));
    let text = stderr(&output);
    for place in ["--management", "HEARTH_MANAGEMENT", "'management' in hearth.toml"] {
        assert!(text.contains(place), "{text}");
    }
}

#[test]
fn a_value_that_was_meant_as_a_secret_is_not_repeated() {
    let home = tempfile::tempdir().unwrap();
    let to = ["--app", "hello", "--key", "k", "--management", "http://127.0.0.1:9"];
    let output = run(home.path(), &[&["settings", "set", "hunter2"], to.as_slice()].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("NAME=VALUE") && !stderr(&output).contains("hunter2"), "{}", stderr(&output));
    let output = run(home.path(), &["settings", "list", "--key", "k"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("--app, HEARTH_APP, or 'app' in hearth.toml"), "{}", stderr(&output));
}

#[test]
fn a_key_is_rotated_only_where_there_is_an_installation() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["rotate-key", "--data", "absent"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(stderr(&output).contains("'absent' does not exist"), "{}", stderr(&output));
    assert!(!home.path().join("absent").exists(), "nothing is made");
}
