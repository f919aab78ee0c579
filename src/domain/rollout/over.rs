//! A store that holds something else is told again when somebody says so, and only over what they were shown.

use std::collections::BTreeMap;

use super::{
    Answer, Direction, FoundAt,
    desire::{refused, tell, wanted},
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    desired::Desired,
    event::Event,
    lock,
    name::{EnvironmentName, UnitId},
    refusal::Refusal,
    session::Session,
};

/// Somebody tries it again, over what they were shown.
pub fn again(
    session: &Session,
    environment: &EnvironmentName,
    over: Option<&str>,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    access::may(session, actor, Act::Repair)?;
    if !refused(session).any(|(of, ..)| of == environment) {
        return Err(Refusal::rule(
            format!("nothing is in the way at the store of {environment}"),
            "nothing: there is nothing to try again",
        ));
    }
    let store = session.rollout.stores.get(environment);
    let told = store.and_then(|store| store.told.as_ref());
    // Of keys that hold something else by now only those are told: other batches, or the whole stage, may be long past.
    let held = told.filter(|told| told.answer == Answer::Holds);
    let others = store.map_or_else(Vec::new, |store| keys(session, &store.others));
    let changed = held.filter(|_| !others.is_empty());
    let wished = changed
        .map(|told| (told.wish.to.clone(), others, told.wish.back))
        .or_else(|| wanted(session, environment))
        .or_else(|| told.map(|told| (told.wish.to.clone(), told.wish.units.clone(), told.wish.back)));
    let Some(wished) = wished else {
        return Err(Refusal::rule("nothing is to be set there", "nothing"));
    };
    let shown = shown(session, environment);
    if over.is_none()
        && let Some(held) = shown.first()
    {
        let lift = held.revision.as_ref().map_or_else(
            || "setting it back there by hand: this store tells no revision to replace".to_owned(),
            |revision| {
                let revision = bare(revision);
                format!("golive rollout try --desired {environment} --over {revision}, which replaces it")
            },
        );
        return Err(Refusal::rule(format!("the store holds {}", held.words()), lift));
    }
    if let Some(over) = over
        && !shown.iter().any(|desired| desired.revision.as_deref().map(bare) == Some(bare(over)))
    {
        let now = shown.first().map_or_else(|| "nothing else".to_owned(), Desired::words);
        return Err(Refusal::changed(format!("the store has changed since: it holds {now}")));
    }
    if !lock::may_touch(session, environment, if wished.2 { Direction::Back } else { Direction::Forward }) {
        return Err(Refusal::rule(format!("{environment} is not locked by this session"), "its lock"));
    }
    if session.course.hold.is_some() && !wished.2 {
        return Err(Refusal::rule("the rollout is held: nothing new is set", "CONTINUE (C)"));
    }
    let over = shown.into_iter().filter_map(|desired| desired.revision).collect();
    Ok(vec![tell(session, environment, wished, over)])
}

/// Without the quotes that an `ETag` has and a shell takes away.
fn bare(revision: &str) -> &str {
    revision.trim_matches('"')
}

/// The hosts of which these are the keys; none where the environment has one key.
fn keys(session: &Session, keys: &BTreeMap<String, Desired>) -> Vec<UnitId> {
    let units = session.rollout.units().iter().filter(|unit| keys.contains_key(unit.id.as_str()));
    units.map(|unit| unit.id.clone()).collect()
}

/// What the store is known to hold where something else is wished: what a person sees before saying "over it".
pub fn shown(session: &Session, environment: &EnvironmentName) -> Vec<Desired> {
    let Some(store) = session.rollout.stores.get(environment) else { return Vec::new() };
    let Some(told) = &store.told else { return Vec::new() };
    let mut found: Vec<Desired> = store.others.values().cloned().collect();
    let mut keys: Vec<&FoundAt> = store.found.iter().collect();
    keys.extend(told.wish.units.iter().filter_map(|unit| session.rollout.unit(unit)?.desired.as_ref()));
    for desired in keys.into_iter().filter_map(FoundAt::holds) {
        let other = desired.version.as_ref().is_some_and(|it| *it != told.wish.to.version);
        if other && !desired.may_be_replaced(&told.wish) && !found.contains(desired) {
            found.push(desired.clone());
        }
    }
    found
}
