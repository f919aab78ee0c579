//! Takes, looks at and releases the lock on an environment: by a file in each of its deploy roots where the driver
//! is `local`, by the team's own commands where they declare them.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    file::{FileError, LockFile, Standing, Written},
    identity::Writer,
};
use crate::{
    domain::{
        effect::Target,
        lock::{Claim, Found, Holder, Life},
        name::{Digest, EnvironmentName, SessionId},
        plan::{Driver, ExecVerb, Vars, Verb},
        time::WallTime,
    },
    engine::{
        command::{self, CommandLine},
        ending::{Done, Trouble},
        unit::Unit,
        workshop::Workshop,
    },
};

/// For how long a change by somebody else is waited for, and how often it is tried.
const BUSY: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(10);

/// What is needed for either act.
pub struct Lock<'a> {
    pub shop: &'a Workshop,
    pub environment: &'a EnvironmentName,
    pub target: &'a Target,
    pub epoch: u32,
    pub cancel: &'a CancellationToken,
}

/// Takes the lock, and says what stands there then.
pub async fn take(
    lock: &Lock<'_>,
    claim: &Claim,
    breaks: Option<&Digest>,
) -> (Option<Found>, Result<Done, Trouble>) {
    let units = match units(lock.shop, lock.environment) {
        Ok(units) => units,
        Err(trouble) => return (None, Err(trouble)),
    };
    match units.first().map(|unit| &unit.site.driver) {
        Some(Driver::Exec { verbs, .. }) => {
            let said = by_command(lock, &units[0], verbs.get(&Verb::Lock), Verb::Lock, claim).await;
            let found = said.is_ok().then(|| Found::Taken(Holder::ourselves(claim, lock.epoch)));
            (found, said)
        }
        Some(Driver::Local { .. }) => {
            let (claim, epoch, breaks) = (claim.clone(), lock.epoch, breaks.cloned());
            let wall = WallTime(lock.shop.clock.read().wall);
            let ran = files(lock, &units, move |us, files| {
                take_all(us, files, &claim, epoch, breaks.as_ref(), wall)
            });
            match ran.await {
                Ok((found, said)) => (found, said),
                Err(trouble) => (None, Err(trouble)),
            }
        }
        _ => (None, Err(Trouble::failed("nothing can be locked there"))),
    }
}

/// Releases it, if it is this session's.
pub async fn release(lock: &Lock<'_>, claim: &Claim) -> (Option<Found>, Result<Done, Trouble>) {
    let units = match units(lock.shop, lock.environment) {
        Ok(units) => units,
        Err(trouble) => return (None, Err(trouble)),
    };
    match units.first().map(|unit| &unit.site.driver) {
        Some(Driver::Exec { verbs, .. }) => {
            let said = by_command(lock, &units[0], verbs.get(&Verb::Unlock), Verb::Unlock, claim).await;
            (said.is_ok().then_some(Found::Free), said)
        }
        Some(Driver::Local { .. }) => {
            let (session, epoch) = (claim.session.clone(), lock.epoch);
            match files(lock, &units, move |us, files| release_all(us, files, &session, epoch)).await {
                Ok((found, said)) => (found, said),
                Err(trouble) => (None, Err(trouble)),
            }
        }
        _ => (None, Err(Trouble::failed("nothing can be locked there"))),
    }
}

/// What stands there; none where that can't be seen from here.
pub async fn look(shop: &Workshop, environment: &EnvironmentName) -> Option<Found> {
    let units = units(shop, environment).ok()?;
    if !matches!(units.first()?.site.driver, Driver::Local { .. }) {
        return None;
    }
    let (roots, state, environment) = (roots(&units), shop.dirs.state.clone(), environment.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let us = Writer::us(&state).ok()?;
        let found: Result<Vec<_>, _> =
            roots.iter().map(|root| LockFile::of(root, &environment).read()).collect();
        // What can't be read is said by who tries to take it.
        Some(whole(&us, &found.ok()?))
    });
    looked.await.ok().flatten()
}

