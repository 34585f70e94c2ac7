//! `GET` and `POST /admin/functions/{name}/changefeed`: how far a function has read its change feed; set it back, pass over a batch.

use bytes::Bytes;
use hearth_cosmos::CosmosTarget;
use hearth_cosmos::processor::LeaseLag;
use hearth_model::binding::{FeedLeaseStore, Trigger};
use hearth_model::clock::Timestamp;
use hearth_model::ids::FunctionName;
use hearth_triggers::cosmos::{CosmosListener, FeedReset, TellFeedNews};
use hearth_triggers::queue::ListenerLog;
use http::{Request, StatusCode};
use http_body::Body;
use serde_json::{Map, Value, json};

use super::find;
use crate::admin::answer::{Answer, Refusal, json as answer};
use crate::admin::request::{self, AdminCall};

const WANTED: &str = r#"the body must be JSON such as {"action": "reset", "to": "beginning"}, {"action": "reset", "to": "2026-01-31T12:00:00Z", "leaseToken": "0"} or {"action": "skip", "leaseToken": "0", "deadLetterContainerName": "failed"}"#;

/// Each range with its position, and how far it is behind.
pub(in crate::admin) async fn show(call: &AdminCall<'_>, name: &str) -> Answer {
    let lag = of(call, name).await?.standing().await.map_err(refused)?;
    let behind = lag.total();
    let ranges: Vec<Value> = lag.leases.iter().map(told).collect();
    Ok(answer(StatusCode::OK, json!({ "behind": behind, "ranges": ranges })))
}

/// Changes positions: what reads the ranges loses them, and takes them again within `leaseAcquireInterval`.
pub(in crate::admin) async fn change<B>(call: &AdminCall<'_>, name: &str, request: Request<B>) -> Answer
where
    B: Body<Data = Bytes> + Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = of(call, name).await?;
    let given: Map<String, Value> = request::json(request, WANTED).await?;
    let text = |name: &str| given.get(name).and_then(Value::as_str);
    let changed = match (text("action"), text("to"), text("leaseToken")) {
        (Some("reset"), Some(to), token) => {
            let to = match (to, Timestamp::parse_rfc3339(to)) {
                ("beginning", _) => FeedReset::Beginning,
                (_, Some(at)) => FeedReset::Time(at),
                (_, None) => return Err(Refusal::invalid(WANTED)),
            };
            json!({ "ranges": listener.reset(token, to).await.map_err(refused)? })
        }
        (Some("skip"), None, Some(token)) => {
            json!({ "items": listener.skip(token, text("deadLetterContainerName")).await.map_err(refused)? })
        }
        _ => return Err(Refusal::invalid(WANTED)),
    };
    Ok(answer(StatusCode::OK, changed))
}

fn told(lease: &LeaseLag) -> Value {
    json!({
        "leaseToken": lease.token,
        "owner": lease.owner,
        "continuation": lease.continuation,
        "renewed": lease.written.rfc3339(),
        "behind": lease.lag,
    })
}

fn refused(reason: String) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, "ChangeFeedNotChanged", format!("{reason}."))
}

/// A listener that listens to nothing, for what can be done without one.
async fn of(call: &AdminCall<'_>, name: &str) -> Result<CosmosListener, Refusal> {
    let app = call.loaded().await?;
    let function = find(&app, name)?;
    let loaded = function.at.and_then(|at| app.functions.get(at)).map(|loaded| &loaded.definition.trigger);
    let (Some(Trigger::Cosmos(trigger)), Ok(name)) = (loaded, FunctionName::parse(&function.name)) else {
        return Err(Refusal::invalid("The function does not follow a change feed, or is in error."));
    };
    let target = |connection: &Option<String>| {
        CosmosTarget::find(&app.settings, connection.as_deref()).map_err(|error| refused(error.to_string()))
    };
    let monitored = target(&trigger.connection)?;
    let leases = match trigger.lease_store {
        FeedLeaseStore::Container => target(&trigger.lease_connection)?,
        FeedLeaseStore::Host => monitored.clone(),
    };
    let services = call.apps.services();
    Ok(CosmosListener {
        app: app.name.clone(),
        function: name,
        trigger: trigger.clone(),
        retry: None,
        account: services.cosmos.account(&app.name, &monitored).await.map_err(refused)?,
        lease_account: services.cosmos.account(&app.name, &leases).await.map_err(refused)?,
        state: services.state.clone(),
        clock: services.clock.clone(),
        worker: services.worker.clone(),
        log: ListenerLog::new(|_, _| {}),
        news: TellFeedNews::new(|_| {}),
    })
}
