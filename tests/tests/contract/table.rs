//! The tables as text: apps, and under each the requests it gets with the answers they must have.
//!
//! ```text
//! # A comment.
//! app NAME [from GUEST]                  an app; the guest is `contract` unless another is named
//! host {JSON}                            its host.json; "version" is added
//! setting NAME=VALUE                     an app setting
//! known REASON                           the same for every row of the app
//! key host|system|FUNCTION NAME=VALUE    a key; FUNCTION is the name of a function
//! function NAME ENTRY {JSON}             a function.json: members of the trigger; "output" names the http output,
//!                                        "$return" unless said, null for none; "function" has members beside `bindings`
//!
//! METHOD TARGET -> STATUS [TEXT]         a row; TEXT is the whole body, in JSON's spelling when it begins with a quote
//!   > NAME: VALUE                        request header
//!   body TEXT                            request body, in JSON's spelling when it begins with a quote
//!   hex 00 ff                            request body by its bytes
//!   fill COUNT CHARACTER                 request body of one character
//!   chunk TEXT                           a piece of a request body without a length; several make one body
//!   chunks PIECES COUNT CHARACTER        so many pieces of one character each
//!   < NAME: VALUE                        answer header; one line for each of that name, in order
//!   <~ NAME: PART                        answer header that contains this
//!   <! NAME                              no such answer header
//!   ~ PART                               the body contains this
//!   !~ PART                              the body does not contain this
//!   json {JSON}                          the body is this JSON
//!   has {JSON}                           the body is JSON with at least these members
//!   code CODE                            the body is an error of the host with this code
//!   known REASON                         the answer is known to differ; the row is run, told and not counted
//!   only h1|h2                           not over the other version of HTTP, which cannot say it
//! ```
//!
//! `${host}` stands for the app's authority, `${master}` for its master key, `${key}` for its host key `default`.

use std::path::Path;

use serde_json::{Value, json};

/// The tables of one file.
pub(crate) struct Table {
    pub(crate) topic: String,
    pub(crate) apps: Vec<App>,
}

pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) guest: String,
    pub(crate) host: Value,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) keys: Vec<Key>,
    pub(crate) functions: Vec<(String, Value)>,
    pub(crate) rows: Vec<Row>,
    known: bool,
}

pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// One request and what its answer must be.
pub(crate) struct Row {
    pub(crate) line: usize,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) checks: Vec<Check>,
    pub(crate) only: Option<Http>,
    pub(crate) known: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Http {
    One,
    Two,
}

pub(crate) enum Check {
    Body(String),
    BodyHas(String),
    BodyLacks(String),
    Json(Value),
    JsonHas(Value),
    Header(String, String),
    HeaderHas(String, String),
    NoHeader(String),
}

impl Table {
    /// Reads a file; panics with the line that it cannot read.
    pub(crate) fn read(path: &Path) -> Self {
        let topic = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let mut apps: Vec<App> = Vec::new();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            take(&mut apps, at + 1, line).unwrap_or_else(|| panic!("{}:{}: {line}", path.display(), at + 1));
        }
        Self { topic, apps }
    }
}

/// Takes one line; `None` for one that means nothing.
fn take(apps: &mut Vec<App>, line: usize, text: &str) -> Option<()> {
    let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if word == "app" {
        let (name, guest) = rest.split_once(" from ").unwrap_or((rest, "contract"));
        apps.push(App::new(name, guest));
        return Some(());
    }
    let app = apps.last_mut()?;
    if text.starts_with(' ') {
        return app.rows.last_mut()?.more(word, rest.trim());
    }
    match word {
        "host" => {
            app.host = serde_json::from_str(rest).ok()?;
            app.host["version"] = "2.0".into();
        }
        "known" => app.known = !rest.is_empty(),
        "setting" => app.settings.push(pair(rest, '=')?),
        "key" => {
            let (scope, rest) = rest.split_once(' ')?;
            let (name, value) = pair(rest, '=')?;
            app.keys.push(Key { scope: scope.to_owned(), name, value });
        }
        "function" => {
            let mut words = rest.splitn(3, ' ');
            let (name, entry) = (words.next()?, words.next()?);
            let members = words.next().map_or(Ok(json!({})), serde_json::from_str).ok()?;
            app.functions.push((name.to_owned(), function(entry, members)));
        }
        method => {
            let known = app.known;
            app.rows.push(Row { known, ..Row::new(line, method, rest)? });
        }
    }
    Some(())
}