fn units(shop: &Workshop, environment: &EnvironmentName) -> Result<Vec<Arc<Unit>>, Trouble> {
    let units = shop.units();
    Ok(units.all(environment)?.iter().filter(|unit| unit.site.locks).cloned().collect())
}

/// The deploy roots: one for all hosts, or each host's own.
fn roots(units: &[Arc<Unit>]) -> BTreeSet<PathBuf> {
    units.iter().map(|unit| unit.root()).collect()
}

type Said = (Option<Found>, Result<Done, Trouble>);

/// Files are changed beside the loop. Whoever changes one of them at this moment is waited for.
async fn files(
    lock: &Lock<'_>,
    units: &[Arc<Unit>],
    work: impl Fn(&Writer, &[LockFile]) -> Result<Said, FileError> + Send + Sync + 'static,
) -> Result<Said, Trouble> {
    let files: Arc<[LockFile]> =
        roots(units).iter().map(|root| LockFile::of(root, lock.environment)).collect();
    let (state, work) = (lock.shop.dirs.state.clone(), Arc::new(work));
    let tries = async {
        loop {
            let (files, state, work) = (files.clone(), state.clone(), work.clone());
            let ran = tokio::task::spawn_blocking(move || {
                let us = Writer::us(&state).map_err(Trouble::unknown)?;
                Ok::<_, Trouble>(work(&us, &files))
            });
            match ran.await.map_err(Trouble::unknown)?? {
                Err(FileError::Busy(_)) => lock.shop.clock.sleep(AGAIN).await,
                other => return other.map_err(Trouble::failed),
            }
        }
    };
    let limited = lock.shop.clock.limit(BUSY, tries).await;
    limited.unwrap_or_else(|| Err(Trouble::unknown(format!("the lock was being changed for {BUSY:?}"))))
}

/// One answer for all roots: another conductor's lock anywhere is what counts, then a root without one.
fn whole(us: &Writer, found: &[Option<Standing>]) -> Found {
    let holders: Vec<Option<Holder>> =
        found.iter().map(|it| it.as_ref().map(|standing| standing.holder(us))).collect();
    if let Some(foreign) = holders.iter().flatten().find(|holder| !holder.own) {
        return Found::Taken(foreign.clone());
    }
    match holders.into_iter().collect::<Option<Vec<_>>>() {
        Some(mut all) if !all.is_empty() => {
            all.sort_by_key(|holder| holder.epoch);
            Found::Taken(all.swap_remove(0))
        }
        _ => Found::Free,
    }
}

/// Takes all, or none: what was taken before one that can't be taken is given back.
fn take_all(
    us: &Writer,
    files: &[LockFile],
    claim: &Claim,
    epoch: u32,
    breaks: Option<&Digest>,
    wall: WallTime,
) -> Result<Said, FileError> {
    let mut new = Vec::new();
    match take_each(us, files, claim, epoch, breaks, wall, &mut new) {
        Ok(done @ (_, Ok(_))) => Ok(done),
        // Why it was not taken says more than why it was not given back.
        not => give_back(&new).and(not),
    }
}

