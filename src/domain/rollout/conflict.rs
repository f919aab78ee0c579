//! What somebody else has set in a store that agents read, known before a stage is started: the start would stop there.

use super::{FoundAt, over::Held, readiness};
use crate::domain::{name::EnvironmentName, plan::DesiredStore, session::Session};

/// What a start would run into at the store of this environment, and what can be done before; none: nothing that is known,
/// or it was told already in this session.
pub fn conflict(session: &Session, environment: &EnvironmentName) -> Option<String> {
    let converge = session.plan().converges(environment)?;
    let store = session.rollout.stores.get(environment);
    if store.is_some_and(|store| store.told.is_some()) {
        return None;
    }
    let from = readiness::target(session, environment).map(|from| from.version.clone());
    let ours = [Some(session.course.release.candidate.version.clone()), from];
    let one = store.and_then(|store| store.found.as_ref()).map(|found| (None, found));
    let units = session.rollout.units().iter().filter(|unit| unit.environment == *environment);
    let each = units.filter_map(|unit| Some((Some(unit.id.clone()), unit.desired.as_ref()?)));
    let set = one.into_iter().chain(each).filter_map(|(key, found)| {
        let holds = FoundAt::holds(found)?.clone();
        holds.version.is_some().then_some(Held { key, holds })
    });
    let set: Vec<Held> = set.collect();
    let others: Vec<&Held> = set.iter().filter(|held| !ours.contains(&held.holds.version)).collect();
    if let Some(first) = others.first() {
        let more = if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() };
        return Some(format!(
            "{}{more}: the start stops there; setting it back first, or then trying again over it (T: golive rollout try \
             --desired {environment})",
            first.words()
        ));
    }
    let unmarked = set.iter().find(|held| held.holds.revision.is_none());
    let http = matches!(converge.store, DesiredStore::Http { .. });
    unmarked.filter(|_| http).map(|held| {
        let key = held.key.as_ref().map_or_else(|| environment.to_string(), ToString::to_string);
        format!(
            "the store tells no revision for {key} (a strong ETag, or the field that the driver's store names with \
             revision): nothing can be set there"
        )
    })
}
