//! What somebody else has set in a store that agents read, known before it is told anything: the start, or the way back,
//! would stop there.

use super::{FoundAt, desire, over::Held, readiness};
use crate::domain::{
    desired::Wish,
    effect::Candidate,
    name::{EnvironmentName, UnitId},
    plan::{Converge, DesiredStore},
    session::Session,
    time::WallTime,
};

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
    let set = set(session, environment, |_| true);
    let others: Vec<&Held> = set.iter().filter(|held| !ours.contains(&held.holds.version)).collect();
    if let Some(first) = others.first() {
        let more = more(&others);
        return Some(format!(
            "{}{more}: the start stops there; setting it back first, or then trying again over it (T: golive rollout try \
             --desired {environment})",
            first.words()
        ));
    }
    unmarked(converge, environment, &set)
}

/// What setting this back for all that was changed would run into at the store; none: nothing that is known, or no agent
/// changes the hosts.
pub fn in_the_way_back(session: &Session, environment: &EnvironmentName, to: &Candidate) -> Option<String> {
    let converge = session.plan().converges(environment)?;
    let store = session.rollout.stores.get(environment)?;
    if let Some((why, _)) = &store.unread {
        return Some(format!("the store can't be read, and nothing is set back before it can be: {why}"));
    }
    let changed = session.rollout.counts(environment).touched > 0;
    let set = set(session, environment, |unit| !changed || unit.touched.is_some());
    let wish = Wish {
        to: to.clone(),
        units: Vec::new(),
        expects: desire::expected(session, environment, to),
        over: store.told.as_ref().filter(|told| told.wish.back).map_or(Vec::new(), |it| it.wish.over.clone()),
        by: None,
        at: WallTime::default(),
        back: true,
    };
    let stands = |held: &&Held| !held.holds.may_be_replaced(held.key.as_ref(), &wish);
    let others: Vec<&Held> = set.iter().filter(stands).collect();
    let Some(first) = others.first() else { return unmarked(converge, environment, &set) };
    let over: Vec<String> =
        others.iter().filter_map(|held| held.over()).map(|over| format!(" --over {over}")).collect();
    Some(format!(
        "{}{}: setting back stops there, and then has to be tried over it (T: golive rollout try --desired \
         {environment}{})",
        first.words(),
        more(&others),
        over.concat()
    ))
}

/// What is known to be set: the environment's one key, or those of these hosts.
fn set(session: &Session, environment: &EnvironmentName, of: impl Fn(&super::Unit) -> bool) -> Vec<Held> {
    let store = session.rollout.stores.get(environment);
    let one = store.and_then(|store| store.found.as_ref()).map(|found| (None, found));
    let units = session.rollout.units().iter().filter(|unit| unit.environment == *environment && of(unit));
    let each = units.filter_map(|unit| Some((Some(&unit.id), unit.desired.as_ref()?)));
    let set = one.into_iter().chain(each).filter_map(|(key, found): (Option<&UnitId>, &FoundAt)| {
        let holds = FoundAt::holds(found)?.clone();
        holds.version.is_some().then(|| Held { key: key.cloned(), holds })
    });
    set.collect()
}

fn more(others: &[&Held]) -> String {
    if others.len() > 1 { format!(", and {} more", others.len() - 1) } else { String::new() }
}

/// A key that nothing can be set in, as the store does not tell which change of it was the last.
fn unmarked(converge: &Converge, environment: &EnvironmentName, set: &[Held]) -> Option<String> {
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