fn take_each<'f>(
    us: &Writer,
    files: &'f [LockFile],
    claim: &Claim,
    epoch: u32,
    breaks: Option<&Digest>,
    wall: WallTime,
    new: &mut Vec<&'f LockFile>,
) -> Result<Said, FileError> {
    let mut note = "locked at the target";
    for file in files {
        let guard = file.guard()?;
        let standing = guard.read()?;
        let mut written = Written { claim: claim.clone(), epoch, writer: us.clone() };
        if let Some(standing) = &standing {
            let holder = standing.holder(us);
            let later = holder.own && holder.claim.session == claim.session && holder.epoch > epoch;
            let given_up = breaks == Some(&holder.digest) && holder.life != Life::Runs;
            if later || !(holder.own || given_up) {
                let taken = jiff::Timestamp::from_microsecond(holder.claim.since.0 / 1_000_000 * 1_000_000);
                let taken = taken.map_or_else(|_| "at no known time".into(), |at| at.to_string());
                let why = format!("{} (taken {taken})", holder.words(wall));
                return Ok((Some(Found::Taken(holder)), Err(Trouble::failed(why))));
            }
            if holder.own && holder.claim.session == claim.session {
                written.claim.since = holder.claim.since;
                note = "the lock of an earlier epoch was taken over";
            } else {
                note = "a lock that was left was taken over";
            }
        }
        guard.write(&written, standing.is_some())?;
        if standing.is_none() {
            new.push(file);
        }
    }
    let found: Vec<_> = files.iter().map(LockFile::read).collect::<Result<_, _>>()?;
    Ok((Some(whole(us, &found)), Ok(Done::said(note))))
}

/// What was taken by an act that did not succeed as a whole.
fn give_back(files: &[&LockFile]) -> Result<(), FileError> {
    files.iter().try_for_each(|file| file.guard()?.remove())
}

fn release_all(us: &Writer, files: &[LockFile], session: &SessionId, epoch: u32) -> Result<Said, FileError> {
    let mut left = 0;
    for file in files {
        let guard = file.guard()?;
        let Some(standing) = guard.read()? else { continue };
        let holder = standing.holder(us);
        if holder.own && holder.claim.session == *session && holder.epoch <= epoch {
            guard.remove()?;
        } else {
            left += 1;
        }
    }
    let found: Vec<_> = files.iter().map(LockFile::read).collect::<Result<_, _>>()?;
    let note = if left == 0 { "released" } else { "it is somebody else's by now, and was left" };
    Ok((Some(whole(us, &found)), Ok(Done::said(note))))
}

/// The team's own command, once for the environment. What it prints last is what is said.
async fn by_command(
    lock: &Lock<'_>,
    unit: &Unit,
    verb: Option<&ExecVerb>,
    name: Verb,
    claim: &Claim,
) -> Result<Done, Trouble> {
    let word = Verb::ALL.iter().find(|(_, each)| *each == name).map_or("", |(word, _)| *word);
    let Some(verb) = verb else { return Err(Trouble::failed(format!("no {word} command is declared"))) };
    let vars = Vars {
        environment: lock.environment.to_string(),
        version: claim.version.to_string(),
        person: claim.person.as_ref().map(ToString::to_string).unwrap_or_default(),
        ..Vars::default()
    };
    let line = CommandLine::render(&verb.argv, &verb.env, unit.dir.clone(), verb.timeout, &vars)
        .map_err(Trouble::failed)?
        .from(&lock.shop.dirs.base)
        .with([
            ("GOLIVE_VERB".to_owned(), word.to_owned()),
            ("GOLIVE_ENVIRONMENT".into(), lock.environment.to_string()),
            ("GOLIVE_PROJECT".into(), claim.project.to_string()),
            ("GOLIVE_SESSION".into(), claim.session.to_string()),
            ("GOLIVE_EPOCH".into(), lock.epoch.to_string()),
        ]);
    let noted = Some((&lock.shop.leftovers, lock.target));
    let output = |text: &str| lock.shop.output(lock.target, None, text);
    let ran =
        command::run(&lock.shop.clock, &line, lock.cancel, noted, output).await.map_err(Trouble::failed)?;
    let last = ran.last_line().to_owned();
    match ran.check(word, verb.timeout) {
        Ok(_) => Ok(Done::said(last)),
        // Who has it is what the command prints.
        Err(Trouble::Failed { why, evidence }) if !last.is_empty() => {
            Err(Trouble::Failed { why: format!("{last} ({why})"), evidence })
        }
        Err(trouble) => Err(trouble),
    }
}
