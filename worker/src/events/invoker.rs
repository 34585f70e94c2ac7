//! Runs functions for events: finds the app, waits for a turn, calls the guest, sends what it gave out and commits what makes the event done.

use std::sync::Arc;

use hearth_engine::InvokeError;
use hearth_engine::contract::InvocationResponse;
use hearth_model::ids::{AppName, FunctionName};
use hearth_triggers::{Acknowledgement, Event, InvocationFailure, Invoker};

use super::{Services, guest, inputs, outputs};
use crate::app::{Apps, Invocation, Lookup};

/// Runs the functions of one app, of whatever version of it answers at the time.
#[derive(Clone)]
pub(crate) struct AppInvoker {
    apps: Arc<Apps>,
    app: AppName,
}

impl AppInvoker {
    pub(crate) fn new(apps: Arc<Apps>, app: AppName) -> Self {
        Self { apps, app }
    }
}

impl Invoker for AppInvoker {
    async fn invoke(
        &self,
        function: &FunctionName,
        event: Event,
        acknowledgement: Acknowledgement,
    ) -> Result<(), InvocationFailure> {
        let app = match self.apps.by_name(&self.app).await {
            Lookup::Found(app) => app,
            Lookup::Unknown => return Err(not_run("the app is not there any more")),
            Lookup::NotRunning | Lookup::StateAway => return Err(not_run("the app can't be loaded now")),
        };
        let Some(at) = app.functions.iter().position(|known| known.definition.name == *function) else {
            return Err(not_run("the version of the app that answers now has no such function, or has it in error"));
        };
        let Some(turn) = app.throttle.turn_of_event().await else { return Err(not_run("the worker stops")) };
        let invocation = Invocation::of_id(event.id, app, at, turn, &self.apps.invocations);
        run(invocation, &event, acknowledgement, self.apps.services()).await
    }
}

fn not_run(reason: &str) -> InvocationFailure {
    InvocationFailure::NotRun(reason.to_owned())
}

/// One invocation from its first line in the log to its last.
pub(super) async fn run(
    mut invocation: Invocation,
    event: &Event,
    acknowledgement: Acknowledgement,
    services: &Services,
) -> Result<(), InvocationFailure> {
    invocation.begin_for(&event.reason, &event.details);
    let result = match called(&invocation, event, services).await {
        Ok(mut response) => {
            let (app, function) = (&invocation.app, invocation.function());
            outputs::commit(app, function, &event.binding_data, &mut response, acknowledgement, services).await
        }
        Err(NotDone::Passing(reason)) => {
            let message = reason.clone();
            invocation.end(Err(&InvokeError::Input(message)));
            return Err(InvocationFailure::NotRun(reason));
        }
        Err(NotDone::Failed(InvokeError::Busy(reason))) => {
            let error = InvokeError::Busy(reason.clone());
            invocation.end(Err(&error));
            return Err(InvocationFailure::NotRun(reason));
        }
        Err(NotDone::Failed(error)) => Err(InvocationFailure::Failed(error.to_string())),
    };
    services.counters.ended(event, &result);
    match &result {
        Ok(()) => invocation.end(Ok(())),
        Err(failure) => {
            let message = failure.to_string();
            invocation.end(Err(&InvokeError::Failed { message, causes: Vec::new(), stack_trace: String::new() }));
        }
    }
    result
}

/// Why a function gave nothing out.
enum NotDone {
    Failed(InvokeError),
    /// An input could not be read now.
    Passing(String),
}

/// Reads the inputs and calls the guest.
async fn called(invocation: &Invocation, event: &Event, services: &Services) -> Result<InvocationResponse, NotDone> {
    let read = inputs::read_inputs(&invocation.app, invocation.function(), &event.binding_data, services).await;
    let inputs = read.map_err(|error| match error.is_transient {
        true => NotDone::Passing(error.to_string()),
        false => NotDone::Failed(InvokeError::Input(error.to_string())),
    })?;
    guest::call(invocation, event, inputs, services).await.map_err(NotDone::Failed)
}
