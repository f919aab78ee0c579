//! A store that holds something else is told again when somebody says so, and only over what they were shown.

use std::collections::BTreeMap;

use super::{
    Answer, Direction,
    desire::{refused, tell, wanted},
};
use crate::domain::{
    access::{self, Act},
    actor::Actor,
    desired::{Desired, Over},
    event::Event,
    lock,
    name::{EnvironmentName, UnitId},
    refusal::Refusal,
    session::Session,
    time::Now,
};

/// A key that holds something else than is wished: what a person sees before saying "over it".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose key it is; none: the environment's.
    pub key: Option<UnitId>,
    pub holds: Desired,
}

impl Held {
    /// What a person types to replace it: `web-01=7`, or `7` where the environment has one key; none: the store tells no
    /// revision by which it could be replaced.
    pub fn over(&self) -> Option<String> {
        let revision = bare(self.holds.revision.as_ref()?);
        Some(self.key.as_ref().map_or_else(|| revision.to_owned(), |key| format!("{key}={revision}")))
    }

    /// `web-01 holds 2.4.9, set by lee at 13:50`.
    pub fn words(&self) -> String {
        let key = self.key.as_ref().map_or_else(|| "the store".to_owned(), ToString::to_string);
        format!("{key} holds {}", self.holds.words())
    }
}

/// Somebody tries it again, over what they were shown.
pub fn again(
    session: &Session,
    environment: &EnvironmentName,
    over: &[String],
    actor: &Actor,
    now: Now,
) -> Result<Vec<Event>, Refusal> {
    let person = access::may(session, actor, Act::Repair)?;
    if !refused(session).any(|(of, ..)| of == environment) {
        return Err(Refusal::rule(
            format!("nothing is in the way at the store of {environment}"),
            "nothing: there is nothing to try again",
        ));
    }
    let store = session.rollout.stores.get(environment);
    let told = store.and_then(|store| store.told.as_ref());
    // Of keys that hold something else by now only those are told, with what is to be told now: other batches, or the whole
    // stage, may be long past.
    let held = told.filter(|told| !matches!(told.answer, Answer::Refused { .. }));
    let others = store.map_or_else(Vec::new, |store| keys(session, &store.others));
    let changed = held.filter(|_| !others.is_empty());
    let now_wanted = wanted(session, environment);
    let of_this = changed.map(|told| {
        let (to, back) = (told.wish.to.clone(), told.wish.back);
        let mut units = others;
        let beside = now_wanted.as_ref().filter(|(it, _, way)| (it, *way) == (&to, back));
        units.extend(beside.iter().flat_map(|(_, beside, _)| beside.clone()));
        units.sort();
        units.dedup();
        (to, units, back)
    });
    let wished = of_this
        .or(now_wanted)
        .or_else(|| told.map(|told| (told.wish.to.clone(), told.wish.units.clone(), told.wish.back)));
    let Some(wished) = wished else {
        return Err(Refusal::rule("nothing is to be set there", "nothing"));
    };
    let over = named(&shown(session, environment), over, environment)?;
    if !lock::may_touch(session, environment, if wished.2 { Direction::Back } else { Direction::Forward }) {
        return Err(Refusal::rule(format!("{environment} is not locked by this session"), "its lock"));
    }
    if session.course.hold.is_some() && !wished.2 {
        return Err(Refusal::rule("the rollout is held: nothing new is set", "CONTINUE (C)"));
    }
    Ok(vec![tell(session, environment, wished, over, Some(person.name.clone()), now)])
}

/// The keys that somebody named, each as it is known to stand now.
fn named(shown: &[Held], over: &[String], environment: &EnvironmentName) -> Result<Vec<Over>, Refusal> {
    let all = || shown.iter().map(Held::words).collect::<Vec<_>>().join("; ");
    if over.is_empty() && !shown.is_empty() {
        let each: Vec<String> =
            shown.iter().filter_map(Held::over).map(|over| format!("--over {over}")).collect();
        let lift = if each.is_empty() {
            "setting it back there by hand: this store tells no revision to replace".to_owned()
        } else {
            format!("golive rollout try --desired {environment} {}, which replaces it", each.join(" "))
        };
        return Err(Refusal::rule(all(), lift));
    }
    over.iter()
        .map(|text| {
            let is_named = |held: &&Held| held.over().as_deref() == Some(bare_over(text).as_str());
            let held = shown.iter().find(is_named);
            let found = held.and_then(|held| Some((held.key.clone(), held.holds.revision.clone()?)));
            found.map(|(key, revision)| Over { key, revision }).ok_or_else(|| {
                let now = if shown.is_empty() { "it holds nothing else".to_owned() } else { all() };
                Refusal::changed(format!("the store has changed since, {text} is not there: {now}"))
            })
        })
        .collect()
}

/// Without the quotes that an `ETag` has and a shell takes away.
fn bare(revision: &str) -> &str {
    revision.trim_matches('"')
}

/// The same of what somebody typed: `web-01="7"` is `web-01=7`.
fn bare_over(text: &str) -> String {
    let bared = text.split_once('=').filter(|(_, revision)| revision.starts_with('"'));
    bared.map_or_else(|| bare(text).to_owned(), |(key, revision)| format!("{key}={}", bare(revision)))
}

/// The hosts of which these are the keys; none where the environment has one key.
fn keys(session: &Session, keys: &BTreeMap<String, Desired>) -> Vec<UnitId> {
    let units = session.rollout.units().iter().filter(|unit| keys.contains_key(unit.id.as_str()));
    units.map(|unit| unit.id.clone()).collect()
}

/// The keys that are known to hold something else than is wished, each once.
pub fn shown(session: &Session, environment: &EnvironmentName) -> Vec<Held> {
    let Some(store) = session.rollout.stores.get(environment) else { return Vec::new() };
    let Some(told) = &store.told else { return Vec::new() };
    let key = |key: &String| session.rollout.units().iter().find(|unit| unit.id.as_str() == key);
    let mut held: Vec<Held> = store
        .others
        .iter()
        .map(|(name, holds)| Held { key: key(name).map(|unit| unit.id.clone()), holds: holds.clone() })
        .collect();
    let one = store.found.iter().map(|found| (None, found));
    let each = told.wish.units.iter().filter_map(|id| {
        let found = session.rollout.unit(id)?.desired.as_ref()?;
        Some((Some(id.clone()), found))
    });
    for (key, holds) in one.chain(each).filter_map(|(key, found)| Some((key, found.holds()?))) {
        let other = holds.version.as_ref().is_some_and(|it| *it != told.wish.to.version);
        let known = held.iter().any(|held| held.key == key);
        if other && !known && !holds.may_be_replaced(key.as_ref(), &told.wish) {
            held.push(Held { key, holds: holds.clone() });
        }
    }
    held
}
