//! Bindings of a function: the trigger that starts it, and what it reads and writes (reference: sections 1.2 and 2.1).

mod cosmos;
mod input;
mod known;
mod output;
mod read;
mod rules;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tests;

use http::Method;

use crate::ids::FunctionName;
use crate::json::Document;
use crate::retry::RetryPolicy;
use crate::route::RouteTemplate;
use crate::script::ScriptLanguage;
use crate::settings::Settings;
use crate::timer_schedule::TimerSchedule;

pub use cosmos::{
    ChangeFeedMode, ChangeFeedStart, CosmosInput, CosmosOutput, CosmosRead, CosmosTrigger, FeedLeaseStore,
    SqlParameter, check_cosmos_name,
};
pub use input::InputBinding;
pub use output::{HttpOutput, OutputBinding, QueueOutput, check_queue_name};
pub(crate) use read::{ReadBindings, is_supported, is_verbatim, read_bindings};

/// Way of the data, seen from the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Read by the function (the default).
    In,
    /// Written by the function.
    Out,
    /// Both.
    InOut,
}

impl Direction {
    /// The direction as function.json writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Out => "out",
            Self::InOut => "inout",
        }
    }
}

/// Who may call an HTTP function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthLevel {
    /// Everyone.
    Anonymous,
    /// A signed-in user of the platform.
    User,
    /// Whoever has a key of the function or the app (the default).
    Function,
    /// Whoever has a system key.
    System,
    /// Whoever has the master key.
    Admin,
}

impl AuthLevel {
    /// The level as function.json writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::User => "user",
            Self::Function => "function",
            Self::System => "system",
            Self::Admin => "admin",
        }
    }
}

/// One entry of function.json's `bindings`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// Name by which the function knows it; `$return` is the return value.
    pub name: String,
    /// Type in its usual spelling, for example `httpTrigger`.
    pub binding_type: String,
    /// Way of the data.
    pub direction: Direction,
    /// The whole entry as JSON, with the keys as written and `%NAME%` replaced.
    pub properties: serde_json::Map<String, serde_json::Value>,
}

/// What starts a function.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// An HTTP request.
    Http(HttpTrigger),
    /// The clock.
    Timer(TimerTrigger),
    /// A message in a queue.
    Queue(QueueTrigger),
    /// Changes of documents in a container.
    Cosmos(CosmosTrigger),
}

impl Trigger {
    /// The type as in function.json, for example `httpTrigger`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Http(_) => "httpTrigger",
            Self::Timer(_) => "timerTrigger",
            Self::Queue(_) => "queueTrigger",
            Self::Cosmos(_) => "cosmosDBTrigger",
        }
    }

    /// Name of the trigger binding, by which the function knows its payload.
    pub fn binding_name(&self) -> &str {
        match self {
            Self::Http(http) => &http.binding_name,
            Self::Timer(timer) => &timer.binding_name,
            Self::Queue(queue) => &queue.binding_name,
            Self::Cosmos(cosmos) => &cosmos.binding_name,
        }
    }

    /// The HTTP trigger, if it is one.
    pub fn as_http(&self) -> Option<&HttpTrigger> {
        match self {
            Self::Http(http) => Some(http),
            Self::Timer(_) | Self::Queue(_) | Self::Cosmos(_) => None,
        }
    }
}

/// A `timerTrigger` (reference: section 3.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimerTrigger {
    /// Name of the trigger binding.
    pub binding_name: String,
    /// When it runs, by the clocks of the app's zone.
    pub schedule: TimerSchedule,
    /// Runs once whenever the app starts.
    pub run_on_startup: bool,
    /// Whether status is kept, so that an occurrence that nobody was there for is made up.
    pub use_monitor: bool,
}

/// A `queueTrigger` (reference: section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueTrigger {
    /// Name of the trigger binding.
    pub binding_name: String,
    /// Name of the queue, in lower case.
    pub queue: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Whether the function is given bytes instead of text (`dataType` is `binary`).
    pub is_binary: bool,
}

/// An `httpTrigger` with its `http` output.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpTrigger {
    /// Name of the trigger binding, often `req`.
    pub binding_name: String,
    /// Route without the app's prefix; the function's name when none is given.
    pub route: RouteTemplate,
    /// Methods that reach the function; empty for all.
    pub methods: Vec<Method>,
    /// Who may call.
    pub auth_level: AuthLevel,
    /// Name of the `http` output binding, often `$return` or `res`; `None` if there is none.
    pub output: Option<String>,
}

/// A function that can run.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDefinition {
    /// Its name.
    pub name: FunctionName,
    /// Path in the package of its component or script.
    pub script_file: String,
    /// `entryPoint`: which exported handler to run.
    pub entry_point: Option<String>,
    /// All bindings, the trigger included, in their order.
    pub bindings: Vec<Binding>,
    /// What starts it.
    pub trigger: Trigger,
    /// What it reads beside its trigger, in the order of its bindings.
    pub inputs: Vec<InputBinding>,
    /// What it writes, in the order of its bindings.
    pub outputs: Vec<OutputBinding>,
    /// `retry`: its own policy; `None` leaves it to host.json.
    pub retry: Option<RetryPolicy>,
}

impl FunctionDefinition {
    /// Whether the JavaScript engine runs it.
    pub fn is_script(&self) -> bool {
        ScriptLanguage::is_script_file(&self.script_file)
    }

    /// From what a code-first component or script tells about a function: each of `bindings` is one element of function.json's
    /// `bindings` array as JSON text, in which `%NAME%` is replaced from `settings`. The error is public text.
    pub fn from_metadata(
        name: &str,
        script_file: &str,
        entry_point: Option<&str>,
        bindings: &[String],
        settings: &Settings,
    ) -> Result<Self, String> {
        let name = FunctionName::parse(name).map_err(|e| e.to_string())?;
        let text = format!("{{\"bindings\": [{}\n]}}", bindings.join(",\n"));
        let document = Document::parse("function metadata", text.as_bytes()).map_err(|e| e.to_string())?;
        let document = document.resolve("bindings", is_verbatim, settings).map_err(|e| e.reason)?;
        // What is worth a look in it is the component's own affair: nobody can change it but in its source.
        let ReadBindings { bindings, trigger, inputs, outputs } =
            read_bindings(&document.root(), &name, settings, &mut Vec::new()).map_err(|e| e.reason)?;
        Ok(Self {
            name,
            script_file: script_file.to_owned(),
            entry_point: entry_point.filter(|text| !text.is_empty()).map(str::to_owned),
            bindings,
            trigger,
            inputs,
            outputs,
            retry: None,
        })
    }
}
