//! Reading the `bindings` array.

use http::Method;

use super::known::{self, BindingType, TYPES};
use super::{AuthLevel, Binding, Direction, HttpTrigger, OutputBinding, QueueTrigger, TimerTrigger, Trigger};
use super::{InputBinding, cosmos, input, output, rules};
use crate::ids::FunctionName;
use crate::json::{FileError, Node};
use crate::route::RouteTemplate;
use crate::settings::Settings;
use crate::time_zone::TimeZone;
use crate::timer_schedule::TimerSchedule;

/// Binding types that run here.
const SUPPORTED: [&str; 7] =
    ["httpTrigger", "http", "timerTrigger", "queueTrigger", "queue", "cosmosDBTrigger", "cosmosDB"];

/// Properties that name a setting already, so that no `%NAME%` in them is replaced; and those that are no free text.
pub(crate) fn is_verbatim(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    matches!(key.as_str(), "type" | "name" | "direction") || key.ends_with("connection") || key.ends_with("setting")
}

/// What is read of a function's bindings.
pub(crate) struct ReadBindings {
    /// All of them, in their order.
    pub(crate) bindings: Vec<Binding>,
    /// What starts the function.
    pub(crate) trigger: Trigger,
    /// What it reads beside that.
    pub(crate) inputs: Vec<InputBinding>,
    /// What it writes.
    pub(crate) outputs: Vec<OutputBinding>,
}

/// The bindings of a function.json's root object, in which `%NAME%` is resolved already, the trigger among them, and what is
/// read and written. All of them are checked before one that does not run here is refused as such.
pub(crate) fn read_bindings(
    root: &Node<'_>,
    function: &FunctionName,
    settings: &Settings,
    warnings: &mut Vec<String>,
) -> Result<ReadBindings, FileError> {
    read_supported(root, function, settings, warnings, &SUPPORTED)
}

