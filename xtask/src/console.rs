//! The calls a sample's README shows: every `$ curl` line of its ```console blocks, with the addresses of the
//! installation that is running. The README is the one place where a call is written; `cargo xtask run` repeats it.

/// Where the functions of one app are reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Host and port of the workers, such as `127.0.0.1:7071`.
    pub(crate) authority: String,
    /// Name of the app.
    pub(crate) app: String,
}

/// The curl commands of all console blocks in order, each on one line.
pub(crate) fn calls(readme: &str) -> Vec<String> {
    let mut calls = Vec::new();
    let mut inside = false;
    let mut lines = readme.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            inside = !inside && ["console", "sh-session", "shell-session"].contains(&language.trim());
        } else if inside && let Some(command) = line.strip_prefix("$ curl ") {
            let mut call = format!("curl {command}");
            while let Some(unfinished) = call.strip_suffix('\\') {
                let Some(next) = lines.next() else { break };
                call = format!("{} {}", unfinished.trim_end(), next.trim_start_matches("> "));
            }
            calls.push(call);
        }
    }
    calls
}

/// Writes the call with the real address. A README names `localhost:7071` or `<app>.localhost:7071`, the default port;
/// with several apps published only the second finds the app.
pub(crate) fn addressed(call: &str, address: &Address) -> String {
    const README: &str = "localhost:7071";
    let port = address.authority.rsplit(':').next().unwrap_or_default();
    let host = format!("{}.localhost:{port}", address.app);
    let with_app = format!("{}.{README}", address.app);
    call.replace(&with_app, "\0")
        .replace(&format!("/{README}"), "/\0")
        .replace(&format!("127.0.0.1{}", &README[9..]), "\0")
        .replace('\0', &host)
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# hello\n\
        ```console\n$ curl 'http://hello-rust.localhost:7071/api/hello?name=Ada'\nHello, Ada!\n\
        $ curl -X POST http://localhost:7071/api/hello \\\n    -d '{\"name\":\"Ada\"}'\nHello, Ada!\n```\n\
        ```rust\n$ curl not-this\n```\ntext\n```\n$ curl nor-this\n```\n\
        ```console\n$ hearth publish .\n$ curl -N http://localhost:7071/api/stream\n```\n";

    #[test]
    fn curl_lines_of_console_blocks_are_found_and_joined() {
        let expected = [
            "curl 'http://hello-rust.localhost:7071/api/hello?name=Ada'",
            "curl -X POST http://localhost:7071/api/hello -d '{\"name\":\"Ada\"}'",
            "curl -N http://localhost:7071/api/stream",
        ];
        assert_eq!(calls(README), expected);
        assert!(calls("").is_empty());
    }

    #[test]
    fn calls_get_the_address_of_the_running_installation() {
        let address = Address { authority: "127.0.0.1:40123".into(), app: "hello-rust".into() };
        let written: Vec<_> = calls(README).iter().map(|call| addressed(call, &address)).collect();
        assert_eq!(written[0], "curl 'http://hello-rust.localhost:40123/api/hello?name=Ada'");
        assert!(written[1].contains(" http://hello-rust.localhost:40123/api/hello "), "{}", written[1]);
        assert_eq!(
            addressed("curl http://127.0.0.1:7071/api/x", &address),
            "curl http://hello-rust.localhost:40123/api/x"
        );
    }
}
