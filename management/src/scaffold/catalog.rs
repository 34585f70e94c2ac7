//! The templates of functions, under the names that `func new` has for them, with their texts for each kind of project.

use super::project::Flavour;

/// A template of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Template {
    Http,
    HttpQueue,
    Timer,
    Queue,
    Cosmos,
    Orchestrator,
    Activity,
    Entity,
    Starter,
}

/// All of them, in the order in which they are listed.
pub(crate) const TEMPLATES: [Template; 9] = [
    Template::Http,
    Template::HttpQueue,
    Template::Timer,
    Template::Queue,
    Template::Cosmos,
    Template::Orchestrator,
    Template::Activity,
    Template::Entity,
    Template::Starter,
];

/// Texts of one template: for version 3 of the JavaScript model function.json and script, for version 4 JavaScript and TypeScript.
struct Texts {
    v3: [&'static str; 2],
    v4: &'static str,
    typescript: &'static str,
}

macro_rules! texts {
    ($name:literal) => {
        Texts {
            v3: [
                include_str!(concat!("../../templates/function/javascript-v3/", $name, "/function.json")),
                include_str!(concat!("../../templates/function/javascript-v3/", $name, "/index.js")),
            ],
            v4: include_str!(concat!("../../templates/function/javascript-v4/", $name, ".js")),
            typescript: include_str!(concat!("../../templates/function/typescript-v4/", $name, ".ts")),
        }
    };
}

const RUST_HTTP: &str = include_str!("../../templates/function/rust/http.rs");
const RUST_HTTP_QUEUE: &str = include_str!("../../templates/function/rust/http-queue.rs");
const RUST_TIMER: &str = include_str!("../../templates/function/rust/timer.rs");
const RUST_QUEUE: &str = include_str!("../../templates/function/rust/queue.rs");

impl Template {
    /// As it is listed.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Http => "HTTP trigger",
            Self::HttpQueue => "HTTP trigger with queue output",
            Self::Timer => "Timer trigger",
            Self::Queue => "Azure Queue Storage trigger",
            Self::Cosmos => "Azure Cosmos DB trigger",
            Self::Orchestrator => "Durable Functions orchestrator",
            Self::Activity => "Durable Functions activity",
            Self::Entity => "Durable Functions entity",
            Self::Starter => "Durable Functions HTTP starter",
        }
    }

    /// Other ways to write it; case, blanks and hyphens do not count.
    fn short(self) -> &'static [&'static str] {
        match self {
            Self::Http => &["http"],
            Self::HttpQueue => &["httpqueue", "httpqueueoutput", "httptriggerwithqueue"],
            Self::Timer => &["timer"],
            Self::Queue => &["queue", "queuetrigger", "storagequeuetrigger"],
            Self::Cosmos => &["cosmos", "cosmosdb", "cosmosdbtrigger"],
            Self::Orchestrator => &["orchestrator", "durablefunctionsorchestration"],
            Self::Activity => &["activity"],
            Self::Entity => &["entity"],
            Self::Starter => &["starter", "httpstarter", "durablehttpstarter", "durablefunctionshttpstart"],
        }
    }

    /// The template of a name as people write it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let plain =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let wanted = plain(name);
        TEMPLATES.into_iter().find(|template| plain(template.title()) == wanted || template.short().contains(&&*wanted))
    }

    /// What a function made of it is called when nothing else is said. The orchestrator calls the activity's.
    pub(crate) fn default_name(self) -> &'static str {
        match self {
            Self::Http => "HttpTrigger",
            Self::HttpQueue => "HttpToQueue",
            Self::Timer => "TimerTrigger",
            Self::Queue => "QueueTrigger",
            Self::Cosmos => "CosmosDbTrigger",
            Self::Orchestrator => "HelloOrchestrator",
            Self::Activity => "SayHello",
            Self::Entity => "Counter",
            Self::Starter => "HttpStart",
        }
    }

    /// Whether its code uses the package `durable-functions`.
    pub(crate) fn is_durable(self) -> bool {
        matches!(self, Self::Orchestrator | Self::Activity | Self::Entity | Self::Starter)
    }

    /// Its text in a project in Rust, if the SDK can do it.
    fn rust(self) -> Option<&'static str> {
        match self {
            Self::Http => Some(RUST_HTTP),
            Self::HttpQueue => Some(RUST_HTTP_QUEUE),
            Self::Timer => Some(RUST_TIMER),
            Self::Queue => Some(RUST_QUEUE),
            _ => None,
        }
    }

    /// The texts of its files in such a project, by what follows the function's place: `function.json` and `index.js`, or the one script.
    /// `None` where there is none.
    pub(super) fn texts(self, flavour: Flavour) -> Option<Vec<(&'static str, &'static str)>> {
        let texts = match self {
            Self::Http => texts!("http"),
            Self::HttpQueue => texts!("http-queue"),
            Self::Timer => texts!("timer"),
            Self::Queue => texts!("queue"),
            Self::Cosmos => texts!("cosmos"),
            Self::Orchestrator => texts!("orchestrator"),
            Self::Activity => texts!("activity"),
            Self::Entity => texts!("entity"),
            Self::Starter => texts!("starter"),
        };
        match flavour {
            Flavour::JavaScriptV3 => Some(vec![("function.json", texts.v3[0]), ("index.js", texts.v3[1])]),
            Flavour::JavaScriptV4 => Some(vec![("js", texts.v4)]),
            Flavour::TypeScript => Some(vec![("ts", texts.typescript)]),
            Flavour::Rust => Some(vec![("rs", self.rust()?)]),
        }
    }
}