impl App {
    fn new(name: &str, guest: &str) -> Self {
        let (settings, keys, functions, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let host = json!({ "version": "2.0" });
        Self { name: name.to_owned(), guest: guest.to_owned(), host, settings, keys, functions, rows, known: false }
    }
}

/// A function.json of an anonymous HTTP function.
fn function(entry: &str, mut members: Value) -> Value {
    let members = members.as_object_mut().unwrap();
    let output = members.remove("output").unwrap_or_else(|| "$return".into());
    let beside = members.remove("function");
    let mut trigger = json!({ "type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous" });
    trigger.as_object_mut().unwrap().append(members);
    let mut bindings = vec![trigger];
    if !output.is_null() {
        bindings.push(json!({ "type": "http", "direction": "out", "name": output }));
    }
    let mut function = json!({ "scriptFile": "../app.wasm", "entryPoint": entry, "bindings": bindings });
    for (name, value) in beside.as_ref().and_then(Value::as_object).into_iter().flatten() {
        function[name] = value.clone();
    }
    function
}

impl Row {
    fn new(line: usize, method: &str, rest: &str) -> Option<Self> {
        let (target, answer) = rest.split_once(" -> ")?;
        let (status, body) = answer.split_once(' ').unwrap_or((answer, ""));
        let mut row = Self {
            line,
            method: method.to_owned(),
            target: target.trim().to_owned(),
            status: status.parse().ok()?,
            headers: Vec::new(),
            body: Vec::new(),
            pieces: Vec::new(),
            checks: Vec::new(),
            only: None,
            known: false,
        };
        if !body.is_empty() {
            row.checks.push(Check::Body(spelled(body)?));
        }
        Some(row)
    }

    fn more(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            ">" => self.headers.push(header(rest)?),
            "body" => self.body = spelled(rest)?.into_bytes(),
            "hex" => self.body = hex(rest)?,
            "fill" => {
                let (count, character) = rest.split_once(' ')?;
                self.body = character.repeat(count.parse().ok()?).into_bytes();
            }
            "chunk" => self.pieces.push(spelled(rest)?.into_bytes()),
            "chunks" => {
                let (pieces, rest) = rest.split_once(' ')?;
                let (count, character) = rest.split_once(' ')?;
                let piece = character.repeat(count.parse().ok()?).into_bytes();
                self.pieces = vec![piece; pieces.parse().ok()?];
            }
            "only" => self.only = Some(if rest == "h1" { Http::One } else { (rest == "h2").then_some(Http::Two)? }),
            "known" => self.known = !rest.is_empty(),
            _ => self.checks.push(match word {
                "<" => header(rest).map(|(name, value)| Check::Header(name, value)),
                "<~" => header(rest).map(|(name, value)| Check::HeaderHas(name, value)),
                "<!" => Some(Check::NoHeader(rest.to_owned())),
                "~" => spelled(rest).map(Check::BodyHas),
                "!~" => spelled(rest).map(Check::BodyLacks),
                "json" => serde_json::from_str(rest).ok().map(Check::Json),
                "has" => serde_json::from_str(rest).ok().map(Check::JsonHas),
                "code" => Some(Check::JsonHas(json!({ "error": { "code": rest } }))),
                _ => None,
            }?),
        }
        Some(())
    }
}

fn pair(text: &str, by: char) -> Option<(String, String)> {
    let (name, value) = text.split_once(by)?;
    Some((name.trim().to_owned(), value.trim().to_owned()))
}

fn header(text: &str) -> Option<(String, String)> {
    pair(text, ':')
}

/// A text as it stands, or in JSON's spelling when it begins with a quote.
fn spelled(text: &str) -> Option<String> {
    if text.starts_with('"') { serde_json::from_str(text).ok() } else { Some(text.to_owned()) }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}
