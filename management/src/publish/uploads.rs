//! One upload per app at a time: a second one is refused at its first byte, not at its last.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use hearth_model::ids::AppName;

/// Apps for which an upload is under way.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<BTreeSet<AppName>>);

/// The right to upload for an app; ends when dropped.
pub(crate) struct Permit {
    uploads: Arc<Uploads>,
    app: AppName,
}

impl Uploads {
    /// The permit for an app, unless somebody has it.
    pub(crate) fn begin(self: &Arc<Self>, app: &AppName) -> Option<Permit> {
        let begun = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(app.clone());
        begun.then(|| Permit { uploads: Arc::clone(self), app: app.clone() })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.uploads.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.app);
    }
}
