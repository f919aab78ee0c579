//! One key of a store, and the two things that can be done with it.

use tokio_util::sync::CancellationToken;

use super::{exec, http};
use crate::{
    domain::{
        desired::{Desired, Found, Wish},
        effect::Target,
        name::{EnvironmentName, UnitId},
        plan::{Converge, DesiredStore, Driver, Vars},
    },
    engine::{
        ending::{Trouble, why},
        workshop::Workshop,
    },
};

/// A key with the means to reach it.
pub struct Key<'a> {
    pub shop: &'a Workshop,
    pub environment: &'a EnvironmentName,
    pub store: &'a DesiredStore,
    /// Whose it is; none: the environment's.
    pub unit: Option<UnitId>,
    pub vars: Vars,
    pub target: &'a Target,
    pub cancel: &'a CancellationToken,
}

/// What came of a set.
pub enum Set {
    Done,
    /// The store holds something else by now; nothing was set.
    Conflict,
    /// It may have been set, or not.
    Unknown(String),
    /// It was not, for another reason.
    Refused(Trouble),
}

/// How the hosts of an environment are told; none: agents do not change them, or it is not in the plan.
pub fn converge(shop: &Workshop, environment: &EnvironmentName) -> Option<Converge> {
    let units = shop.units();
    match &units.all(environment).ok()?.first()?.site.driver {
        Driver::Converge(converge) => Some((**converge).clone()),
        _ => None,
    }
}

/// The keys of an environment: one, or one for each of these hosts (none named: of all).
pub fn keys(
    shop: &Workshop,
    environment: &EnvironmentName,
    store: &DesiredStore,
    of: &[UnitId],
    version: &str,
) -> Result<Vec<(Option<UnitId>, Vars)>, Trouble> {
    let units = shop.units();
    if !store.per_host() {
        let vars = Vars { environment: environment.to_string(), version: version.into(), ..Vars::default() };
        return Ok(vec![(None, vars)]);
    }
    if of.is_empty() {
        let all = units.all(environment)?.iter();
        return Ok(all.map(|unit| (Some(unit.id().clone()), unit.vars(version))).collect());
    }
    of.iter().map(|id| Ok((Some(id.clone()), units.find(id)?.vars(version)))).collect()
}

impl Key<'_> {
    /// `web-01`, or the environment.
    pub fn words(&self) -> String {
        self.unit.as_ref().map_or_else(|| self.environment.to_string(), ToString::to_string)
    }

    pub async fn read(&self) -> Result<Desired, String> {
        match self.store {
            DesiredStore::Http { .. } => http::read(self).await,
            DesiredStore::Exec { .. } => exec::read(self).await,
        }
    }

    /// What is found, as it is told.
    pub async fn found(&self) -> Found {
        match self.read().await {
            Ok(desired) => Found::Holds(desired),
            Err(text) => Found::Unreadable { why: why(&text, &self.shop.scrubber()) },
        }
    }

    /// Sets it, if it still holds what was read.
    pub async fn set(&self, wish: &Wish, read: &Desired) -> Set {
        match self.store {
            DesiredStore::Http { .. } => http::set(self, wish, read).await,
            DesiredStore::Exec { .. } => exec::set(self, wish, read).await,
        }
    }
}

/// When it was wished, for people and machines.
pub fn at(wish: &Wish) -> String {
    jiff::Timestamp::from_microsecond(wish.at.0 / 1_000_000 * 1_000_000)
        .map_or_else(|_| String::new(), |at| at.to_string())
}

/// Who wished it.
pub fn by(wish: &Wish) -> String {
    wish.by.as_ref().map_or_else(|| "golive".to_owned(), ToString::to_string)
}
