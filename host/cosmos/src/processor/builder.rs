//! How a processor is put together.

use std::fmt;
use std::sync::Arc;

use super::delegate::Delegate;
use super::environment::{Environment, Machine};
use super::error::ProcessorError;
use super::feed::Feed;
use super::notifications::{Notifications, Silent};
use super::options::ProcessorOptions;
use super::run::ChangeFeedProcessor;
use super::store::LeaseStore;

/// What a processor is put together from.
pub struct ProcessorBuilder<F, S, D> {
    feed: Arc<F>,
    store: Arc<S>,
    delegate: Arc<D>,
    name: String,
    instance: Option<String>,
    options: ProcessorOptions,
    notifications: Arc<dyn Notifications>,
    environment: Option<Arc<dyn Environment>>,
}

impl<F: Feed, S: LeaseStore, D: Delegate> ProcessorBuilder<F, S, D> {
    pub(super) fn new(feed: Arc<F>, store: Arc<S>, delegate: Arc<D>) -> Self {
        Self {
            feed,
            store,
            delegate,
            name: String::new(),
            instance: None,
            options: ProcessorOptions::default(),
            notifications: Arc::new(Silent),
            environment: None,
        }
    }

    /// Name of the deployment unit: instances of the same name over the same containers share the work. Azure Functions calls it the
    /// lease container prefix. Default: empty.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Name of this instance, which no other one of the unit may have while it runs; case makes no difference. Default: a random one.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Its knobs.
    #[must_use]
    pub fn options(mut self, options: ProcessorOptions) -> Self {
        self.options = options;
        self
    }

    /// Who is told what happens.
    #[must_use]
    pub fn notifications(mut self, notifications: Arc<dyn Notifications>) -> Self {
        self.notifications = notifications;
        self
    }

    /// The time and chance that it runs by. Default: [`Machine`].
    #[must_use]
    pub fn environment(mut self, environment: Arc<dyn Environment>) -> Self {
        self.environment = Some(environment);
        self
    }

    /// The processor.
    ///
    /// # Errors
    /// [`ProcessorError::Setup`] when its knobs or names can't be used.
    pub fn build(self) -> Result<ChangeFeedProcessor<F, S, D>, ProcessorError> {
        self.options.check()?;
        let instance = match self.instance {
            Some(instance) if instance.trim().is_empty() => {
                return Err(ProcessorError::Setup("the name of a processor's instance must not be blank".to_owned()));
            }
            Some(instance) => instance,
            None => random_name()?,
        };
        Ok(ChangeFeedProcessor {
            feed: self.feed,
            store: self.store,
            delegate: self.delegate,
            name: self.name,
            instance: instance.into(),
            options: self.options,
            notifications: self.notifications,
            environment: self.environment.unwrap_or_else(|| Arc::new(Machine::default())),
        })
    }
}

impl<F, S, D> fmt::Debug for ProcessorBuilder<F, S, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessorBuilder").field("name", &self.name).finish_non_exhaustive()
    }
}

fn random_name() -> Result<String, ProcessorError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| ProcessorError::Setup(format!("this machine gives no random numbers: {error}")))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
