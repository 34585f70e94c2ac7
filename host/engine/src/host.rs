//! What the host does for a typed guest that calls it.

use crate::context::StoreData;
use crate::contract::{Host, HttpResponse, host};
use crate::log::Level;

impl Host for StoreData {}

impl host::Host for StoreData {
    fn log(&mut self, level: host::Level, message: String) {
        self.looked_outside = true;
        let level = match level {
            host::Level::Trace => Level::Trace,
            host::Level::Debug => Level::Debug,
            host::Level::Information => Level::Information,
            host::Level::Warning => Level::Warning,
            host::Level::Error => Level::Error,
            host::Level::Critical => Level::Critical,
        };
        self.log.log(level, &message);
    }

    fn get_setting(&mut self, name: String) -> Option<String> {
        self.guest.settings.get(&name).cloned()
    }

    async fn send(&mut self, request: host::OutboundRequest) -> Result<HttpResponse, host::OutboundError> {
        self.looked_outside = true;
        let result = self.guest.outbound.send_complete(request).await;
        if let Err(host::OutboundError::Denied(reason)) = &result {
            self.log.log(Level::Warning, reason);
        }
        result
    }
}
