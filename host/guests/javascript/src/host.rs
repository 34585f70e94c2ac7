//! What the engine needs of the world around it. In the component that is Hearth by way of WIT; a native build (unit
//! tests, a runner of conformance files) brings an implementation of its own. Nothing here is called while
//! [`Engine::new`](crate::Engine::new) runs: its result may become an image of memory that many instances start from.

/// How much a line of the log matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The finest detail.
    Trace,
    /// For the developer.
    Debug,
    /// The ordinary course.
    Information,
    /// Worth a look.
    Warning,
    /// A failure.
    Error,
    /// A failure that endangers the app.
    Critical,
}

impl Level {
    /// The level with this number, counted from 0; what lies above counts as critical.
    pub fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Trace,
            1 => Self::Debug,
            2 => Self::Information,
            3 => Self::Warning,
            4 => Self::Error,
            _ => Self::Critical,
        }
    }
}

/// What is at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Directory,
}

/// A script as the engine can read it.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// JavaScript.
    pub text: String,
    /// Source map (revision 3) when `text` differs from the file.
    pub source_map: Option<String>,
}

/// What is wrong with a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScriptError {
    /// As JavaScript writes it, for example `SyntaxError: unexpected token`.
    pub message: String,
    /// Frames with the author's own files and lines.
    pub stack_trace: String,
    /// Path from the root.
    pub file: Option<String>,
    /// From 1; 0 when unknown.
    pub line: u32,
    /// From 1; 0 when unknown.
    pub column: u32,
    /// The lines around the place with a mark below it.
    pub frame: String,
}

/// A function.json, or what amounts to one.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// The function's name.
    pub name: String,
    /// Its folder.
    pub directory: String,
    /// Path of its script from the root.
    pub script_file: String,
    /// `entryPoint`.
    pub entry_point: Option<String>,
    /// Each entry is one element of `bindings`, as JSON text.
    pub bindings: Vec<String>,
}

/// An outgoing HTTP request.
#[derive(Clone, Debug, Default)]
pub struct HttpRequest {
    /// For example `GET`.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// In order.
    pub headers: Vec<(String, String)>,
    /// Complete.
    pub body: Option<Vec<u8>>,
}

/// Why an exchange failed.
#[derive(Clone, Debug)]
pub struct HttpError {
    /// `invalid`, `denied`, `timeout` or `failed`.
    pub code: &'static str,
    /// For the developer.
    pub message: String,
}

/// What became of an exchange.
#[derive(Debug)]
pub enum HttpEvent {
    /// The head of the response has arrived.
    Response {
        /// 100 to 999.
        status: u16,
        /// In order, names in lower case.
        headers: Vec<(String, String)>,
    },
    /// A part of the body, asked for by [`Host::http_read`].
    Chunk(Vec<u8>),
    /// The body has ended, asked for by [`Host::http_read`].
    End,
    /// The exchange is over.
    Failed(HttpError),
}

/// Names one exchange among those of an instance.
pub type Exchange = u32;

/// The world around the engine.
pub trait Host {
    /// Writes a line under the running function's category.
    fn log(&self, level: Level, message: &str);
    /// Milliseconds since 1970.
    fn wall_clock(&self) -> f64;
    /// Milliseconds since a moment of the host's choice.
    fn monotonic_clock(&self) -> f64;
    /// All environment variables.
    fn environment(&self) -> Vec<(String, String)>;
    /// Fills the buffer with unpredictable bytes.
    fn random(&self, buffer: &mut [u8]);

    /// What is at a path of the package.
    fn stat(&self, path: &str) -> Option<EntryKind>;
    /// Names in a folder of the package, sorted.
    fn names(&self, path: &str) -> Vec<String>;
    /// A file of the package as it is.
    fn read(&self, path: &str) -> Option<Vec<u8>>;
    /// A script of the package; `None` when there is none.
    ///
    /// # Errors
    /// When it is TypeScript that can't be read.
    fn script(&self, path: &str) -> Result<Option<Source>, ScriptError>;
    /// What an instance of this very version gave to [`Host::keep_bytecode`].
    fn bytecode(&self, path: &str) -> Option<Vec<u8>>;
    /// Keeps what the engine made of a script.
    fn keep_bytecode(&self, path: &str, bytecode: &[u8]);
    /// The present invocation is the last on this instance.
    fn retire(&self);
    /// All functions that have a function.json.
    fn definitions(&self) -> Vec<Definition>;
    /// One of them.
    fn definition(&self, name: &str) -> Option<Definition>;
    /// The files whose evaluation declares functions.
    fn entry_files(&self) -> Vec<String>;

    /// Starts an exchange; a [`HttpEvent::Response`] or [`HttpEvent::Failed`] follows.
    ///
    /// # Errors
    /// When it can't even start.
    fn http_send(&self, request: HttpRequest) -> Result<Exchange, HttpError>;
    /// Asks for the next part of the body; one event follows. Only one call at a time for an exchange.
    fn http_read(&self, exchange: Exchange);
    /// Ends an exchange; no event follows.
    fn http_cancel(&self, exchange: Exchange);
    /// Waits until something happens or `timeout` milliseconds are over (`None`: for as long as it takes).
    fn wait(&self, timeout: Option<f64>) -> Vec<(Exchange, HttpEvent)>;
}
