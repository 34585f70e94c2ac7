//! How listeners to change feeds stand: how far behind they are, and which ranges do not go on.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hearth_model::ids::{AppName, FunctionName};

/// Names in [`hearth_model::control::BeatRequest::counters`] begin with these; app and function follow, after a slash each.
const LAG: &str = "feed_lag";
const STUCK: &str = "feed_stuck";

/// How one listener stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FeedStanding {
    /// Transactions that no worker has handled yet.
    pub(crate) behind: u64,
    /// Ranges of this worker whose batch does not get done, by their lease tokens, with the last error.
    pub(crate) stuck: BTreeMap<String, String>,
}

/// How all listeners of this worker stand.
#[derive(Debug, Default)]
pub(crate) struct FeedStandings(Mutex<BTreeMap<(AppName, FunctionName), FeedStanding>>);

impl FeedStandings {
    /// A function's feed is so far behind.
    pub(crate) fn set_lag(&self, app: &AppName, function: &FunctionName, behind: u64) {
        self.all().entry((app.clone(), function.clone())).or_default().behind = behind;
    }

    /// A range does not go on, or goes on again.
    pub(crate) fn set_stuck(&self, app: &AppName, function: &FunctionName, token: &str, error: Option<String>) {
        let mut all = self.all();
        let stuck = &mut all.entry((app.clone(), function.clone())).or_default().stuck;
        match error {
            Some(error) => drop(stuck.insert(token.to_owned(), error)),
            None => drop(stuck.remove(token)),
        }
    }

    /// Nobody listens here any more.
    pub(crate) fn forget(&self, app: &AppName, function: &FunctionName) {
        self.all().remove(&(app.clone(), function.clone()));
    }

    /// How a function's listener stands; none where nothing listens.
    pub(crate) fn of(&self, app: &AppName, function: &FunctionName) -> Option<FeedStanding> {
        self.all().get(&(app.clone(), function.clone())).cloned()
    }

    /// By the names under which beats tell it.
    pub(crate) fn told(&self) -> BTreeMap<String, u64> {
        let mut told = BTreeMap::new();
        for ((app, function), standing) in self.all().iter() {
            told.insert(format!("{LAG}/{app}/{function}"), standing.behind);
            told.insert(format!("{STUCK}/{app}/{function}"), standing.stuck.len() as u64);
        }
        told
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<(AppName, FunctionName), FeedStanding>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stuck_is_told_until_it_goes_on() {
        let (app, function) = (AppName::parse("shop").unwrap(), FunctionName::parse("Project").unwrap());
        let feeds = FeedStandings::default();
        assert_eq!(feeds.of(&app, &function), None);
        feeds.set_lag(&app, &function, 7);
        feeds.set_stuck(&app, &function, "0", Some("it failed".to_owned()));
        let told = feeds.told();
        assert_eq!((told["feed_lag/shop/Project"], told["feed_stuck/shop/Project"]), (7, 1));
        feeds.set_stuck(&app, &function, "0", None);
        assert_eq!(feeds.told()["feed_stuck/shop/Project"], 0);
        feeds.forget(&app, &function);
        assert!(feeds.told().is_empty());
    }
}
