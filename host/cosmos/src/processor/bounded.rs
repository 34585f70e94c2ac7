//! Calls of a lease store that end after a time, and the part of the store that a held lease needs.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::environment::Environment;
use super::lease::Lease;
use super::store::{LeaseStore, LeaseStoreError, LeaseStoreErrorKind};

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, LeaseStoreError>> + Send>>;

/// What is done with the document of one lease, whatever the store's type.
pub(super) trait Documents: Send + Sync {
    fn read(&self, lease: Lease) -> Answer<Lease>;
    fn replace(&self, lease: Lease) -> Answer<Lease>;
    fn delete(&self, lease: Lease) -> Answer<()>;
}

/// A store whose calls end after a time.
pub(super) struct Bounded<S> {
    pub(super) store: Arc<S>,
    pub(super) environment: Arc<dyn Environment>,
    pub(super) timeout: Duration,
}

impl<S> Clone for Bounded<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), environment: self.environment.clone(), timeout: self.timeout }
    }
}

impl<S: LeaseStore> Bounded<S> {
    /// Makes a call, for as long as one may take.
    pub(super) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, LeaseStoreError>>,
    ) -> Result<T, LeaseStoreError> {
        tokio::select! {
            biased;
            answer = call => answer,
            () = self.environment.sleep(self.timeout) => {
                let message = format!("it did not answer within {:?}", self.timeout);
                Err(LeaseStoreError::new(LeaseStoreErrorKind::Passing, message))
            }
        }
    }
}

impl<S: LeaseStore> Documents for Bounded<S> {
    fn read(&self, lease: Lease) -> Answer<Lease> {
        let this = self.clone();
        Box::pin(async move { this.call(this.store.read(&lease)).await })
    }

    fn replace(&self, lease: Lease) -> Answer<Lease> {
        let this = self.clone();
        Box::pin(async move { this.call(this.store.replace(&lease)).await })
    }

    fn delete(&self, lease: Lease) -> Answer<()> {
        let this = self.clone();
        Box::pin(async move { this.call(this.store.delete(&lease)).await })
    }
}