/// The same, where bindings of these types run.
pub(super) fn read_supported(
    root: &Node<'_>,
    function: &FunctionName,
    settings: &Settings,
    warnings: &mut Vec<String>,
    supported: &[&str],
) -> Result<ReadBindings, FileError> {
    let list = root.get("bindings")?.ok_or_else(|| {
        root.error("the function has no bindings; add \"bindings\" with a trigger such as httpTrigger")
    })?;
    let nodes = list.elements()?;
    if nodes.is_empty() {
        return Err(list.error("is empty; it needs a trigger such as httpTrigger"));
    }
    let mut bindings: Vec<Binding> = Vec::with_capacity(nodes.len());
    let mut trigger: Option<(&Node<'_>, usize)> = None;
    for (i, node) in nodes.iter().enumerate() {
        let binding = read_binding(node, warnings)?;
        if let Some(other) = bindings.iter().find(|other| other.name.eq_ignore_ascii_case(&binding.name)) {
            return Err(node.error(format_args!(
                "has the name '{}', which another binding has ('{}'); names must differ",
                binding.name, other.name
            )));
        }
        if is_trigger(&binding.binding_type) {
            if let Some((_, first)) = trigger {
                return Err(node.error(format_args!(
                    "is a second trigger ({}) beside {}; a function has exactly one: make two functions of it",
                    binding.binding_type, bindings[first].binding_type
                )));
            }
            trigger = Some((node, i));
        }
        bindings.push(binding);
    }
    let Some((node, at)) = trigger else {
        return Err(list.error("has no trigger; add a binding such as httpTrigger that starts the function"));
    };
    if let Some(at) = bindings.iter().position(|binding| !supported.contains(&binding.binding_type.as_str())) {
        return Err(nodes[at].required("type")?.error(format_args!(
            "{} is not supported by this version; supported now are {}",
            bindings[at].binding_type,
            supported.join(", ")
        )));
    }
    let name = &bindings[at].name;
    let trigger = match bindings[at].binding_type.as_str() {
        "timerTrigger" => Trigger::Timer(read_timer(node, name, settings)?),
        "queueTrigger" => Trigger::Queue(read_queue(node, name)?),
        "cosmosDBTrigger" => Trigger::Cosmos(cosmos::read_trigger(node, name)?),
        _ => Trigger::Http(read_http(node, name, &bindings, function)?),
    };
    let contract = input::contract(&trigger);
    let inputs = input::read(&nodes, &bindings, &contract)?;
    let outputs = output::read(&nodes, &bindings, &trigger, &contract, warnings)?;
    Ok(ReadBindings { bindings, trigger, inputs, outputs })
}

fn read_timer(node: &Node<'_>, name: &str, settings: &Settings) -> Result<TimerTrigger, FileError> {
    let schedule = rules::schedule(&node.required("schedule")?)?;
    let zone = TimeZone::of_app(settings).map_err(|reason| node.error(format_args!("has no time zone: {reason}")))?;
    let flag = |key: &str, default| node.get(key)?.map_or(Ok(default), |value| value.boolean());
    Ok(TimerTrigger {
        binding_name: name.to_owned(),
        schedule: TimerSchedule::new(schedule, zone),
        run_on_startup: flag("runOnStartup", false)?,
        use_monitor: flag("useMonitor", true)?,
    })
}

fn read_queue(node: &Node<'_>, name: &str) -> Result<QueueTrigger, FileError> {
    // The rules of the service were checked with the binding.
    let queue = node.required("queueName")?.string()?.to_ascii_lowercase();
    let is_binary = match node.get("dataType")? {
        Some(data_type) => data_type.string()?.eq_ignore_ascii_case("binary"),
        None => false,
    };
    Ok(QueueTrigger { binding_name: name.to_owned(), queue, connection: output::connection(node)?, is_binary })
}

/// Whether a binding type, in any case, runs here.
pub(crate) fn is_supported(binding_type: &str) -> bool {
    SUPPORTED.iter().any(|known| known.eq_ignore_ascii_case(binding_type))
}

fn is_trigger(binding_type: &str) -> bool {
    binding_type.len() >= 7 && binding_type.to_ascii_lowercase().ends_with("trigger")
}

fn read_binding(node: &Node<'_>, warnings: &mut Vec<String>) -> Result<Binding, FileError> {
    node.expect_object()?;
    let type_node = node.required("type")?;
    let written = type_node.string()?;
    let Some(known) = TYPES.iter().find(|known| known.name.eq_ignore_ascii_case(written)) else {
        return Err(type_node.error(format_args!(
            "{} is not a known binding type; supported are {}",
            type_node.told(written),
            SUPPORTED.join(", ")
        )));
    };
    let direction = read_direction(node, known)?;
    let name = read_name(node)?;
    if name == "$return" && direction != Direction::Out {
        return Err(node
            .required("name")?
            .error("is $return, the name of what the function returns; only an output can have it"));
    }
    for (key, words) in [("dataType", ["string", "binary", "stream"].as_slice()), ("cardinality", &["one", "many"])] {
        node.get(key)?.map_or(Ok(""), |hint| hint.one_of(words))?;
    }
    known::check(node, known, warnings)?;
    let properties = match node.to_json() {
        serde_json::Value::Object(properties) => properties,
        _ => serde_json::Map::new(),
    };
    let binding = Binding { name, binding_type: known.name.to_owned(), direction, properties };
    rules::check(node, &binding)?;
    Ok(binding)
}

fn read_name(node: &Node<'_>) -> Result<String, FileError> {
    let name_node = node.required("name")?;
    let name = name_node.string()?;
    let plain = (1..=128).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain || name == "$return" {
        return Ok(name.to_owned());
    }
    Err(name_node.error(format_args!(
        "{} is not a valid binding name: 1 to 128 letters and digits starting with a letter, or $return",
        name_node.told(name)
    )))
}

fn read_direction(node: &Node<'_>, known: &BindingType) -> Result<Direction, FileError> {
    let direction = match node.get("direction")? {
        None => Direction::In,
        Some(direction) => match direction.string()?.to_ascii_lowercase().as_str() {
            "in" => Direction::In,
            "out" => Direction::Out,
            "inout" => Direction::InOut,
            other => {
                return Err(direction
                    .error(format_args!("must be \"in\", \"out\" or \"inout\", not {}", direction.shown(other))));
            }
        },
    };
    if known.directions.contains(&direction) {
        return Ok(direction);
    }
    Err(match (known.directions, direction) {
        _ if is_trigger(known.name) => node.error("is a trigger, so its direction must be \"in\""),
        ([Direction::Out], _) => {
            node.error(format_args!("has no input form ({}); write \"direction\": \"out\"", known.name))
        }
        ([Direction::In], _) => {
            node.error(format_args!("has no output form ({}); write \"direction\": \"in\"", known.name))
        }
        _ => node.error(format_args!("can't be both ways ({}); write \"direction\": \"in\" or \"out\"", known.name)),
    })
}

fn read_http(
    node: &Node<'_>,
    name: &str,
    bindings: &[Binding],
    function: &FunctionName,
) -> Result<HttpTrigger, FileError> {
    let auth_level = match node.get("authLevel")? {
        None => AuthLevel::Function,
        Some(level) => match level.string()?.to_ascii_lowercase().as_str() {
            "anonymous" => AuthLevel::Anonymous,
            "user" => AuthLevel::User,
            "function" => AuthLevel::Function,
            "system" => AuthLevel::System,
            "admin" => AuthLevel::Admin,
            other => {
                return Err(level.error(format_args!(
                    "must be anonymous, user, function, system or admin, not {}",
                    level.shown(other)
                )));
            }
        },
    };
    let route = match node.get("route")? {
        Some(route) if !route.string()?.is_empty() => {
            let template = RouteTemplate::parse(route.string()?).map_err(|e| match route.secret() {
                Some(secret) => route.error(format_args!(
                    "is refused: {secret} makes no route that can be had; write one such as products/{{id}}"
                )),
                None => route.error(format_args!("is refused: {e}")),
            })?;
            template.with_secret(route.secret())
        }
        // As with the original an empty route counts as none; "/" is the root.
        _ => RouteTemplate::parse(function.as_str())
            .map_err(|e| node.error(format_args!("needs a \"route\" of its own: {e}")))?,
    };
    Ok(HttpTrigger {
        binding_name: name.to_owned(),
        route,
        methods: read_methods(node)?,
        auth_level,
        output: bindings.iter().find(|binding| binding.binding_type == "http").map(|binding| binding.name.clone()),
    })
}

fn read_methods(node: &Node<'_>) -> Result<Vec<Method>, FileError> {
    let mut methods = Vec::new();
    let Some(list) = node.get("methods")? else { return Ok(methods) };
    for element in list.elements()? {
        let text = element.string()?;
        match Method::from_bytes(text.to_ascii_uppercase().as_bytes()) {
            Ok(method) if !methods.contains(&method) => methods.push(method),
            Ok(_) => {}
            Err(_) => {
                return Err(element.error(format_args!("{} is not an HTTP method", element.told(text))));
            }
        }
    }
    Ok(methods)
}
